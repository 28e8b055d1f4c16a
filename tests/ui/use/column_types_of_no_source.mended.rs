use connector_core::ColumnTypes;
use connector_sqlite::Sqlite;

#[derive(ColumnTypes)]
#[column_types(source = Sqlite)]
enum Column {
    #[column_type("INTEGER", field = Int)]
    Integer,
}

fn main() {}
