//! How many rows are appended together, and how many are held meanwhile.

use std::cell::Cell;

use connector_core::connector::Connector;
use connector_core::ingest::{Delivery, IngestOptions, Ingestor};
use connector_core::{
    ChangeRequest, ChangeStream, Checkpoint, ColumnInfo, ColumnValue, Event, FieldType, Rejected,
    Result, RowImage, RowWriter, RowsWriter, Source, SourceRow, TableInfo, tracking,
};

thread_local! {
    /// The rows that live, the most that lived at once, and how many were appended by themselves.
    static ROWS: Cell<(usize, usize, usize)> = const { Cell::new((0, 0, 0)) };
}

/// A row that is counted for as long as it lives.
#[derive(Debug)]
struct Counted {
    table: usize,
    id: u64,
    text: String,
}

impl Counted {
    fn new(table: usize, id: u64, length: usize) -> Self {
        let (alive, most, alone) = ROWS.get();
        ROWS.set((alive + 1, most.max(alive + 1), alone));
        Self {
            table,
            id,
            text: "x".repeat(length),
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let (alive, most, alone) = ROWS.get();
        ROWS.set((alive - 1, most, alone));
    }
}

impl RowImage for Counted {
    fn table(&self) -> usize {
        self.table
    }

    fn append(&self, row: &mut RowWriter<'_>) -> std::result::Result<(), Rejected> {
        let (alive, most, alone) = ROWS.get();
        ROWS.set((alive, most, alone + 1));
        self.id.push_into(row);
        self.text.push_into(row);
        row.outcome()
    }

    fn text_bytes(&self) -> Option<usize> {
        self.text.text_bytes()
    }

    fn append_all<'i>(rows: impl Iterator<Item = &'i Self> + Clone, into: &mut RowsWriter<'_>) {
        u64::push_all_into(rows.clone().map(|row| Some(&row.id)), into);
        String::push_all_into(rows.map(|row| Some(&row.text)), into);
    }
}

impl SourceRow for Counted {
    type Old = Self;
    type Tracking = tracking::AtRunTime;
}

/// So many rows with texts of such a length.
#[derive(Debug)]
struct Texts {
    rows: u64,
    length: usize,
    /// How many more come at the end, of a table that is no longer there.
    gone: u64,
}

impl Source for Texts {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        let columns = vec![
            ColumnInfo::new("id", FieldType::UInt),
            ColumnInfo::new("text", FieldType::String),
        ];
        Ok(vec![TableInfo::new("texts", columns)])
    }

    fn changes(&self, _: &ChangeRequest) -> Result<impl ChangeStream> {
        let (rows, length) = (self.rows, self.length);
        Ok((0..rows + self.gone).map(move |id| {
            let table = if id < rows { 0 } else { usize::MAX };
            Ok(Event::insert(Counted::new(table, id, length)))
        }))
    }
}

/// The most rows that lived at once, and how many were appended by themselves.
fn run(source: &Texts) -> (usize, usize) {
    let options = IngestOptions {
        queue_bytes: usize::MAX,
        ..IngestOptions::default()
    };
    let (ingestor, mut deliveries) = Ingestor::initialize_channel(options);
    deliveries.confirm(Checkpoint {
        complete: true,
        ..Checkpoint::within(u64::MAX, u64::MAX)
    });
    ROWS.set((0, 0, 0));
    source
        .start(None, &ingestor, None)
        .expect("the run ends well");
    drop(ingestor);
    let mut rows = 0;
    while let Some(delivery) = deliveries.next_delivery() {
        if let Delivery::Batch(batch) = delivery {
            rows += batch
                .tables
                .iter()
                .map(|table| table.len() as u64)
                .sum::<u64>();
        }
    }
    assert_eq!(rows, source.rows);
    let (alive, most, alone) = ROWS.get();
    assert_eq!(alive, 0);
    (most, alone)
}

#[test]
fn most_rows_are_appended_with_others() {
    let (most, alone) = run(&Texts {
        rows: 10_000,
        length: 5,
        gone: 0,
    });
    assert!(most <= 257, "{most} rows were held");
    assert!(alone < 100, "{alone} rows were appended by themselves");
}

#[test]
fn large_texts_are_held_by_their_bytes() {
    let (most, alone) = run(&Texts {
        rows: 500,
        length: 20_000,
        gone: 0,
    });
    assert!(most <= 6, "{most} rows of 20,000 bytes were held");
    assert!(alone < 500, "all rows were appended by themselves");
}

#[test]
fn rows_of_a_table_that_is_gone_are_dropped() {
    run(&Texts {
        rows: 1_000,
        length: 5,
        gone: 100,
    });
}
