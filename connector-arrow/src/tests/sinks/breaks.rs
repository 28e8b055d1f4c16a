//! A run breaks off before and after everything that changes the disk: what is stored is what the checkpoint says, and the next
//! run brings the rest.

use std::path::Path;
use std::sync::Arc;

use connector_core::failpoint::broken_at;
use connector_core::sink::{Sink, SinkConfig as _};
use connector_core::{Checkpoint, Phase, Result, SourceSchema};

use super::held::{checkpoint, everything, files, manifest, people_of};
use super::{Kind, batch_at, new_people, people, target};
use crate::{Compression, Parquet};

/// Where the file of the manifest itself can break is another crate's to try.
const PLACES: &[&str] = &["file_sink.", "parquet.", "arrow."];

const FIRST: u64 = 10;
const LAST_OF_FIRST: u64 = 18;
const SECOND: u64 = 30;
const LAST: u64 = 31;

/// What happens to one table: a snapshot, transactions with a truncate among them, a reset, another snapshot and more
/// transactions.
struct History {
    schema: Arc<SourceSchema>,
}

impl History {
    /// Goes on from what the sink says is stored.
    fn run(&self, sink: &mut dyn Sink) -> Result<()> {
        let stored = sink.open(&target(&[Arc::clone(&self.schema)]))?;
        let stored = stored.unwrap_or_else(|| Checkpoint::snapshot(FIRST));
        let second = match stored.phase {
            Phase::Snapshot => stored.lsn != FIRST,
            Phase::Changes => stored.lsn >= SECOND,
        };
        if !second {
            let done = self.snapshot(sink, &stored, FIRST)?;
            self.transactions(sink, done.max(FIRST), LAST_OF_FIRST)?;
            sink.reset()?;
        }
        let stored = if second {
            stored
        } else {
            Checkpoint::snapshot(0)
        };
        let done = self.snapshot(sink, &stored, SECOND)?;
        self.transactions(sink, done.max(SECOND), LAST)
    }

    fn snapshot(&self, sink: &mut dyn Sink, stored: &Checkpoint, lsn: u64) -> Result<u64> {
        if stored.phase == Phase::Changes {
            return Ok(stored.lsn);
        }
        sink.start_snapshot(&Checkpoint::snapshot(lsn))?;
        for ids in [[1, 2], [3, 4]] {
            let rows = new_people(0, &self.schema, lsn, &ids);
            sink.write(&batch_at(lsn, Phase::Snapshot, vec![rows]))?;
        }
        sink.commit(&Checkpoint::after(lsn))?;
        Ok(lsn)
    }

    fn transactions(&self, sink: &mut dyn Sink, after: u64, last: u64) -> Result<()> {
        for lsn in after + 1..=last {
            if lsn == 15 {
                sink.truncate(0, &Checkpoint::within(lsn, 1))?;
            }
            let rows = new_people(0, &self.schema, lsn, &[lsn.cast_signed(), -1]);
            sink.write(&batch_at(lsn, Phase::Changes, vec![rows]))?;
            sink.commit(&Checkpoint::after(lsn))?;
        }
        Ok(())
    }

    /// The rows up to a checkpoint, printed.
    fn rows(stored: Option<&Checkpoint>) -> Vec<String> {
        let Some(stored) = stored else {
            return Vec::new();
        };
        // A snapshot that has begun replaces nothing yet.
        let (snapshot, last) = match (stored.phase, stored.lsn) {
            (Phase::Snapshot, FIRST) => return Vec::new(),
            (Phase::Snapshot, _) => (FIRST, LAST_OF_FIRST),
            (Phase::Changes, lsn) if lsn < SECOND => (FIRST, lsn),
            (Phase::Changes, lsn) => (SECOND, lsn),
        };
        let insert = |lsn: u64, seq: u64, id: i64| {
            format!("+I {lsn}.{seq} Some({id}) Some(\"{id} at {lsn}\")")
        };
        let mut rows = Vec::new();
        for ids in [[1, 2], [3, 4]] {
            rows.extend((1..).zip(ids).map(|(seq, id)| insert(snapshot, seq, id)));
        }
        for lsn in snapshot + 1..=last {
            if lsn == 15 {
                rows.push("T 15.1 None None".to_owned());
            }
            rows.extend([(1, lsn.cast_signed()), (2, -1)].map(|(seq, id)| insert(lsn, seq, id)));
        }
        rows
    }
}

fn sorted(mut rows: Vec<String>) -> Vec<String> {
    rows.sort();
    rows
}

/// Breaks off at every step; gives how many there are.
fn survives(sink: impl Fn(&Path) -> Box<dyn Sink>) -> usize {
    let history = History {
        schema: people("people"),
    };
    let equal = |directory: &Path, stored: Option<&Checkpoint>, at: usize| {
        let held = people_of(directory, "people");
        assert_eq!(held, History::rows(stored), "after a break at step {at}");
    };
    for at in 0.. {
        let place = tempfile::tempdir().unwrap();
        let directory = place.path().join("out");
        let (result, steps) = broken_at(PLACES, at, || history.run(sink(&directory).as_mut()));
        let over = steps <= at;
        assert_eq!(result.is_ok(), over, "step {at}: {result:?}");
        if over {
            let end = Checkpoint::after(LAST);
            equal(&directory, Some(&end), at);
            return at;
        }
        // As a reader finds it, before anything was put right.
        if manifest(&directory).is_some() {
            equal(&directory, checkpoint(&directory).as_ref(), at);
        }
        history.run(sink(&directory).as_mut()).unwrap();
        equal(&directory, Some(&Checkpoint::after(LAST)), at);
        let mut named = files(&directory, "people");
        named.extend(["c.lock", "c.manifest.json"].map(|name| directory.join(name)));
        named.sort();
        assert_eq!(everything(&directory), named, "after a break at step {at}");
    }
    0
}

#[test]
fn parquet_files_survive_a_break_at_every_step() {
    let sink = |path: &Path| {
        Parquet::new(path)
            .with_compression(Compression::None)
            .sink()
            .unwrap()
    };
    let steps = survives(sink);
    assert!(steps > 150, "{steps} steps");
}

#[test]
fn divided_parquet_files_survive_a_break_at_every_step() {
    let sink = |path: &Path| {
        Parquet::new(path)
            .with_partition_by(["name"])
            .with_file_rows(1)
    };
    let divided = |path: &Path| sink(path).sink().unwrap();
    // Names are in the paths: that every row is there once is told by the positions.
    let history = History {
        schema: people("people"),
    };
    let place = tempfile::tempdir().unwrap();
    history.run(divided(place.path()).as_mut()).unwrap();
    assert_eq!(
        files(place.path(), "people").len(),
        History::rows(Some(&Checkpoint::after(LAST))).len()
    );
    for at in (0..).step_by(7) {
        let place = tempfile::tempdir().unwrap();
        let (result, _) = broken_at(PLACES, at, || history.run(divided(place.path()).as_mut()));
        let over = result.is_ok();
        history.run(divided(place.path()).as_mut()).unwrap();
        let rows = sorted(people_of(place.path(), "people"));
        let positions = |rows: &[String]| -> Vec<String> {
            rows.iter()
                .map(|row| row.split(" Some(\"").next().unwrap().replace(" None", ""))
                .collect()
        };
        assert_eq!(
            positions(&rows),
            positions(&sorted(History::rows(Some(&Checkpoint::after(LAST))))),
            "step {at}"
        );
        if over {
            return;
        }
    }
}

#[test]
fn arrow_streams_survive_a_break_at_every_step() {
    let steps = survives(|path| Kind::Arrow.sink(path));
    assert!(steps > 80, "{steps} steps");
}

#[test]
fn a_tail_that_was_torn_in_the_middle_of_a_message_is_cut() {
    let place = tempfile::tempdir().unwrap();
    let schema = people("people");
    let history = History { schema };
    history
        .run(Kind::Arrow.sink(place.path()).as_mut())
        .unwrap();
    let path = files(place.path(), "people").pop().unwrap();
    let whole = std::fs::read(&path).unwrap();
    for torn in [1, 7, 100] {
        let mut bytes = whole.clone();
        bytes.extend_from_within(whole.len() - 200..whole.len() - 200 + torn);
        std::fs::write(&path, bytes).unwrap();
        history
            .run(Kind::Arrow.sink(place.path()).as_mut())
            .unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), whole);
    }
}

#[test]
fn a_manifest_that_was_not_renamed_any_more_counts_for_nothing() {
    for kind in super::KINDS {
        let place = tempfile::tempdir().unwrap();
        let history = History {
            schema: people("people"),
        };
        history.run(kind.sink(place.path()).as_mut()).unwrap();
        std::fs::write(place.path().join("c.manifest.tmp"), "{\"format\": \"doz").unwrap();
        history.run(kind.sink(place.path()).as_mut()).unwrap();
        let end = Checkpoint::after(LAST);
        assert_eq!(people_of(place.path(), "people"), History::rows(Some(&end)));
    }
}
