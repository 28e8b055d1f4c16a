// `default` takes the function itself, not a call of it.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    #[dozer(default = sea_level())]
    height: i32,
}

fn sea_level() -> i32 {
    0
}

fn main() {}
