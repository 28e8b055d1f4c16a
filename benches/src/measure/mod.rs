//! One line of the table: two sides run in turn, each in a process of its own, and their medians compared.

mod instructions;
mod side;
mod usage;

use std::path::Path as Directory;

use serde::{Deserialize, Serialize};

use crate::Result;

pub(crate) use side::{Which, be_side};

/// Paths that share what they are measured on.
pub(crate) struct Group {
    pub(crate) name: &'static str,
    /// Makes, in this directory, what the paths read. What it gives lives until they are done: a server, for example.
    pub(crate) prepare: Prepare,
    pub(crate) paths: Vec<Path>,
}

type Prepare = fn(&Directory, Amount, &[&Path]) -> Result<Box<dyn std::any::Any>>;

impl Group {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.name == name || self.paths.iter().any(|path| path.name == name)
    }
}

/// One line of the table.
pub(crate) struct Path {
    /// As it is named on the command line.
    pub(crate) name: &'static str,
    /// As it is printed.
    pub(crate) title: &'static str,
    pub(crate) limit: Side,
    pub(crate) ours: Side,
    pub(crate) by: By,
    pub(crate) reach: Reach,
}

/// One of the two ways to do the same thing.
pub(crate) struct Side {
    /// What it is, in a few words.
    pub(crate) label: &'static str,
    /// Does it, on what `prepare` made in the directory.
    pub(crate) run: fn(&Directory, Amount) -> Result<Run>,
}

/// What one run of a side did. What it needs first, such as a slot, is not in the time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    /// The rows, or changes, that arrived. The two sides must agree.
    pub(crate) rows: u64,
    /// What was measured, from first to last.
    pub(crate) took: Took,
}

pub(crate) use usage::{Took, Watch, children_cpu_seconds, settle};

/// How much to do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Amount {
    /// The scale of TPC-H.
    pub(crate) scale: f64,
    /// So many rows, where a side makes them itself.
    pub(crate) rows: Option<u64>,
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum By {
    /// The time by the clock.
    Time,
    /// The time that a row is on its way: a percentile of it is the run's time.
    Latency,
    /// The instructions of the processor, counted by valgrind: the difference between two numbers of rows.
    Instructions,
    /// The instructions for one more (table, column, row of a transaction) where there are so many already: at the last
    /// number by that at the first. Both sides run the same; `Amount::rows` says how many there are.
    OneMore(&'static [u32]),
    /// The greatest resident size, by what is allowed, in MiB.
    Memory(f64),
}

/// What is to be reached.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum Reach {
    /// Our cost for a row is at most so many times the limit's.
    AtMost(f64),
    /// The same. And `--held` fails where it is more than 3 % above what it was.
    Held {
        /// The bound.
        at_most: f64,
        /// What it was.
        was: f64,
    },
    /// So many times the rows a second, or more.
    Times(f64),
    /// Shown beside the others.
    Shown,
}

/// What a regression may add to a ratio that is held.
const HELD: f64 = 1.03;

/// What a side took: medians of all runs.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Measured {
    pub(crate) label: String,
    pub(crate) rows: u64,
    /// Instructions, or else nanoseconds by the clock, for one row.
    pub(crate) per_row: f64,
    pub(crate) rows_per_second: Option<f64>,
    /// Nanoseconds by the clock for one row in the fastest of the runs, where there were some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fastest: Option<f64>,
    /// Of all processes of the side that were measured.
    pub(crate) cpu_seconds_per_million: Option<f64>,
    /// The greatest resident size of the side's process, in MiB.
    pub(crate) peak_mib: Option<f64>,
    /// How long a row was on its way, in milliseconds, where that was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) latency_ms: Option<f64>,
}

impl Measured {
    /// What a run took is how long a row was on its way, and not what its rows took together.
    fn is_latency(&mut self) {
        #[expect(clippy::cast_precision_loss, reason = "rows of a benchmark are few")]
        let nanoseconds = self.per_row * self.rows as f64;
        self.latency_ms = Some(nanoseconds / 1e6);
        self.rows_per_second = None;
        self.fastest = None;
        self.cpu_seconds_per_million = None;
    }
}

/// What was measured of a path.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Reached {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) limit: Measured,
    pub(crate) ours: Measured,
    /// Our cost for a row by the limit's, of the medians.
    pub(crate) ratio: f64,
    /// The same of the fastest run of each side: what others do on the machine only ever makes a run slower.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fastest_ratio: Option<f64>,
    /// The same of the processors' time: where a machine is busy with other things, it says more.
    pub(crate) cpu_ratio: Option<f64>,
    /// The least and the greatest ratio of neighbouring runs.
    pub(crate) spread: (f64, f64),
    pub(crate) reach: Reach,
    /// How many there were, and the instructions for one more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) one_more: Vec<(u32, f64)>,
}

impl Reached {
    pub(crate) fn missed(&self) -> bool {
        match self.reach {
            Reach::AtMost(bound) => self.ratio > bound,
            Reach::Held { at_most, .. } => self.ratio > at_most,
            Reach::Times(times) => self.ratio * times > 1.0,
            Reach::Shown => false,
        }
    }

    /// Whether the ratio is greater than the one that was stored, by more than a change of the compiler makes it.
    pub(crate) fn is_worse(&self) -> bool {
        matches!(self.reach, Reach::Held { was, .. } if self.ratio > was * HELD)
    }
}

/// Runs both sides of a path in turn, `repeat` times.
pub(crate) fn path(
    path: &Path,
    directory: &Directory,
    amount: Amount,
    repeat: usize,
) -> Result<Reached> {
    let repeat = repeat.max(1);
    let mut one_more = Vec::new();
    let (limit, ours, ratios) = match path.by {
        By::OneMore(at) => {
            for &number in at {
                one_more.push((number, instructions::one_more(path, directory, number)?));
            }
            let [limit, ours] = [one_more.first(), one_more.last()];
            let limit = instructions::measured(path.limit.label, limit.copied())?;
            let ours = instructions::measured(path.ours.label, ours.copied())?;
            let ratio = ours.per_row / limit.per_row;
            (limit, ours, vec![ratio])
        }
        By::Memory(allowed) => {
            let runs: Result<Vec<_>> = (0..repeat)
                .map(|_| side::run(path, Which::Ours, directory, amount))
                .collect();
            let ours = side::median(path.ours.label, &runs?)?;
            let ratio = ours.peak_mib.unwrap_or(f64::INFINITY) / allowed;
            let limit = Measured {
                label: path.limit.label.to_owned(),
                peak_mib: Some(allowed),
                cpu_seconds_per_million: None,
                rows_per_second: None,
                fastest: None,
                ..ours.clone()
            };
            (limit, ours, vec![ratio])
        }
        By::Instructions => {
            let limit = instructions::measure(path, Which::Limit, directory)?;
            let ours = instructions::measure(path, Which::Ours, directory)?;
            let ratio = ours.per_row / limit.per_row;
            (limit, ours, vec![ratio])
        }
        By::Time | By::Latency => {
            let mut limits = Vec::new();
            let mut ours = Vec::new();
            for turn in 0..repeat {
                // Who goes first changes, so that neither always follows a warm file.
                let (mut first, mut second) =
                    ((Which::Limit, &mut limits), (Which::Ours, &mut ours));
                if turn % 2 == 1 {
                    std::mem::swap(&mut first, &mut second);
                }
                first.1.push(side::run(path, first.0, directory, amount)?);
                second.1.push(side::run(path, second.0, directory, amount)?);
            }
            let pairs = limits.iter().zip(&ours);
            let ratios = pairs.map(|(limit, ours)| ours.per_row() / limit.per_row());
            let ratios = ratios.collect();
            let mut limit = side::median(path.limit.label, &limits)?;
            let mut ours = side::median(path.ours.label, &ours)?;
            if path.by == By::Latency {
                limit.is_latency();
                ours.is_latency();
            }
            (limit, ours, ratios)
        }
    };
    if limit.rows != ours.rows && !matches!(path.by, By::OneMore(_)) {
        return Err(format!(
            "{}: {} rows arrived by {}, {} by {}",
            path.name, limit.rows, limit.label, ours.rows, ours.label
        )
        .into());
    }
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = ratios.iter().copied().fold(0.0, f64::max);
    Ok(Reached {
        name: path.name.to_owned(),
        title: path.title.to_owned(),
        ratio: match path.by {
            By::Memory(_) => least.midpoint(greatest),
            _ => ours.per_row / limit.per_row,
        },
        fastest_ratio: ours
            .fastest
            .zip(limit.fastest)
            .map(|(ours, limit)| ours / limit),
        cpu_ratio: (ours
            .cpu_seconds_per_million
            .zip(limit.cpu_seconds_per_million))
        .map(|(ours, limit)| ours / limit),
        spread: (least, greatest),
        limit,
        ours,
        reach: path.reach,
        one_more,
    })
}
