use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "", schema = " public", rename_all = "camelCase")]
struct Row {
    taken_at: u8,
    #[dozer(column = "takenAt")]
    again: u8,
    #[dozer(column = "TAKENAT")]
    upper: u8,
    #[dozer(column = "  ")]
    blank: u8,
    #[dozer(column = "a\0b")]
    control: u8,
}

fn main() {}
