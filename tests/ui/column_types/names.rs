use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
#[column_types(ignore_case)]
enum Type {
    #[column_type("INT", "int", field = Int)]
    Int,
    #[column_type("DECIMAL(p, s)", "DECIMAL(p)", field = Decimal(p, s))]
    Decimal { p: u8, s: i8 },
    #[column_type("decimal(a, b)", field = Decimal)]
    Again,
    #[column_type("ENUM(..)", "enum(x)", field = Text)]
    Enum,
    #[column_type("", "X(", field = Text)]
    Broken,
    #[column_type(other, field = Text)]
    Other,
    #[column_type("TYPO(pp)", field = Timestamp)]
    Typo { p: Option<u8> },
    #[column_type("LATE", field = Text, "LATER")]
    Late,
}

fn main() {}
