//! Instructions of a side, counted by valgrind: the same on every machine that runs the same program.

use std::path::Path as Directory;
use std::process::Command;

use super::{Measured, Path, Which};
use crate::Result;

/// The two numbers of rows whose difference is counted: what happens once is in both.
const ROWS: [u32; 2] = [10_000, 110_000];

/// The instructions for one more row.
pub(super) fn measure(path: &Path, side: Which, data: &Directory) -> Result<Measured> {
    let [few, many] = ROWS;
    let counted = [few, many].map(|rows| count(path, side, data, rows));
    let [of_few, of_many] = counted;
    let (of_few, of_many) = (of_few?, of_many?);
    let label = match side {
        Which::Limit => path.limit.label,
        Which::Ours => path.ours.label,
    };
    Ok(Measured {
        label: label.to_owned(),
        rows: u64::from(many),
        per_row: (of_many - of_few) / f64::from(many - few),
        rows_per_second: None,
        fastest: None,
        cpu_seconds_per_million: None,
        peak_mib: None,
        latency_ms: None,
    })
}

/// The instructions for one more where there are so many: twice as many are counted, too, since where a batch ends
/// moves by a few.
pub(super) fn one_more(path: &Path, data: &Directory, number: u32) -> Result<f64> {
    let few = count(path, Which::Ours, data, number)?;
    let many = count(path, Which::Ours, data, number * 2)?;
    Ok((many - few) / f64::from(number))
}

/// One end of a series.
pub(super) fn measured(label: &str, end: Option<(u32, f64)>) -> Result<Measured> {
    let (number, per_row) = end.ok_or("a series without a number")?;
    Ok(Measured {
        label: label.to_owned(),
        rows: u64::from(number),
        per_row,
        rows_per_second: None,
        fastest: None,
        cpu_seconds_per_million: None,
        peak_mib: None,
        latency_ms: None,
    })
}

fn count(path: &Path, side: Which, data: &Directory, rows: u32) -> Result<f64> {
    let output = Command::new("valgrind")
        .args([
            "--tool=cachegrind",
            "--cache-sim=no",
            "--cachegrind-out-file=/dev/null",
        ])
        .arg(std::env::current_exe()?)
        .args([
            path.name,
            "--side",
            side.name(),
            "--rows",
            &rows.to_string(),
            "--data",
        ])
        .arg(data)
        .output()
        .map_err(|error| format!("valgrind counts the instructions, and cannot be run: {error}"))?;
    let printed = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!(
            "{}: the side `{}` failed: {printed}",
            path.name,
            side.name()
        )
        .into());
    }
    // `==12== I   refs:      1,234,567`
    let line = printed.lines().find(|line| line.contains("refs:"));
    let number = line.and_then(|line| line.rsplit(' ').next());
    let number = number.ok_or("valgrind printed no count of instructions")?;
    Ok(number.replace(',', "").parse()?)
}
