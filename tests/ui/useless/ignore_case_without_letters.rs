// Names without letters have no case to ignore.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
#[column_types(ignore_case)]
enum PostgresOid {
    #[column_type("16", field = Boolean)]
    Bool,
    #[column_type("20", field = Int)]
    Int8,
}

fn main() {}
