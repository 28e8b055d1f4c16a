// A row is a struct with named fields, since each field names a column.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading(String, f64);

fn main() {}
