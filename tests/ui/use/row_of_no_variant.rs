// A stream of several tables carries the rows of its variants.
use connector_core::{DozerSource, Event};

#[derive(DozerSource)]
struct Line {
    text: String,
}

#[derive(DozerSource)]
#[dozer(tracking = "only_pk")]
struct Station {
    #[dozer(primary_key)]
    id: u64,
    name: String,
}

#[derive(DozerSource)]
enum Tables {
    Stations(Station),
}

fn written(line: Line) -> Event<Tables> {
    Event::insert(line).among()
}

fn main() {}
