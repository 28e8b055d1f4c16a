//! What is to be said of the log that the server keeps for a slot, and when.

use std::time::{Duration, Instant};

use connector_core::ByteSize;

use super::SlotState;

/// A warning is repeated after so long, while nothing gets better.
const REMIND: Duration = Duration::from_mins(10);

/// How much log may be kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LagLimits {
    /// More is warned of.
    pub(crate) warning: ByteSize,
    /// With more, a run stops.
    pub(crate) stop: Option<ByteSize>,
}

impl LagLimits {
    /// Nothing stops a run that was not warned of.
    pub(crate) fn warn_from(&self) -> ByteSize {
        self.stop
            .map_or(self.warning, |stop| stop.min(self.warning))
    }
}

impl SlotState {
    /// What is to be said of the log that is kept, where it is more than `allowed` or will be lost soon.
    pub(crate) fn concern(&self, allowed: ByteSize) -> Option<String> {
        let held = self.held_back?;
        let kept = format!(
            "the server keeps {} of its log for replication slot `{}`",
            readable(held),
            self.name
        );
        if self.unreserved {
            return Some(format!(
                "{kept}, more than its `max_slot_wal_keep_size`: the next checkpoint may remove it, and then only a new snapshot helps"
            ));
        }
        let room = self.safe.filter(|safe| safe.saturating_mul(3) < held);
        if let Some(room) = room {
            return Some(format!(
                "{kept}, and with {} more it reaches its `max_slot_wal_keep_size`: then it is removed, and only a new snapshot helps",
                readable(room)
            ));
        }
        (held > allowed.bytes()).then(|| format!("{kept}, more than {}", readable(allowed.bytes())))
    }

    /// What keeps the log while a run reads it.
    pub(crate) fn reason(&self) -> String {
        if self.waits_for_transaction() {
            return "a transaction that stays open on the server holds the slot back: \
                    SELECT pid, xact_start, query FROM pg_stat_activity ORDER BY xact_start; finds it"
                .to_owned();
        }
        match self.unconfirmed {
            Some(unconfirmed) => format!("{} of it are not stored yet", readable(unconfirmed)),
            None => "nothing of it was stored yet".to_owned(),
        }
    }

    /// Whether most of the log is kept for a transaction that is open: it is read again from its start.
    fn waits_for_transaction(&self) -> bool {
        let held = self.held_back.unwrap_or_default();
        (self.unconfirmed).is_some_and(|unconfirmed| unconfirmed < held / 2)
    }
}

/// Something to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    Warning(String),
    Over(String),
}

/// Says once that a slot lags, again when that has doubled or goes on for long or waits for an open transaction at last, and
/// that it is over.
#[derive(Debug)]
pub(super) struct Warnings {
    allowed: ByteSize,
    told: Option<Told>,
}

#[derive(Debug, Clone, Copy)]
struct Told {
    held: u64,
    unreserved: bool,
    /// It was told since the slot lags that an open transaction holds it back.
    transaction: bool,
    at: Instant,
}

impl Warnings {
    pub(super) fn new(allowed: ByteSize) -> Self {
        Self {
            allowed,
            told: None,
        }
    }

    /// What is to be said now that the slot stands so.
    pub(super) fn hear(&mut self, slot: &SlotState, now: Instant) -> Option<Said> {
        let held = slot.held_back.unwrap_or_default();
        let Some(concern) = slot.concern(self.allowed) else {
            self.told.take()?;
            return Some(Said::Over(format!(
                "the server keeps {} of its log for replication slot `{}`: that is enough no more to warn of",
                readable(held),
                slot.name
            )));
        };
        let transaction = slot.waits_for_transaction();
        let news = self.told.is_none_or(|told| {
            held / 2 >= told.held
                || (slot.unreserved && !told.unreserved)
                || (transaction && !told.transaction)
                || now.duration_since(told.at) >= REMIND
        });
        if !news {
            return None;
        }
        self.told = Some(Told {
            held,
            unreserved: slot.unreserved,
            transaction: transaction || self.told.is_some_and(|told| told.transaction),
            at: now,
        });
        Some(Said::Warning(format!("{concern}; {}", slot.reason())))
    }
}

/// A size for a person: `1.5GiB`.
pub(crate) fn readable(bytes: u64) -> String {
    const UNITS: [(&str, u64); 4] = [
        ("TiB", 1 << 40),
        ("GiB", 1 << 30),
        ("MiB", 1 << 20),
        ("KiB", 1 << 10),
    ];
    let unit = UNITS.iter().find(|(_, factor)| bytes >= *factor);
    unit.map_or_else(
        || format!("{bytes}B"),
        |(name, factor)| {
            let (whole, tenths) = (bytes / factor, bytes % factor * 10 / factor);
            if tenths == 0 {
                format!("{whole}{name}")
            } else {
                format!("{whole}.{tenths}{name}")
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn slot(held: u64) -> SlotState {
        SlotState {
            name: "s".to_owned(),
            plugin: None,
            database: None,
            active: None,
            confirmed: None,
            held_back: Some(held * MIB),
            unconfirmed: Some(held * MIB),
            safe: None,
            unreserved: false,
            lost: false,
        }
    }

    #[test]
    fn a_lag_is_told_once_then_when_it_doubles_or_goes_on_and_when_it_is_over() {
        let mut warnings = Warnings::new(ByteSize::new(10 * MIB));
        let start = Instant::now();
        let mut hear = |held, after| warnings.hear(&slot(held), start + after);
        let second = Duration::from_secs(1);
        assert_eq!(hear(10, second), None);
        let Some(Said::Warning(text)) = hear(11, second) else {
            panic!("a warning");
        };
        assert_eq!(
            text,
            "the server keeps 11MiB of its log for replication slot `s`, more than 10MiB; 11MiB of it are not stored yet"
        );
        assert_eq!(hear(12, second * 2), None);
        assert_eq!(hear(21, second * 3), None);
        assert!(matches!(hear(22, second * 4), Some(Said::Warning(_))));
        assert_eq!(hear(23, REMIND), None);
        assert!(matches!(
            hear(23, REMIND + second * 4),
            Some(Said::Warning(_))
        ));
        assert!(matches!(hear(10, REMIND * 2), Some(Said::Over(_))));
        assert_eq!(hear(9, REMIND * 3), None);
        assert!(matches!(hear(11, REMIND * 3), Some(Said::Warning(_))));
    }

    #[test]
    fn an_open_transaction_is_told_once_also_where_the_lag_was_told_before() {
        let mut warnings = Warnings::new(ByteSize::new(10 * MIB));
        let start = Instant::now();
        let open = SlotState {
            unconfirmed: Some(MIB),
            ..slot(11)
        };
        let mut hear = |slot: &SlotState, seconds| {
            let said = warnings.hear(slot, start + Duration::from_secs(seconds));
            said.map(|said| match said {
                Said::Warning(text) => text.contains("a transaction that stays open"),
                Said::Over(text) => panic!("{text}"),
            })
        };
        assert_eq!(hear(&slot(11), 0), Some(false));
        assert_eq!(hear(&open, 1), Some(true));
        // What is stored now and then is not told each time.
        assert_eq!(hear(&slot(11), 2), None);
        assert_eq!(hear(&open, 3), None);
        assert_eq!(hear(&slot(22), 4), Some(false));
        assert_eq!(hear(&open, 5), None);
    }

    #[test]
    fn log_that_will_be_lost_is_told_below_the_limit_too() {
        let far = ByteSize::new(1 << 30);
        let room = |safe: u64| SlotState {
            safe: Some(safe * MIB),
            ..slot(60)
        };
        assert_eq!(room(20).concern(far), None);
        assert!(room(19).concern(far).unwrap().contains("with 19MiB more"));
        let unreserved = SlotState {
            unreserved: true,
            ..room(0)
        };
        let mut warnings = Warnings::new(far);
        let now = Instant::now();
        assert!(warnings.hear(&room(19), now).is_some());
        assert_eq!(warnings.hear(&room(18), now), None);
        let Some(Said::Warning(text)) = warnings.hear(&unreserved, now) else {
            panic!("a warning");
        };
        assert!(text.contains("the next checkpoint may remove it"), "{text}");
        assert_eq!(warnings.hear(&unreserved, now), None);
    }

    #[test]
    fn an_open_transaction_is_told_from_a_slow_sink() {
        let open = SlotState {
            unconfirmed: Some(MIB),
            ..slot(60)
        };
        assert!(open.reason().contains("pg_stat_activity"));
        assert_eq!(slot(60).reason(), "60MiB of it are not stored yet");
    }

    #[test]
    fn a_size_is_rounded_down_to_tenths() {
        for (bytes, text) in [
            (0, "0B"),
            (1023, "1023B"),
            (1536, "1.5KiB"),
            (MIB, "1MiB"),
            (MIB * 1024 - 1, "1023.9MiB"),
            (u64::MAX, "16777215.9TiB"),
        ] {
            assert_eq!(readable(bytes), text);
        }
    }
}
