use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum PostgresOid {
    #[column_type("16", field = Boolean)]
    Bool,
    #[column_type("20", field = Int)]
    Int8,
}

fn main() {}
