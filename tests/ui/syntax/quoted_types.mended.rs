use connector_core::{ColumnTypes, DozerSource};

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("INTEGER", field = Int)]
    Integer,
}

#[derive(DozerSource)]
#[dozer(types = ShopType)]
struct Order {
    quantity: i64,
}

fn main() {}
