use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    #[dozer(default = unnamed)]
    name: String,
}

fn unnamed() -> String {
    String::new()
}

fn main() {}
