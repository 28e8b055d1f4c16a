//! What `migrate` and `app run` look at before anything is written.

use connector_core::pipeline::AppConnection;
use connector_core::validation::{Finding, ValidationResults};
use connector_core::{Error, ErrorKind, Result};

use super::patience::patiently;
use crate::console::Console;

/// Sets up the source and looks again at what that could have changed. Gives a line for each thing done.
pub(super) fn prepare(
    connection: &AppConnection,
    findings: &mut ValidationResults,
    console: &mut Console<'_>,
) -> Result<Vec<String>> {
    let lines = patiently(connection, console, || connection.prepare())?;
    if !lines.is_empty() {
        *findings = patiently(connection, console, || connection.validate())?;
    }
    Ok(lines)
}

/// The findings that are errors, as one error.
pub(super) fn refusal(connection: &AppConnection, findings: &[Finding]) -> Option<Error> {
    let lines: Vec<String> = findings
        .iter()
        .filter(|finding| finding.is_error())
        .map(ToString::to_string)
        .collect();
    let what = match lines.len() {
        0 => return None,
        1 => "a finding is an error".to_owned(),
        count => format!("{count} findings are errors"),
    };
    Some(Error::new(
        ErrorKind::Validation,
        format!(
            "connection `{}`: {what}:\n  {}",
            connection.name,
            lines.join("\n  ")
        ),
    ))
}
