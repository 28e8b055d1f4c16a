// Fields of a type parameter are compared by name alone, the others as in every row.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "stations", lock = "dozer.lock")]
struct Station<Id, Name> {
    id: Id,
    title: Name,
    opened: bool,
}

fn main() {}
