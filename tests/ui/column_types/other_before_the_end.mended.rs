use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("INTEGER", field = Int)]
    Integer,
    #[column_type(other, unsupported = "cast it to text in the query")]
    Other,
}

fn main() {}
