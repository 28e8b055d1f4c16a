// The rules of `rename_all` are serde's.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(rename_all = "reversed")]
struct Station {
    name: String,
}

fn main() {}
