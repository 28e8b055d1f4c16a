use connector_core::DozerSource;

mod module {}

#[derive(DozerSource)]
struct Row {
    #[dozer(skip, primary_key)]
    a: u8,
    #[dozer(skip, column = "b")]
    b: u8,
    #[dozer(json, flatten)]
    c: u8,
    #[dozer(with = module, json)]
    d: u8,
    #[dozer(flatten, column = "e", default)]
    e: u8,
    #[dozer(json, field = Text)]
    f: u8,
    #[dozer(default)]
    g: Option<u8>,
}

fn main() {}
