// The fields of a row are lent to their columns, so a row is not packed.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[repr(C, packed)]
struct Sample {
    sensor: u16,
    value: u64,
}

fn main() {}
