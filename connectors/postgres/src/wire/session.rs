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

/// The rest, as the first statement: one alone, since servers before 15 take no more at once from a replication
/// connection. Time limits of the role or the database are for people's queries: a snapshot takes as long as it takes. A
/// policy that would hide rows is an error, and no gap.
pub(super) const FIRST_STATEMENT: &str = "SELECT \
     pg_catalog.set_config('IntervalStyle', 'postgres', false), \
     pg_catalog.set_config('extra_float_digits', '3', false), \
     pg_catalog.set_config('bytea_output', 'hex', false), \
     pg_catalog.set_config('lc_monetary', 'C', false), \
     pg_catalog.set_config('standard_conforming_strings', 'on', false), \
     pg_catalog.set_config('row_security', 'off', false), \
     pg_catalog.set_config('statement_timeout', '0', false), \
     pg_catalog.set_config('idle_in_transaction_session_timeout', '0', false)";
