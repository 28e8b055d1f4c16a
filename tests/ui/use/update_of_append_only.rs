// An append-only table has no updates.
use connector_core::{DozerSource, Event};

#[derive(DozerSource)]
struct Line {
    text: String,
}

fn corrected(line: Line) -> Event<Line> {
    Event::update_same_key(line)
}

fn main() {}
