//! A break at the n-th place, within one thread of a test.

use std::cell::Cell;
use std::io::{Error, Result};

thread_local! {
    static BREAK: Cell<Option<Break>> = const { Cell::new(None) };
}

/// A break that was asked for.
#[derive(Debug, Clone, Copy)]
struct Break {
    among: &'static [&'static str],
    /// The number of the place, from 0.
    at: usize,
    /// Places that this thread has come to.
    passed: usize,
}

/// Runs something that breaks off at one of the places whose names begin with one of these, by its number from 0, and at every
/// place after it, as a process that is gone does. The second is how many of them this thread came to: no more than `at` when
/// nothing broke.
pub fn broken_at<T>(
    among: &'static [&'static str],
    at: usize,
    run: impl FnOnce() -> T,
) -> (T, usize) {
    BREAK.set(Some(Break {
        among,
        at,
        passed: 0,
    }));
    let result = run();
    let passed = BREAK.take().map_or(0, |it| it.passed);
    (result, passed)
}

pub(super) fn pass(name: &str) -> Result<()> {
    let Some(mut asked) = BREAK.get() else {
        return Ok(());
    };
    let is_broken = asked.passed > asked.at;
    if is_broken || asked.among.iter().any(|begin| name.starts_with(begin)) {
        asked.passed += 1;
        BREAK.set(Some(asked));
    }
    if asked.passed > asked.at {
        return Err(Error::other("broken off"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_from_the_place_on_breaks_and_nothing_afterwards() {
        let run = || ["a.1", "b", "a.2", "b", "a.3"].map(|name| pass(name).is_ok());
        assert_eq!(
            broken_at(&["a."], 1, run),
            ([true, true, false, false, false], 4)
        );
        assert_eq!(broken_at(&["a.", "c."], 3, run), ([true; 5], 3));
        assert!(pass("a.1").is_ok());
    }
}
