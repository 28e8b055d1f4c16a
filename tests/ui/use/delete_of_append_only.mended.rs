use connector_core::{DozerSource, Event};

#[derive(DozerSource)]
#[dozer(tracking = "full_changes")]
struct Line {
    text: String,
}

fn gone(line: Line) -> Event<Line> {
    Event::delete(line)
}

fn main() {}
