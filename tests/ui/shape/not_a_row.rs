use connector_core::DozerSource;

#[derive(DozerSource)]
struct Tuple(u8, String);

#[derive(DozerSource)]
struct Unit;

#[derive(DozerSource)]
struct Empty {}

#[derive(DozerSource)]
union Either {
    a: u8,
    b: i8,
}

#[derive(DozerSource)]
struct Skipped {
    #[dozer(skip)]
    a: u8,
}

#[derive(DozerSource)]
struct TwoLives<'a, 'b> {
    a: &'a str,
    b: &'b str,
}

fn main() {}
