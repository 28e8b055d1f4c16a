//! Exactly once, shown by killing: the command is struck down at every failpoint and at random moments while others change
//! its source, is started again, and in the end its sinks hold what the source holds, row by row.
//!
//! A pair is a [`Source`](source::Source) and some [`Sink`](sink::Sink)s. Each is run by the same [`trial`], in chapters: the
//! command is started and struck a few dozen times, the writers rest, a run comes to its end, and everything is compared.
//! Every failpoint of a pair is struck at least once.
//!
//! The tests are bounded for every change of the code. The full run: 1,000 kills for SQLite into SQLite and a fifth of that for
//! every other pair.
//!
//! ```sh
//! DOZER_KILLS=1000 cargo test --release -p connector-tests --test crash pairs -- --nocapture
//! ```
//!
//! Each pair prints its seed, what was struck where, and what was compared. `DOZER_SEED` repeats the same statements and
//! choices, as far as the machine's own timing lets it. Most of the time is spent waiting for the disk: `TMPDIR=/dev/shm` is
//! quicker. `DOZER_SECONDS=60` is the long form of the test of a slow sink.
#![cfg(unix)]

#[path = "../../../connectors/postgres/tests/support/cluster.rs"]
mod cluster;
mod faults;
mod found;
mod look;
mod pairs;
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
