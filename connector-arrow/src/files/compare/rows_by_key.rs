//! The rows of a source that has a key, on both sides.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

use connector_core::Result;
use connector_core::sink::{Compared, Mismatch, MismatchKind};

use super::cells::{Cells, Columns};
use super::log::{Logged, Op};
use super::spool::{NOWHERE, Spool};
use super::{First, unreadable};

/// Two hashes of a key, with seeds of their own: no two keys share both.
type KeyHash = (u64, u64);

/// The rows, each where it lies in the temporary file.
#[derive(Debug)]
pub(super) struct RowsByKey {
    key: Vec<usize>,
    hashers: [RandomState; 2],
    spool: Spool,
    rows: HashMap<KeyHash, Sides>,
    /// The old row of the update that is under way, and its position.
    old: Option<((u64, u64), Cells)>,
}

#[derive(Debug, Clone, Copy)]
struct Sides {
    source: u64,
    sink: u64,
}

impl Sides {
    const NONE: Self = Self {
        source: NOWHERE,
        sink: NOWHERE,
    };
}

impl RowsByKey {
    pub(super) fn new(key: Vec<usize>) -> Result<Self> {
        Ok(Self {
            key,
            hashers: [RandomState::new(), RandomState::new()],
            spool: Spool::new()?,
            rows: HashMap::new(),
            old: None,
        })
    }

    fn hash(&self, row: &Cells) -> KeyHash {
        let key = row.at(&self.key);
        let [one, other] = &self.hashers;
        (one.hash_one(key.bytes()), other.hash_one(key.bytes()))
    }

    pub(super) fn source_has(&mut self, row: &Cells) -> Result<()> {
        let hash = self.hash(row);
        let at = self.spool.keep(row)?;
        self.rows.entry(hash).or_insert(Sides::NONE).source = at;
        Ok(())
    }

    pub(super) fn sink_tells(&mut self, logged: Logged) -> Result<()> {
        let Logged { op, position, row } = logged;
        match op {
            Op::Insert => self.store(&row)?,
            Op::Delete => {
                self.take(&row)?;
            }
            Op::Old => {
                let old = self.take(&row)?.unwrap_or_default();
                self.old = Some((position, row.filled_from(&old)));
            }
            Op::New => {
                let old = self.old.take().filter(|(of, _)| *of == position);
                // An update whose old row is not told has the key that it had.
                let before = match old {
                    Some((_, old)) => Some(old),
                    None => self.take(&row)?,
                };
                self.store(&row.filled_from(&before.unwrap_or_default()))?;
            }
            Op::Truncate => {
                self.rows.values_mut().for_each(|at| at.sink = NOWHERE);
                self.rows.retain(|_, at| at.source != NOWHERE);
            }
        }
        // Each is there twice where both sides have it.
        if self.spool.is_mostly_waste(2 * self.rows.len() as u64) {
            let places = self.rows.values_mut();
            let places = places.flat_map(|at| [&mut at.source, &mut at.sink]);
            self.spool.rewrite(places)?;
        }
        Ok(())
    }

    fn store(&mut self, row: &Cells) -> Result<()> {
        let hash = self.hash(row);
        let at = self.spool.keep(row)?;
        self.rows.entry(hash).or_insert(Sides::NONE).sink = at;
        Ok(())
    }

    /// Takes a row out of the sink's side; what it was.
    fn take(&mut self, row: &Cells) -> Result<Option<Cells>> {
        let hash = self.hash(row);
        let Some(at) = self.rows.get_mut(&hash) else {
            return Ok(None);
        };
        let was = std::mem::replace(&mut at.sink, NOWHERE);
        if at.source == NOWHERE {
            self.rows.remove(&hash);
        }
        if was == NOWHERE {
            return Ok(None);
        }
        self.spool.row(was).map(Some)
    }

    pub(super) fn compare(
        mut self,
        columns: &Columns,
        listed: usize,
        out: &mut Compared,
    ) -> Result<()> {
        let mut first = First::new(listed);
        for at in self.rows.into_values() {
            let mut row = |at: u64| -> Result<Option<Cells>> {
                (at != NOWHERE).then(|| self.spool.row(at)).transpose()
            };
            let (kind, row, differing) = match (row(at.source)?, row(at.sink)?) {
                (Some(source), Some(sink)) if source == sink => continue,
                (Some(source), Some(sink)) => {
                    out.different += 1;
                    let differing = columns.differing(&source, &sink);
                    (MismatchKind::Different, source, differing)
                }
                (Some(source), None) => {
                    out.missing += 1;
                    (MismatchKind::Missing, source, Vec::new())
                }
                (None, Some(sink)) => {
                    out.extra += 1;
                    (MismatchKind::Extra, sink, Vec::new())
                }
                (None, None) => return Err(unreadable("a row of neither side")),
            };
            let by = row.at(&self.key);
            let key = columns.named(&by, &self.key);
            first.add(
                by,
                Mismatch {
                    kind,
                    key,
                    columns: differing,
                },
            );
        }
        out.listed = first.into_list();
        Ok(())
    }
}
