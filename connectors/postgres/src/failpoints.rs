//! The places where a crash test can break a run off.

/// All of them; the crash tests fail where one is never met.
pub const FAILPOINTS: &[&str] = &[
    "postgres_sink.commit.after",
    "postgres_sink.commit.before",
    "postgres_sink.open.after",
    "postgres_sink.open.before",
    "postgres_sink.snapshot.begun",
    "postgres_sink.snapshot.copied",
    "postgres_sink.snapshot.placed",
    "postgres_sink.snapshot.stored",
    "postgres_sink.write.after",
    "postgres_source.confirm.after",
    "postgres_source.confirm.before",
    "postgres_source.snapshot.handed_over",
    "postgres_source.snapshot.read",
    "postgres_source.snapshot.slot.after",
    "postgres_source.snapshot.slot.before",
    "postgres_source.transaction.read",
];
