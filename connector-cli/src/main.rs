//! The `dozer` command.
fn main() {}
