//! Rows that did not fit, replayed into a sink that stores by key.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use connector_core::pipeline::{Pipeline, Replayed, RunOptions};
use connector_core::sink::{Delivery, Jsonl, JsonlSink, Sink, SinkTarget};
use connector_core::{Batch, Checkpoint, Error, ErrorKind, Field, OnMisfit, Phase, Result, RowOp};

use crate::script::{
    DOC, Row, Script, Step, USER, begin, commit, delete, doc, insert, snapshot_done,
    snapshot_started, update,
};

/// Rows by source and key, as text.
type Rows = BTreeMap<(String, String), String>;

/// A sink that holds its rows and its position in memory, both in one step.
#[derive(Debug, Default)]
struct Shelf {
    stored: Arc<Mutex<Stored>>,
    open: Rows,
    sources: Vec<String>,
    fails: bool,
}

#[derive(Debug, Default, Clone)]
struct Stored {
    rows: Rows,
    checkpoint: Option<Checkpoint>,
}

impl Sink for Shelf {
    fn open(&mut self, target: &SinkTarget) -> Result<Option<Checkpoint>> {
        let stored = self.stored.lock().unwrap();
        self.open = stored.rows.clone();
        self.sources = target.schemas.iter().map(|it| it.name.clone()).collect();
        Ok(stored.checkpoint.clone())
    }

    fn start_snapshot(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        self.stored.lock().unwrap().checkpoint = Some(checkpoint.clone());
        self.open.clear();
        Ok(())
    }

    fn write(&mut self, batch: &Batch) -> Result<()> {
        for table in &batch.tables {
            let source = &self.sources[table.table];
            for (row, op) in table.ops.iter().enumerate() {
                let values = table.record(row).values;
                let texts: Vec<String> = (values.iter())
                    .map(|field| field.as_value().preview())
                    .collect();
                let key = (source.clone(), texts[0].clone());
                match op {
                    RowOp::Insert | RowOp::UpdateAfter => {
                        self.open.insert(key, texts[1..].join(" "));
                    }
                    RowOp::Delete | RowOp::UpdateBefore => {
                        self.open.remove(&key);
                    }
                }
            }
        }
        Ok(())
    }

    fn truncate(&mut self, table: usize, _: &Checkpoint) -> Result<()> {
        let source = self.sources[table].clone();
        self.open.retain(|(of, _), _| *of != source);
        Ok(())
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        if self.fails {
            return Err(Error::new(ErrorKind::Sink, "the shelf is full"));
        }
        *self.stored.lock().unwrap() = Stored {
            rows: self.open.clone(),
            checkpoint: Some(checkpoint.clone()),
        };
        Ok(())
    }

    fn reset(&mut self) -> Result<()> {
        Ok(())
    }

    fn delivery(&self) -> Delivery {
        Delivery::Transactional
    }

    fn stores_by_key(&self) -> bool {
        true
    }
}

/// A directory, a shelf, and what a source tells in one run after the other.
struct Place {
    directory: tempfile::TempDir,
    stored: Arc<Mutex<Stored>>,
    policy: OnMisfit,
    /// Whether sizes may be negative: that is how the schema is mended.
    signed: bool,
}

impl Place {
    fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            stored: Arc::default(),
            policy: OnMisfit::Reject,
            signed: false,
        }
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("connection.rejected.jsonl")
    }

    fn letters(&self) -> String {
        std::fs::read_to_string(self.file()).unwrap_or_default()
    }

    fn pipeline(&self, script: Script, fails: bool) -> Pipeline {
        let script = Script {
            signed: self.signed,
            ..script
        };
        let sink = Shelf {
            stored: Arc::clone(&self.stored),
            fails,
            ..Shelf::default()
        };
        Pipeline::from(script)
            .into(sink)
            .state_directory(self.directory.path())
            .on_misfit("doc", self.policy)
            .on_misfit("user", self.policy)
    }

    fn run(&self, steps: &[Vec<Step>]) {
        let once = RunOptions {
            once: true,
            ..RunOptions::default()
        };
        let script = Script::new(steps.concat());
        self.pipeline(script.clone(), false)
            .run_with(&once)
            .unwrap();
        let asked = script.seen.lock().unwrap().asked.clone();
        let resumes = self.stored.lock().unwrap().checkpoint.is_some();
        assert!(resumes && asked.len() == 1, "{asked:?}");
    }

    fn replay(&self) -> Replayed {
        self.pipeline(Script::default(), false).replay().unwrap()
    }

    /// What the shelf holds, as `source key values`.
    fn held(&self) -> Vec<String> {
        let rows = &self.stored.lock().unwrap().rows;
        let line = |((source, key), values): (&(String, String), &String)| {
            format!("{source} {key} {values}")
        };
        rows.iter().map(line).collect()
    }
}

/// A size that no column of unsigned integers holds.
fn bad(id: i64) -> Row {
    doc(id, Field::Int(-id))
}

fn good(id: i64, size: u64) -> Row {
    doc(id, Field::UInt(size))
}

/// A name that is no text.
fn nameless(id: i64) -> Row {
    Row(USER, vec![Field::Int(id), Field::Binary(vec![0xff, 0])])
}

fn named(id: i64, name: &str) -> Row {
    Row(USER, vec![Field::Int(id), Field::Text(name.to_owned())])
}

fn snapshot(rows: impl IntoIterator<Item = Row>) -> Vec<Step> {
    let rows = rows.into_iter().map(insert);
    std::iter::once(snapshot_started(1))
        .chain(rows)
        .chain([snapshot_done(1)])
        .collect()
}

fn transaction(lsn: u64, changes: Vec<Step>) -> Vec<Step> {
    [vec![begin(lsn)], changes, vec![commit()]].concat()
}

#[test]
fn rows_that_fit_a_mended_schema_are_written_once() {
    let mut place = Place::new();
    place.run(&[
        snapshot([good(1, 1), bad(2)]),
        transaction(2, vec![insert(bad(3)), insert(good(4, 4))]),
    ]);
    assert_eq!(place.held(), ["doc 1 1 null", "doc 4 4 null"]);
    let checkpoint = place.stored.lock().unwrap().checkpoint.clone();

    let before = place.replay();
    assert_eq!((before.replayed, before.kept.len()), (0, 2));
    assert_eq!((before.kept[0].lsn, before.kept[0].seq), (1, 2));
    assert!(
        before.kept[0]
            .reason
            .starts_with("column `size`: \"-2\" does not fit"),
        "{before:?}"
    );

    place.signed = true;
    let replayed = place.replay();
    assert_eq!((replayed.replayed, replayed.kept.len()), (2, 0));
    let held = [
        "doc 1 1 null",
        "doc 2 -2 null",
        "doc 3 -3 null",
        "doc 4 4 null",
    ];
    assert_eq!(place.held(), held);
    assert_eq!(place.letters(), "");
    assert_eq!(
        place.stored.lock().unwrap().checkpoint,
        checkpoint,
        "the position stays"
    );
    let moved = place.file().with_extension("replayed.jsonl");
    assert_eq!(std::fs::read_to_string(moved).unwrap().lines().count(), 2);
    assert_eq!(place.replay().replayed, 0);
    assert_eq!(place.held(), held);
}

#[test]
fn a_policy_of_null_replays_rows_with_null() {
    let mut place = Place::new();
    place.run(&[snapshot([nameless(1)])]);
    assert!(
        place.letters().contains("\"base64\":\"/wA=\""),
        "{}",
        place.letters()
    );
    place.policy = OnMisfit::Null;
    assert_eq!(place.replay().replayed, 1);
    assert_eq!(place.held(), ["user 1 null"]);
}

#[test]
fn a_newer_row_is_never_replaced_by_an_older_one() {
    let mut place = Place::new();
    place.run(&[
        snapshot([
            bad(1),
            bad(2),
            nameless(1),
            nameless(2),
            nameless(3),
            nameless(4),
        ]),
        transaction(2, vec![update(bad(1), good(1, 7)), delete(bad(2))]),
        // Of these, the old row is told by its key alone: nothing that does not fit comes by again.
        transaction(
            3,
            vec![
                update(None, named(1, "ada")),
                delete(Row(USER, vec![Field::Int(2), Field::Unchanged])),
                update(
                    Row(USER, vec![Field::Int(3), Field::Unchanged]),
                    named(30, "eve"),
                ),
            ],
        ),
    ]);
    place.signed = true;
    place.policy = OnMisfit::Null;
    let replayed = place.replay();
    assert_eq!(
        (replayed.replayed, replayed.kept.len()),
        (1, 0),
        "{replayed:?}"
    );
    assert_eq!(
        place.held(),
        [
            "doc 1 7 null",
            "user 1 \"ada\"",
            "user 30 \"eve\"",
            "user 4 null"
        ]
    );
}

#[test]
fn what_comes_after_a_truncate_or_a_new_snapshot_counts_alone() {
    let mut place = Place::new();
    let truncate = Step::Say(connector_core::Event::Truncate { table: DOC });
    place.run(&[
        snapshot([bad(1)]),
        transaction(2, vec![insert(bad(2)), truncate, insert(bad(3))]),
    ]);
    place.signed = true;
    let replayed = place.replay();
    assert_eq!((replayed.replayed, replayed.superseded), (1, 2));
    assert_eq!(place.held(), ["doc 3 -3 null"]);

    let mut place = Place::new();
    place.run(&[snapshot([bad(1), bad(2)])]);
    place.stored.lock().unwrap().checkpoint = None;
    place.run(&[snapshot([bad(2)])]);
    place.signed = true;
    assert_eq!(place.replay().replayed, 1);
    assert_eq!(place.held(), ["doc 2 -2 null"]);
}

#[test]
fn a_replay_that_breaks_off_loses_no_row_and_may_be_done_again() {
    let mut place = Place::new();
    place.run(&[snapshot([bad(1), bad(2)])]);
    place.signed = true;
    let letters = place.letters();

    let failed = place.pipeline(Script::default(), true).replay();
    assert!(
        failed
            .unwrap_err()
            .to_string()
            .contains("the shelf is full")
    );
    assert_eq!(
        place.letters(),
        letters,
        "nothing was written, nothing is gone"
    );

    // Broken off after the sink had stored the rows, and before the file was replaced.
    assert_eq!(place.replay().replayed, 2);
    let held = place.held();
    std::fs::write(place.file(), &letters).unwrap();
    assert_eq!(place.replay().replayed, 2);
    assert_eq!(place.held(), held);

    // And a run came in between.
    std::fs::write(place.file(), &letters).unwrap();
    place.run(&[transaction(2, vec![update(bad(1), good(1, 9))])]);
    let replayed = place.replay();
    assert_eq!((replayed.replayed, replayed.superseded), (1, 1));
    assert_eq!(place.held(), ["doc 1 9 null", "doc 2 -2 null"]);
}

#[test]
fn what_the_next_run_is_given_again_is_left_to_it() {
    let mut place = Place::new();
    place.run(&[snapshot([]), transaction(2, vec![insert(bad(1))])]);
    // As after a crash: the letter is there, and the sink has not come so far.
    place.stored.lock().unwrap().checkpoint = Some(Checkpoint::after(1));
    place.signed = true;
    let replayed = place.replay();
    assert_eq!((replayed.replayed, replayed.ahead), (0, 1));
    assert_eq!(place.held(), [] as [&str; 0]);
    place.run(&[transaction(2, vec![insert(bad(1))])]);
    assert_eq!(place.held(), ["doc 1 -1 null"]);
    assert_eq!(
        place
            .stored
            .lock()
            .unwrap()
            .checkpoint
            .as_ref()
            .unwrap()
            .phase,
        Phase::Changes
    );
}

#[test]
fn without_a_sink_by_key_nothing_is_replayed() {
    let directory = tempfile::tempdir().unwrap();
    let sink = |path: &Path| JsonlSink::new(Jsonl::new(path));
    let error = Pipeline::from(Script::default())
        .into(sink(directory.path()))
        .state_directory(directory.path())
        .replay()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("no sink stores rows by key"));
}
