use connector_core::DozerSource;

#[derive(DozerSource)]
struct Session {
    user: String,
    #[dozer(field = Text)]
    token: String,
}

fn main() {}
