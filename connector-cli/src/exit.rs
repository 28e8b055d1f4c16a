//! Exit codes: what the command tells the program that started it. They are stable.

use connector_core::ErrorKind;

/// An exit code of the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exit(pub(crate) u8);

impl Exit {
    pub(crate) const DONE: Self = Self(0);
    pub(crate) const USAGE: Self = Self(2);
    pub(crate) const VALIDATION: Self = Self(3);
    pub(crate) const UNREACHABLE: Self = Self(4);
    pub(crate) const VALUE: Self = Self(5);
    pub(crate) const DRIFT: Self = Self(6);
    pub(crate) const POSITION_LOST: Self = Self(7);
    pub(crate) const IN_USE: Self = Self(8);
    pub(crate) const BUG: Self = Self(70);
    pub(crate) const INTERRUPTED: Self = Self(130);
    pub(crate) const CLOSED: Self = Self(141);

    /// The first code that is not `DONE`.
    #[must_use]
    pub(crate) fn or(self, later: Self) -> Self {
        if self == Self::DONE { later } else { self }
    }
}

/// The table of exit codes that `--help` ends with.
pub(crate) const HELP: &str = "\
Exit codes:
  0    done
  2    the command line or the configuration is wrong
  3    a table or a column does not pass validation, `app verify` found rows that differ, or a check of `connector test` failed
  4    a source or a sink cannot be reached, read or written
  5    a value does not fit its column, and the policy is `fail`, or `app replay` left rows that do not fit
  6    the source's schema is not the one in the lock file, or not the one that row structs were generated from
  7    the source no longer holds the position to resume from
  8    another run is using what this one needs
  70   a bug in a connector or in this program
  130  stopped by Ctrl-C or a termination signal; what is stored is complete
  141  who reads standard output closed it, and `!Stdout` has nobody to write for; what is stored is complete";

/// The code of a kind of error.
pub(crate) fn of(kind: ErrorKind) -> Exit {
    match kind {
        ErrorKind::Config => Exit::USAGE,
        ErrorKind::Validation => Exit::VALIDATION,
        ErrorKind::Source | ErrorKind::Sink => Exit::UNREACHABLE,
        ErrorKind::Value => Exit::VALUE,
        ErrorKind::Drift => Exit::DRIFT,
        ErrorKind::PositionLost => Exit::POSITION_LOST,
        ErrorKind::InUse => Exit::IN_USE,
        ErrorKind::Cancelled => Exit::INTERRUPTED,
        ErrorKind::Closed => Exit::CLOSED,
        // `Protocol`, and kinds that this program does not know yet.
        _ => Exit::BUG,
    }
}

/// The word for a kind of error in JSON.
pub(crate) fn word(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Config => "config",
        ErrorKind::Validation => "validation",
        ErrorKind::Source => "source",
        ErrorKind::Sink => "sink",
        ErrorKind::Value => "value",
        ErrorKind::Drift => "drift",
        ErrorKind::PositionLost => "position-lost",
        ErrorKind::InUse => "in-use",
        ErrorKind::Cancelled => "cancelled",
        ErrorKind::Closed => "closed",
        _ => "bug",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_in_the_help() {
        let kinds = [
            ErrorKind::Config,
            ErrorKind::Validation,
            ErrorKind::Drift,
            ErrorKind::Source,
            ErrorKind::Sink,
            ErrorKind::Value,
            ErrorKind::Protocol,
            ErrorKind::PositionLost,
            ErrorKind::Cancelled,
            ErrorKind::InUse,
            ErrorKind::Closed,
        ];
        for kind in kinds {
            let code = of(kind).0.to_string();
            let listed = HELP
                .lines()
                .any(|line| line.split_whitespace().next() == Some(&code));
            assert!(listed, "{kind:?} exits with {code}");
        }
    }

    #[test]
    fn the_readme_and_the_help_say_the_same() {
        let readme = include_str!("../README.md");
        for line in HELP.lines().skip(1) {
            let (code, meaning) = line.trim().split_once(' ').unwrap();
            let row = format!("| {code} | {} |", meaning.trim());
            assert!(readme.contains(&row), "{row}");
        }
    }

    #[test]
    fn the_first_failure_decides() {
        assert_eq!(Exit::DONE.or(Exit::DRIFT), Exit::DRIFT);
        assert_eq!(Exit::UNREACHABLE.or(Exit::DRIFT), Exit::UNREACHABLE);
        assert_eq!(Exit::UNREACHABLE.or(Exit::DONE), Exit::UNREACHABLE);
    }
}
