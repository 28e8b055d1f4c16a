use connector_core::DozerSource;

#[derive(DozerSource)]
struct Line {
    text: String,
}

fn main() {}
