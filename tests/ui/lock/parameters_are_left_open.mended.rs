use connector_core::{Date, DozerSource};

#[derive(DozerSource)]
#[dozer(table = "stations", lock = "dozer.lock")]
struct Station<Id, Name> {
    id: Id,
    name: Name,
    opened: Date,
}

fn main() {}
