//! The table, in Markdown: it reads well on a terminal, too.

use std::fmt::Write as _;

use crate::measure::{Measured, Reach, Reached};

/// So many there are.
const COLUMNS: usize = 10;

const HEADER: [&str; COLUMNS] = [
    "path",
    "side",
    "rows",
    "each row",
    "rows/s",
    "CPU s/M rows",
    "peak MiB",
    "CPU ratio",
    "fastest",
    "ratio",
];

/// Two lines for each path: the limit, and ours.
pub(crate) fn table(reached: &[Reached]) -> String {
    let mut lines = vec![HEADER.map(str::to_owned)];
    for path in reached {
        let cpu = or_none(path.cpu_ratio, 2);
        let fastest = or_none(path.fastest_ratio.map(|ratio| told(path, ratio)), 2);
        lines.push(line(&path.title, &path.limit, Default::default()));
        lines.push(line("", &path.ours, [cpu, fastest, ratio(path)]));
    }
    let widths: Vec<usize> = (0..HEADER.len())
        .map(|cell| {
            let width = |line: &[String; COLUMNS]| line[cell].chars().count();
            lines.iter().map(width).max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        for (cell, width) in line.iter().zip(&widths) {
            let _ = write!(text, "| {cell:width$} ");
        }
        text.push_str("|\n");
        if number == 0 {
            for width in &widths {
                let _ = write!(text, "| {} ", "-".repeat(*width));
            }
            text.push_str("|\n");
        }
    }
    text
}

fn or_none(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(String::new, |value| format!("{value:.digits$}"))
}

fn line(title: &str, side: &Measured, [cpu, fastest, ratio]: [String; 3]) -> [String; COLUMNS] {
    let each = match (side.rows_per_second, side.peak_mib) {
        _ if side.latency_ms.is_some() => {
            format!("{:.2} ms on its way", side.latency_ms.unwrap_or_default())
        }
        (Some(_), _) => format!("{:.0} ns", side.per_row),
        (None, None) => format!("{:.0} instructions", side.per_row),
        (None, Some(_)) => String::new(),
    };
    [
        title.to_owned(),
        side.label.clone(),
        side.rows.to_string(),
        each,
        or_none(side.rows_per_second, 0),
        or_none(side.cpu_seconds_per_million, 2),
        or_none(side.peak_mib, 0),
        cpu,
        fastest,
        ratio,
    ]
}

/// A ratio as it is told: by cost, or how many times as fast.
fn told(path: &Reached, ratio: f64) -> f64 {
    match path.reach {
        Reach::Times(_) => 1.0 / ratio,
        _ => ratio,
    }
}

/// The ratio, its spread, and what is to be reached.
fn ratio(path: &Reached) -> String {
    let (least, greatest) = path.spread;
    let mark = if path.missed() { "missed" } else { "reached" };
    let (value, mut ends) = (
        told(path, path.ratio),
        [least, greatest].map(|end| told(path, end)),
    );
    ends.sort_by(f64::total_cmp);
    let [least, greatest] = ends;
    let bound = match path.reach {
        Reach::AtMost(bound) | Reach::Held { at_most: bound, .. } => {
            format!(", ≤ {bound} {mark}")
        }
        Reach::Times(times) => format!(" times as fast, ≥ {times} {mark}"),
        Reach::Shown => String::new(),
    };
    format!("{value:.3} ({least:.2} to {greatest:.2}){bound}")
}
