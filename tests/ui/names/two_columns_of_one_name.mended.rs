use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    #[dozer(column = "temp")]
    inside: f64,
    #[dozer(column = "temp_outside")]
    outside: f64,
}

fn main() {}
