// The column types of a system are an enum that derives `ColumnTypes`.
enum Column {
    Integer,
}

fn page() -> String {
    connector_core::boundaries::markdown::<Column>()
}

fn main() {}
