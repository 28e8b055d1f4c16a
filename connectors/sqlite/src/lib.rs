//! SQLite as a source, with change capture by triggers, and as a sink.
