use connector_core::DozerSource;

type MaybeId = Option<u64>;
type Approximate = f64;

#[derive(DozerSource)]
struct Row {
    #[dozer(primary_key)]
    a: MaybeId,
    #[dozer(primary_key)]
    b: Approximate,
}

fn main() {}
