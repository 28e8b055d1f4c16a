// An append-only table has no deletes.
use connector_core::{DozerSource, Event};

#[derive(DozerSource)]
struct Line {
    text: String,
}

fn gone(line: Line) -> Event<Line> {
    Event::delete(line)
}

fn main() {}
