use std::sync::Arc;

use connector_core::pipeline::{Report, RunEvent, RunOptions};

#[derive(Debug)]
struct Printed;

impl Report for Printed {
    fn event(&self, event: &RunEvent<'_>) {
        println!("{event:?}");
    }
}

fn options() -> RunOptions {
    RunOptions {
        report: Arc::new(Printed),
        ..RunOptions::default()
    }
}

fn main() {}
