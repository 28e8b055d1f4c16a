//! `CHECKS.md` is what the list of checks says.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::fmt::Write as _;
use std::path::Path;

use connector_conformance::CHECKS;

fn page() -> String {
    let mut page = format!(
        "# The checks of the conformance kit\n\nMade of the list in `src/list.rs` by \
         `UPDATE_CHECKS=1 cargo test -p connector-conformance --test documentation`. There are {} checks; \
         `suite!` makes a test of each, by its name.\n",
        CHECKS.len()
    );
    let mut groups: Vec<_> = CHECKS.iter().map(|check| check.group).collect();
    groups.dedup();
    for group in groups {
        let checks = || CHECKS.iter().filter(|check| check.group == group);
        writeln!(page, "\n## {group} ({})\n", checks().count()).unwrap();
        page.push_str("| Check | What it asks |\n|---|---|\n");
        for check in checks() {
            writeln!(page, "| `{}` | {} |", check.name, check.description).unwrap();
        }
    }
    page
}

#[test]
fn the_page_of_checks_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("CHECKS.md");
    if std::env::var_os("UPDATE_CHECKS").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        written,
        page(),
        "CHECKS.md is out of date: run `UPDATE_CHECKS=1 cargo test -p connector-conformance --test documentation`"
    );
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
