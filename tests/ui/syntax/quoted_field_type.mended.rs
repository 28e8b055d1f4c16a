use connector_core::DozerSource;

#[derive(DozerSource)]
struct Page {
    #[dozer(field = Text)]
    body: String,
}

fn main() {}
