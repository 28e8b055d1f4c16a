//! A connector without a `Source`: it implements `Connector` itself and hands records over.

use connector_conformance::{Memory, Subject};
use connector_core::connector::{Connector, RecordWriter};
use connector_core::ingest::Ingestor;
use connector_core::pipeline::{Pipeline, RunOptions};
use connector_core::validation::ValidationResults;
use connector_core::{
    ErrorKind, Field, FieldDefinition, FieldType, Operation, Record,
    ReplicationChangesTrackingType, Result, Schema, SourceSchema, StartFrom, TableInfo,
};

/// What a broken one does.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    None,
    WrongKind,
    ShortRecord,
    UnknownTable,
    PositionGoesBack,
    GoesOnAfterAnError,
}

/// A ledger of accounts: a snapshot at 2, then transactions up to 5.
#[derive(Debug, Clone)]
struct Ledger(Fault);

fn account(name: &str, amount: i64) -> Record {
    Record {
        values: vec![Field::String(name.to_owned()), Field::Int(amount)],
    }
}

fn insert(name: &str, amount: i64) -> Operation {
    Operation::Insert {
        new: account(name, amount),
    }
}

fn update(name: &str, amount: i64) -> Operation {
    Operation::Update {
        old: Record {
            values: vec![Field::String(name.to_owned()), Field::Unchanged],
        },
        new: account(name, amount),
    }
}

impl Ledger {
    fn tell(&self, writer: &mut RecordWriter<'_>) -> Result<()> {
        let from = match writer.from() {
            StartFrom::Start => 3,
            StartFrom::After { lsn } => lsn + 1,
            StartFrom::Within { lsn } => lsn,
        };
        if writer.from() == StartFrom::Start {
            writer.snapshot_started(2)?;
            writer.operation(0, insert("alice", 100))?;
            writer.operation(0, insert("bob", 250))?;
            writer.snapshot_done(2)?;
        }
        for lsn in from..=5 {
            writer.begin(lsn)?;
            match lsn {
                3 => {
                    writer.operation(0, update("alice", 90))?;
                    writer.operation(0, update("bob", 260))?;
                    writer.operation(0, insert("carol", 0))?;
                }
                4 => {
                    let old = account("bob", 260);
                    writer.operation(0, Operation::Delete { old })?;
                }
                _ => {
                    writer.truncate(0)?;
                    writer.operation(0, insert("dora", 1))?;
                }
            }
            self.fail(writer, lsn)?;
            writer.set_state(format!("after {lsn}"));
            writer.commit()?;
        }
        loop {
            writer.idle(Some(5))?;
        }
    }

    fn fail(&self, writer: &mut RecordWriter<'_>, lsn: u64) -> Result<()> {
        let short = || Record {
            values: vec![Field::String("eve".to_owned())],
        };
        match self.0 {
            _ if lsn != 4 => Ok(()),
            Fault::None => Ok(()),
            Fault::WrongKind => {
                let mut new = account("eve", 0);
                new.values[1] = Field::Binary(vec![1]);
                writer.operation(0, Operation::Insert { new })
            }
            Fault::ShortRecord => writer.operation(0, Operation::Insert { new: short() }),
            Fault::UnknownTable => writer.operation(1, insert("eve", 0)),
            Fault::PositionGoesBack => {
                writer.commit()?;
                writer.begin(4)
            }
            Fault::GoesOnAfterAnError => {
                let _ = writer.operation(0, Operation::Insert { new: short() });
                Ok(())
            }
        }
    }
}

impl Connector for Ledger {
    fn validate(&self, _: Option<Vec<TableInfo>>) -> Result<()> {
        Ok(())
    }

    fn validate_schemas(&self, _: &[TableInfo]) -> Result<ValidationResults> {
        Ok(Vec::new())
    }

    fn get_schemas(&self, _: Option<Vec<TableInfo>>) -> Result<Vec<SourceSchema>> {
        let field = |name: &str, typ| FieldDefinition {
            name: name.to_owned(),
            typ,
            nullable: false,
            external_type: None,
            description: None,
            number: None,
        };
        Ok(vec![SourceSchema {
            name: "accounts".to_owned(),
            namespace: None,
            table_name: "accounts".to_owned(),
            schema: Schema {
                fields: vec![
                    field("name", FieldType::String),
                    field("amount", FieldType::Int),
                ],
                primary_index: vec![0],
            },
            replication_type: ReplicationChangesTrackingType::OnlyPK,
            description: None,
        }])
    }

    fn start(
        &self,
        from_seq: Option<(u64, u64)>,
        ingestor: &Ingestor,
        tables: Option<Vec<TableInfo>>,
    ) -> Result<()> {
        let mut writer = RecordWriter::new(ingestor, from_seq, self.get_schemas(tables)?)?;
        self.tell(&mut writer)
    }

    fn get_tables(&self, _: Option<&[TableInfo]>) -> Result<Vec<TableInfo>> {
        self.get_tables_default(None)
    }

    fn current_position(&self) -> Result<Option<u64>> {
        Ok(Some(5))
    }
}

fn once() -> RunOptions {
    RunOptions {
        once: true,
        ..RunOptions::default()
    }
}

#[test]
fn records_reach_the_sink_and_a_second_run_goes_on() {
    let memory = Memory::default();
    let run = || {
        Pipeline::from(Ledger(Fault::None))
            .into(memory.sink())
            .run_with(&once())
    };
    let summary = run().unwrap();
    assert_eq!(summary.rows, [("accounts".to_owned(), 7)]);
    let checkpoint = summary.checkpoint.unwrap();
    assert_eq!(
        (checkpoint.position(), checkpoint.state.as_str()),
        ((5, 2), "after 5")
    );
    let row = (format!("{:?}", account("dora", 1).values), 1);
    assert_eq!(memory.rows()["accounts"], [row]);
    assert_eq!(run().unwrap().rows, [("accounts".to_owned(), 0)]);
}

#[test]
fn it_is_stopped_and_resumed_at_every_position() {
    assert!(
        Subject::new(Ledger(Fault::None))
            .resumes_at_every_position()
            .unwrap()
            > 5
    );
}

#[test]
fn it_survives_a_break_at_every_step() {
    assert!(
        Subject::new(Ledger(Fault::None))
            .survives_every_break()
            .unwrap()
            > 10
    );
}

#[test]
fn what_breaks_the_protocol_is_refused_with_its_place() {
    for (fault, kind, message) in [
        (
            Fault::WrongKind,
            ErrorKind::Value,
            "table `accounts`, column `amount` at position (4, 2): 0x01 does not fit `Int`: wrong kind of value: bytes\n\
             help: mend the value in the source and take a new snapshot, or set `on_misfit: reject` on the source",
        ),
        (
            Fault::ShortRecord,
            ErrorKind::Protocol,
            "after position (4, 2): table `accounts` at position (4, 2): the row has fewer values than its table has columns",
        ),
        (
            Fault::UnknownTable,
            ErrorKind::Protocol,
            "after position (4, 1): there is no table 1 among the schemas",
        ),
        (
            Fault::PositionGoesBack,
            ErrorKind::Protocol,
            "after position (4, 1): transaction 4 follows position 4: positions must increase",
        ),
        (
            Fault::GoesOnAfterAnError,
            ErrorKind::Protocol,
            "after position (4, 2): a record was written after an error of the writer\n\
             help: return the error out of `start`",
        ),
    ] {
        let memory = Memory::default();
        let ran = Pipeline::from(Ledger(fault))
            .into(memory.sink())
            .run_with(&once());
        let error = ran.unwrap_err();
        assert_eq!(
            (error.to_string().as_str(), error.kind()),
            (message, kind),
            "{fault:?}"
        );
        // What was whole before is stored.
        assert!(memory.checkpoint().unwrap().lsn >= 3, "{fault:?}");
    }
}
