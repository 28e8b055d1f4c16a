// An enum is not a newtype.
use connector_core::ColumnValue;

#[derive(ColumnValue)]
enum Colour {
    Red,
    Green,
}

fn main() {}
