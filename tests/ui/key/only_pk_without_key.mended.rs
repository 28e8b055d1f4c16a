use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(tracking = "only_pk")]
struct Station {
    #[dozer(primary_key)]
    name: String,
}

fn main() {}
