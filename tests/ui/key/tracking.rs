use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(tracking = "only_pk")]
struct NoKey {
    a: u8,
}

#[derive(DozerSource)]
#[dozer(primary_key(a, b, a, takenat, takenAt), rename_all = "camelCase")]
struct Listed {
    a: u8,
    taken_at: u8,
}

#[derive(DozerSource)]
#[dozer(primary_key(a, b))]
struct Both {
    #[dozer(primary_key)]
    a: u8,
    #[dozer(flatten)]
    b: NoKey,
}

fn main() {}
