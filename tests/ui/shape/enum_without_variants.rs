// An enum of rows has a variant for each table.
use connector_core::DozerSource;

#[derive(DozerSource)]
enum Shop {}

fn main() {}
