//! The `events` connector under the suite, and what core does for every stream.

use connector_core::prelude::*;
use connector_events::Events;
use connector_tests::Subject;

#[derive(Debug, Clone, PartialEq, DozerSource)]
#[dozer(tracking = "only_pk")]
struct Station {
    #[dozer(primary_key)]
    name: String,
    height: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, DozerSource)]
#[dozer(tracking = "full_changes")]
struct Owner {
    name: String,
}

#[derive(Debug, Clone, PartialEq, DozerSource)]
struct Reading {
    station: String,
    celsius: f64,
}

#[derive(Debug, Clone, PartialEq, DozerSource)]
enum Tables {
    Station(Station),
    Owner(Owner),
    Reading(Reading),
}

fn station(name: &str, height: Option<f64>) -> Station {
    Station {
        name: name.to_owned(),
        height,
    }
}

fn owner(name: &str) -> Owner {
    Owner {
        name: name.to_owned(),
    }
}

/// Transactions over three tables with all three tracking types.
fn history() -> Events<Tables> {
    let events = Events::default();
    let key = |name: &str| StationKey {
        name: name.to_owned(),
    };
    events.push([
        Event::insert(station("oslo", None)).among(),
        Event::insert(owner("Ada")).among(),
        Event::insert(owner("Ada")).among(),
        Event::insert(Reading {
            station: "oslo".to_owned(),
            celsius: -3.5,
        })
        .among(),
    ]);
    events.push([Event::insert(station("bergen", Some(12.0))).among()]);
    events.push([
        Event::<Station>::update(key("oslo"), station("kristiania", Some(1.0))).among(),
        Event::update_same_key(station("bergen", None)).among(),
        Event::<Owner>::update(owner("Ada"), owner("Grace")).among(),
        Event::<Station>::delete(key("bergen")).among(),
        Event::insert(station("bergen", Some(3.0))).among(),
    ]);
    events.push([]);
    events.push([Event::<Owner>::delete(owner("Ada")).among()]);
    events
}

#[test]
fn it_resumes_after_every_change() {
    assert_eq!(
        Subject::new(history()).resumes_at_every_position().unwrap(),
        11
    );
}

#[test]
fn it_resumes_after_every_change_of_a_selection() {
    let subject = Subject::new(history()).tables(vec![
        TableInfo::select("owner"),
        TableInfo::select("station").columns(["height", "name"]),
    ]);
    assert_eq!(subject.resumes_at_every_position().unwrap(), 10);
}

#[test]
fn it_survives_a_break_at_every_step() {
    let subject = Subject::new(history());
    let breaks = subject.survives_every_break().unwrap();
    assert!(breaks >= 30, "{breaks} breaks");
    let rows = subject.stores().unwrap().rows();
    let count = |source: &str| rows[source].iter().map(|(_, count)| count).sum::<usize>();
    assert_eq!(
        (count("station"), count("owner"), count("reading")),
        (2, 1, 1)
    );
}
