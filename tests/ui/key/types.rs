use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(tracking = "only_pk")]
struct Row {
    #[dozer(primary_key)]
    a: Option<u8>,
    #[dozer(primary_key)]
    b: f64,
    #[dozer(primary_key, json)]
    c: Vec<u8>,
    #[dozer(primary_key, field = Float)]
    d: u8,
    #[dozer(primary_key, default)]
    e: u8,
}

fn main() {}
