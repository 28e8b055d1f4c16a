use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    quantity: i64,
}

fn main() {}
