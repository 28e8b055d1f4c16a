use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    #[dozer(json)]
    samples: [f32; 4],
}

fn main() {}
