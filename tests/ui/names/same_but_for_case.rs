// Names of columns differ by more than case, since many systems do not tell it apart.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    station: String,
    #[dozer(column = "STATION")]
    code: u32,
}

fn main() {}
