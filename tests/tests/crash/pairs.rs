//! The pairs of sources and sinks.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::report;
use crate::sink::{ArrowFiles, Lines, ParquetFiles, PostgresSchema, Sink, SqliteFile};
use crate::source::{PostgresDatabase, Source, SqliteShop};
use crate::strike::{Blow, failpoints, places_of};
use crate::support::{Seed, from_environment};
use crate::tally::Tally;
use crate::trial::{Goal, Trial};

/// What of the number of kills in the environment the pairs get that are not the first.
const SHARE: u64 = 5;

/// More kills than what has to be met, unless the environment says how many.
const BESIDE: u64 = 4;

/// What every pair meets, so that kills fall into a snapshot and into a transaction.
const ALWAYS: &[&str] = &["drain.snapshot.after", "drain.write.after"];

/// More kills of one pair are done by trials side by side.
const AT_ONCE: u64 = 250;

/// A pair, and what of it every change of the code has to meet: the failpoints whose names begin with these. All pairs
/// together meet all.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) name: &'static str,
    seed: u64,
    share: u64,
    bounded: &'static [&'static str],
}

const fn pair(name: &'static str, seed: u64, bounded: &'static [&'static str]) -> Pair {
    Pair {
        name,
        seed,
        share: if seed == 1 { 1 } else { SHARE },
        bounded,
    }
}

pub(crate) const PAIRS: [Pair; 11] = [
    pair(
        "SQLite → !Sqlite",
        1,
        &["drain.", "lock_file.", "dead_letters.", "sqlite_"],
    ),
    pair("SQLite → !Jsonl", 2, &["jsonl.", "state_file."]),
    pair("SQLite → !Jsonl and !Sqlite", 3, &["drain.commit."]),
    pair("SQLite → !Postgres", 4, &["postgres_sink."]),
    pair("SQLite → !Parquet", 5, &["parquet.", "file_sink."]),
    pair("SQLite → !Arrow", 6, &["arrow."]),
    pair("Postgres → !Sqlite", 7, &["postgres_source."]),
    pair("Postgres → !Jsonl", 8, &["drain.confirm."]),
    pair("Postgres → !Postgres", 9, &["postgres_sink.commit."]),
    pair("Postgres → !Parquet", 10, &["file_sink.manifest."]),
    pair("Postgres → !Arrow", 11, &["arrow.write."]),
];

impl Pair {
    /// Runs the trial, or several side by side, and tells what they met, however they end.
    fn survives<S: Source>(
        &self,
        source: impl Fn() -> S + Sync,
        sinks: impl Fn(&S) -> Vec<Box<dyn Sink>> + Sync,
    ) {
        let seed = Seed::of_test(self.seed);
        let asked = from_environment("DOZER_KILLS").map(|kills| (kills / self.share).max(1));
        let parts = asked.unwrap_or(1).div_ceil(AT_ONCE);
        let trial = |part: u64| {
            let source = source();
            let sinks = sinks(&source);
            let sinks: Vec<&dyn Sink> = sinks.iter().map(Box::as_ref).collect();
            let goal = self.goal(&source, &sinks, asked.map(|kills| kills.div_ceil(parts)));
            let places = goal.places.len();
            (
                Trial::new(&source, &sinks, goal, seed.0 + 100 * part).run(),
                places,
            )
        };
        let ended = catch_unwind(AssertUnwindSafe(|| {
            std::thread::scope(|scope| {
                let trial = &trial;
                let threads: Vec<_> = (0..parts)
                    .map(|part| scope.spawn(move || trial(part)))
                    .collect();
                let mut all = Tally::new();
                let mut places = 0;
                for thread in threads {
                    let (tally, of_one) =
                        thread.join().unwrap_or_else(|cause| resume_unwind(cause));
                    all.add(&tally);
                    places = places.max(of_one);
                }
                (all, places)
            })
        }));
        match ended {
            Ok((tally, places)) => report::add(self, seed.0, Ok((&tally, places))),
            Err(cause) => {
                report::add(self, seed.0, Err(&report::message(cause.as_ref())));
                resume_unwind(cause)
            }
        }
    }

    /// The full trial strikes at every failpoint; the bounded one at this pair's share.
    fn goal(&self, source: &dyn Source, sinks: &[&dyn Sink], kills: Option<u64>) -> Goal {
        let whole = kills.is_some();
        let places = if whole {
            failpoints(source, sinks)
        } else {
            let all = failpoints(source, sinks);
            let own = places_of(&[self.bounded, ALWAYS].concat());
            all.into_iter()
                .filter(|place| own.contains(place))
                .collect()
        };
        let mut blows = source.blows().to_vec();
        if !whole && !self.bounded.contains(&"postgres_source.") {
            blows.retain(|blow| *blow != Blow::SessionsEndedWithin);
        }
        blows.extend([Blow::DiskFull, Blow::SinkGone]);
        let is_held = |name| ["!Sqlite", "!Postgres"].contains(&name);
        if sinks.iter().all(|sink| is_held(sink.name())) {
            blows.push(Blow::SinkHeld);
        }
        let least = (places.len() + blows.len()) as u64 + BESIDE;
        Goal {
            kills: kills.unwrap_or_default().max(least),
            places,
            blows,
            whole,
        }
    }
}

fn postgres() -> PostgresDatabase {
    PostgresDatabase::new("shop")
}

fn boxed(sink: impl Sink + 'static) -> Vec<Box<dyn Sink>> {
    vec![Box::new(sink)]
}

#[test]
fn sqlite_into_sqlite_loses_nothing_and_doubles_nothing() {
    PAIRS[0].survives(|| SqliteShop::new("WAL"), |_| boxed(SqliteFile));
}

#[test]
fn sqlite_into_lines_loses_nothing_and_doubles_nothing() {
    PAIRS[1].survives(|| SqliteShop::new("DELETE"), |_| boxed(Lines));
}

#[test]
fn sqlite_into_two_sinks_loses_nothing_and_doubles_nothing() {
    let both = |_: &_| -> Vec<Box<dyn Sink>> { vec![Box::new(Lines), Box::new(SqliteFile)] };
    PAIRS[2].survives(|| SqliteShop::new("WAL"), both);
}

#[test]
fn sqlite_into_postgres_loses_nothing_and_doubles_nothing() {
    PAIRS[3].survives(|| SqliteShop::new("WAL"), |_| boxed(PostgresSchema::new()));
}

#[test]
fn sqlite_into_parquet_loses_nothing_and_doubles_nothing() {
    PAIRS[4].survives(|| SqliteShop::new("DELETE"), |_| boxed(ParquetFiles));
}

#[test]
fn sqlite_into_arrow_loses_nothing_and_doubles_nothing() {
    PAIRS[5].survives(|| SqliteShop::new("WAL"), |_| boxed(ArrowFiles));
}

#[test]
fn postgres_into_sqlite_loses_nothing_and_doubles_nothing() {
    PAIRS[6].survives(postgres, |_| boxed(SqliteFile));
}

#[test]
fn postgres_into_lines_loses_nothing_and_doubles_nothing() {
    PAIRS[7].survives(postgres, |_| boxed(Lines));
}

#[test]
fn postgres_into_another_database_of_its_server_loses_nothing_and_doubles_nothing() {
    let beside = |source: &PostgresDatabase| boxed(PostgresSchema::beside(source.cluster()));
    PAIRS[8].survives(postgres, beside);
}

#[test]
fn postgres_into_parquet_loses_nothing_and_doubles_nothing() {
    PAIRS[9].survives(postgres, |_| boxed(ParquetFiles));
}

#[test]
fn postgres_into_arrow_loses_nothing_and_doubles_nothing() {
    PAIRS[10].survives(postgres, |_| boxed(ArrowFiles));
}

#[test]
fn every_failpoint_is_struck_by_some_pair() {
    let all: BTreeSet<&str> = places_of(&[""]).into_iter().collect();
    let bounded = PAIRS.iter().flat_map(|pair| places_of(pair.bounded));
    let of_replays = places_of(crate::replay::FAILPOINTS);
    assert_eq!(all, bounded.chain(of_replays).collect::<BTreeSet<_>>());
}
