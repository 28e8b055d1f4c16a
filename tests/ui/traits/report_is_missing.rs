// What a run says is taken by a `Report`.
use std::sync::Arc;

use connector_core::pipeline::RunOptions;

#[derive(Debug)]
struct Printed;

fn options() -> RunOptions {
    RunOptions {
        report: Arc::new(Printed),
        ..RunOptions::default()
    }
}

fn main() {}
