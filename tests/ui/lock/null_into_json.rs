// A nullable column of JSON is read into an `Option`.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "orders", lock = "dozer.lock")]
struct Order {
    id: i64,
    #[dozer(json)]
    items: Vec<String>,
}

fn main() {}
