// No two variants of an enum of rows have the same table.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    id: u64,
}

#[derive(DozerSource)]
#[dozer(table = "order")]
struct Archived {
    id: u64,
}

#[derive(DozerSource)]
enum Shop {
    Orders(Order),
    Archive(Archived),
}

fn main() {}
