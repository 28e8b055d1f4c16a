// A column's name is not the name of another field's column.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    station: String,
    #[dozer(column = "station")]
    code: u32,
}

fn main() {}
