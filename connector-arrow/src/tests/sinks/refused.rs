//! What is not the sink's own, torn or gone is told with a way out, and never begun anew in silence.

use std::path::Path;
use std::sync::Arc;

use connector_core::sink::{Sink, SinkConfig as _};
use connector_core::{Checkpoint, FieldType, Phase};

use super::held::{files, people_of};
use super::{KINDS, Kind, batch_at, new_people, people, snapshot, target, transaction};
use crate::Parquet;
use crate::tests::batches::{definition, source};

fn error(sink: &mut dyn Sink) -> String {
    sink.open(&target(&[people("people")]))
        .unwrap_err()
        .to_string()
}

/// A directory with one file of one row.
fn filled(kind: Kind) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let schema = people("people");
    let mut sink = kind.sink(place.path());
    sink.open(&target(&[Arc::clone(&schema)])).unwrap();
    snapshot(sink.as_mut(), 1, vec![new_people(0, &schema, 1, &[1])]);
    place
}

fn told(error: &str, words: &[&str]) {
    for words in words {
        assert!(error.contains(words), "{words:?} is not told: {error}");
    }
}

#[test]
fn a_torn_manifest_is_refused() {
    for kind in KINDS {
        let place = filled(kind);
        let path = place.path().join("c.manifest.json");
        let whole = std::fs::read(&path).unwrap();
        for end in [0, whole.len() / 2] {
            std::fs::write(&path, &whole[..end]).unwrap();
            told(
                &error(kind.sink(place.path()).as_mut()),
                &["c.manifest.json", "is not a state file", "help: "],
            );
        }
        std::fs::write(&path, &whole).unwrap();
        assert!(
            kind.sink(place.path())
                .open(&target(&[people("people")]))
                .unwrap()
                .is_some()
        );
    }
}

#[test]
fn a_manifest_of_another_application_or_another_sink_is_refused() {
    for kind in KINDS {
        let place = filled(kind);
        let mut other = target(&[people("people")]);
        other.app = "other".to_owned();
        let error = kind
            .sink(place.path())
            .open(&other)
            .unwrap_err()
            .to_string();
        told(&error, &["belongs to the application `app`", "help: "]);
        let other = if kind == Kind::Arrow {
            Kind::Parquet
        } else {
            Kind::Arrow
        };
        let error = self::error(other.sink(place.path()).as_mut());
        told(&error, &["names `.", "help: give the sink another `path`"]);
    }
}

#[test]
fn a_file_that_is_gone_or_shorter_is_told_and_a_new_snapshot_is_the_way_out() {
    for kind in KINDS {
        let place = filled(kind);
        let path = files(place.path(), "people").remove(0);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        told(
            &error(kind.sink(place.path()).as_mut()),
            &["bytes", "rows are missing", "help: restore the file"],
        );
        std::fs::remove_file(&path).unwrap();
        told(
            &error(kind.sink(place.path()).as_mut()),
            &["is gone: rows are missing", "and the sources' directories"],
        );
        // The way out that is told.
        std::fs::remove_file(place.path().join("c.manifest.json")).unwrap();
        std::fs::remove_dir_all(place.path().join("people")).unwrap();
        let mut sink = kind.sink(place.path());
        let schema = people("people");
        assert_eq!(sink.open(&target(&[Arc::clone(&schema)])).unwrap(), None);
        snapshot(sink.as_mut(), 5, vec![new_people(0, &schema, 5, &[1])]);
        assert_eq!(people_of(place.path(), "people").len(), 1);
    }
}

#[test]
fn a_directory_with_something_in_it_is_not_taken_over() {
    for kind in KINDS {
        let place = tempfile::tempdir().unwrap();
        let strange = place.path().join("people/00000001.parquet");
        std::fs::create_dir(place.path().join("people")).unwrap();
        std::fs::write(&strange, "of another").unwrap();
        let mut sink = kind.sink(place.path());
        let schema = people("people");
        sink.open(&target(&[Arc::clone(&schema)])).unwrap();
        sink.start_snapshot(&Checkpoint::snapshot(1)).unwrap();
        let rows = vec![new_people(0, &schema, 1, &[1])];
        let error = sink
            .write(&batch_at(1, Phase::Snapshot, rows))
            .unwrap_err()
            .to_string();
        told(
            &error,
            &["is not empty, and no manifest says", "help: remove it"],
        );
        assert_eq!(std::fs::read(&strange).unwrap(), b"of another");
    }
}

#[test]
fn files_that_no_sink_wrote_stay() {
    for kind in KINDS {
        let place = filled(kind);
        let notes: [&Path; 2] = [
            Path::new("people/notes.parquet"),
            Path::new("people/README"),
        ];
        let notes = notes.map(|note| place.path().join(note));
        for note in &notes {
            std::fs::write(note, "mine").unwrap();
        }
        let left = place.path().join(match kind {
            Kind::Arrow => "people/00000009.arrows.tmp",
            Kind::Parquet => "people/00000009.parquet",
        });
        std::fs::write(&left, "of a run that broke off").unwrap();
        kind.sink(place.path())
            .open(&target(&[people("people")]))
            .unwrap();
        assert!(notes.iter().all(|note| note.exists()), "{kind:?}");
        assert!(!left.exists(), "{kind:?}");
    }
}

#[test]
fn a_second_run_is_refused_while_the_first_goes_on() {
    for kind in KINDS {
        let place = filled(kind);
        let mut first = kind.sink(place.path());
        first.open(&target(&[people("people")])).unwrap();
        told(
            &error(kind.sink(place.path()).as_mut()),
            &["another run writes the sources of connection `c`"],
        );
        first.open(&target(&[people("people")])).unwrap();
    }
}

#[test]
fn a_column_with_the_name_of_one_of_the_sinks_is_refused() {
    for kind in KINDS {
        let place = tempfile::tempdir().unwrap();
        let schema = Arc::new(source(vec![definition("_lsn", FieldType::Int)]));
        let error = kind
            .sink(place.path())
            .open(&target(&[schema]))
            .unwrap_err()
            .to_string();
        told(
            &error,
            &[
                "source `readings` has a column `_lsn`",
                "help: leave the column out",
            ],
        );
    }
}

#[test]
fn columns_that_cannot_name_directories_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let open = |columns: &[&str], typ| {
        let schema = Arc::new(source(vec![definition("x", typ)]));
        let settings = Parquet::new(place.path()).with_partition_by(columns.iter().copied());
        settings.sink().unwrap().open(&target(&[schema])).map(drop)
    };
    let error = open(&["y"], FieldType::Int).unwrap_err().to_string();
    told(
        &error,
        &[
            "`partition_by` names the column `y`, which no source",
            "help: ",
        ],
    );
    let error = open(&["x"], FieldType::Float).unwrap_err().to_string();
    told(
        &error,
        &["column `x` of source `readings` is of type Float", "help: "],
    );
    open(&["x"], FieldType::Int).unwrap();
}

#[test]
fn limits_of_nothing_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let settings = Parquet::new(place.path());
    for (settings, name) in [
        (settings.clone().with_file_rows(0), "file_rows"),
        (settings.clone().with_file_size(0), "file_size"),
        (settings.with_row_group_rows(0), "row_group_rows"),
    ] {
        let error = settings.sink().unwrap_err();
        assert_eq!(error.key(), Some(name));
    }
}

#[test]
fn what_was_not_committed_is_gone_when_the_same_sink_is_opened_again() {
    for kind in KINDS {
        let place = filled(kind);
        let schema = people("people");
        let mut sink = kind.sink(place.path());
        sink.open(&target(&[Arc::clone(&schema)])).unwrap();
        let rows = vec![new_people(0, &schema, 2, &[2])];
        sink.write(&batch_at(2, Phase::Changes, rows)).unwrap();
        let stored = sink.open(&target(&[Arc::clone(&schema)])).unwrap();
        assert_eq!(stored, Some(Checkpoint::after(1)));
        transaction(sink.as_mut(), 2, vec![new_people(0, &schema, 2, &[3])]);
        let rows = people_of(place.path(), "people");
        assert_eq!(
            rows,
            [
                "+I 1.1 Some(1) Some(\"1 at 1\")",
                "+I 2.1 Some(3) Some(\"3 at 2\")"
            ]
        );
    }
}

#[test]
fn a_directory_that_is_gone_below_a_run_is_not_made_anew() {
    for kind in KINDS {
        let place = tempfile::tempdir().unwrap();
        let directory = place.path().join("out");
        let schema = people("people");
        let mut sink = kind.sink(&directory);
        sink.open(&target(&[Arc::clone(&schema)])).unwrap();
        snapshot(sink.as_mut(), 1, vec![new_people(0, &schema, 1, &[1])]);
        std::fs::remove_dir_all(&directory).unwrap();
        let rows = vec![new_people(0, &schema, 2, &[2])];
        let written = sink.write(&batch_at(2, Phase::Changes, rows));
        let error = written.and_then(|()| sink.commit(&Checkpoint::after(2)));
        let error = error.unwrap_err().to_string();
        let gone = ["No such file or directory", "before is gone"];
        assert!(gone.iter().any(|gone| error.contains(gone)), "{error}");
        assert!(error.contains("help: "), "{error}");
        assert!(!directory.exists(), "{kind:?}");
        // The next run begins anew.
        assert_eq!(
            kind.sink(&directory).open(&target(&[schema])).unwrap(),
            None
        );
    }
}
