//! The rows of a source without a key: how many there are of each, on both sides.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

use connector_core::Result;
use connector_core::sink::{Compared, Mismatch, MismatchKind};

use super::First;
use super::cells::{Cells, Columns};
use super::log::{Logged, Op};
use super::spool::Spool;

#[derive(Debug)]
pub(super) struct Multiset {
    hashers: [RandomState; 2],
    spool: Spool,
    rows: HashMap<(u64, u64), Count>,
    /// The old row of the update that is under way, and its position.
    old: Option<((u64, u64), Cells)>,
}

#[derive(Debug, Clone, Copy)]
struct Count {
    at: u64,
    source: i64,
    sink: i64,
}

impl Multiset {
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            hashers: [RandomState::new(), RandomState::new()],
            spool: Spool::new()?,
            rows: HashMap::new(),
            old: None,
        })
    }

    pub(super) fn source_has(&mut self, row: &Cells) -> Result<()> {
        self.count(row, 1, 0)
    }

    pub(super) fn sink_tells(&mut self, logged: Logged) -> Result<()> {
        let Logged { op, position, row } = logged;
        match op {
            Op::Insert => self.count(&row, 0, 1)?,
            Op::Delete => self.count(&row, 0, -1)?,
            Op::Old => {
                self.count(&row, 0, -1)?;
                self.old = Some((position, row));
            }
            Op::New => {
                let old = self.old.take().filter(|(of, _)| *of == position);
                let old = old.map(|(_, old)| old).unwrap_or_default();
                self.count(&row.filled_from(&old), 0, 1)?;
            }
            Op::Truncate => {
                self.rows.values_mut().for_each(|count| count.sink = 0);
                self.rows.retain(|_, count| count.source != 0);
            }
        }
        if self.spool.is_mostly_waste(self.rows.len() as u64) {
            let places = self.rows.values_mut().map(|count| &mut count.at);
            self.spool.rewrite(places)?;
        }
        Ok(())
    }

    fn count(&mut self, row: &Cells, source: i64, sink: i64) -> Result<()> {
        let [one, other] = &self.hashers;
        let hash = (one.hash_one(row.bytes()), other.hash_one(row.bytes()));
        let Some(count) = self.rows.get_mut(&hash) else {
            let at = self.spool.keep(row)?;
            self.rows.insert(hash, Count { at, source, sink });
            return Ok(());
        };
        count.source += source;
        count.sink += sink;
        if count.source == 0 && count.sink == 0 {
            self.rows.remove(&hash);
        }
        Ok(())
    }

    pub(super) fn compare(
        mut self,
        columns: &Columns,
        listed: usize,
        out: &mut Compared,
    ) -> Result<()> {
        let mut first = First::new(listed);
        let all = columns.all();
        for count in self.rows.into_values() {
            let more = count.source - count.sink;
            let kind = match more {
                0 => continue,
                1.. => MismatchKind::Missing,
                _ => MismatchKind::Extra,
            };
            match kind {
                MismatchKind::Missing => out.missing += more.unsigned_abs(),
                _ => out.extra += more.unsigned_abs(),
            }
            let row = self.spool.row(count.at)?;
            let key = columns.named(&row, &all);
            first.add(
                row,
                Mismatch {
                    kind,
                    key,
                    columns: Vec::new(),
                },
            );
        }
        out.listed = first.into_list();
        Ok(())
    }
}
