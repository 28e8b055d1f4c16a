use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    #[dozer(default = unknown)]
    name: String,
}

fn unknown() -> String {
    "unknown".to_owned()
}

fn main() {}
