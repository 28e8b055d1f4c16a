// A declared type is one that the field's type can become.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    #[dozer(field = Date)]
    is_valid: bool,
}

fn main() {}
