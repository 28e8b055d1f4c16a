//! The moments at which a run can break off: before and after everything that changes the disk.

use std::io;

/// One such moment. Outside of this crate's tests nothing ever breaks here.
#[inline]
#[cfg_attr(
    not(test),
    expect(
        clippy::unnecessary_wraps,
        reason = "a test breaks off here, and the caller is to notice"
    )
)]
pub(crate) fn step() -> io::Result<()> {
    #[cfg(test)]
    injected::step()?;
    Ok(())
}

#[cfg(test)]
pub(crate) use injected::broken_at;

#[cfg(test)]
mod injected {
    use std::cell::Cell;
    use std::io;

    thread_local! {
        /// Steps of this thread since a break was asked for, and where it is to be.
        static STEPS: Cell<Option<(usize, usize)>> = const { Cell::new(None) };
    }

    /// Runs something that breaks off at a step, and at every later one, as a process that is gone does. The second is how many
    /// steps there were.
    pub(crate) fn broken_at<T>(step: usize, run: impl FnOnce() -> T) -> (T, usize) {
        STEPS.set(Some((0, step)));
        let result = run();
        let steps = STEPS.take().map_or(0, |(steps, _)| steps);
        (result, steps)
    }

    pub(super) fn step() -> io::Result<()> {
        let Some((steps, broken)) = STEPS.get() else {
            return Ok(());
        };
        STEPS.set(Some((steps + 1, broken)));
        if steps >= broken {
            return Err(io::Error::other("broken off"));
        }
        Ok(())
    }
}
