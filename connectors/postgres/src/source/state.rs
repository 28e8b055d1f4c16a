//! What a checkpoint keeps of this connector: where the last transaction ends, and of which server.

use std::fmt;

use connector_core::{Error, ErrorKind, Result};

use crate::lsn::Lsn;

/// The position behind a commit. The `lsn` of a transaction is where its commit record begins; to go on, the server is
/// asked for what comes after its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) end: Lsn,
    /// The number of the server's cluster, which another one does not share.
    pub(super) system: u64,
    /// A hash of the entries of the tables in the publication: one that was taken out and put in again is another.
    pub(super) entries: u64,
    /// The server's history at that time; `None` where an earlier release stored the position.
    pub(super) timeline: Option<Timeline>,
}

/// A timeline: a promoted server begins another, and its log goes on apart from the one that it copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Timeline {
    pub(super) number: u32,
    /// Where it began; 0 for the first, and where the server does not know.
    pub(super) began: Lsn,
}

impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {} with {:016x}",
            self.end, self.system, self.entries
        )?;
        match self.timeline {
            Some(Timeline { number, began }) => write!(f, " on {number} from {began}"),
            None => Ok(()),
        }
    }
}

/// A position as text, kept up to date: from one transaction to the next, its end alone is another.
#[derive(Debug)]
pub(super) struct StoredText {
    of: Stored,
    text: String,
    /// What follows the end.
    rest: String,
}

impl StoredText {
    pub(super) fn new(of: Stored) -> Self {
        let text = of.to_string();
        let rest = text.find(' ').and_then(|place| text.get(place..));
        Self {
            rest: rest.unwrap_or_default().to_owned(),
            of,
            text,
        }
    }

    pub(super) fn set(&mut self, stored: Stored) {
        let end = self.of.end;
        if self.of != (Stored { end, ..stored }) {
            *self = Self::new(stored);
            return;
        }
        self.of = stored;
        self.text.clear();
        stored.end.write(&mut self.text);
        self.text.push_str(&self.rest);
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }
}

impl Stored {
    /// Reads what a checkpoint keeps.
    ///
    /// # Errors
    /// When it is not of this connector.
    pub(super) fn parse(state: &str) -> Result<Self> {
        let parts = state.split_once(" of ");
        let stored = parts.and_then(|(end, rest)| {
            let (system, rest) = rest.split_once(" with ")?;
            let (entries, timeline) = match rest.split_once(" on ") {
                Some((entries, timeline)) => (entries, Some(Timeline::parse(timeline)?)),
                None => (rest, None),
            };
            Some(Self {
                end: end.parse().ok()?,
                system: system.parse().ok()?,
                entries: u64::from_str_radix(entries, 16).ok()?,
                timeline,
            })
        });
        stored.ok_or_else(|| {
            Error::new(
                ErrorKind::PositionLost,
                format!("the checkpoint's state `{state}` is not a position of Postgres"),
            )
            .with_help("take a new snapshot: `dozer app reset`")
        })
    }
}

impl Timeline {
    fn parse(text: &str) -> Option<Self> {
        let (number, began) = text.split_once(" from ")?;
        Some(Self {
            number: number.parse().ok()?,
            began: began.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_kept_up_to_date_is_the_same() {
        let first = Stored {
            end: Lsn(1),
            system: 7,
            entries: 0xAB,
            timeline: None,
        };
        let timeline = Some(Timeline {
            number: 2,
            began: Lsn(0x30),
        });
        let mut text = StoredText::new(first);
        for (end, timeline) in [
            (0x16_B374_D848, None),
            (0, None),
            (0xFFFF_FFFF_FFFF_FFFF, None),
            (0x10, timeline),
            (0x1_0000_0000, timeline),
        ] {
            let stored = Stored {
                end: Lsn(end),
                timeline,
                ..first
            };
            text.set(stored);
            assert_eq!(text.as_str(), stored.to_string());
        }
    }

    #[test]
    fn a_state_is_read_as_it_is_written() {
        let stored = Stored {
            end: Lsn(0x1_0000_0002),
            system: 7_412_345_678_901_234_567,
            entries: 0xab,
            timeline: Some(Timeline {
                number: 3,
                began: Lsn(0x5000),
            }),
        };
        assert_eq!(Stored::parse(&stored.to_string()).unwrap(), stored);
        assert_eq!(
            stored.to_string(),
            "1/2 of 7412345678901234567 with 00000000000000ab on 3 from 0/5000"
        );
    }

    #[test]
    fn what_an_earlier_release_stored_is_read() {
        let state = "1/2 of 7412345678901234567 with 00000000000000ab";
        let stored = Stored::parse(state).unwrap();
        assert_eq!((stored.end, stored.timeline), (Lsn(0x1_0000_0002), None));
        assert_eq!(stored.to_string(), state);
    }

    #[test]
    fn other_states_are_refused() {
        let with_a_history = ["1/2 of 1 with 1 on 2", "1/2 of 1 with 1 on x from 0/1"];
        let others = ["", "1/2", "1/2 of", "1/2 of 1", "x of 1 with 1", "{}"];
        for state in others.into_iter().chain(with_a_history) {
            assert_eq!(
                Stored::parse(state).unwrap_err().kind(),
                ErrorKind::PositionLost,
                "{state}"
            );
        }
    }
}
