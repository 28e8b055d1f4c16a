// On the struct, `primary_key` lists fields.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(primary_key = true)]
struct Station {
    name: String,
}

fn main() {}
