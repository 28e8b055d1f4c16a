//! The pairs of sources and sinks.

use std::collections::BTreeSet;

use crate::sink::{Lines, PostgresSchema, Sink, SqliteFile};
use crate::source::{PostgresDatabase, Source, SqliteShop};
use crate::strike::{failpoints, places_of};
use crate::support::{Seed, from_environment};
use crate::trial::Trial;

/// What of the number of kills in the environment the pairs get that are not the first.
const SHARE: u64 = 5;

/// More kills than one for each failpoint, unless the environment says how many.
const BESIDE: u64 = 8;

fn survives(source: &dyn Source, sinks: &[&dyn Sink], share: u64, seed: u64) {
    let seed = Seed::of_test(seed);
    let failpoints = failpoints(source, sinks).len() as u64;
    let kills = from_environment("DOZER_KILLS").map(|kills| kills / share);
    let kills = kills.unwrap_or_default().max(failpoints + BESIDE);
    Trial::new(source, sinks, seed.0).run(kills);
}

#[test]
fn sqlite_into_sqlite_loses_nothing_and_doubles_nothing() {
    survives(&SqliteShop::new("WAL"), &[&SqliteFile], 1, 1);
}

#[test]
fn sqlite_into_lines_loses_nothing_and_doubles_nothing() {
    survives(&SqliteShop::new("DELETE"), &[&Lines], SHARE, 2);
}

#[test]
fn sqlite_into_two_sinks_loses_nothing_and_doubles_nothing() {
    survives(&SqliteShop::new("WAL"), &[&Lines, &SqliteFile], SHARE, 3);
}

#[test]
fn postgres_into_sqlite_loses_nothing_and_doubles_nothing() {
    survives(&PostgresDatabase::new("copied"), &[&SqliteFile], SHARE, 4);
}

#[test]
fn postgres_into_lines_loses_nothing_and_doubles_nothing() {
    survives(&PostgresDatabase::new("told"), &[&Lines], SHARE, 5);
}

#[test]
fn sqlite_into_postgres_loses_nothing_and_doubles_nothing() {
    let sink = PostgresSchema::new();
    survives(&SqliteShop::new("WAL"), &[&sink], SHARE, 6);
}

#[test]
fn every_failpoint_is_struck_by_some_pair() {
    let all: BTreeSet<&str> = places_of(&[""]).into_iter().collect();
    let prefixes = [
        SqliteShop::FAILPOINTS,
        PostgresDatabase::FAILPOINTS,
        PostgresSchema::FAILPOINTS,
        SqliteFile.failpoints(),
        Lines.failpoints(),
    ];
    let prefixes: Vec<&str> = prefixes.concat();
    let struck: BTreeSet<&str> = places_of(&prefixes).into_iter().collect();
    let of_every_run: BTreeSet<&str> = places_of(crate::strike::OF_EVERY_RUN).into_iter().collect();
    assert_eq!(all, &struck | &of_every_run);
}
