//! Exactly once, shown by killing: the command is struck down at every failpoint and at random moments while others change
//! its source, is started again, and in the end its sinks hold what the source holds, row by row.
//!
//! A pair is a [`Source`](source::Source) and some [`Sink`](sink::Sink)s. Each is run by the same [`trial`], in chapters: the
//! command is started and struck a few dozen times, the writers rest, a run comes to its end, and everything is compared.
//! A trial fails where it has not met what it is to meet: failpoints, each kind of blow, kills in snapshots and within
//! transactions.
//!
//! The tests are bounded for every change of the code: each pair strikes at its share of the failpoints, and all pairs together at
//! all. The full run strikes at every failpoint of every pair: 1,000 kills for SQLite into SQLite and 200 for every other pair.
//! It prints a table at its end, and writes it into `REPORT.md`, beside this file:
//!
//! ```sh
//! DOZER_KILLS=1000 DOZER_REPORT=tests/crash/REPORT.md TMPDIR=/dev/shm \
//!     cargo test --release -p connector-tests --test crash pairs -- --nocapture --test-threads 4
//! ```
//!
//! `DOZER_SEED` repeats the same statements and choices, as far as the machine's own timing lets it. Most of the time is spent
//! waiting, for the disk too, which `TMPDIR=/dev/shm` (a gigabyte is enough) makes shorter. `DOZER_SECONDS=60` is the long form of the
//! tests of a slow sink.
#![cfg(unix)]

#[path = "../../../connectors/postgres/tests/support/cluster.rs"]
mod cluster;
mod compare;
mod faults;
mod found;
mod look;
mod pairs;
mod replay;
mod report;
#[allow(
    dead_code,
    reason = "each test program uses the part of this that it needs"
)]
#[path = "../postgres/shop.rs"]
mod shop;
mod sink;
#[cfg(target_os = "linux")]
mod slow;
mod source;
mod strike;
#[allow(
    dead_code,
    unused_imports,
    reason = "each test program uses the part of this that it needs"
)]
#[path = "../command/support/mod.rs"]
mod support;
mod tally;
mod trial;
