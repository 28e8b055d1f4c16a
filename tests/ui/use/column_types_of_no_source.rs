// The source of column types is a source.
use connector_core::ColumnTypes;

#[derive(Debug)]
struct Settings;

#[derive(ColumnTypes)]
#[column_types(source = Settings)]
enum Column {
    #[column_type("INTEGER", field = Int)]
    Integer,
}

fn main() {}
