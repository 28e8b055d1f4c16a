//! One side of a path in a process of its own, so that its peak of memory is its own.

use std::path::Path as Directory;
use std::process::{Command, Stdio};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use super::{Amount, Measured, Path, Took, usage};
use crate::Result;

/// Which of the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Which {
    /// What the path is held to.
    Limit,
    /// Our way.
    Ours,
}

impl Which {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Limit => "limit",
            Self::Ours => "ours",
        }
    }
}

/// What the process of a side prints.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Outcome {
    rows: u64,
    took: Took,
    peak_kib: u64,
}

impl Outcome {
    /// Nanoseconds by the clock for one row.
    #[expect(clippy::cast_precision_loss, reason = "rows of a benchmark are few")]
    pub(super) fn per_row(&self) -> f64 {
        self.took.seconds * 1e9 / self.rows.max(1) as f64
    }
}

/// Runs a side and prints what it took: what the process of a side does.
pub(crate) fn be_side(path: &Path, side: Which, data: &Directory, amount: Amount) -> Result<()> {
    let side = match side {
        Which::Limit => &path.limit,
        Which::Ours => &path.ours,
    };
    let run = (side.run)(data, amount)?;
    let outcome = Outcome {
        rows: run.rows,
        took: run.took,
        peak_kib: usage::peak_kib()?,
    };
    println!("{}", serde_json::to_string(&outcome)?);
    Ok(())
}

/// Runs a side in a process of its own.
pub(super) fn run(path: &Path, side: Which, data: &Directory, amount: Amount) -> Result<Outcome> {
    let output = Command::new(std::env::current_exe()?)
        .args([path.name, "--side", side.name(), "--data"])
        .arg(data)
        .args(["--scale", &amount.scale.to_string()])
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("{}: the side `{}` failed", path.name, side.name()).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The medians of the runs of one side. All must have seen the same rows.
#[expect(clippy::cast_precision_loss, reason = "rows of a benchmark are few")]
pub(super) fn median(label: &str, runs: &[Outcome]) -> Result<Measured> {
    let rows = runs.first().map_or(0, |run| run.rows);
    if rows == 0 || runs.iter().any(|run| run.rows != rows) {
        let seen: Vec<u64> = runs.iter().map(|run| run.rows).collect();
        return Err(format!("{label}: the runs saw {seen:?} rows").into());
    }
    let of = |value: &dyn Fn(&Outcome) -> f64| {
        let mut values: Vec<f64> = runs.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let per_row = of(&Outcome::per_row);
    Ok(Measured {
        label: label.to_owned(),
        rows,
        per_row,
        rows_per_second: Some(1e9 / per_row),
        fastest: runs.iter().map(Outcome::per_row).min_by(f64::total_cmp),
        cpu_seconds_per_million: Some(of(&|run| run.took.cpu_seconds * 1e6 / rows as f64)),
        peak_mib: Some(of(&|run| run.peak_kib as f64 / 1024.0)),
        latency_ms: None,
    })
}
