use connector_core::DozerSource;

struct NotAColumn;

#[derive(DozerSource)]
struct Row {
    a: NotAColumn,
    b: Option<NotAColumn>,
    #[dozer(flatten)]
    c: NotAColumn,
}

fn main() {}
