use connector_core::ColumnValue;

#[derive(ColumnValue)]
struct Two(u8, u8);

#[derive(ColumnValue)]
struct Unit;

#[derive(ColumnValue)]
enum Colour {
    Red,
}

#[derive(ColumnValue)]
#[column_value(field = Int)]
struct Keyed(u8);

struct NotAColumn;

#[derive(ColumnValue)]
struct Wrapped(NotAColumn);

fn main() {}
