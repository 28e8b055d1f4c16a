use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(tabel = "rows", traking = "only_pk", name = "rows", column = "x", unique)]
struct Row {
    #[dozer(pk, nullable, ignore, rename = "b", colunm = "c")]
    a: u8,
    #[dozer(table = "x", index)]
    b: u8,
    #[dozer(PrimaryKey, typ = Text, flaten)]
    c: u8,
}

fn main() {}
