//! What the pairs met, as a table: printed when all of them are done, and written as a page where the environment says.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use crate::pairs::{PAIRS, Pair};
use crate::strike::{Blow, Death, Signal};
use crate::support::from_environment;
use crate::tally::Tally;

/// The variable that names the page; a path that is relative begins at the directory of these tests' package.
const REPORT: &str = "DOZER_REPORT";

/// What was told of each pair, by its name.
static TOLD: Mutex<BTreeMap<&str, Told>> = Mutex::new(BTreeMap::new());

/// A pair's lines of the page.
struct Told {
    row: String,
    rest: String,
}

const HEAD: &str = "
| pair | kills | at failpoints | SIGKILL | other signals | in a snapshot | in a transaction | failpoints struck | disk full | sink gone or held | source struck | rows compared | failures |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
";

/// Notes what a pair met: a tally and how many failpoints it was to strike, or why it failed.
pub(crate) fn add(pair: &Pair, seed: u64, met: Result<(&Tally, usize), &str>) {
    let told = match met {
        Ok((tally, places)) => Told::of(pair, seed, tally, places),
        Err(why) => Told {
            row: format!("| {} |{} seed {seed} |\n", pair.name, " |".repeat(11)),
            rest: format!(
                "\n## {}, seed {seed}: failed\n\n```\n{why}\n```\n",
                pair.name
            ),
        },
    };
    println!("{}{}", told.row, told.rest);
    let mut all = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    all.insert(pair.name, told);
    if all.len() == PAIRS.len() {
        println!("{}", table(&all));
    }
    if let Some(path) = std::env::var_os(REPORT) {
        std::fs::write(path, page(&all)).unwrap();
    }
}

impl Told {
    fn of(pair: &Pair, seed: u64, tally: &Tally, places: usize) -> Self {
        let kills = tally.kills();
        let at_places = tally.of(|how| matches!(how, Death::At(_)));
        let by_kill = tally.of(|how| how == Death::By(Signal::Kill));
        let sink = tally.blows(&[Blow::SinkGone, Blow::SinkHeld]);
        let source = tally.blows(&[
            Blow::SourceHeld,
            Blow::SessionsEnded,
            Blow::SessionsEndedWithin,
            Blow::ServerRestarted,
            Blow::ServerCrashed,
            Blow::ServerDown,
        ]);
        let row = format!(
            "| {} | {kills} | {at_places} | {by_kill} | {} | {} | {} | {} of {places} | {} | {sink} | {source} | {} | none |\n",
            pair.name,
            kills - at_places - by_kill,
            tally.in_snapshot,
            tally.in_transaction,
            tally.places().count().min(places),
            tally.blows(&[Blow::DiskFull]),
            tally.rows,
        );
        let rest = format!(
            "\n## {}, seed {seed}\n\n{} strikes in {} starts, in {:.0?}.\n\n```\n{tally}\n```\n",
            pair.name,
            tally.strikes,
            tally.starts,
            tally.took(),
        );
        Self { row, rest }
    }
}

/// The lines in the order of the pairs.
fn table(told: &BTreeMap<&str, Told>) -> String {
    let rows = PAIRS.iter().filter_map(|pair| told.get(pair.name));
    let mut table = HEAD.to_owned();
    rows.for_each(|told| table.push_str(&told.row));
    table
}

fn page(told: &BTreeMap<&str, Told>) -> String {
    let mut page = "# The command, killed\n\nWritten by a run of the crash tests, which [`main.rs`](main.rs) describes. ".to_owned();
    let kills = from_environment("DOZER_KILLS");
    let build = if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    };
    let _ = match kills {
        Some(kills) => writeln!(page, "`DOZER_KILLS={kills}`, {build} build."),
        None => writeln!(page, "The bounded run, {build} build."),
    };
    page.push_str(
        "After every few dozen strikes the writers rest, a run comes to its end, and each sink is compared with its source, row by row.\n",
    );
    page.push_str(&table(told));
    let rest = PAIRS.iter().filter_map(|pair| told.get(pair.name));
    rest.for_each(|told| page.push_str(&told.rest));
    page
}

/// The text of a panic.
pub(crate) fn message(cause: &(dyn Any + Send)) -> String {
    let text = cause.downcast_ref::<String>().cloned();
    let text = text.or_else(|| cause.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    text.unwrap_or_else(|| "a panic without a text".to_owned())
}
