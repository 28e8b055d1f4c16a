use connector_core::DozerSource;

#[derive(DozerSource)]
struct Page {
    #[dozer(field = Decimal)]
    price: String,
}

fn main() {}
