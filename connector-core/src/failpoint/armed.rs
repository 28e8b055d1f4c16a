//! Places that do what the environment says.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Write as _};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// The variable that says what to do where: `<name>=<pass>:<action>`, divided by `;`.
///
/// A pass is a number from 1, or `*` for every one. The actions are `abort` (the process ends at once, as if it were
/// killed), `full` (the place fails as on a disk without room) and `wait <milliseconds>`.
pub const PLAN: &str = "DOZER_FAILPOINTS";

/// The variable that names a file to note places in: a line with the name when it is passed first, and one with `! ` before
/// the name when something is done there.
pub const MET: &str = "DOZER_FAILPOINTS_MET";

/// The variable that names a file to trace this process in: a line with the name each time a place is passed. The last line
/// of a process that was killed tells where it was.
pub const TRACE: &str = "DOZER_FAILPOINTS_TRACE";

static ARMED: OnceLock<Armed> = OnceLock::new();

#[derive(Debug)]
struct Armed {
    plan: Vec<Rule>,
    met: Option<File>,
    trace: Option<File>,
    passes: Mutex<HashMap<&'static str, u64>>,
}

#[derive(Debug, PartialEq, Eq)]
struct Rule {
    name: String,
    /// `None`: every one.
    pass: Option<u64>,
    action: Action,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Abort,
    Full,
    Wait(Duration),
}

/// From now on, the places of this process do what [`PLAN`] says, and are noted in the files that [`MET`] and [`TRACE`] name.
///
/// # Errors
/// When the plan cannot be read, or a file cannot be written.
pub fn arm_from_environment() -> std::io::Result<()> {
    let plan = parse(&std::env::var(PLAN).unwrap_or_default())?;
    let met = std::env::var_os(MET)
        .map(|path| OpenOptions::new().append(true).create(true).open(path))
        .transpose()?;
    let trace = std::env::var_os(TRACE).map(File::create).transpose()?;
    // A second call changes nothing.
    let _ = ARMED.set(Armed {
        plan,
        met,
        trace,
        passes: Mutex::default(),
    });
    Ok(())
}

pub(super) fn pass(name: &'static str) -> std::io::Result<()> {
    let Some(armed) = ARMED.get() else {
        return Ok(());
    };
    let pass = {
        let mut passes = armed.passes.lock().unwrap_or_else(PoisonError::into_inner);
        let pass = passes.entry(name).or_default();
        *pass += 1;
        *pass
    };
    let line = format!("{name}\n");
    if pass == 1 {
        note(armed.met.as_ref(), &line)?;
    }
    note(armed.trace.as_ref(), &line)?;
    let due = |rule: &&Rule| rule.name == name && rule.pass.is_none_or(|number| number == pass);
    let Some(rule) = armed.plan.iter().find(due) else {
        return Ok(());
    };
    match rule.action {
        Action::Wait(time) => {
            std::thread::sleep(time);
            Ok(())
        }
        Action::Abort => {
            note(armed.met.as_ref(), &format!("! {name}\n"))?;
            std::process::abort()
        }
        Action::Full => {
            note(armed.met.as_ref(), &format!("! {name}\n"))?;
            Err(Error::new(
                ErrorKind::StorageFull,
                "no space left on device",
            ))
        }
    }
}

/// Appends a line in one call, so that processes side by side do not mix theirs.
fn note(file: Option<&File>, line: &str) -> std::io::Result<()> {
    file.map_or(Ok(()), |mut file| file.write_all(line.as_bytes()))
}

fn parse(plan: &str) -> std::io::Result<Vec<Rule>> {
    let rule = |text: &str| {
        let (name, rest) = text.split_once('=')?;
        let (pass, action) = rest.split_once(':')?;
        let pass = match pass {
            "*" => None,
            number => Some(number.parse().ok()?),
        };
        let action = match action.split_once(' ').unwrap_or((action, "")) {
            ("abort", "") => Action::Abort,
            ("full", "") => Action::Full,
            ("wait", time) => Action::Wait(Duration::from_millis(time.parse().ok()?)),
            _ => return None,
        };
        Some(Rule {
            name: name.to_owned(),
            pass,
            action,
        })
    };
    let rules = plan.split(';').filter(|text| !text.is_empty());
    rules
        .map(|text| {
            rule(text).ok_or_else(|| {
                Error::new(
                    ErrorKind::InvalidInput,
                    format!("{PLAN}: `{text}` is not `<name>=<pass>:<action>`"),
                )
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_names_places_passes_and_actions() {
        let plan = parse("a.b.before=3:abort;a.b.after=*:wait 20;c=1:full").unwrap();
        let rule = |name: &str, pass, action| Rule {
            name: name.to_owned(),
            pass,
            action,
        };
        let wait = Action::Wait(Duration::from_millis(20));
        assert_eq!(
            plan,
            [
                rule("a.b.before", Some(3), Action::Abort),
                rule("a.b.after", None, wait),
                rule("c", Some(1), Action::Full),
            ]
        );
        assert_eq!(parse("").unwrap(), []);
    }

    #[test]
    fn a_wrong_plan_is_refused_with_the_part_that_is_wrong() {
        for wrong in [
            "a",
            "a=1",
            "a=x:abort",
            "a=1:abort 3",
            "a=1:wait",
            "a=1:die",
        ] {
            let error = parse(&format!("a=1:abort;{wrong}")).unwrap_err();
            assert!(error.to_string().contains(&format!("`{wrong}`")), "{error}");
        }
    }
}
