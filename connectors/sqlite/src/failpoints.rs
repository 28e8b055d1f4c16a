//! The places where a crash test can break a run off.

/// All of them; the crash tests fail where one is never met.
pub const FAILPOINTS: &[&str] = &[
    "sqlite_sink.checkpoint.before",
    "sqlite_sink.commit.after",
    "sqlite_sink.commit.before",
    "sqlite_sink.open.after",
    "sqlite_sink.open.before",
    "sqlite_sink.snapshot.emptied",
    "sqlite_sink.snapshot.stored",
    "sqlite_sink.write.after",
    "sqlite_source.boundary.after",
    "sqlite_source.boundary.before",
    "sqlite_source.confirm.after",
    "sqlite_source.confirm.before",
    "sqlite_source.group.read",
    "sqlite_source.prune.after",
    "sqlite_source.prune.before",
    "sqlite_source.register.after",
    "sqlite_source.register.before",
    "sqlite_source.snapshot.begun",
    "sqlite_source.snapshot.handed_over",
    "sqlite_source.snapshot.read",
];
