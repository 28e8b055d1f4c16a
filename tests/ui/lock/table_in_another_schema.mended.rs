use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "orders", schema = "shop", lock = "dozer.lock")]
struct Order {
    id: i64,
}

fn main() {}
