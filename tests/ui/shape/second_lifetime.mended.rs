use connector_core::DozerSource;

#[derive(DozerSource)]
struct Line<'row> {
    file: &'row str,
    text: &'row str,
}

fn main() {}
