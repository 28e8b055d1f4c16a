//! What `connector generate` prints of its work.

use std::collections::BTreeSet;
use std::path::Path;

use connector_core::pipeline::AppConnection;
use serde::Serialize;

use crate::log::printable;
use crate::output::Table;
use crate::rows::differences::Difference;
use crate::rows::plan::{LeftOut, Planned, Row};

/// What was generated.
#[derive(Serialize)]
pub(super) struct Generated<'a> {
    connection: &'a str,
    /// Absent where the code went to stdout.
    path: Option<String>,
    /// Whether the file was written; not where it held the same already.
    written: bool,
    crates: &'a BTreeSet<String>,
    tables: Vec<TableReport<'a>>,
    /// The code, where it was not written into a file.
    code: Option<&'a str>,
}

#[derive(Serialize)]
struct TableReport<'a> {
    schema: Option<&'a str>,
    table_name: &'a str,
    /// Absent where the table is left out.
    #[serde(rename = "struct")]
    ident: Option<&'a str>,
    fields: usize,
    /// Why there is no struct, or no key in it.
    note: Option<&'a str>,
    left_out: Vec<ColumnReport<'a>>,
}

#[derive(Serialize)]
struct ColumnReport<'a> {
    column: &'a str,
    reason: &'a str,
}

/// Whether a file still matches.
#[derive(Serialize)]
pub(super) struct Checked {
    pub(super) connection: String,
    pub(super) path: String,
    pub(super) differences: Vec<Difference>,
}

impl<'a> Generated<'a> {
    /// `written`: absent where there is no file.
    pub(super) fn of(
        connection: &'a AppConnection,
        path: Option<&Path>,
        written: Option<bool>,
        planned: &'a [Planned],
        crates: &'a BTreeSet<String>,
    ) -> Self {
        Self {
            connection: &connection.name,
            path: path.map(|path| path.display().to_string()),
            written: written.unwrap_or_default(),
            crates,
            tables: planned.iter().map(TableReport::of).collect(),
            code: None,
        }
    }

    /// With the code, if it went into no file.
    pub(super) fn with_code(self, code: &'a str) -> Self {
        let code = self.path.is_none().then_some(code);
        Self { code, ..self }
    }

    pub(super) fn table(&self, width: Option<u16>) -> String {
        let mut tables = Table::new(&["table", "struct", "fields", "left out"]);
        for table in &self.tables {
            let full_name = match table.schema {
                Some(schema) => format!("{schema}.{}", table.table_name),
                None => table.table_name.to_owned(),
            };
            let left_out: Vec<&str> = table.left_out.iter().map(|it| it.column).collect();
            tables.row([
                full_name,
                table.ident.unwrap_or_default().to_owned(),
                table.fields.to_string(),
                left_out.join(", "),
            ]);
        }
        let path = self.path.as_deref().unwrap_or_default();
        let done = if self.written {
            format!("`{path}` written")
        } else {
            format!("`{path}` left as it is: no differences")
        };
        format!("{}\n{}\n", tables.render(width), printable(&done))
    }
}

impl<'a> TableReport<'a> {
    fn of(table: &'a Planned) -> Self {
        let row = table.row.as_ref();
        Self {
            schema: table.schema.as_deref(),
            table_name: &table.table_name,
            ident: row.ok().map(|row| row.ident.as_str()),
            fields: row.map_or(0, |row| row.fields().count()),
            note: match row {
                Ok(row) => row.no_key.as_deref(),
                Err(left_out) => Some(&left_out.reason),
            },
            left_out: row
                .ok()
                .into_iter()
                .flat_map(Row::left_out)
                .map(ColumnReport::of)
                .collect(),
        }
    }
}

impl<'a> ColumnReport<'a> {
    fn of(left_out: &'a LeftOut) -> Self {
        Self {
            column: &left_out.name,
            reason: &left_out.reason,
        }
    }
}

impl Checked {
    pub(super) fn table(&self, width: Option<u16>) -> String {
        let (path, connection) = (&self.path, &self.connection);
        if self.differences.is_empty() {
            return printable(&format!("`{path}` matches the connection `{connection}`")) + "\n";
        }
        let mut table = Table::new(&["table", "column", "difference"]);
        for difference in &self.differences {
            table.row([
                difference.table.clone().unwrap_or_default(),
                difference.column.clone().unwrap_or_default(),
                difference.what.clone(),
            ]);
        }
        let end = format!(
            "`{path}` no longer matches the connection `{connection}`: generate it again, without `--check`"
        );
        format!("{}\n{}\n", table.render(width), printable(&end))
    }
}
