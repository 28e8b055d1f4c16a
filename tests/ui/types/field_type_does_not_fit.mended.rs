use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    #[dozer(field = String)]
    is_valid: bool,
}

fn main() {}
