// Rows are lent as a struct that derives `DozerSource`.
use connector_core::Result;
use connector_core::connector::Rows;

struct Name {
    name: String,
}

fn first<T>(rows: &mut Rows<T>) -> Result<Option<Name>> {
    rows.lend()
}

fn main() {}
