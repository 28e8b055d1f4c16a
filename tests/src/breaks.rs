//! Runs are broken off before and after every step that stores something, and begun again.

use connector_core::Result;
use connector_core::pipeline::{Pipeline, RunOptions};

use super::{Memory, Subject};

impl Subject {
    /// Breaks a run off at every step, goes on, and compares with a run that nothing broke off. Gives how many breaks
    /// there were. Batches of one row each put a step around every change.
    ///
    /// # Errors
    /// When a run fails by itself.
    ///
    /// # Panics
    /// When the sink does not hold, in the end, what the unbroken run stored.
    pub fn survives_every_break(&self) -> Result<usize> {
        self.survives_every_break_from(&Memory::default())
    }

    /// As [`survives_every_break`](Self::survives_every_break), beginning with what is stored already.
    ///
    /// # Errors
    /// When a run fails by itself.
    ///
    /// # Panics
    /// When the sink does not hold, in the end, what the unbroken run stored.
    pub fn survives_every_break_from(&self, start: &Memory) -> Result<usize> {
        self.survives(start, &[1, 256, 1 << 20])
    }

    /// As [`survives_every_break`](Self::survives_every_break), with batches of these sizes in bytes: for sources of
    /// many rows.
    ///
    /// # Errors
    /// When a run fails by itself.
    ///
    /// # Panics
    /// When the sink does not hold, in the end, what the unbroken run stored.
    pub fn survives_every_break_of(&self, batch_bytes: &[usize]) -> Result<usize> {
        self.survives(&Memory::default(), batch_bytes)
    }

    fn survives(&self, start: &Memory, batch_bytes: &[usize]) -> Result<usize> {
        let mut breaks = 0;
        for &batch_bytes in batch_bytes {
            let unbroken = start.fork();
            self.run(&unbroken, batch_bytes)?;
            for step in 0..unbroken.steps() {
                let memory = start.fork();
                memory.break_at(step);
                let broken = self.run(&memory, batch_bytes);
                assert!(
                    broken.is_err() || memory.steps() <= step,
                    "the break at step {step} was not noticed"
                );
                let positions = memory.commits();
                self.run(&memory, batch_bytes)?;
                assert_eq!(
                    memory.rows(),
                    unbroken.rows(),
                    "after a break at step {step} of batches of {batch_bytes} bytes"
                );
                assert!(
                    memory.commits().iter().skip(positions.len()).all(|later| {
                        positions
                            .last()
                            .is_none_or(|stored| later.lsn >= stored.lsn)
                    }),
                    "after a break at step {step}, positions went back"
                );
                breaks += 1;
            }
        }
        Ok(breaks)
    }

    /// The rows that one unbroken run stores.
    ///
    /// # Errors
    /// When the run fails.
    pub fn stores(&self) -> Result<Memory> {
        let memory = Memory::default();
        self.run(&memory, 1 << 20)?;
        Ok(memory)
    }

    pub(crate) fn run(&self, memory: &Memory, batch_bytes: usize) -> Result<()> {
        let mut pipeline = Pipeline::shared(std::sync::Arc::clone(&self.connector))
            .named("conformance", "subject")
            .batch_bytes(batch_bytes)
            .into(memory.sink());
        if let Some(tables) = &self.tables {
            pipeline = pipeline.tables(tables.clone());
        }
        pipeline
            .run_with(&RunOptions {
                once: true,
                ..RunOptions::default()
            })
            .map(drop)
    }
}
