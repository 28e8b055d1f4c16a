//! The table, in Markdown: it reads well on a terminal, too.

use std::fmt::Write as _;

use crate::measure::{Measured, Reach, Reached};

const HEADER: [&str; 9] = [
    "path",
    "side",
    "rows",
    "each row",
    "rows/s",
    "CPU s/M rows",
    "peak MiB",
    "CPU ratio",
    "ratio",
];

/// Two lines for each path: the limit, and ours.
pub(crate) fn table(reached: &[Reached]) -> String {
    let mut lines = vec![HEADER.map(str::to_owned)];
    for path in reached {
        let cpu = path
            .cpu_ratio
            .map_or_else(String::new, |ratio| format!("{ratio:.2}"));
        lines.push(line(&path.title, &path.limit, String::new(), String::new()));
        lines.push(line("", &path.ours, cpu, ratio(path)));
    }
    let widths: Vec<usize> = (0..HEADER.len())
        .map(|cell| {
            let width = |line: &[String; 9]| line[cell].chars().count();
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

fn line(title: &str, side: &Measured, cpu: String, ratio: String) -> [String; 9] {
    let or_none = |value: Option<f64>, digits: usize| {
        value.map_or_else(String::new, |value| format!("{value:.digits$}"))
    };
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
        ratio,
    ]
}

/// The ratio, its spread, and what is to be reached.
fn ratio(path: &Reached) -> String {
    let (least, greatest) = path.spread;
    let mark = if path.missed() { "missed" } else { "reached" };
    let (value, least, greatest) = match path.reach {
        Reach::Times(_) => (1.0 / path.ratio, 1.0 / greatest, 1.0 / least),
        _ => (path.ratio, least, greatest),
    };
    let bound = match path.reach {
        Reach::AtMost(bound) | Reach::Held { at_most: bound, .. } => {
            format!(", ≤ {bound} {mark}")
        }
        Reach::Times(times) => format!(" times as fast, ≥ {times} {mark}"),
        Reach::Shown => String::new(),
    };
    format!("{value:.3} ({least:.2} to {greatest:.2}){bound}")
}
