use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    #[dozer(column = "temp_c")]
    temperature: f64,
}

fn main() {}
