//! Learning that another connection has committed, without reading the log.

use std::fmt;
use std::thread::sleep;
use std::time::{Duration, Instant};

use connector_core::{Error, Result};

use crate::connect::{Patience, retry};
use crate::read::{Handle, Statement, ValueRef};

const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(50);

/// Watches SQLite's `data_version`, a number that changes when any other connection commits to the file. Asking costs
/// a few microseconds.
pub struct DataVersion<H: Handle> {
    statement: Statement<H>,
    seen: i64,
    pause: Duration,
}

impl<H: Handle> fmt::Debug for DataVersion<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataVersion")
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}

impl<H: Handle> DataVersion<H> {
    /// Begins to watch: commits before this call do not count. Begin before you look at the log, so that no commit
    /// falls between the two.
    pub fn watch(handle: H) -> Result<Self> {
        let mut statement = Statement::prepare(handle, "PRAGMA main.data_version")?;
        let seen = retry(Patience::default(), || read(&mut statement))?;
        Ok(Self {
            statement,
            seen,
            pause: SHORTEST,
        })
    }

    /// Whether another connection has committed since the last look.
    pub fn changed(&mut self) -> Result<bool> {
        let now = match read(&mut self.statement) {
            Ok(now) => now,
            // Busy: someone is committing, or recovering the file. The next look will tell.
            Err(error) if error.is_transient() => return Ok(false),
            Err(error) => return Err(error),
        };
        Ok(std::mem::replace(&mut self.seen, now) != now)
    }

    /// Waits until another connection commits; `false` when `limit` has passed or `cancelled` says true before that.
    ///
    /// It looks every millisecond while there is traffic, and down to every 50 ms when there is none.
    pub fn wait(&mut self, limit: Duration, cancelled: &dyn Fn() -> bool) -> Result<bool> {
        let start = Instant::now();
        loop {
            if self.changed()? {
                self.pause = SHORTEST;
                return Ok(true);
            }
            let left = limit.saturating_sub(start.elapsed());
            if left.is_zero() || cancelled() {
                return Ok(false);
            }
            sleep(self.pause.min(left));
            self.pause = (self.pause * 5 / 4).min(LONGEST);
        }
    }
}

fn read<H: Handle>(statement: &mut Statement<H>) -> Result<i64> {
    let row = statement.step()?;
    let version = match statement.value(0) {
        ValueRef::Integer(version) if row => version,
        _ => return Err(Error::source("SQLite gave no `data_version`")),
    };
    statement.reset();
    Ok(version)
}
