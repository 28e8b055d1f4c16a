use connector_core::DozerSource;

struct NotSerde;

#[derive(DozerSource)]
struct Row {
    #[dozer(json)]
    a: NotSerde,
}

fn main() {}
