//! Which files rows go to.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use connector_core::sink::SinkConfig as _;
use connector_core::{Checkpoint, Field, FieldType, Phase};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::held::{everything, files, people_of, printed, read};
use super::{Kind, batch_at, new_people, people, rows_of, snapshot, target, transaction};
use crate::tests::batches::{column, definition, source};
use crate::{Compression, Parquet};

#[test]
fn small_commits_leave_few_files_with_every_row_in_order() {
    let place = tempfile::tempdir().unwrap();
    let schema = people("people");
    let mut sink = Kind::Parquet.sink(place.path());
    sink.open(&target(&[Arc::clone(&schema)])).unwrap();
    let mut most = 0;
    for lsn in 1..=100 {
        transaction(
            sink.as_mut(),
            lsn,
            vec![new_people(0, &schema, lsn, &[lsn.cast_signed()])],
        );
        most = most.max(files(place.path(), "people").len());
    }
    assert!(most < 10, "{most} files");
    let expected: Vec<String> = (1..=100)
        .map(|lsn| format!("+I {lsn}.1 Some({lsn}) Some(\"{lsn} at {lsn}\")"))
        .collect();
    assert_eq!(people_of(place.path(), "people"), expected);
    let listed = files(place.path(), "people");
    let there = everything(&place.path().join("people"));
    assert_eq!(there, {
        let mut listed = listed;
        listed.sort();
        listed
    });
}

#[test]
fn files_and_row_groups_have_no_more_rows_than_they_are_to() {
    for compression in [Compression::Zstd, Compression::Snappy, Compression::None] {
        let place = tempfile::tempdir().unwrap();
        let schema = people("people");
        let settings = Parquet::new(place.path())
            .with_file_rows(25)
            .with_row_group_rows(10)
            .with_compression(compression);
        let mut sink = settings.sink().unwrap();
        sink.open(&target(&[Arc::clone(&schema)])).unwrap();
        let ids: Vec<i64> = (0..60).collect();
        snapshot(sink.as_mut(), 1, vec![new_people(0, &schema, 1, &ids)]);
        let groups: Vec<Vec<i64>> = files(place.path(), "people")
            .iter()
            .map(|path| {
                let file = std::fs::File::open(path).unwrap();
                let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
                reader
                    .metadata()
                    .row_groups()
                    .iter()
                    .map(parquet::file::metadata::RowGroupMetaData::num_rows)
                    .collect()
            })
            .collect();
        assert_eq!(
            groups,
            [vec![10, 10, 5], vec![10, 10, 5], vec![10]],
            "{compression:?}"
        );
    }
}

#[test]
fn a_file_is_closed_when_it_has_its_size() {
    let place = tempfile::tempdir().unwrap();
    let schema = people("people");
    let mut sink = Parquet::new(place.path()).with_file_size(1).sink().unwrap();
    sink.open(&target(&[Arc::clone(&schema)])).unwrap();
    sink.start_snapshot(&Checkpoint::snapshot(1)).unwrap();
    for ids in [[1, 2], [3, 4], [5, 6]] {
        let rows = new_people(0, &schema, 1, &ids);
        sink.write(&batch_at(1, Phase::Snapshot, vec![rows]))
            .unwrap();
    }
    sink.commit(&Checkpoint::after(1)).unwrap();
    assert_eq!(files(place.path(), "people").len(), 3);
}

/// The directories of a source's files, below the source's own.
fn directories(place: &Path, source: &str) -> BTreeSet<String> {
    files(place, source)
        .iter()
        .map(|path| {
            let below = path
                .parent()
                .unwrap()
                .strip_prefix(place.join(source))
                .unwrap();
            below.to_str().unwrap().to_owned()
        })
        .collect()
}

#[test]
fn rows_are_divided_by_values_that_stay_inside_and_are_told_apart() {
    let place = tempfile::tempdir().unwrap();
    let values = [
        Field::String("oslo".to_owned()),
        Field::Null,
        Field::String("../x".to_owned()),
        Field::String(String::new()),
        Field::String("__HIVE_DEFAULT_PARTITION__".to_owned()),
        Field::String("a/b=c".to_owned()),
        Field::String("æ ø".to_owned()),
        Field::String("oslo".to_owned()),
        Field::Unchanged,
    ];
    let schema = people("people");
    let ids: Vec<Field> = (0..9).map(Field::Int).collect();
    let columns = vec![
        column(FieldType::Int, &ids),
        column(FieldType::String, &values),
    ];
    let mut sink = Parquet::new(place.path())
        .with_partition_by(["name"])
        .sink()
        .unwrap();
    sink.open(&target(&[Arc::clone(&schema)])).unwrap();
    transaction(sink.as_mut(), 1, vec![rows_of(0, &schema, 1, columns)]);
    sink.truncate(0, &Checkpoint::within(2, 1)).unwrap();
    sink.commit(&Checkpoint::after(2)).unwrap();
    let expected = [
        "name=",
        "name=%2E.%2Fx",
        "name=%5F_HIVE_DEFAULT_PARTITION__",
        "name=__HIVE_DEFAULT_PARTITION__",
        "name=a%2Fb%3Dc",
        "name=oslo",
        "name=æ%20ø",
    ];
    assert_eq!(
        directories(place.path(), "people"),
        expected.map(str::to_owned).into()
    );
    let of = |name: &str| -> Vec<String> {
        let files = files(place.path(), "people");
        let within = files
            .iter()
            .filter(|path| path.parent().unwrap().ends_with(name));
        within
            .flat_map(|path| read(path))
            .flat_map(|rows| printed(&rows))
            .collect()
    };
    assert_eq!(
        of("name=oslo"),
        ["+I 1.1 Some(0) None", "+I 1.8 Some(7) None"]
    );
    let nulls = [
        "+I 1.2 Some(1) None",
        "+I 1.9 Some(8) None",
        "T 2.1 None None",
    ];
    assert_eq!(of("name=__HIVE_DEFAULT_PARTITION__"), nulls);
    assert!(
        read(&files(place.path(), "people")[0])[0]
            .column_by_name("name")
            .is_none()
    );
}

#[test]
fn more_directories_than_files_may_be_open_lose_no_row() {
    let place = tempfile::tempdir().unwrap();
    let mut schema = source(vec![
        definition("day", FieldType::Date),
        definition("id", FieldType::Int),
    ]);
    schema.name = "days".to_owned();
    let schema = Arc::new(schema);
    let mut sink = Parquet::new(place.path())
        .with_partition_by(["day"])
        .sink()
        .unwrap();
    sink.open(&target(&[Arc::clone(&schema)])).unwrap();
    sink.start_snapshot(&Checkpoint::snapshot(1)).unwrap();
    for _ in 0..2 {
        let days = (0..100).map(|day| Field::Date(connector_core::Date::from_days(day)));
        let ids = (0..100).map(Field::Int);
        let columns = vec![
            column(FieldType::Date, &days.collect::<Vec<_>>()),
            column(FieldType::Int, &ids.collect::<Vec<_>>()),
        ];
        sink.write(&batch_at(
            1,
            Phase::Snapshot,
            vec![rows_of(0, &schema, 1, columns)],
        ))
        .unwrap();
    }
    sink.commit(&Checkpoint::after(1)).unwrap();
    let directories = directories(place.path(), "days");
    assert_eq!(directories.len(), 100);
    assert!(directories.contains("day=1970-01-01"), "{directories:?}");
    let rows: usize = files(place.path(), "days")
        .iter()
        .flat_map(|path| read(path))
        .map(|rows| rows.num_rows())
        .sum();
    assert_eq!(rows, 200);
}
