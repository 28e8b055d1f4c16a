//! Values that the source leaves out of an update: `Sent<T>` takes them, nothing else does.
#![cfg(feature = "derive")]
#![allow(clippy::expect_used, reason = "a test fails by it")]

mod support;

use connector_core::ingest::IngestOptions;
use connector_core::prelude::*;
use support::changes_of;

#[derive(Debug, Clone, PartialEq, DozerSource)]
#[dozer(table = "page", tracking = "only_pk")]
struct Page {
    #[dozer(primary_key)]
    id: i64,
    title: Sent<String>,
    text: Sent<Option<String>>,
}

#[test]
fn sent_null_and_unchanged_values_stay_apart() {
    let page = |title: Sent<&str>, text: Sent<Option<&str>>| Page {
        id: 1,
        title: match title {
            Sent::Value(title) => Sent::Value(title.to_owned()),
            Sent::Unchanged => Sent::Unchanged,
        },
        text: match text {
            Sent::Value(text) => Sent::Value(text.map(str::to_owned)),
            Sent::Unchanged => Sent::Unchanged,
        },
    };
    let key = || PageKey { id: 1 };
    let events = vec![
        Event::Begin { lsn: 3 },
        Event::insert(page("a".into(), Some("text").into())),
        Event::update(key(), page("b".into(), Sent::Unchanged)),
        Event::update(key(), page(Sent::Unchanged, None.into())),
        Event::update(key(), page(Sent::Unchanged, Sent::Unchanged)),
        Event::Commit,
    ];
    assert_eq!(changes_of(events.clone()), events);
    let columns = Page::tables().remove(0).columns;
    let shapes: Vec<_> = columns
        .iter()
        .map(|it| (it.field_type(), it.nullable))
        .collect();
    assert_eq!(
        shapes,
        [
            (Some(connector_core::FieldType::Int), false),
            (Some(connector_core::FieldType::String), false),
            (Some(connector_core::FieldType::String), true),
        ]
    );
}

/// A source of pages, one of which is updated with its text left out.
#[derive(Debug, Clone)]
struct Pages;

impl Source for Pages {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        Ok(Page::tables())
    }

    fn changes(&self, _: &ChangeRequest) -> Result<impl ChangeStream> {
        let updated = Page {
            id: 1,
            title: "b".to_owned().into(),
            text: Sent::Unchanged,
        };
        let events = [
            Event::Begin { lsn: 3 },
            Event::update_same_key(updated),
            Event::Commit,
        ];
        let idle = || Event::Idle { reached: None };
        Ok(events
            .into_iter()
            .chain(std::iter::repeat_with(idle))
            .map(Ok))
    }
}

#[test]
fn a_plain_field_refuses_what_was_not_sent_even_where_it_takes_null() {
    #[derive(Debug, Clone, PartialEq, DozerSource)]
    #[dozer(table = "page", tracking = "only_pk")]
    struct Plain {
        #[dozer(primary_key)]
        id: i64,
        text: Option<String>,
    }

    let mut changes = Pages
        .changes_of::<Plain>(IngestOptions::default())
        .expect("the row fits the table");
    let error = changes.find_map(Result::err).expect("an error");
    assert_eq!(
        error.to_string(),
        "table `page`, column `text` at position (3, 1): unchanged does not fit the field: not sent by the source, as it \
         did not change: only a field of type `Sent<T>` takes that"
    );
}
