//! What a run needs of its connections before it begins: that they are sound, go with the lock file, and are set up.

use connector_core::pipeline::{App, AppConnection, Drift, OnFailure, Report, RunEvent};
use connector_core::validation::{Finding, Severity, ValidationResults};
use connector_core::{Error, Result};

use super::inspection::{prepare, refusal};
use super::patience::{patiently, patiently_all};
use crate::console::Console;
use crate::log::{Level, Told};

/// Validates every connection, compares with the lock file, and sets up the sources, in this order. Gives the connections that
/// could not be reached, while others could: they are made ready [late](make_ready_late).
pub(super) fn make_ready(
    app: &App,
    active: &[&AppConnection],
    console: &mut Console<'_>,
) -> Result<Vec<String>> {
    let (inspected, late) = inspect(app, active, console)?;
    let reached: Vec<&AppConnection> = inspected.iter().map(|(it, _)| *it).collect();
    let drift = patiently_all(&reached, console, || app.check_drift_of(&reached))?;
    if !drift.locked {
        let message = format!(
            "there is no lock file `{}`: a schema that changes between runs is not noticed; `dozer migrate` writes one",
            app.lock_file().path().display()
        );
        console.log(Level::Warn, None, &message);
    }
    for line in taken_on(drift) {
        console.log(Level::Info, None, &line);
    }
    for (connection, mut findings) in inspected {
        for line in prepare(connection, &mut findings, console)? {
            console.log(Level::Info, Some(&connection.name), &line);
        }
        for line in warnings(connection, &findings)? {
            console.log(Level::Warn, Some(&connection.name), &line);
        }
    }
    Ok(late)
}

/// The same for one connection, while the others run.
pub(super) fn make_ready_late(
    app: &App,
    connection: &AppConnection,
    report: &dyn Report,
) -> Result<()> {
    let name = connection.name.as_str();
    let inform = |message: &str| {
        report.event(&RunEvent::Info {
            connection: name,
            message,
        });
    };
    let mut findings = connection.validate()?;
    warnings(connection, &findings)?;
    for line in taken_on(app.check_drift_of(&[connection])?) {
        inform(&line);
    }
    let lines = connection.prepare()?;
    for line in &lines {
        inform(line);
    }
    if !lines.is_empty() {
        findings = connection.validate()?;
    }
    for line in warnings(connection, &findings)? {
        report.event(&RunEvent::Warning {
            connection: name,
            message: &line,
        });
    }
    Ok(())
}

/// What was found of each connection.
type Inspected<'a> = Vec<(&'a AppConnection, ValidationResults)>;

/// The findings of every connection that could be reached, and the names of the others.
fn inspect<'a>(
    app: &App,
    active: &[&'a AppConnection],
    console: &mut Console<'_>,
) -> Result<(Inspected<'a>, Vec<String>)> {
    let mut inspected = Vec::new();
    let mut unreached = Vec::new();
    let together = app.config().on_failure == OnFailure::Stop;
    // Nobody else is kept waiting, or all are to wait.
    let waits = together || active.len() == 1;
    for &connection in active {
        let found = if waits {
            patiently(connection, console, || connection.validate())
        } else {
            connection.validate()
        };
        match found {
            Ok(findings) => {
                refuse(connection, &findings)?;
                inspected.push((connection, findings));
            }
            Err(error) if error.is_transient() && !together => {
                unreached.push((connection, error));
            }
            Err(error) => return Err(error),
        }
    }
    // Where nobody can be reached, the addresses may be wrong.
    let can_pass = |(connection, error): &(&AppConnection, Error)| connection.can_pass(error);
    if inspected.is_empty() && !unreached.iter().any(can_pass) {
        if let Some((_, error)) = unreached.into_iter().next() {
            return Err(error);
        }
        return Ok((inspected, Vec::new()));
    }
    let mut late = Vec::new();
    for (connection, error) in unreached {
        let message = format!(
            "does not answer, and is left for later: {}",
            Told::of(&error).message
        );
        console.log(Level::Warn, Some(&connection.name), &message);
        late.push(connection.name.clone());
    }
    Ok((inspected, late))
}

fn taken_on(drift: Drift) -> impl Iterator<Item = String> {
    let differences = drift.taken_on.into_iter();
    differences.map(|difference| format!("{difference}: taken on"))
}

/// The findings that are warnings.
///
/// # Errors
/// Where one is an error.
fn warnings(connection: &AppConnection, findings: &[Finding]) -> Result<Vec<String>> {
    refuse(connection, findings)?;
    let warnings = findings
        .iter()
        .filter(|it| it.severity == Severity::Warning);
    Ok(warnings.map(ToString::to_string).collect())
}

fn refuse(connection: &AppConnection, findings: &[Finding]) -> Result<()> {
    refusal(connection, findings).map_or(Ok(()), |error| Err(help(error)))
}

fn help(error: Error) -> Error {
    error.with_help("`dozer migrate --check` shows every finding")
}
