//! What breaks off and may pass is tried again, from what is stored.

use std::path::Path;
use std::sync::{Arc, Mutex};

use connector_core::pipeline::{ConnectionSummary, Pipeline, Report, RunEvent, RunOptions};
use connector_core::sink::{Jsonl, JsonlSink, NullSink, Sink, SinkTarget};
use connector_core::{Batch, Checkpoint, Error, ErrorKind, Result, RetryPolicy, StartFrom};

use crate::script::{Script, Step, begin, commit, insert, snapshot_done, snapshot_started, user};

/// Keeps the lines of a run that say that it is tried again.
#[derive(Debug, Default)]
struct Retries(Mutex<Vec<String>>);

impl Report for Retries {
    fn event(&self, event: &RunEvent<'_>) {
        if let RunEvent::Retrying { error, .. } = event {
            self.0.lock().unwrap().push(error.to_string());
        }
    }
}

fn run(script: &Script, sink: impl Sink + 'static) -> (Result<ConnectionSummary>, Vec<String>) {
    let retries = Arc::new(Retries::default());
    let options = RunOptions {
        once: true,
        report: Arc::<Retries>::clone(&retries),
        ..RunOptions::default()
    };
    let ended = Pipeline::from(script.clone()).into(sink).run_with(&options);
    let told = retries.0.lock().unwrap().clone();
    (ended, told)
}

fn snapshot(lsn: u64, rows: impl IntoIterator<Item = i64>) -> Vec<Step> {
    let rows = rows.into_iter().map(|id| insert(user(id, "x")));
    let done = [snapshot_done(lsn)];
    std::iter::once(snapshot_started(lsn))
        .chain(rows)
        .chain(done)
        .collect()
}

fn users(directory: &Path) -> Vec<i64> {
    let text = std::fs::read_to_string(directory.join("user.jsonl")).unwrap();
    let id = |line: &str| {
        let id = line
            .split("\"id\":")
            .nth(1)
            .unwrap()
            .split([',', '}'])
            .next();
        id.unwrap().trim().parse().unwrap()
    };
    text.lines().map(id).collect()
}

#[test]
fn a_transaction_that_was_cut_is_stored_once() {
    let directory = tempfile::tempdir().unwrap();
    let cut = vec![begin(2), insert(user(3, "x")), Step::Cut];
    let whole = vec![
        begin(2),
        insert(user(3, "x")),
        insert(user(4, "x")),
        commit(),
    ];
    let script = Script {
        again: vec![whole],
        ..Script::new([snapshot(1, [1, 2]), cut].concat())
    };
    let (ended, retries) = run(&script, JsonlSink::new(Jsonl::new(directory.path())));
    let summary = ended.unwrap();
    assert_eq!(users(directory.path()), [1, 2, 3, 4]);
    assert_eq!(summary.rows[0].1, 4, "what was taken back is not counted");
    assert_eq!(retries.len(), 1, "{retries:?}");
    assert!(retries[0].contains("the cable was pulled"), "{retries:?}");
    let asked = script.seen.lock().unwrap().asked.clone();
    assert_eq!(asked, [StartFrom::Start, StartFrom::After { lsn: 1 }]);
}

#[test]
fn a_snapshot_that_broke_is_taken_anew_and_replaces_what_it_left() {
    let directory = tempfile::tempdir().unwrap();
    let mut cut = snapshot(1, [1, 2, 3]);
    *cut.last_mut().unwrap() = Step::Cut;
    let script = Script {
        again: vec![cut.clone(), snapshot(5, [7, 8])],
        ..Script::new(cut)
    };
    let (ended, retries) = run(&script, JsonlSink::new(Jsonl::new(directory.path())));
    assert_eq!(ended.unwrap().checkpoint.unwrap().lsn, 5);
    assert_eq!(users(directory.path()), [7, 8]);
    assert_eq!(retries.len(), 2);
    let asked = script.seen.lock().unwrap().asked.clone();
    assert_eq!(asked, [StartFrom::Start; 3]);
}

#[test]
fn a_run_whose_sinks_keep_nothing_goes_on_where_it_was() {
    let script = Script {
        again: vec![vec![begin(2), insert(user(3, "x")), commit()]],
        ..Script::new([snapshot(1, [1, 2]), vec![begin(2), Step::Cut]].concat())
    };
    let (ended, _) = run(&script, NullSink::default());
    assert_eq!(ended.unwrap().rows[0].1, 3);
    let asked = script.seen.lock().unwrap().asked.clone();
    assert_eq!(asked, [StartFrom::Start, StartFrom::After { lsn: 1 }]);
}

#[test]
fn what_does_not_pass_ends_the_run_at_once() {
    let script = Script::new([snapshot(1, [1]), vec![Step::Fail]].concat());
    let (ended, retries) = run(&script, NullSink::default());
    assert!(ended.unwrap_err().to_string().contains("the cable is cut"));
    assert!(retries.is_empty());
    assert_eq!(script.seen.lock().unwrap().asked.len(), 1);
}

/// Fails once in each call that its name says.
#[derive(Debug)]
struct Failing {
    sink: JsonlSink,
    commits: u32,
    opened: Arc<Mutex<u32>>,
    /// The opening that fails, from 1, and the commit.
    fails: (u32, u32),
    fail: fn(Error) -> Error,
}

fn away() -> Error {
    Error::new(ErrorKind::Sink, "the disk is away")
}

impl Sink for Failing {
    fn open(&mut self, target: &SinkTarget) -> Result<Option<Checkpoint>> {
        let mut opened = self.opened.lock().unwrap();
        *opened += 1;
        if *opened == self.fails.0 {
            return Err((self.fail)(away()));
        }
        self.sink.open(target)
    }

    fn start_snapshot(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        self.sink.start_snapshot(checkpoint)
    }

    fn write(&mut self, batch: &Batch) -> Result<()> {
        self.sink.write(batch)
    }

    fn truncate(&mut self, table: usize, at: &Checkpoint) -> Result<()> {
        self.sink.truncate(table, at)
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        self.commits += 1;
        if self.commits == self.fails.1 {
            return Err((self.fail)(away()));
        }
        self.sink.commit(checkpoint)
    }

    fn reset(&mut self) -> Result<()> {
        self.sink.reset()
    }

    fn delivery(&self) -> connector_core::sink::Delivery {
        self.sink.delivery()
    }
}

fn failing(directory: &Path, fails: (u32, u32)) -> (Failing, Arc<Mutex<u32>>) {
    let opened = Arc::new(Mutex::new(0));
    let sink = Failing {
        sink: JsonlSink::new(Jsonl::new(directory)),
        commits: 0,
        opened: Arc::clone(&opened),
        fails,
        fail: Error::transient,
    };
    (sink, opened)
}

#[test]
fn a_sink_that_was_away_is_opened_again() {
    let directory = tempfile::tempdir().unwrap();
    let script = Script::new(snapshot(1, [1, 2]));
    // The first commit fails, and so does the first attempt to open the sink again.
    let (sink, opened) = failing(directory.path(), (2, 1));
    let (ended, retries) = run(&script, sink);
    ended.unwrap();
    assert_eq!(users(directory.path()), [1, 2]);
    assert_eq!(*opened.lock().unwrap(), 3);
    assert_eq!(retries.len(), 2, "{retries:?}");
}

#[test]
fn what_fails_before_anything_worked_is_told_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let (sink, opened) = failing(directory.path(), (1, 0));
    let (ended, retries) = run(&Script::new(snapshot(1, [1])), sink);
    assert!(ended.unwrap_err().to_string().contains("the disk is away"));
    assert_eq!((*opened.lock().unwrap(), retries.len()), (1, 0));
}

#[test]
fn who_was_there_is_asked_again_before_anything_worked() {
    let directory = tempfile::tempdir().unwrap();
    let (mut sink, opened) = failing(directory.path(), (1, 0));
    sink.fail = Error::interrupted;
    let (ended, retries) = run(&Script::new(snapshot(1, [1])), sink);
    ended.unwrap();
    assert_eq!(users(directory.path()), [1]);
    assert_eq!((*opened.lock().unwrap(), retries.len()), (2, 1));
}

#[test]
fn a_limit_of_attempts_ends_the_run_and_says_how_often_it_was_tried() {
    let cut = [snapshot(1, [1]), vec![Step::Cut]].concat();
    let script = Script::new(cut);
    let retries = Arc::new(Retries::default());
    let options = RunOptions {
        once: true,
        report: Arc::<Retries>::clone(&retries),
        ..RunOptions::default()
    };
    let policy = RetryPolicy {
        first_wait: std::time::Duration::from_millis(1),
        max_attempts: Some(3),
        ..RetryPolicy::default()
    };
    let script = Script {
        again: vec![vec![Step::Cut]; 9],
        ..script
    };
    let ended = Pipeline::from(script.clone())
        .into(NullSink::default())
        .retry(policy)
        .run_with(&options);
    let error = ended.unwrap_err();
    assert!(
        error.to_string().contains("given up after 3 attempts"),
        "{error}"
    );
    assert!(!error.is_transient());
    // The first failure came after something was stored, and began the count anew.
    assert_eq!(script.seen.lock().unwrap().asked.len(), 3);
    assert_eq!(retries.0.lock().unwrap().len(), 2, "one line for each try");
}

#[test]
fn a_directory_that_cannot_be_made_is_told_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    let (ended, retries) = run(
        &Script::new(snapshot(1, [1])),
        JsonlSink::new(Jsonl::new(file.join("out"))),
    );
    assert!(!ended.unwrap_err().is_transient());
    assert!(retries.is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_tried_again_and_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let script = Script::new(snapshot(1, [1, 2]));
    let opened = Arc::new(Mutex::new(0));
    let sink = Crowded {
        sink: JsonlSink::new(Jsonl::new(directory.path())),
        opened: Arc::clone(&opened),
    };
    let (ended, retries) = run(&script, sink);
    ended.unwrap();
    assert!(
        retries[0].contains("No space left on device"),
        "{retries:?}"
    );
    assert_eq!(users(directory.path()), [1, 2]);
    assert_eq!(*opened.lock().unwrap(), 2, "opened once more");
}

/// Writes to a full device when the first snapshot begins.
#[cfg(target_os = "linux")]
#[derive(Debug)]
struct Crowded {
    sink: JsonlSink,
    opened: Arc<Mutex<u32>>,
}

#[cfg(target_os = "linux")]
impl Sink for Crowded {
    fn open(&mut self, target: &SinkTarget) -> Result<Option<Checkpoint>> {
        let mut opened = self.opened.lock().unwrap();
        *opened += 1;
        self.sink.open(target)
    }

    fn start_snapshot(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        if *self.opened.lock().unwrap() > 1 {
            return self.sink.start_snapshot(checkpoint);
        }
        let full = std::fs::write("/dev/full", "a row").unwrap_err();
        Err(Error::new(ErrorKind::Sink, full.to_string()).passing_as(&full))
    }

    fn write(&mut self, batch: &Batch) -> Result<()> {
        self.sink.write(batch)
    }

    fn truncate(&mut self, table: usize, at: &Checkpoint) -> Result<()> {
        self.sink.truncate(table, at)
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        self.sink.commit(checkpoint)
    }

    fn reset(&mut self) -> Result<()> {
        self.sink.reset()
    }

    fn delivery(&self) -> connector_core::sink::Delivery {
        self.sink.delivery()
    }
}
