//! The text of the triggers. Only SQL that old SQLite versions know: one unknown word would lock an older writer out
//! of the whole file.
//!
//! SQLite runs no delete trigger for a row that `OR REPLACE` evicts, unless the writer has set `recursive_triggers`.
//! So a `BEFORE` trigger keeps a copy of each row that the new one conflicts with, in `_dozer_evict_N`, and the
//! `AFTER` trigger, which runs only if the new row went in, logs as deleted those that are gone. All triggers keep
//! one rule: **a kept row is the current image of a live row, or was evicted by the statement that is running**.
//! Updates bring its copies up to date and deletes drop them; so a copy that was left by `OR IGNORE` or an upsert is
//! harmless. A row may be kept more than once, as looking for its older copies costs every upsert more than it saves;
//! the eviction is logged once.

use connector_core::Result;

use super::conflict::{Identity, Side, conditions, identity, update_columns};
use super::layout::{NARROW, evict_table, operation};
use crate::catalog::Table;
use crate::quote::identifier;

/// How many copies of rows that were not evicted may stay. More than one is of use only where triggers of the user's
/// own write to the same table from inside its statements.
const KEPT: usize = 8;

/// The objects to create for one captured table.
#[derive(Debug)]
pub(super) struct Objects {
    /// `CREATE TABLE` for the kept rows.
    pub(super) kept: Option<String>,
    /// The triggers' names and texts, in the order of creation: SQLite runs the newest first.
    pub(super) triggers: Vec<(String, String)>,
}

/// Writes the texts for one table.
pub(super) struct Writer<'a> {
    id: i64,
    table: &'a Table,
    identity: Identity,
    kept: String,
    name: String,
}

impl<'a> Writer<'a> {
    pub(super) fn new(id: i64, table: &'a Table) -> Result<Self> {
        Ok(Self {
            id,
            table,
            identity: identity(table)?,
            kept: identifier(&evict_table(id)),
            name: identifier(&table.name),
        })
    }

    pub(super) fn objects(&self) -> Result<Objects> {
        let evictions = self.identity != Identity::Nothing;
        let mut triggers = Vec::new();
        let mut add = |moment: &str, event: String, when: Option<String>, body: Vec<String>| {
            let name = format!("_dozer_{}_{moment}", self.id);
            let when = when.map(|when| format!(" WHEN {when}")).unwrap_or_default();
            let text = format!(
                "CREATE TRIGGER main.{} {event} ON {}{when} BEGIN\n{};\nEND",
                identifier(&name),
                self.name,
                body.join(";\n")
            );
            triggers.push((name, text));
        };
        // No other update can evict a row.
        let of = match update_columns(self.table, &self.identity) {
            Some(names) if !names.is_empty() => format!(" OF {}", names.join(", ")),
            _ => String::new(),
        };
        if evictions {
            let conditions = conditions(self.table, &self.identity)?;
            let others = self.others(&conditions);
            let insert = ("before_insert", "BEFORE INSERT".to_owned());
            for ((moment, event), conditions) in
                [insert, ("before_update", format!("BEFORE UPDATE{of}"))]
                    .into_iter()
                    .zip([conditions, others])
            {
                add(
                    moment,
                    event,
                    Some(self.any(&conditions)),
                    self.keep(&conditions),
                );
            }
        }
        add(
            "after_insert",
            "AFTER INSERT".into(),
            None,
            self.log("NEW", operation::INSERT),
        );
        let mut update = self.log("OLD", operation::UPDATE_OLD);
        update.extend(self.log("NEW", operation::UPDATE_NEW));
        let mut delete = self.log("OLD", operation::DELETE);
        if evictions {
            delete.push(self.forget());
        }
        add("after_update", "AFTER UPDATE".into(), None, update);
        add("after_delete", "AFTER DELETE".into(), None, delete);
        if evictions {
            // Apart, as SQLite plans an `UPDATE` inside `UPDATE OR REPLACE` with a temporary table.
            add(
                "evicted_refresh",
                "AFTER UPDATE".into(),
                Some(format!(
                    "EXISTS (SELECT 1 FROM {} WHERE {})",
                    self.kept,
                    self.same(Side::Kept, Side::Old)
                )),
                vec![self.refresh()],
            );
            // Created last, so that they run first: an eviction is logged before the change that caused it.
            let gone = format!(
                "({} OR NOT EXISTS (SELECT 1 FROM {} AS _d WHERE {}))",
                self.same(Side::Kept, Side::New),
                self.name,
                self.same(Side::Table, Side::Kept)
            );
            let others = format!("NOT ({}) AND {gone}", self.same(Side::Kept, Side::Old));
            for (moment, event, gone) in [
                ("evicted_insert", "AFTER INSERT".to_owned(), gone),
                ("evicted_update", format!("AFTER UPDATE{of}"), others),
            ] {
                let some = format!("EXISTS (SELECT 1 FROM {} WHERE {gone})", self.kept);
                add(moment, event, Some(some), self.log_gone(&gone));
            }
        }
        Ok(Objects {
            kept: evictions.then(|| self.kept_table()),
            triggers,
        })
    }

    fn same(&self, left: Side, right: Side) -> String {
        self.identity.same(self.table, &self.kept, left, right)
    }

    fn width(&self) -> usize {
        self.table.columns.len()
    }

    fn is_wide(&self) -> bool {
        self.width() > NARROW
    }

    fn values(&self, row: &str) -> Vec<String> {
        self.table
            .columns
            .iter()
            .map(|c| format!("{row}.{}", identifier(&c.name)))
            .collect()
    }

    /// `c0, c1, …` for some of the columns.
    fn columns(range: std::ops::Range<usize>) -> String {
        range
            .map(|place| format!("c{place}"))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Logs the trigger's `NEW` or `OLD` row.
    fn log(&self, row: &str, operation: i64) -> Vec<String> {
        let values = self.values(row);
        let (narrow, wide) = values.split_at(values.len().min(NARROW));
        let mut statements = vec![format!(
            "INSERT INTO _dozer_log(tbl, op, {}) VALUES({}, {operation}, {})",
            Self::columns(0..narrow.len()),
            self.id,
            narrow.join(", ")
        )];
        if self.is_wide() {
            statements.push(format!(
                "INSERT INTO _dozer_log_wide(id, {}) VALUES((SELECT max(id) FROM _dozer_log), {})",
                Self::columns(NARROW..values.len()),
                wide.join(", ")
            ));
        }
        statements
    }

    /// No index: the table never holds more than a handful of rows.
    fn kept_table(&self) -> String {
        let mut columns = vec!["id INTEGER PRIMARY KEY".to_owned()];
        if matches!(self.identity, Identity::Rowid(_)) {
            columns.push("r".to_owned());
        }
        if self.is_wide() {
            columns.push("gone".to_owned());
        }
        columns.push(Self::columns(0..self.width()));
        format!("CREATE TABLE main.{}({})", self.kept, columns.join(", "))
    }

    /// The same conditions for an update: the row that is updated does not conflict with itself.
    fn others(&self, conditions: &[String]) -> Vec<String> {
        let own = self.same(Side::Table, Side::Old);
        conditions
            .iter()
            .map(|condition| format!("{condition} AND NOT ({own})"))
            .collect()
    }

    fn any(&self, conditions: &[String]) -> String {
        let exist = conditions.iter().map(|condition| {
            format!(
                "EXISTS (SELECT 1 FROM {} AS _d WHERE {condition})",
                self.name
            )
        });
        exist.collect::<Vec<_>>().join(" OR ")
    }

    /// Keeps a copy of each row that conflicts, also of one that was kept before.
    ///
    /// Nothing before the inserts reads the kept rows: SQLite would then send each `INSERT … SELECT` through a
    /// temporary table, which costs more than all the rest.
    fn keep(&self, conditions: &[String]) -> Vec<String> {
        let mut columns = Self::columns(0..self.width());
        let mut values = self.values("_d").join(", ");
        if let Identity::Rowid(name) = &self.identity {
            columns = format!("r, {columns}");
            values = format!("_d.{name}, {values}");
        }
        let (kept, name) = (&self.kept, &self.name);
        let mut statements = Vec::new();
        for (place, condition) in conditions.iter().enumerate() {
            // Not once more for a key that conflicts with the same row as an earlier one.
            let once: Vec<_> = conditions
                .iter()
                .take(place)
                .map(|earlier| format!(" AND ({earlier}) IS NOT 1"))
                .collect();
            let once = once.concat();
            statements.push(format!(
                "INSERT INTO {kept}({columns}) SELECT {values} FROM {name} AS _d WHERE {condition}{once}"
            ));
        }
        // The trigger runs only if there is a row to keep, so this is the id of the last one.
        let most = KEPT + conditions.len();
        statements.push(format!(
            "DELETE FROM {kept} WHERE id <= last_insert_rowid() - {most}"
        ));
        statements
    }

    /// Logs as deleted the kept rows that meet the condition, and forgets them.
    fn log_gone(&self, gone: &str) -> Vec<String> {
        let narrow = Self::columns(0..self.width().min(NARROW));
        let (kept, id) = (&self.kept, self.id);
        let delete = operation::DELETE;
        // All copies of a row are the same; one is logged.
        let one = format!(
            "{gone} AND NOT EXISTS (SELECT 1 FROM {kept} AS _l WHERE _l.id > {kept}.id AND {})",
            self.same(Side::Later, Side::Kept)
        );
        let log = |condition: &str| {
            format!(
                "INSERT INTO _dozer_log(tbl, op, {narrow}) SELECT {id}, {delete}, {narrow} FROM {kept} \
                 WHERE {condition} ORDER BY id"
            )
        };
        let forget = format!("DELETE FROM {kept} WHERE {gone}");
        if !self.is_wide() {
            return vec![log(&one), forget];
        }
        let wide = Self::columns(NARROW..self.width());
        vec![
            format!("UPDATE {kept} SET gone = 1 WHERE {one}"),
            log("gone"),
            // The images just logged have consecutive ids, in the order of the kept rows.
            format!(
                "INSERT INTO _dozer_log_wide(id, {wide}) SELECT (SELECT max(id) FROM _dozer_log) - \
                 (SELECT count(*) FROM {kept} AS _l WHERE _l.gone AND _l.id > {kept}.id), {wide} FROM {kept} \
                 WHERE gone"
            ),
            forget,
        ]
    }

    /// Brings the copies of the updated row up to date.
    fn refresh(&self) -> String {
        let mut sets: Vec<_> = (0..)
            .zip(self.values("NEW"))
            .map(|(place, value): (usize, _)| format!("c{place} = {value}"))
            .collect();
        if let Identity::Rowid(name) = &self.identity {
            sets.push(format!("r = NEW.{name}"));
        }
        format!(
            "UPDATE {} SET {} WHERE {}",
            self.kept,
            sets.join(", "),
            self.same(Side::Kept, Side::Old)
        )
    }

    /// Drops the copies of the deleted row.
    fn forget(&self) -> String {
        format!(
            "DELETE FROM {} WHERE {}",
            self.kept,
            self.same(Side::Kept, Side::Old)
        )
    }
}
