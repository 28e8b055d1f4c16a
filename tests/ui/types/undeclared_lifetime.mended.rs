use connector_core::DozerSource;

#[derive(DozerSource)]
struct Line<'row> {
    text: &'row str,
}

fn main() {}
