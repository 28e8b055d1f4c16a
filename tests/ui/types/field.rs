use connector_core::DozerSource;

#[derive(DozerSource)]
struct Row {
    #[dozer(field = Txt)]
    a: String,
    #[dozer(field = Varchar)]
    b: String,
    #[dozer(field = Decimal(10))]
    c: u8,
    #[dozer(field = Decimal(77, 2))]
    d: u8,
    #[dozer(field = Timestamp(minutes))]
    e: u8,
    #[dozer(field = Int(4))]
    f: u8,
    #[dozer(field = Decimal(p, 2))]
    g: u8,
    #[dozer(field = Whatever)]
    h: u8,
}

fn main() {}
