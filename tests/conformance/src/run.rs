//! Runs checks: one as a test, or all of them into a report.

use std::io::Write as _;
use std::marker::PhantomData;
use std::process::{Command, Stdio};

use crate::bench::Context;
use crate::fixture::{Fixture, Of};
use crate::list::{CHECKS, Check};
use crate::outcome::{Done, Failure};
use crate::reading::Patience;

/// Set for a test that runs in a process of its own.
const ALONE: &str = "CONNECTOR_CONFORMANCE_ALONE";

/// Checks that look at the whole process: beside other tests they would see those, too.
pub const OF_THE_PROCESS: [&str; 2] = [
    "no_thread_and_no_handle_is_leaked",
    "a_slow_consumer_bounds_what_is_held",
];

/// What every check came to.
#[derive(Debug, Default)]
pub struct Report {
    /// In the order of [`CHECKS`].
    pub results: Vec<(&'static Check, Result<Done, Failure>)>,
}

impl Report {
    /// Those that failed.
    pub fn failures(&self) -> impl Iterator<Item = &Failure> {
        self.results
            .iter()
            .filter_map(|(_, result)| result.as_ref().err())
    }
}

/// One check of a fixture, without a test around it.
///
/// # Errors
/// What is wrong with the connector.
pub fn check<F: Fixture>(check: &Check, patience: Patience) -> Result<Done, Failure> {
    let maker = Of::<F>(PhantomData);
    check.run(&Context::new(&maker, patience))
}

/// Every check of a fixture, one after the other.
pub fn all<F: Fixture>(patience: Patience) -> Report {
    let result = |check: &'static Check| (check, self::check::<F>(check, patience));
    Report {
        results: CHECKS.iter().map(result).collect(),
    }
}

/// The body of a test of [`suite!`](crate::suite): panics where the check fails, and says on stderr where it does not
/// apply.
///
/// # Panics
/// With what is wrong.
#[doc(hidden)]
#[expect(clippy::panic, reason = "a test fails by panicking")]
pub fn test<F: Fixture>(name: &str) {
    let Some(named) = Check::named(name) else {
        panic!("there is no check `{name}`");
    };
    let run = || match check::<F>(named, Patience::default()) {
        Ok(done) => {
            if matches!(done, Done::NotApplicable { .. }) {
                // Past the capture of the test's output: a check that does not apply is never silent.
                let _ = writeln!(std::io::stderr(), "check {name} … {done}");
            }
            println!("{done}");
        }
        Err(failure) => panic!(
            "{failure}\nnote: the check asks: {}\nhelp: {}",
            named.description,
            named.group.help()
        ),
    };
    if OF_THE_PROCESS.contains(&name) {
        alone(run);
    } else {
        run();
    }
}

/// Runs the body of the test that calls it in a process of its own, where nothing else runs.
///
/// # Panics
/// When the test fails there.
#[expect(clippy::panic, reason = "a test fails by panicking")]
pub fn alone(body: impl FnOnce()) {
    let thread = std::thread::current();
    let name = thread.name().filter(|name| *name != "main");
    // A test on the main thread has no other beside it.
    let (None, Some(name)) = (std::env::var_os(ALONE), name) else {
        return body();
    };
    let ran = std::env::current_exe().and_then(|program| {
        Command::new(program)
            .args([name, "--exact", "--test-threads=1", "--nocapture"])
            .env(ALONE, "1")
            .stdin(Stdio::null())
            .output()
    });
    match ran {
        Ok(ran) if ran.status.success() => {
            let said = String::from_utf8_lossy(&ran.stderr);
            for line in said.lines().filter(|line| line.contains("not applicable")) {
                let _ = writeln!(std::io::stderr(), "{line}");
            }
        }
        Ok(ran) => panic!(
            "in a process of its own: {}{}",
            String::from_utf8_lossy(&ran.stdout),
            String::from_utf8_lossy(&ran.stderr)
        ),
        Err(error) => panic!("the test cannot be run in a process of its own: {error}"),
    }
}
