//! What a stretch of work took of the clock, of the processors and of memory.
#![expect(
    unsafe_code,
    reason = "getrusage, sysconf and syncfs have no safe form in libc"
)]

use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::path::Path;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::Result;

/// What a stretch of work took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Took {
    /// By the clock.
    pub(crate) seconds: f64,
    /// Of all processors, of this process and of its children that have ended.
    pub(crate) cpu_seconds: f64,
}

/// Measures from its start.
#[derive(Debug)]
pub(crate) struct Watch {
    start: Instant,
    cpu: f64,
}

impl Watch {
    pub(crate) fn start() -> Self {
        Self {
            start: Instant::now(),
            cpu: cpu_seconds(),
        }
    }

    pub(crate) fn stop(&self) -> Took {
        Took {
            seconds: self.start.elapsed().as_secs_f64(),
            cpu_seconds: cpu_seconds() - self.cpu,
        }
    }
}

/// The processor time of this process and of its children that have ended.
fn cpu_seconds() -> f64 {
    [libc::RUSAGE_SELF, libc::RUSAGE_CHILDREN]
        .map(|who| {
            // SAFETY: an `rusage` is plain numbers, so zeros are one; the call writes to nothing else.
            let usage = unsafe {
                let mut usage = std::mem::zeroed::<libc::rusage>();
                libc::getrusage(who, &raw mut usage);
                usage
            };
            seconds(usage.ru_utime) + seconds(usage.ru_stime)
        })
        .iter()
        .sum()
}

#[expect(clippy::cast_precision_loss, reason = "seconds of a benchmark are few")]
fn seconds(time: libc::timeval) -> f64 {
    time.tv_sec as f64 + time.tv_usec as f64 / 1e6
}

/// The processor time of those children of another process that have ended.
pub(crate) fn children_cpu_seconds(process: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name, in parentheses, may have spaces in it.
    let fields = status.rsplit_once(") ").ok_or("no name in /proc/…/stat")?.1;
    let ticks = fields.split(' ').skip(13).take(2).map(str::parse::<f64>);
    let ticks: f64 = ticks.sum::<std::result::Result<f64, _>>()?;
    // SAFETY: it only gives a number.
    #[expect(clippy::cast_precision_loss, reason = "ticks of a second are few")]
    let each_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) } as f64;
    Ok(ticks / each_second)
}

/// The greatest resident size of this process so far, in KiB.
pub(crate) fn peak_kib() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("no `VmHWM` in /proc/self/status")?.parse()?)
}

/// Waits until what was written to the file system of a directory is on the disk: else it goes there while something is measured.
pub(crate) fn settle(directory: &Path) -> Result<()> {
    let directory = File::open(directory)?;
    // SAFETY: the descriptor is open; nothing else is touched.
    match unsafe { libc::syncfs(directory.as_raw_fd()) } {
        0 => Ok(()),
        _ => Err(std::io::Error::last_os_error().into()),
    }
}
