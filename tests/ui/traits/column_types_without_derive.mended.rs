use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum Column {
    #[column_type("INTEGER", field = Int)]
    Integer,
}

fn page() -> String {
    connector_core::boundaries::markdown::<Column>()
}

fn main() {}
