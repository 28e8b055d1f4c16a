//! What every session is set to, so that one value has one text form whatever the server's defaults are.

use super::connection::Mode;
use crate::Settings;

/// The parameters of the startup message: those that connection poolers know, too.
pub(super) fn startup(settings: &Settings, mode: Mode) -> Vec<(&'static str, &str)> {
    let mut parameters = vec![
        ("user", settings.user()),
        ("database", settings.database()),
        ("application_name", settings.application_name()),
        ("client_encoding", "UTF8"),
        ("DateStyle", "ISO, YMD"),
        ("TimeZone", "UTC"),
    ];
    if mode == Mode::Replication {
        parameters.push(("replication", "database"));
    }
    parameters
}

/// The rest, as the first statement. Time limits of the role or the database are for people's queries: a snapshot
/// takes as long as it takes.
pub(super) const FIRST_STATEMENT: &str = "SET IntervalStyle = 'postgres'; SET extra_float_digits = 3; \
     SET bytea_output = 'hex'; SET lc_monetary = 'C'; SET standard_conforming_strings = on; \
     SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0";
