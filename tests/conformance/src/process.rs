//! What this process holds of the system: memory, threads, open files.

use std::time::Duration;

/// How many threads and open files there are.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Held {
    pub(crate) threads: usize,
    pub(crate) files: usize,
}

impl Held {
    /// What is held now; nothing where the system does not tell.
    pub(crate) fn now() -> Option<Self> {
        let entries = |directory| Some(std::fs::read_dir(directory).ok()?.count());
        Some(Self {
            threads: entries("/proc/self/task")?,
            files: entries("/proc/self/fd")?,
        })
    }
}

/// What is held once it is as expected, or after some seconds.
pub(crate) fn settled(expected: impl Fn(&Held) -> bool) -> Option<Held> {
    for _ in 0..60 {
        let held = Held::now()?;
        if expected(&held) {
            return Some(held);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Held::now()
}

/// The memory that this process has; nothing where the system does not tell.
pub(crate) fn resident_bytes() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: usize = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes << 10)
}

/// The most memory that this process has had; nothing where the system does not tell.
pub(crate) fn most_bytes() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: usize = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes << 10)
}
