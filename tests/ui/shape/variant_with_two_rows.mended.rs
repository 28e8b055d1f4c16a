use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    id: u64,
}

#[derive(DozerSource)]
struct Item {
    article: String,
}

#[derive(DozerSource)]
enum Shop {
    Orders(Order),
    Items(Item),
}

fn main() {}
