//! Streams into a named pipe.

use std::io::Read as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use arrow_ipc::reader::StreamReader;
use connector_core::sink::{Delivery, Sink, SinkConfig as _};
use connector_core::{Checkpoint, ErrorKind, Phase};

use super::held::printed;
use super::{batch_at, new_people, people, snapshot, target, transaction};
use crate::Arrow;

fn pipe(place: &Path) -> std::path::PathBuf {
    let path = place.join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&path)
            .status()
            .unwrap()
            .success()
    );
    path
}

/// What a reader of the pipe gets, once the writer has closed it.
fn reader(path: &Path) -> std::thread::JoinHandle<Vec<u8>> {
    let path = path.to_owned();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        std::fs::File::open(path)
            .unwrap()
            .read_to_end(&mut bytes)
            .unwrap();
        bytes
    })
}

fn rows(bytes: &[u8]) -> Vec<String> {
    let reader = StreamReader::try_new(bytes, None).unwrap();
    reader.flat_map(|rows| printed(&rows.unwrap())).collect()
}

const END: [u8; 8] = [255, 255, 255, 255, 0, 0, 0, 0];

#[test]
fn a_named_pipe_takes_one_stream_with_its_end() {
    let place = tempfile::tempdir().unwrap();
    let path = pipe(place.path());
    let reader = reader(&path);
    let schema = people("people");
    let mut sink = Arrow::new(&path).sink().unwrap();
    assert_eq!(
        (sink.delivery(), sink.keeps_positions()),
        (Delivery::Append, false)
    );
    assert_eq!(sink.open(&target(&[Arc::clone(&schema)])).unwrap(), None);
    snapshot(sink.as_mut(), 1, vec![new_people(0, &schema, 1, &[1, 2])]);
    // A run that tries again goes on with the stream.
    sink.open(&target(&[Arc::clone(&schema)])).unwrap();
    transaction(sink.as_mut(), 2, vec![new_people(0, &schema, 2, &[3])]);
    sink.truncate(0, &Checkpoint::within(3, 1)).unwrap();
    sink.commit(&Checkpoint::after(3)).unwrap();
    drop(sink);
    let bytes = reader.join().unwrap();
    assert_eq!(
        rows(&bytes),
        [
            "+I 1.1 Some(1) Some(\"1 at 1\")",
            "+I 1.2 Some(2) Some(\"2 at 1\")",
            "+I 2.1 Some(3) Some(\"3 at 2\")",
            "T 3.1 None None"
        ]
    );
    assert!(bytes.ends_with(&END));
}

#[test]
fn a_stream_that_breaks_off_is_not_ended() {
    let place = tempfile::tempdir().unwrap();
    let path = pipe(place.path());
    let reader = reader(&path);
    let schema = people("people");
    let mut sink = Arrow::new(&path).sink().unwrap();
    sink.open(&target(&[Arc::clone(&schema)])).unwrap();
    let batch = batch_at(1, Phase::Changes, vec![new_people(0, &schema, 1, &[1])]);
    sink.write(&batch).unwrap();
    drop(sink);
    let bytes = reader.join().unwrap();
    assert_eq!(rows(&bytes).len(), 1);
    assert!(!bytes.ends_with(&END));
}

#[test]
fn a_pipe_and_stdout_refuse_two_sources_and_another_schema() {
    let place = tempfile::tempdir().unwrap();
    let path = pipe(place.path());
    for output in [path.as_path(), Path::new("-")] {
        let mut sink = Arrow::new(output).sink().unwrap();
        let error = sink
            .open(&target(&[people("one"), people("two")]))
            .unwrap_err();
        assert_eq!(error.key(), Some("path"));
        assert!(error.to_string().contains("has 2 sources"), "{error}");
    }
    let reader = reader(&path);
    let schema = people("people");
    let mut sink = Arrow::new(&path).sink().unwrap();
    sink.open(&target(&[Arc::clone(&schema)])).unwrap();
    transaction(sink.as_mut(), 1, vec![new_people(0, &schema, 1, &[1])]);
    let mut wider = (*schema).clone();
    wider.schema.fields.push(crate::tests::batches::definition(
        "age",
        connector_core::FieldType::Int,
    ));
    let error = sink
        .open(&target(&[Arc::new(wider)]))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("has other columns than the stream"),
        "{error}"
    );
    drop(sink);
    reader.join().unwrap();
}

#[test]
fn a_reader_that_is_gone_is_told() {
    let place = tempfile::tempdir().unwrap();
    let path = pipe(place.path());
    let gone = {
        let path = path.clone();
        std::thread::spawn(move || drop(std::fs::File::open(path).unwrap()))
    };
    let schema = people("people");
    let mut sink = Arrow::new(&path).sink().unwrap();
    sink.open(&target(&[Arc::clone(&schema)])).unwrap();
    // The schema may still have found a reader.
    let begun = sink.start_snapshot(&Checkpoint::snapshot(1));
    gone.join().unwrap();
    let batch = batch_at(1, Phase::Snapshot, vec![new_people(0, &schema, 1, &[1])]);
    let error = begun.and_then(|()| sink.write(&batch)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
    assert!(
        error
            .to_string()
            .contains("who reads the stream has closed `"),
        "{error}"
    );
}
