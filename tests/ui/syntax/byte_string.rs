// The name of a column is a text, not bytes.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    #[dozer(column = b"station_name")]
    name: String,
}

fn main() {}
