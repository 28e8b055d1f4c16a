//! What a source says beside its rows reaches the run's report.
#![cfg(feature = "derive")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};

use connector_core::pipeline::{Pipeline, Report, RunEvent, RunOptions};
use connector_core::prelude::*;
use connector_core::sink::NullSink;

#[derive(Debug, Clone, DozerSource)]
#[dozer(table = "readings")]
struct Reading {
    #[dozer(primary_key)]
    station: String,
}

/// Warns before its row, and says that it is over after it, from another thread.
#[derive(Debug)]
struct Talkative;

impl Source for Talkative {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        Ok(Reading::tables())
    }

    fn changes(&self, request: &ChangeRequest) -> Result<impl ChangeStream> {
        let notices = request.notices().clone();
        let mut rows = vec!["a"].into_iter();
        Ok(std::iter::from_fn(move || {
            let Some(station) = rows.next() else {
                let notices = notices.clone();
                std::thread::spawn(move || notices.inform("over"))
                    .join()
                    .ok()?;
                return None;
            };
            notices.warn("the disk fills");
            let station = station.to_owned();
            Some(Ok(Event::insert(Reading { station })))
        }))
    }
}

#[derive(Debug, Default)]
struct Heard(Mutex<Vec<String>>);

impl Report for Heard {
    fn event(&self, event: &RunEvent<'_>) {
        let said = match event {
            RunEvent::Warning {
                connection,
                message,
            } => format!("{connection}: warning: {message}"),
            RunEvent::Info {
                connection,
                message,
            } => format!("{connection}: {message}"),
            _ => return,
        };
        self.0.lock().unwrap().push(said);
    }
}

#[test]
fn what_a_source_says_is_reported_under_its_connection() {
    let heard = Arc::new(Heard::default());
    let options = RunOptions {
        report: heard.clone(),
        ..RunOptions::default()
    };
    let pipeline = Pipeline::from(Talkative).named("weather", "stations");
    pipeline
        .into(NullSink::default())
        .run_with(&options)
        .unwrap();
    let said = heard.0.lock().unwrap().clone();
    assert_eq!(
        said,
        ["stations: warning: the disk fills", "stations: over"]
    );
}
