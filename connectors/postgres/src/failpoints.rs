//! The places where a crash test can break a run off.

/// All of them; the crash tests fail where one is never met.
pub const FAILPOINTS: &[&str] = &[
    "postgres_source.confirm.after",
    "postgres_source.confirm.before",
    "postgres_source.snapshot.handed_over",
    "postgres_source.snapshot.read",
    "postgres_source.snapshot.slot.after",
    "postgres_source.snapshot.slot.before",
    "postgres_source.transaction.read",
];
