//! Runs are broken off before and after every step that stores something, and begun again.

use connector_core::pipeline::{Pipeline, RunOptions};

use super::{APP, CONNECTION, Memory, Subject};
use crate::outcome::{Failure, ensure};

impl Subject {
    /// Breaks a run off at every step, goes on, and compares with a run that nothing broke off. Gives how many breaks
    /// there were. Batches of one row each put a step around every change.
    ///
    /// # Errors
    /// When a run fails by itself, or the sink does not hold, in the end, what the unbroken run stored.
    pub fn survives_every_break(&self) -> Result<usize, Failure> {
        self.survives_every_break_from(&Memory::default())
    }

    /// As [`survives_every_break`](Self::survives_every_break), beginning with what is stored already.
    ///
    /// # Errors
    /// As [`survives_every_break`](Self::survives_every_break).
    pub fn survives_every_break_from(&self, start: &Memory) -> Result<usize, Failure> {
        self.survives(start, &[1, 256, 1 << 20])
    }

    /// As [`survives_every_break`](Self::survives_every_break), with batches of these sizes in bytes: for sources of
    /// many rows.
    ///
    /// # Errors
    /// As [`survives_every_break`](Self::survives_every_break).
    pub fn survives_every_break_of(&self, batch_bytes: &[usize]) -> Result<usize, Failure> {
        self.survives(&Memory::default(), batch_bytes)
    }

    fn survives(&self, start: &Memory, batch_bytes: &[usize]) -> Result<usize, Failure> {
        let mut breaks = 0;
        for &batch_bytes in batch_bytes {
            let unbroken = start.fork();
            self.run(&unbroken, batch_bytes)?;
            for step in 0..unbroken.steps() {
                self.breaks_at(step, start, &unbroken, batch_bytes)
                    .map_err(|failure| {
                        failure.within(format!(
                            "after a break at step {step} of batches of {batch_bytes} bytes"
                        ))
                    })?;
                breaks += 1;
            }
        }
        Ok(breaks)
    }

    fn breaks_at(
        &self,
        step: usize,
        start: &Memory,
        unbroken: &Memory,
        batch_bytes: usize,
    ) -> Result<(), Failure> {
        let memory = start.fork();
        memory.break_at(step);
        let broken = self.run(&memory, batch_bytes);
        ensure!(
            broken.is_err() || memory.steps() <= step,
            "the run did not notice it"
        );
        let positions = memory.commits();
        self.run(&memory, batch_bytes)?;
        unbroken.same_rows(&memory)?;
        let stored = positions.last();
        ensure!(
            memory
                .commits()
                .iter()
                .skip(positions.len())
                .all(|later| stored.is_none_or(|stored| later.lsn >= stored.lsn)),
            "positions went back"
        );
        Ok(())
    }

    /// The rows that one unbroken run stores.
    ///
    /// # Errors
    /// When the run fails.
    pub fn stores(&self) -> Result<Memory, Failure> {
        let memory = Memory::default();
        self.run(&memory, 1 << 20)?;
        Ok(memory)
    }

    pub(crate) fn run(&self, memory: &Memory, batch_bytes: usize) -> Result<(), Failure> {
        let mut pipeline = Pipeline::shared(std::sync::Arc::clone(&self.connector))
            .named(APP, CONNECTION)
            .batch_bytes(batch_bytes)
            .into(memory.sink());
        if let Some(tables) = &self.tables {
            pipeline = pipeline.tables(tables.clone());
        }
        let cancellation = connector_core::Cancellation::new();
        let options = RunOptions {
            once: true,
            cancellation: cancellation.clone(),
            ..RunOptions::default()
        };
        self.patience
            .bound(&cancellation, "a run", move || pipeline.run_with(&options))?
            .map(drop)
            .map_err(Failure::from)
    }
}
