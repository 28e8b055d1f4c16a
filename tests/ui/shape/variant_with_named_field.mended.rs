use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    id: u64,
}

#[derive(DozerSource)]
enum Shop {
    Orders(Order),
}

fn main() {}
