//! One table of the sink: its names, its columns, and the SQL that makes it.

use std::collections::HashMap;
use std::fmt::Write as _;

use connector_core::{Error, ErrorKind, Fingerprint, Result, SourceSchema, TableBatch};

use super::column::{Refused, SinkColumn};
use super::sql::Kind;
use crate::quote::identifier;
use crate::wire::Prepared;

/// Postgres cuts longer names, without a word to whoever asked.
const LONGEST_NAME: usize = 63;
/// How the names of what is the sink's own begin.
pub(super) const OWN: &str = "_dozer_";
/// Names that every table has already.
const SYSTEM_COLUMNS: [&str; 7] = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid", "oid"];
/// How many columns the index of a table without a key takes: enough to find a row, cheap to keep.
const INDEXED: usize = 4;

/// One table of the sink.
#[derive(Debug)]
pub(super) struct SinkTable {
    /// The source's name.
    pub(super) source: String,
    /// The table's name in Postgres.
    pub(super) name: String,
    /// The same with its schema, quoted.
    pub(super) qualified: String,
    pub(super) columns: Vec<SinkColumn>,
    pub(super) key: Vec<usize>,
    /// What the server has prepared for it.
    pub(super) statements: HashMap<Kind, Prepared>,
}

impl SinkTable {
    /// # Errors
    /// When Postgres cannot have a table or a column of this name, or this key.
    pub(super) fn new(
        schema: &SourceSchema,
        namespace: &str,
        prefix: &str,
        server_version: u32,
    ) -> Result<Self> {
        let name = format!("{prefix}{}", schema.name);
        let key = schema.schema.primary_index.clone();
        check_name(&name, &format!("the table of source `{}`", schema.name))?;
        if name.starts_with(OWN) {
            return Err(Error::new(
                ErrorKind::Sink,
                format!("a table `{name}` would be among the sink's own"),
            )
            .with_help("give the source another `name`, or the sink a `table_prefix`"));
        }
        let fields = schema.schema.fields.iter().enumerate();
        let columns = fields
            .map(|(place, field)| {
                let what = format!("a column of source `{}`", schema.name);
                check_name(&field.name, &what)?;
                if SYSTEM_COLUMNS.contains(&field.name.as_str()) {
                    return Err(Error::new(
                        ErrorKind::Sink,
                        format!("{what} is called `{}`, as a column that every table of Postgres has", field.name),
                    )
                    .with_help("leave it out of the source's `columns`, or give it another name in a view"));
                }
                let column = SinkColumn::new(field, key.contains(&place), server_version);
                if key.contains(&place) && !column.can_be_key() {
                    return Err(Error::new(
                        ErrorKind::Sink,
                        format!(
                            "source `{}`: the key column `{}` is a `{}`, which Postgres does not compare",
                            schema.name, field.name, column.declared
                        ),
                    )
                    .with_help("read the source through a view with another key"));
                }
                Ok(column)
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            source: schema.name.clone(),
            qualified: format!("{}.{}", identifier(namespace), identifier(&name)),
            name,
            columns,
            key,
            statements: HashMap::new(),
        })
    }

    /// The same table under another name, which is `qualified`.
    pub(super) fn as_temporary(&self, name: &str) -> Self {
        Self {
            source: self.source.clone(),
            name: name.to_owned(),
            qualified: format!("pg_temp.{}", identifier(name)),
            columns: self.columns.clone(),
            key: self.key.clone(),
            statements: HashMap::new(),
        }
    }

    /// A column's quoted name.
    pub(super) fn column(&self, place: usize) -> String {
        (self.columns.get(place)).map_or_else(String::new, |column| identifier(&column.name))
    }

    /// These columns' quoted names, with commas.
    pub(super) fn list(&self, places: impl IntoIterator<Item = usize>) -> String {
        let names: Vec<String> = places.into_iter().map(|place| self.column(place)).collect();
        names.join(", ")
    }

    pub(super) fn all(&self) -> std::ops::Range<usize> {
        0..self.columns.len()
    }

    /// The columns with their types, those of the key not null.
    pub(super) fn definitions(&self) -> String {
        let mut sql = String::new();
        for (place, column) in self.columns.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            let not_null = if self.key.contains(&place) {
                " NOT NULL"
            } else {
                ""
            };
            let _ = write!(
                sql,
                "{comma}{} {}{not_null}",
                identifier(&column.name),
                column.declared
            );
        }
        sql
    }

    /// SQL that gives a table with these columns its key, or the index by which its rows are found.
    pub(super) fn indexed(&self, qualified: &str) -> String {
        if !self.key.is_empty() {
            let key = self.list(self.key.iter().copied());
            return format!("ALTER TABLE {qualified} ADD PRIMARY KEY ({key});");
        }
        let found = self.found_by();
        let Some(first) = found.first().and_then(|place| self.columns.get(*place)) else {
            return String::new();
        };
        let by = if first.is_short() { "btree" } else { "hash" };
        let names = self.list(found);
        format!("CREATE INDEX ON {qualified} USING {by} ({names});")
    }

    /// The columns by which the rows of a table without a key are found: the first short ones, else the first text, by its hash, however
    /// long it is.
    pub(super) fn found_by(&self) -> Vec<usize> {
        let places = |wanted: fn(&SinkColumn) -> bool| {
            let columns = self.columns.iter().enumerate();
            columns
                .filter(move |(_, column)| wanted(column))
                .map(|(place, _)| place)
        };
        let short: Vec<usize> = places(SinkColumn::is_short).take(INDEXED).collect();
        if short.is_empty() {
            places(SinkColumn::has_hash).take(1).collect()
        } else {
            short
        }
    }

    /// An error of a value that Postgres cannot hold.
    #[cold]
    pub(super) fn refused(
        &self,
        rows: &TableBatch,
        place: usize,
        row: usize,
        refused: Refused,
    ) -> Error {
        let (lsn, seq) = rows.position(row).unwrap_or_default();
        let column = self.columns.get(place);
        let (name, declared) =
            column.map_or(("", ""), |it| (it.name.as_str(), it.declared.as_str()));
        let value =
            (rows.columns.get(place)).map_or_else(String::new, |it| it.value(row).preview());
        Error::new(
            ErrorKind::Value,
            format!(
                "table `{}`, column `{name}` at position ({lsn}, {seq}): {value} cannot be stored as `{declared}`: {}",
                self.name,
                refused.reason()
            ),
        )
        .with_help(refused.help())
    }

    #[cold]
    pub(super) fn needs_a_key(&self) -> Error {
        Error::new(
            ErrorKind::Sink,
            format!(
                "an update of `{}` leaves columns out, and the table has no key to find the row by",
                self.name
            ),
        )
        .with_help("give the table a primary key, or let the source send whole rows")
    }

    /// What is said of a table that is not the application's own.
    pub(super) fn foreign(&self) -> Error {
        Error::new(
            ErrorKind::Sink,
            format!(
                "there is a table {} that this application did not make",
                self.qualified
            ),
        )
        .with_help(
            "drop it, rename the source, or give the sink another `schema` or a `table_prefix`",
        )
    }
}

/// The name under which a table is made anew.
pub(super) fn staging_name(app: &str, connection: &str, table: &str) -> String {
    let hash = Fingerprint::new().text(app).text(connection).text(table);
    format!("{OWN}new_{:016x}", hash.finish())
}

/// Whether Postgres can have something of this name, and keep the name as it is.
///
/// # Errors
/// When it cannot.
pub(super) fn check_name(name: &str, what: &str) -> Result<()> {
    let problem = if name.is_empty() {
        "has no name".to_owned()
    } else if name.contains('\0') {
        "has a name with a character of code zero".to_owned()
    } else if name.len() > LONGEST_NAME {
        format!(
            "is called `{name}`, which is {} bytes long, and Postgres keeps {LONGEST_NAME}",
            name.len()
        )
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::Sink, format!("{what} {problem}"))
        .with_help("give the source another `name`; a column gets another one in a view"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_postgres_would_cut_is_refused() {
        assert!(check_name(&"ä".repeat(31), "x").is_ok());
        let error = check_name(&"ä".repeat(32), "the table of source `s`").unwrap_err();
        assert!(error.to_string().contains("64 bytes long"), "{error}");
        assert!(check_name("", "x").is_err());
        assert!(check_name("a\0b", "x").is_err());
    }

    #[test]
    fn a_table_is_made_anew_under_a_name_of_its_own() {
        let name = staging_name("app", "connection", &"t".repeat(63));
        assert!(name.len() <= LONGEST_NAME);
        assert_eq!(name, staging_name("app", "connection", &"t".repeat(63)));
        assert_ne!(name, staging_name("appc", "onnection", &"t".repeat(63)));
    }
}
