//! Small values in a person's words.

use connector_core::{Checkpoint, Phase};

/// A count with its thousands set apart: `1,234,567`.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A checkpoint: its commit position, with the number of changes where a transaction is not complete.
pub(crate) fn position(checkpoint: &Checkpoint) -> String {
    match checkpoint {
        Checkpoint {
            phase: Phase::Snapshot,
            lsn,
            ..
        } => format!("in the snapshot at {lsn}"),
        Checkpoint {
            complete: true,
            lsn,
            ..
        } => lsn.to_string(),
        Checkpoint { lsn, seq, .. } => format!("{lsn}, change {seq}"),
    }
}

pub(crate) fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        let counts = [0, 999, 1_000, 12_345, 1_234_567].map(grouped);
        assert_eq!(counts, ["0", "999", "1,000", "12,345", "1,234,567"]);
    }

    #[test]
    fn a_position_tells_whether_its_transaction_is_complete() {
        assert_eq!(position(&Checkpoint::after(7)), "7");
        assert_eq!(position(&Checkpoint::within(7, 2)), "7, change 2");
        assert_eq!(position(&Checkpoint::snapshot(7)), "in the snapshot at 7");
    }
}
