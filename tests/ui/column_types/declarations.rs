use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
#[column_types(raw = "Value", case_insensitive)]
enum Type {
    Undeclared,
    #[column_type("A")]
    Nothing,
    #[column_type("B", field = Int, unsupported = "no")]
    Both,
    #[column_type("C", unsupported = " ", cast = cast)]
    Reasonless,
    #[column_type(field = Int)]
    Nameless,
    #[column_type("D", field = Decimal(p, q))]
    Unknown { p: Option<u8> },
    #[column_type("E(a)", field = Int)]
    Tuple(u8),
    #[column_type("F", feild = Integer, field = Integer)]
    Misspelt,
}

#[derive(ColumnTypes)]
struct NotAnEnum;

#[derive(ColumnTypes)]
enum Empty {}

#[derive(ColumnTypes)]
enum Generic<T> {
    #[column_type("A", field = Int)]
    A(T),
}

fn main() {}
