use connector_core::{DozerSource, Event};

#[derive(DozerSource)]
#[dozer(tracking = "only_pk")]
struct Line {
    #[dozer(primary_key)]
    number: u64,
    text: String,
}

fn corrected(line: Line) -> Event<Line> {
    Event::update_same_key(line)
}

fn main() {}
