//! Texts that are looked at for many rows at once are refused where, and as, each by itself would be.

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
fn seen<const LENDS: bool>(
    events: &[Event<Row>],
    on_misfit: OnMisfit,
    batch_bytes: usize,
) -> Vec<String> {
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
    let ended = Rows::<LENDS>(events.to_vec()).start(None, &ingestor, None);
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
        60 => "[a-zż€🦀]{0,8}".prop_map(String::into_bytes),
        30 => long("abc"),
        30 => long("aż€🦀"),
        // Two halves of a character, and what is none.
        1 => Just(vec![0xc5]),
        1 => Just(vec![0xbc]),
        1 => vec(any::<u8>(), 1..100),
    ]
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let table = prop_oneof![100 => Just(0), 2 => Just(1), 1 => Just(usize::MAX)];
    let id = prop_oneof![400 => 0..100_i64, 1 => Just(1_000_i64)];
    let row = (table, id, [text(), text()]);
    vec(
        row.prop_map(|(table, id, texts)| Row { table, id, texts }),
        0..400,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn whenever_texts_are_looked_at_the_same_is_told(
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
        let one_by_one = seen::<false>(&events, on_misfit, batch_bytes);
        let lent = seen::<true>(&events, on_misfit, batch_bytes);
        prop_assert_eq!(lent, one_by_one);
    }
}

#[test]
fn two_halves_of_a_character_in_neighbouring_rows_are_none() {
    let row = |id, text: &[u8]| Row {
        table: 0,
        id,
        texts: [b"a".to_vec(), text.to_vec()],
    };
    let rows = vec![
        row(1, b"a"),
        row(2, "ż".as_bytes()),
        row(3, &[b'a', 0xc5]),
        row(4, &[0xbc, b'a']),
    ];
    let seen = seen::<true>(&events(rows, Some(2)), OnMisfit::Fail, 1 << 24);
    let [.., batch, ended] = seen.as_slice() else {
        panic!("{seen:?}");
    };
    assert!(batch.contains(r#"Utf8([Some("a"), Some("ż")])"#), "{batch}");
    let why = "table `t`, column `b` at position (3, 1): 0x61c5 does not fit `Text`: text that is not UTF-8";
    assert!(ended.starts_with(why), "{ended}");
}
