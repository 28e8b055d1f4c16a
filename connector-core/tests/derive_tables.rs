//! Enums of row structs that `#[derive(DozerSource)]` makes one row type of.
#![cfg(feature = "derive")]

use connector_core::{
    Change, ChangeRequest, ChangeStream, DozerSource, Event, Holds, Result, RowImage, Source,
    SourceRow, TableInfo,
};

#[derive(Debug, Clone, PartialEq, Eq, DozerSource)]
#[dozer(table = "stations", tracking = "only_pk")]
struct Station {
    #[dozer(primary_key)]
    id: u64,
    name: String,
}

/// Append-only.
#[derive(Debug, Clone, PartialEq, Eq, DozerSource)]
#[dozer(table = "readings")]
struct Reading<'r> {
    station: &'r str,
    value: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, DozerSource)]
#[dozer(tracking = "full_changes")]
struct Note {
    text: String,
}

/// Everything that the source has.
#[derive(Debug, Clone, PartialEq, Eq, DozerSource)]
enum Tables<'r> {
    Stations(Station),
    Readings(Reading<'r>),
    Notes(Note),
}

#[test]
fn the_tables_are_those_of_the_variants() {
    let names: Vec<_> = Tables::tables()
        .into_iter()
        .map(|table| table.table_name)
        .collect();
    assert_eq!(names, ["stations", "readings", "note"]);
    assert_eq!((Tables::TABLE, Note::TABLE), (None, Some("note")));
}

#[test]
fn a_row_is_of_the_table_of_its_variant() {
    let note = Note {
        text: "n".to_owned(),
    };
    assert_eq!(note.table(), 0);
    assert_eq!(Tables::from(note.clone()).table(), 2);
    assert_eq!(<Tables<'_> as Holds<Note>>::hold_old(note).table(), 2);
}

#[test]
fn events_of_a_row_become_events_of_the_enum() {
    let key = StationKey { id: 1 };
    let event: Event<Tables<'_>> = Event::<Station>::delete(key.clone()).among();
    assert_eq!(
        event,
        Event::Change(Change::Delete {
            old: TablesOld::Stations(key)
        })
    );
    let reading = Reading {
        station: "Oslo",
        value: 3,
    };
    let event: Event<Tables<'_>> = Event::insert(reading.clone()).among();
    assert_eq!(
        event,
        Event::Change(Change::Insert {
            new: Tables::Readings(reading)
        })
    );
}

#[test]
fn old_images_print_and_compare() {
    let old = TablesOld::Stations(StationKey { id: 1 });
    assert_eq!(format!("{old:?}"), "Stations(StationKey { id: 1 })");
    assert_ne!(
        old.clone(),
        TablesOld::Notes(Note {
            text: String::new()
        })
    );
}

/// A generic enum: what its rows must be is said by bounds.
#[derive(Debug, Clone, DozerSource)]
enum Either<A, B>
where
    A: Clone,
{
    #[allow(dead_code, reason = "one variant is enough")]
    Left(A),
    Right(Box1<B>),
}

#[derive(Debug, Clone, DozerSource)]
#[dozer(table = "boxed")]
struct Box1<B> {
    value: B,
}

#[test]
fn generic_enums_work() {
    let row: Either<Note, i64> = Either::Right(Box1 { value: 1 });
    assert_eq!(row.table(), 1);
    let _: Event<Either<Note, i64>> = Event::update_same_key(row);
    assert_eq!(<Either<Note, i64> as DozerSource>::tables().len(), 2);
    let _: Option<<Either<Note, i64> as SourceRow>::Old> = Some(EitherOld::Left(Note {
        text: String::new(),
    }));
}

#[derive(Debug, Clone)]
struct Everything;

impl Source for Everything {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        Ok(Tables::tables())
    }

    fn changes(&self, _: &ChangeRequest) -> Result<impl ChangeStream> {
        let events: [Event<Tables<'static>>; 2] = [
            Event::insert(Station {
                id: 7,
                name: "Oslo".to_owned(),
            })
            .among(),
            Event::insert(Reading {
                station: "Oslo",
                value: -4,
            })
            .among(),
        ];
        Ok(events.into_iter().map(Ok))
    }
}

#[test]
fn rows_of_several_tables_go_to_their_own_columns() {
    use connector_core::TypedSource;

    let stations: Vec<Station> = Everything
        .rows::<Station>()
        .expect("they fit")
        .map(|row| row.expect("a row"))
        .collect();
    assert_eq!(
        stations,
        [Station {
            id: 7,
            name: "Oslo".to_owned()
        }]
    );
}

#[test]
fn the_row_type_of_a_deletion_is_known_by_its_stream() {
    fn gone(ids: [u64; 2]) -> impl Iterator<Item = Result<Event<Station>>> {
        ids.into_iter()
            .map(|id| Ok(Event::delete(StationKey { id })))
    }
    let deleted: Vec<_> = gone([1, 2]).map(Result::unwrap).collect();
    assert!(
        deleted
            .iter()
            .all(|event| matches!(event, Event::Change(Change::Delete { .. })))
    );
    assert_eq!(deleted.len(), 2);
}
