//! What `#[derive(DozerSource)]` adds to a clean build, beside serde's `Serialize + Deserialize` on the same structs.
//!
//! ```sh
//! cargo run --release -p connector-tests --bin compile-cost
//! ```
//!
//! It writes a project of crates that hold the same 300 row structs of 20 columns each, and differ in their derives only:
//!
//! | Crate | Holds |
//! |---|---|
//! | `bare` | the structs without a derive |
//! | `dozer` | with `DozerSource`, half of them keyed with `tracking = "only_pk"` |
//! | `serde` | with serde's `Serialize` and `Deserialize` |
//! | `dozer_used` | as `dozer`, and for each struct a function that appends one to column buffers and a function that reads one out |
//! | `serde_used` | as `serde`, and for each struct a function that writes one as JSON and a function that reads one out of JSON |
//!
//! The `used` crates are there since a generic function costs its code only where it is used. Dependencies are built
//! before. Then each crate alone is compiled by `cargo check`, `cargo build` and `cargo build --release` with Cargo's
//! own profiles and without incremental compilation, in turn, so many times as `--rounds` says (5); the median of
//! the processor time (user and system, all processes) is taken. What `bare` took is subtracted from the others.
//! The size is that of the crate's `rlib`, in two parts: the object code, and the metadata that other crates read.

mod measure;
mod project;

use std::path::PathBuf;
use std::process::ExitCode;

use measure::{Measured, Step, measure, warm};
use project::{CRATES, Project};

fn main() -> ExitCode {
    let rounds = match rounds() {
        Ok(rounds) => rounds,
        Err(message) => {
            eprintln!("error: {message}");
            return ExitCode::FAILURE;
        }
    };
    match run(rounds) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn rounds() -> Result<usize, String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Ok(5),
        ["--rounds", count] => count
            .parse()
            .map_err(|_| format!("`{count}` is no number of rounds")),
        _ => Err("the only option is `--rounds COUNT`".to_owned()),
    }
}

fn run(rounds: usize) -> std::io::Result<()> {
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()?;
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| workspace.join("target"), PathBuf::from);
    let project = Project::write(&workspace, &target.join("compile-cost"))?;
    println!(
        "{} structs of {} columns, {rounds} rounds",
        project::STRUCTS,
        project::COLUMNS
    );
    for step in Step::ALL {
        warm(&project, step)?;
        let mut taken: Vec<Vec<Measured>> = CRATES.iter().map(|_| Vec::new()).collect();
        for _ in 0..rounds {
            for (name, taken) in CRATES.iter().zip(&mut taken) {
                taken.push(measure(&project, name, step)?);
            }
        }
        report(step, &taken);
    }
    Ok(())
}

/// Prints a step's table.
fn report(step: Step, taken: &[Vec<Measured>]) {
    let medians: Vec<Measured> = taken.iter().map(|taken| Measured::median(taken)).collect();
    println!("\n{}", step.command());
    println!(
        "{:<12}{:>10}{:>10}{:>14}{:>14}",
        "", "cpu s", "added s", "code kB", "metadata kB"
    );
    let bare = medians[0];
    for (name, found) in CRATES.iter().zip(&medians) {
        let added = found.above(bare);
        let (code, metadata) = (added.code / 1000.0, added.metadata / 1000.0);
        println!(
            "{name:<12}{:>10.2}{:>10.2}{code:>14.0}{metadata:>14.0}",
            found.seconds, added.seconds,
        );
    }
    for (title, ours, theirs) in [("ours/serde", 1, 2), ("used/used", 3, 4)] {
        let (ours, theirs) = (medians[ours].above(bare), medians[theirs].above(bare));
        println!(
            "{title:<12}{:>10}{:>10}{:>14}{:>14}",
            "",
            ratio(ours.seconds, theirs.seconds),
            ratio(ours.code, theirs.code),
            ratio(ours.metadata, theirs.metadata),
        );
    }
}

/// A check makes no code, so there is nothing to compare.
fn ratio(ours: f64, theirs: f64) -> String {
    if theirs == 0.0 {
        return "-".to_owned();
    }
    format!("{:.2}", ours / theirs)
}
