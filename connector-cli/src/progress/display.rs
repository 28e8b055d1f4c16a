//! Prints the progress of a run while it lasts.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::state::{ConnectionProgress, Note, Progress, SnapshotProgress};
use crate::console::Console;
use crate::log::Level;
use crate::output::{grouped, position};
use crate::signals::Signals;

/// Bars are redrawn, and signals are looked for, so often.
const TICK: Duration = Duration::from_millis(100);
/// Plain lines are printed at most so often.
const LINE_EVERY: Duration = Duration::from_secs(5);
/// A connection of which nothing new is to be told is told of so often.
const REMIND: Duration = Duration::from_mins(1);
/// Rates are measured over at least so long.
const RATE_OVER: Duration = Duration::from_secs(1);

/// Prints until the run is over.
pub(crate) fn follow(
    progress: &Progress,
    notes: &Receiver<Note>,
    console: &mut Console<'_>,
    signals: &Signals,
) {
    let drawn = console.terminal.stderr && !console.logs_json() && console.logs(Level::Info);
    let mut display = if drawn {
        Display::bars(progress)
    } else {
        Display::Lines {
            last: Instant::now(),
            rates: Rates::default(),
            lines: LastLines::default(),
        }
    };
    let mut stopping: Option<Instant> = None;
    loop {
        let note = notes.recv_timeout(TICK);
        // Told before what the signal led to.
        if signals.received() && stopping.is_none() {
            stopping = Some(Instant::now());
            let message =
                "stopping: what is open is finished and stored; a second signal exits at once";
            display.line(console, Level::Info, None, message);
        }
        if stopping.is_some_and(Signals::is_overdue) {
            let message = "a source or a sink does not come back: the run is left; what is stored is complete, and the next run goes on from there";
            display.line(console, Level::Warn, None, message);
            display.clear();
            signals.leave();
        }
        match note {
            Ok(Note::Line {
                level,
                connection,
                message,
            }) => display.line(console, level, connection.as_deref(), &message),
            Ok(Note::End) | Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
        display.tick(progress, console);
    }
    display.clear();
}

enum Display {
    Bars {
        all: MultiProgress,
        bars: BTreeMap<String, ProgressBar>,
        drawn: Instant,
        rates: Rates,
    },
    Lines {
        last: Instant,
        rates: Rates,
        lines: LastLines,
    },
}

impl Display {
    fn bars(progress: &Progress) -> Self {
        let all = MultiProgress::new();
        let style = ProgressStyle::with_template("{spinner} {prefix}: {msg}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = |(name, _): (String, ConnectionProgress)| {
            let bar = all.add(ProgressBar::new_spinner().with_style(style.clone()));
            bar.set_prefix(crate::log::printable(&name));
            (name, bar)
        };
        Self::Bars {
            bars: progress.now().into_iter().map(bar).collect(),
            all: all.clone(),
            drawn: Instant::now(),
            rates: Rates::default(),
        }
    }

    /// Prints a message, above the bars where there are any.
    fn line(
        &self,
        console: &mut Console<'_>,
        level: Level,
        connection: Option<&str>,
        message: &str,
    ) {
        match self {
            Self::Bars { all, .. } if console.logs(level) => {
                all.suspend(|| console.log(level, connection, message));
            }
            _ => console.log(level, connection, message),
        }
    }

    fn tick(&mut self, progress: &Progress, console: &mut Console<'_>) {
        match self {
            Self::Bars {
                bars, drawn, rates, ..
            } => {
                if drawn.elapsed() < TICK {
                    return;
                }
                *drawn = Instant::now();
                for (name, state) in progress.now() {
                    let rate = rates.of(&name, state.rows);
                    if let Some(bar) = bars.get(&name) {
                        bar.set_message(told(&state, rate));
                        bar.tick();
                    }
                }
            }
            Self::Lines { last, rates, lines } => {
                if last.elapsed() < LINE_EVERY {
                    return;
                }
                *last = Instant::now();
                for (name, state) in progress.now() {
                    let rate = rates.of(&name, state.rows);
                    if !state.finished && lines.are_old(&name, &state, *last) {
                        console.log(Level::Info, Some(&name), &told(&state, rate));
                    }
                }
            }
        }
    }

    fn clear(&self) {
        if let Self::Bars { all, .. } = self {
            // A terminal that is gone cannot be cleared.
            let _ = all.clear();
        }
    }
}

fn told(state: &ConnectionProgress, rate: Option<u64>) -> String {
    let rate = rate.map_or_else(String::new, |rate| format!(", {} rows/s", grouped(rate)));
    let rows = format!("{} rows{rate}", grouped(state.rows));
    if let Some(snapshot) = &state.snapshot {
        let read = state.rows.saturating_sub(snapshot.before);
        return match share(snapshot, read, snapshot.began.elapsed()) {
            Some(share) => format!("in the snapshot: {share}{rate}"),
            None => format!("{rows}, in the snapshot"),
        };
    }
    match &state.checkpoint {
        Some(checkpoint) => format!("{rows}, stored up to {}", position(checkpoint)),
        None => rows,
    }
}

/// How much of a snapshot is read, and how long the rest takes. `None`: nobody knows how many rows there are, or there are more
/// than was thought.
fn share(snapshot: &SnapshotProgress, read: u64, took: Duration) -> Option<String> {
    let all = snapshot
        .estimated_rows
        .filter(|&all| all > 0 && read <= all)?;
    let percent = u128::from(read) * 100 / u128::from(all);
    let (rows, about) = (grouped(read), grouped(all));
    let left = (took.as_millis() * u128::from(all - read))
        .checked_div(u128::from(read))
        .map_or_else(String::new, |millis| {
            format!(", about {} s left", millis.div_ceil(1_000))
        });
    Some(format!("{rows} of about {about} rows ({percent} %{left})"))
}

/// What the last line of each connection told, and when.
#[derive(Default)]
struct LastLines(BTreeMap<String, (u64, bool, Instant)>);

impl LastLines {
    /// Whether there is something new to tell, which is then told. That the position moves on while no row comes is not.
    fn are_old(&mut self, name: &str, state: &ConnectionProgress, now: Instant) -> bool {
        let told = self.0.get(name);
        let old = told.is_none_or(|(rows, in_snapshot, at)| {
            (*rows, *in_snapshot) != (state.rows, state.snapshot.is_some())
                || now.duration_since(*at) >= REMIND
        });
        if old {
            let told = (state.rows, state.snapshot.is_some(), now);
            self.0.insert(name.to_owned(), told);
        }
        old
    }
}

/// Rows per second, measured since the last look that is long enough ago.
#[derive(Default)]
struct Rates(BTreeMap<String, Rate>);

struct Rate {
    at: Instant,
    rows: u64,
    per_second: Option<u64>,
}

impl Rates {
    fn of(&mut self, name: &str, rows: u64) -> Option<u64> {
        let now = Instant::now();
        let Some(last) = self.0.get_mut(name) else {
            let first = Rate {
                at: now,
                rows,
                per_second: None,
            };
            self.0.insert(name.to_owned(), first);
            return None;
        };
        let millis = u64::try_from(now.duration_since(last.at).as_millis()).unwrap_or(u64::MAX);
        if now.duration_since(last.at) >= RATE_OVER {
            let per_second = (rows - last.rows.min(rows)).saturating_mul(1_000) / millis.max(1);
            *last = Rate {
                at: now,
                rows,
                per_second: Some(per_second),
            };
        }
        last.per_second
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_tells_its_share_and_what_is_left() {
        let snapshot = |estimated_rows| SnapshotProgress {
            before: 0,
            estimated_rows,
            began: Instant::now(),
        };
        let ten = Duration::from_secs(10);
        let of_three = snapshot(Some(3_000_000));
        let told = |read| share(&of_three, read, ten);
        assert_eq!(
            told(1_200_000).as_deref(),
            Some("1,200,000 of about 3,000,000 rows (40 %, about 15 s left)")
        );
        assert_eq!(told(0).as_deref(), Some("0 of about 3,000,000 rows (0 %)"));
        assert_eq!(
            told(3_000_000).as_deref(),
            Some("3,000,000 of about 3,000,000 rows (100 %, about 0 s left)")
        );
        assert_eq!(told(3_000_001), None, "never above 100 %");
        assert_eq!(share(&snapshot(None), 5, ten), None);
        assert_eq!(share(&snapshot(Some(0)), 0, ten), None);
    }

    #[test]
    fn a_line_comes_when_there_is_news_or_after_a_minute() {
        let mut lines = LastLines::default();
        let start = Instant::now();
        let mut state = ConnectionProgress::default();
        let mut at = |seconds: u64, rows: u64| {
            state.rows = rows;
            lines.are_old("c", &state, start + Duration::from_secs(seconds))
        };
        let told = [(0, 0), (5, 0), (10, 2), (15, 2), (69, 2), (70, 2), (75, 2)]
            .map(|(seconds, rows)| at(seconds, rows));
        assert_eq!(told, [true, false, true, false, false, true, false]);
    }
}
