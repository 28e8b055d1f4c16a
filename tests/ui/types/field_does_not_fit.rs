use connector_core::DozerSource;

#[derive(DozerSource)]
struct Row {
    #[dozer(field = Point)]
    a: String,
    #[dozer(field = Date)]
    b: bool,
}

fn main() {}
