use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer]
#[dozer = "x"]
#[dozer[table = "x"]]
#[dozer(table)]
#[dozer(schema = 5)]
#[dozer(tracking("x"))]
#[dozer(rename_all =)]
#[dozer(primary_key = "a")]
#[dozer(types = "a::b")]
struct Row {
    #[dozer("x", skip = true)]
    a: u8,
    #[dozer(column = "b" json)]
    b: u8,
    #[dozer(with = "c", default("d"))]
    c: u8,
    #[dozer(field = "Text")]
    d: u8,
    #[dozer(primary_key(d))]
    e: u8,
}

fn main() {}
