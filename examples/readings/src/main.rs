//! Readings.
fn main() {}
