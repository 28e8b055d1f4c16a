//! `CHECKS.md`: what the list of checks says, and which of the broken connectors each check catches.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use connector_conformance::{CHECKS, Check, Patience, run};

use crate::caught::{MUTANTS, Mutant};

const UPDATE: &str = "UPDATE_CHECKS=1 cargo test -p connector-conformance --test mutants page";

/// For each mutant, the checks that catch it, in the order of their list.
type Matrix = BTreeMap<String, Vec<&'static str>>;

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("CHECKS.md")
}

fn fault(mutant: &Mutant) -> String {
    format!("{:?}", mutant.fault)
}

/// The faults, each with all checks that are asserted to catch it.
fn asserted() -> Vec<(String, Vec<&'static str>)> {
    let mut faults: Vec<(String, Vec<&'static str>)> = Vec::new();
    for mutant in MUTANTS {
        match faults.iter_mut().find(|(name, _)| *name == fault(mutant)) {
            Some((_, checks)) => checks.push(mutant.check),
            None => faults.push((fault(mutant), vec![mutant.check])),
        }
    }
    faults
}

fn page(matrix: &Matrix) -> String {
    let none = Vec::new();
    let caught = |fault: &str| matrix.get(fault).unwrap_or(&none);
    let mut page = format!(
        "# The checks of the conformance kit\n\nMade by `{UPDATE}`, of the list in `src/list.rs` and of runs of every check \
         over every broken connector (`tests/mutants`). There are {} checks, of which `suite!` makes a test each, by its name, \
         and {} broken connectors. \"Catches\" counts the broken connectors that fail the check, \"alone\" those that fail no \
         other.\n",
        CHECKS.len(),
        asserted().len()
    );
    let mut groups: Vec<_> = CHECKS.iter().map(|check| check.group).collect();
    groups.dedup();
    for group in groups {
        let checks = || CHECKS.iter().filter(|check| check.group == group);
        writeln!(page, "\n## {group} ({})\n", checks().count()).unwrap();
        page.push_str("| Check | What it asks | Catches | Alone |\n|---|---|---|---|\n");
        for check in checks() {
            let all = matrix.values().filter(|by| by.contains(&check.name));
            let alone = matrix.values().filter(|by| by[..] == [check.name]);
            writeln!(
                page,
                "| `{}` | {} | {} | {} |",
                check.name,
                check.description,
                all.count(),
                alone.count()
            )
            .unwrap();
        }
    }
    page.push_str(
        "\n## What is broken, and what catches it\n\nThe tests assert the first column of checks, with the words of its \
         message. The others were seen to fail, too, when the page was made.\n\n| Broken connector | Asserted | Also caught by |\n|---|---|---|\n",
    );
    let listed = |checks: &[&str]| -> String {
        let named = checks.iter().map(|check| format!("`{check}`"));
        named.collect::<Vec<_>>().join(", ")
    };
    for (fault, asserted) in asserted() {
        let others: Vec<&str> = (caught(&fault).iter().copied())
            .filter(|check| !asserted.contains(check))
            .collect();
        writeln!(
            page,
            "| `{fault}` | {} | {} |",
            listed(&asserted),
            listed(&others)
        )
        .unwrap();
    }
    page
}

/// The matrix that the page shows.
fn written(page: &str) -> Matrix {
    let table = page
        .split("| Broken connector |")
        .nth(1)
        .unwrap_or_default();
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let row = |line: &str| {
        let (fault, checks) = line.trim_start_matches("| ").split_once(" | ").unwrap();
        let named = |check: &&Check| checks.contains(&format!("`{}`", check.name));
        let checks = CHECKS.iter().filter(named).map(|check| check.name);
        (fault.trim_matches('`').to_owned(), checks.collect())
    };
    rows.map(row).collect()
}

/// Runs every check over every mutant. Those of the process come first, alone, and the others side by side.
fn measured() -> Matrix {
    let patience = Patience::new(Duration::from_secs(2));
    let of_the_process = |check: &&Check| run::OF_THE_PROCESS.contains(&check.name);
    let mut mutants: Vec<&Mutant> = Vec::new();
    for mutant in MUTANTS {
        if mutants.iter().all(|known| known.fault != mutant.fault) {
            mutants.push(mutant);
        }
    }
    let caught = Mutex::new(Vec::new());
    let look = |mutant: &Mutant, check: &'static Check| {
        if (mutant.run)(check, patience).is_err() {
            caught.lock().unwrap().push((fault(mutant), check.name));
        }
    };
    for mutant in &mutants {
        CHECKS
            .iter()
            .filter(of_the_process)
            .for_each(|check| look(mutant, check));
    }
    let next = Mutex::new(mutants.iter());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let mutant = next.lock().unwrap().next();
                    let Some(mutant) = mutant else { break };
                    let rest = CHECKS.iter().filter(|check| !of_the_process(check));
                    rest.for_each(|check| look(mutant, check));
                }
            });
        }
    });
    let caught = caught.into_inner().unwrap();
    let checks = |mutant: &&Mutant| {
        let by = |check: &&Check| caught.contains(&(fault(mutant), check.name));
        let by = CHECKS.iter().filter(by).map(|check| check.name);
        (fault(mutant), by.collect())
    };
    mutants.iter().map(checks).collect()
}

#[test]
fn the_page_of_checks_is_up_to_date() {
    if std::env::var_os("UPDATE_CHECKS").is_some() {
        std::fs::write(path(), page(&measured())).unwrap();
    }
    let text = std::fs::read_to_string(path()).unwrap_or_default();
    let matrix = written(&text);
    assert_eq!(
        text,
        page(&matrix),
        "CHECKS.md is out of date: run `{UPDATE}`"
    );
    for (fault, checks) in asserted() {
        let shown = matrix.get(&fault).cloned().unwrap_or_default();
        assert!(
            checks.iter().all(|check| shown.contains(check)),
            "{fault} is said to be caught by {shown:?}, and not by {checks:?}: run `{UPDATE}`"
        );
    }
}

#[test]
fn every_check_catches_a_broken_connector() {
    for check in CHECKS {
        assert!(
            MUTANTS.iter().any(|mutant| mutant.check == check.name),
            "no broken connector is asserted to fail `{}`",
            check.name
        );
    }
}

#[test]
fn every_check_has_a_name_and_a_description_of_its_own() {
    for (place, check) in CHECKS.iter().enumerate() {
        assert!(check.description.ends_with('.'), "{}", check.name);
        for other in &CHECKS[place + 1..] {
            assert_ne!(check.name, other.name);
            assert_ne!(check.description, other.description);
        }
    }
}
