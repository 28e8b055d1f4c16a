use connector_core::DozerSource;

#[derive(DozerSource)]
#[repr(C)]
struct Sample {
    sensor: u16,
    value: u64,
}

fn main() {}
