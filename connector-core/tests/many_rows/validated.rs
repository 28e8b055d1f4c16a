//! Texts that are validated for many rows at once are refused where, and as, each by itself would be.

use std::vec::IntoIter;

use connector_core::connector::Connector;
use connector_core::ingest::{Delivery, Following, IngestOptions, Ingestor, LentInserts};
use connector_core::{
    Change, ChangeRequest, ChangeStream, Checkpoint, Column, ColumnData, ColumnInfo, ColumnValue,
    Event, FieldType, OnMisfit, Rejected, Result, RowImage, RowWriter, Source, SourceRow,
    TableInfo, Value, tracking, utf8,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// A row whose texts come as bytes.
#[derive(Debug, Clone)]
struct Row {
    table: usize,
    id: i64,
    texts: [Vec<u8>; 2],
    last: i64,
}

impl RowImage for Row {
    fn table(&self) -> usize {
        self.table
    }

    fn append(&self, row: &mut RowWriter<'_>) -> std::result::Result<(), Rejected> {
        self.id.push_into(row);
        for text in &self.texts {
            if let Err(next) = row.push_utf8(text) {
                // What is no text may still be bytes.
                let append = |column: &mut Column| match utf8(text) {
                    Ok(text) => column.push_str(text),
                    Err(misfit) if column.field_type() != FieldType::Binary => Err(misfit),
                    Err(_) => column.push_bytes(text),
                };
                row.push_into(next, append, || Value::Bytes(text).preview())?;
            }
        }
        self.last.push_into(row);
        row.outcome()
    }
}

impl SourceRow for Row {
    type Old = Self;
    type Tracking = tracking::AtRunTime;
}

/// Gives rows one by one, or lends many.
#[derive(Debug)]
struct Rows<const LENDS: bool>(Vec<Event<Row>>);

#[derive(Debug)]
struct Stream<const LENDS: bool>(IntoIter<Event<Row>>);

impl<const LENDS: bool> Source for Rows<LENDS> {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        let table = |name: &str| {
            let columns = vec![
                // A number past 127 does not fit.
                ColumnInfo::new("id", FieldType::Int8),
                ColumnInfo::new("a", FieldType::String),
                ColumnInfo::new("b", FieldType::Text).nullable(true),
                ColumnInfo::new("last", FieldType::Int8),
            ];
            TableInfo::new(name, columns)
        };
        Ok(vec![table("t"), table("u")])
    }

    fn changes(&self, _: &ChangeRequest) -> Result<impl ChangeStream> {
        Ok(Stream::<LENDS>(self.0.clone().into_iter()))
    }
}

impl<const LENDS: bool> ChangeStream for Stream<LENDS> {
    type Row<'a> = Row;

    fn next_event(&mut self) -> Result<Option<Event<Row>>> {
        Ok(self.0.next())
    }

    const LENDS_INSERTS: bool = LENDS;

    fn lend_inserts(&mut self, mut inserts: LentInserts<'_>) -> Result<Following<Row>> {
        while inserts.has_room() {
            match self.0.next() {
                Some(Event::Change(Change::Insert { new })) => inserts.push(&new)?,
                event => return Ok(Following::Break(event)),
            }
        }
        Ok(Following::Continue(()))
    }
}

/// Lends rows, and hears no word about them.
#[derive(Debug)]
struct Deaf(Rows<true>);

#[derive(Debug)]
struct DeafStream(Stream<true>);

impl Source for Deaf {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        Source::get_tables(&self.0)
    }

    fn changes(&self, _: &ChangeRequest) -> Result<impl ChangeStream> {
        Ok(DeafStream(Stream(self.0.0.clone().into_iter())))
    }
}

impl ChangeStream for DeafStream {
    type Row<'a> = Row;

    fn next_event(&mut self) -> Result<Option<Event<Row>>> {
        self.0.next_event()
    }

    const LENDS_INSERTS: bool = true;

    fn lend_inserts(&mut self, mut inserts: LentInserts<'_>) -> Result<Following<Row>> {
        loop {
            match self.0.0.next() {
                Some(Event::Change(Change::Insert { new })) => drop(inserts.push(&new)),
                event => return Ok(Following::Break(event)),
            }
        }
    }
}

/// The rows as a snapshot, or as inserts in transactions of so many.
fn events(rows: Vec<Row>, transaction: Option<usize>) -> Vec<Event<Row>> {
    let mut events = vec![Event::SnapshotStarted { lsn: 1 }];
    let Some(length) = transaction else {
        events.extend(rows.into_iter().map(Event::insert));
        events.push(Event::SnapshotDone { lsn: 1 });
        return events;
    };
    events.push(Event::SnapshotDone { lsn: 1 });
    for (lsn, rows) in (2..).zip(rows.chunks(length)) {
        events.push(Event::Begin { lsn });
        events.extend(rows.iter().cloned().map(Event::insert));
        events.push(Event::Commit);
    }
    events
}

/// Everything that a consumer sees of a run, and how it ended.
fn seen(source: &impl Source, on_misfit: OnMisfit, batch_bytes: usize) -> Vec<String> {
    let names = ["t", "u"].map(|name| (name.to_owned(), on_misfit));
    let (ingestor, mut deliveries) = Ingestor::initialize_channel(IngestOptions {
        batch_bytes,
        queue_bytes: usize::MAX,
        on_misfit: names.into(),
        ..IngestOptions::default()
    });
    deliveries.confirm(Checkpoint {
        complete: true,
        ..Checkpoint::within(u64::MAX, u64::MAX)
    });
    let ended = source.start(None, &ingestor, None);
    drop(ingestor);
    let mut seen = Vec::new();
    while let Some(delivery) = deliveries.next_delivery() {
        seen.push(match delivery {
            Delivery::Batch(batch) => {
                let told = format!("{batch:?}");
                let columns = batch.tables.into_iter().flat_map(|table| table.columns);
                let columns = columns.inspect(|column| {
                    if let ColumnData::Utf8(texts) = column.data() {
                        let end = i32::try_from(texts.content().len()).ok();
                        assert_eq!(texts.offsets().last().copied(), end, "{texts:?}");
                    }
                });
                let parts: Vec<_> = columns.map(Column::into_parts).collect();
                format!("{told} {parts:?}")
            }
            other => format!("{other:?}"),
        });
    }
    seen.push(match ended {
        Ok(()) => "well".to_owned(),
        Err(error) => format!("{error} {error:?}"),
    });
    seen
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    let long = |text: &'static str| (0..80_usize).prop_map(move |times| text.repeat(times).into());
    prop_oneof![
        2 => "[a-zż€🦀]{0,8}".prop_map(String::into_bytes),
        1 => long("abc"),
        1 => long("aż€🦀"),
    ]
}

/// Halves of characters, and what is none.
fn broken() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(vec![0xc5]),
        Just(vec![0xbc]),
        vec(any::<u8>(), 1..100),
        text(),
    ]
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let table = || prop_oneof![100 => Just(0), 2 => Just(1), 1 => Just(usize::MAX)];
    let number = || prop_oneof![2 => 0..100_i64, 1 => Just(1_000_i64)];
    let whole = (table(), 0..100_i64, [text(), text()], 0..100_i64);
    let wrong = (table(), number(), [broken(), broken()], number());
    let row = prop_oneof![150 => whole, 1 => wrong];
    let row = row.prop_map(|(table, id, texts, last)| Row {
        table,
        id,
        texts,
        last,
    });
    vec(row, 0..400)
}

/// A row of the first table.
fn row(id: i64, texts: [&[u8]; 2], last: i64) -> Row {
    Row {
        table: 0,
        id,
        texts: texts.map(<[u8]>::to_vec),
        last,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn whenever_texts_are_validated_the_same_is_told(
        rows in rows(),
        on_misfit in prop_oneof![
            3 => Just(OnMisfit::Fail),
            1 => Just(OnMisfit::Null),
            1 => Just(OnMisfit::Reject),
        ],
        transaction in prop_oneof![Just(None), (1..300_usize).prop_map(Some)],
        batch_bytes in prop_oneof![Just(1_usize), Just(10_000), Just(100_000), Just(1 << 24)],
    ) {
        let events = events(rows, transaction);
        let one_by_one = seen(&Rows::<false>(events.clone()), on_misfit, batch_bytes);
        let lent = seen(&Rows::<true>(events), on_misfit, batch_bytes);
        prop_assert_eq!(lent, one_by_one);
    }
}

#[test]
fn two_halves_of_a_character_in_neighbouring_rows_are_none() {
    let rows = vec![
        row(1, [b"a", b"a"], 1),
        row(2, [b"a", "ż".as_bytes()], 1),
        row(3, [b"a", b"a\xc5"], 1),
        row(4, [b"a", b"\xbca"], 1),
    ];
    let seen = seen(
        &Rows::<true>(events(rows, Some(2))),
        OnMisfit::Fail,
        1 << 24,
    );
    let [.., batch, ended] = seen.as_slice() else {
        panic!("{seen:?}");
    };
    assert!(batch.contains(r#"Utf8([Some("a"), Some("ż")])"#), "{batch}");
    let why = "table `t`, column `b` at position (3, 1): 0x61c5 does not fit `Text`: text that is not UTF-8";
    assert!(ended.starts_with(why), "{ended}");
}

#[test]
fn of_two_values_that_do_not_fit_the_first_is_told() {
    let (good, broken): (&[u8], &[u8]) = (b"a", b"\xff");
    let first = row(1, [good, good], 1);
    let refused = row(2, [good, broken], 1_000);
    for next in [
        row(3, [broken, good], 1),
        row(3, [good, good], 1_000),
        row(1_000, [good, good], 1),
    ] {
        let rows = events(vec![first.clone(), refused.clone(), next], None);
        let seen = seen(&Rows::<true>(rows), OnMisfit::Fail, 1 << 24);
        let why = "table `t`, column `b` at position (1, 2): 0xff does not fit";
        assert!(
            seen.last().is_some_and(|ended| ended.starts_with(why)),
            "{seen:?}"
        );
    }
    // And where the second is not of the same row, and in a column before.
    let rows = vec![row(1, [good, broken], 1), row(2, [broken, good], 1)];
    let seen = seen(&Rows::<true>(events(rows, None)), OnMisfit::Fail, 1 << 24);
    let why = "table `t`, column `b` at position (1, 1): 0xff does not fit";
    assert!(
        seen.last().is_some_and(|ended| ended.starts_with(why)),
        "{seen:?}"
    );
}

#[test]
fn a_text_that_is_refused_ends_the_run_also_where_the_stream_hears_no_word() {
    let refused = |id| row(id, [b"a", b"\xff"], 1);
    let other = Row {
        table: 1,
        ..row(3, [b"a", b"a"], 1)
    };
    for rows in [
        vec![refused(1), other.clone(), other.clone()],
        vec![refused(1), other, refused(4)],
        vec![refused(1), row(2, [b"a", b"a"], 1_000), refused(3)],
    ] {
        let seen = seen(&Deaf(Rows(events(rows, None))), OnMisfit::Fail, 1 << 24);
        let why = "table `t`, column `b` at position (1, 1): 0xff does not fit";
        assert!(
            seen.last().is_some_and(|ended| ended.starts_with(why)),
            "{seen:?}"
        );
    }
}
