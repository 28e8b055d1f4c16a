//! How much log the server keeps for the slot.

use connector_core::ByteSize;
use connector_core::validation::{Finding, Rule, Severity};

use crate::catalog::ServerFacts;
use crate::slot::SlotState;

/// A warning where it is more than `limit`, or will be lost. `table`: the name that the finding is given.
pub(crate) fn lag(
    slot: &SlotState,
    limit: ByteSize,
    facts: &ServerFacts,
    table: &str,
) -> Option<Finding> {
    let message = slot.concern(limit)?;
    let fix = if facts.slot_limit.is_some() {
        "run the application, or drop the slot with `dozer connector clean`".to_owned()
    } else {
        "run the application, or drop the slot with `dozer connector clean`; for a limit, run \
         ALTER SYSTEM SET max_slot_wal_keep_size = '50GB'; and SELECT pg_reload_conf();"
            .to_owned()
    };
    Some(Finding::table(table, Rule::Source, Severity::Warning, message).with_fix(fix))
}
