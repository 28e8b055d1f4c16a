//! Several sinks of one run.

use std::sync::{Arc, Mutex};

use connector_core::pipeline::{Pipeline, RunOptions};
use connector_core::sink::{Delivery, Sink, SinkTarget};
use connector_core::{Batch, Checkpoint, Result};

use crate::script::{Script, insert, snapshot_done, snapshot_started, user};

/// Notes its commits in a list that it shares with others.
#[derive(Debug)]
struct Noted {
    keeps_positions: bool,
    commits: Arc<Mutex<Vec<bool>>>,
}

impl Sink for Noted {
    fn open(&mut self, _: &SinkTarget) -> Result<Option<Checkpoint>> {
        Ok(None)
    }

    fn start_snapshot(&mut self, _: &Checkpoint) -> Result<()> {
        Ok(())
    }

    fn write(&mut self, _: &Batch) -> Result<()> {
        Ok(())
    }

    fn truncate(&mut self, _: usize, _: &Checkpoint) -> Result<()> {
        Ok(())
    }

    fn commit(&mut self, _: &Checkpoint) -> Result<()> {
        self.commits.lock().unwrap().push(self.keeps_positions);
        Ok(())
    }

    fn reset(&mut self) -> Result<()> {
        Ok(())
    }

    fn delivery(&self) -> Delivery {
        Delivery::Append
    }

    fn keeps_positions(&self) -> bool {
        self.keeps_positions
    }
}

#[test]
fn what_a_sink_without_positions_was_given_is_out_before_another_one_stores_the_position() {
    let commits = Arc::new(Mutex::new(Vec::new()));
    let sink = |keeps_positions| Noted {
        keeps_positions,
        commits: Arc::clone(&commits),
    };
    let script = Script::new(vec![
        snapshot_started(1),
        insert(user(1, "x")),
        snapshot_done(1),
    ]);
    let options = RunOptions {
        once: true,
        ..RunOptions::default()
    };
    let pipeline = Pipeline::from(script).into(sink(true)).into(sink(false));
    pipeline.run_with(&options).unwrap();
    let commits = commits.lock().unwrap().clone();
    assert!(!commits.is_empty());
    for pair in commits.chunks(2) {
        assert_eq!(pair, [false, true]);
    }
}
