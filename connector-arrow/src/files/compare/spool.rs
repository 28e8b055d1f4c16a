//! Rows in a temporary file that nobody else sees.

use std::fs::File;
use std::io::{Read as _, Result as IoResult, Seek as _, SeekFrom, Write as _};

use connector_core::{Error, ErrorKind, Result};

use super::Cells;

/// So many bytes are written at once.
const PIECE: usize = 1 << 20;
/// A file of fewer rows than these is not written anew.
const FEW: u64 = 100_000;

/// Where no row is.
pub(super) const NOWHERE: u64 = u64::MAX;

/// The file. What is no longer needed stays in it until it is [rewritten](Self::rewrite).
#[derive(Debug)]
pub(super) struct Spool {
    file: File,
    /// The bytes in the file; what comes after them is in `tail`.
    written: u64,
    tail: Vec<u8>,
    rows: u64,
}

impl Spool {
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            file: tempfile::tempfile().map_err(|error| failed("made", &error))?,
            written: 0,
            tail: Vec::new(),
            rows: 0,
        })
    }

    /// Keeps a row; where it lies.
    pub(super) fn keep(&mut self, cells: &Cells) -> Result<u64> {
        let at = self.written + self.tail.len() as u64;
        let bytes = cells.bytes();
        self.tail
            .extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        self.tail.extend_from_slice(bytes);
        self.rows += 1;
        if self.tail.len() >= PIECE {
            self.write().map_err(|error| failed("written", &error))?;
        }
        Ok(at)
    }

    /// The row that lies there.
    pub(super) fn row(&mut self, at: u64) -> Result<Cells> {
        let mut length = [0; 8];
        self.read(at, &mut length)
            .map_err(|error| failed("read", &error))?;
        let length = usize::try_from(u64::from_le_bytes(length)).map_err(Error::sink)?;
        let mut bytes = vec![0; length];
        self.read(at + 8, &mut bytes)
            .map_err(|error| failed("read", &error))?;
        Ok(Cells::from_bytes(bytes))
    }

    /// Whether most rows are no longer needed, when these many are.
    pub(super) fn is_mostly_waste(&self, needed: u64) -> bool {
        self.rows > FEW + 3 * needed
    }

    /// Leaves out what nobody points at any more.
    pub(super) fn rewrite<'a>(&mut self, places: impl Iterator<Item = &'a mut u64>) -> Result<()> {
        let mut anew = Self::new()?;
        for at in places.filter(|at| **at != NOWHERE) {
            let row = self.row(*at)?;
            *at = anew.keep(&row)?;
        }
        *self = anew;
        Ok(())
    }

    fn write(&mut self) -> IoResult<()> {
        self.file.seek(SeekFrom::Start(self.written))?;
        self.file.write_all(&self.tail)?;
        self.written += self.tail.len() as u64;
        self.tail.clear();
        Ok(())
    }

    fn read(&mut self, at: u64, into: &mut [u8]) -> IoResult<()> {
        if let Some(within) = at.checked_sub(self.written) {
            let mut tail = usize::try_from(within)
                .ok()
                .and_then(|within| self.tail.get(within..))
                .unwrap_or_default();
            return tail.read_exact(into);
        }
        self.file.seek(SeekFrom::Start(at))?;
        self.file.read_exact(into)
    }
}

fn failed(what: &str, error: &std::io::Error) -> Error {
    Error::new(
        ErrorKind::Sink,
        format!("the temporary file for the comparison cannot be {what}: {error}"),
    )
    .with_help("free some space there, or set `TMPDIR` to a directory that has room for the rows")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Cells {
        let mut cells = Cells::default();
        cells.push_value(text.as_bytes());
        cells
    }

    #[test]
    fn rows_are_found_again_after_others_were_left_out() {
        let mut spool = Spool::new().unwrap();
        let row = |number: u64| cells(&format!("{number}-{}", "x".repeat(1000)));
        let mut places: Vec<u64> = (0..5000)
            .map(|number| spool.keep(&row(number)).unwrap())
            .collect();
        for (number, at) in (0..).zip(&places) {
            assert_eq!(spool.row(*at).unwrap().bytes(), row(number).bytes());
        }
        let mut kept = places.split_off(4990);
        kept[3] = NOWHERE;
        spool.rewrite(kept.iter_mut()).unwrap();
        assert_eq!(spool.rows, 9);
        for (number, at) in (4990..).zip(kept) {
            if at != NOWHERE {
                assert_eq!(spool.row(at).unwrap().bytes(), row(number).bytes());
            }
        }
    }
}
