use connector_core::{ColumnValue, DozerSource};

#[derive(ColumnValue)]
struct Price(String);

#[derive(DozerSource)]
struct Order {
    #[dozer(field = Decimal(10, 2))]
    price: Price,
}

fn main() {}
