use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    id: u64,
}

#[derive(DozerSource)]
enum Shop {
    Orders(Order),
}

#[derive(DozerSource)]
enum Company {
    Orders(Order),
}

fn main() {}
