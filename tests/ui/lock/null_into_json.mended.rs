use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "orders", lock = "dozer.lock")]
struct Order {
    id: i64,
    #[dozer(json)]
    items: Option<Vec<String>>,
}

fn main() {}
