//! From what a person selects to what a stream is asked for.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::source::SelectedTable;
use crate::suggest::suggest;
use crate::types::{
    ColumnInfo, ColumnMapping, ReplicationChangesTrackingType as Tracking, TableInfo,
};
use crate::validation::{Finding, Rule, Severity};

/// The tables of a source, to be found by name: many are looked for among many.
#[derive(Debug)]
pub(super) struct Tables<'t> {
    all: &'t [TableInfo],
    /// The places of the tables of each name, in every schema.
    by_name: HashMap<&'t str, Vec<usize>>,
}

impl<'t> Tables<'t> {
    pub(super) fn of(all: &'t [TableInfo]) -> Self {
        let mut by_name: HashMap<_, Vec<usize>> = HashMap::with_capacity(all.len());
        for (place, table) in all.iter().enumerate() {
            (by_name.entry(table.table_name.as_str()).or_default()).push(place);
        }
        Self { all, by_name }
    }

    /// The tables of the name, whatever their schema, with their places.
    fn named(&self, wanted: &TableInfo) -> impl Iterator<Item = (usize, &'t TableInfo)> {
        let places = self.by_name.get(wanted.table_name.as_str());
        let places = places.map_or(&[][..], Vec::as_slice);
        (places.iter()).filter_map(|&place| Some((place, self.all.get(place)?)))
    }

    /// The table that a selection names, with its place.
    pub(super) fn find(&self, wanted: &TableInfo) -> Option<(usize, &'t TableInfo)> {
        self.named(wanted)
            .find(|(_, table)| wanted.schema.is_none() || wanted.schema == table.schema)
    }

    /// The same, where it has to be there, and just one.
    fn locate(&self, wanted: &TableInfo) -> Result<(usize, &'t TableInfo)> {
        if wanted.schema.is_none() && self.named(wanted).nth(1).is_some() {
            return Err(ambiguous_table(
                wanted,
                self.named(wanted).map(|(_, table)| table),
            ));
        }
        self.find(wanted)
            .ok_or_else(|| unknown_table(wanted, self.all))
    }
}

/// The selected tables. `None` selects all.
pub(super) fn select(
    all: Vec<TableInfo>,
    wanted: Option<&[TableInfo]>,
) -> Result<Vec<SelectedTable>> {
    let whole: Vec<TableInfo>;
    let wanted = if let Some(wanted) = wanted {
        wanted
    } else {
        whole = all.iter().map(TableInfo::selection).collect();
        &whole
    };
    let tables = Tables::of(&all);
    let chosen = wanted.iter().map(|wanted| choose(&tables, wanted));
    let chosen = chosen.collect::<Result<Vec<_>>>()?;
    each_once(&chosen, &all)?;
    let mut all: Vec<Option<TableInfo>> = all.into_iter().map(Some).collect();
    let selected = chosen.into_iter().filter_map(|chosen| {
        let info = all.get_mut(chosen.place)?.take()?;
        Some(SelectedTable::new(
            chosen.place,
            chosen.name,
            Arc::new(info),
            chosen.columns,
        ))
    });
    Ok(selected.collect())
}

/// A table that is selected, and what of it.
struct Chosen {
    place: usize,
    name: String,
    columns: Vec<usize>,
}

/// A stream delivers each row to one selection: a second one of the same table would stay empty in silence.
fn each_once(chosen: &[Chosen], all: &[TableInfo]) -> Result<()> {
    let mut first = HashMap::new();
    for table in chosen {
        if let Some(other) = first.insert(table.place, &table.name) {
            let selected = all.get(table.place).map(TableInfo::full_name);
            return Err(Error::config(format!(
                "`{other}` and `{}` both select table `{}` of one connection",
                table.name,
                selected.unwrap_or_default()
            ))
            .with_help("select it once, with all columns that are needed, or add a connection for the second"));
        }
    }
    Ok(())
}

fn choose(tables: &Tables<'_>, wanted: &TableInfo) -> Result<Chosen> {
    let (place, info) = tables.locate(wanted)?;
    let columns = if wanted.columns.is_empty() {
        (0..info.columns.len()).collect()
    } else {
        let find = |column: &ColumnInfo| {
            let found = info
                .columns
                .iter()
                .position(|known| known.name == column.name);
            found.ok_or_else(|| invalid(unknown_column(column, info), wanted))
        };
        wanted
            .columns
            .iter()
            .map(find)
            .collect::<Result<Vec<usize>>>()?
    };
    for column in columns.iter().filter_map(|&place| info.columns.get(place)) {
        if column.field_type().is_none() {
            return Err(invalid(unsupported(column, info), wanted));
        }
    }
    Ok(Chosen {
        place,
        name: wanted.name.clone(),
        columns,
    })
}

/// What is to be said of a requested table and of each of its requested columns.
pub(super) fn findings(wanted: &TableInfo, tables: &Tables<'_>, out: &mut Vec<Finding>) {
    let info = match tables.locate(wanted) {
        Ok((_, info)) => info,
        Err(error) => {
            let finding = Finding::table(
                &wanted.name,
                Rule::TableExists,
                Severity::Error,
                error.message(),
            );
            out.push(match error.help() {
                Some(help) => finding.with_fix(help),
                None => finding,
            });
            return;
        }
    };
    let ok = |rule, message: String| Finding::table(&wanted.name, rule, Severity::Ok, message);
    out.push(ok(
        Rule::TableExists,
        format!("table `{}` exists", info.full_name()),
    ));
    out.push(match info.tracking {
        Tracking::Nothing => ok(
            Rule::Followed,
            "append-only: rows and inserts, no updates and deletes".to_owned(),
        ),
        tracking => ok(Rule::Followed, format!("old rows: {tracking}")),
    });
    let chosen: Vec<&ColumnInfo> = if wanted.columns.is_empty() {
        info.columns.iter().collect()
    } else {
        wanted
            .columns
            .iter()
            .map(|column| known(column, info).unwrap_or(column))
            .collect()
    };
    for column in &chosen {
        out.push(column_finding(&wanted.name, column, info));
    }
    let missing: Vec<&str> = (info
        .key_columns()
        .into_iter()
        .filter_map(|place| info.columns.get(place)))
    .filter(|key| chosen.iter().all(|column| column.name != key.name))
    .map(|column| column.name.as_str())
    .collect();
    if !missing.is_empty() {
        let names = missing.join("`, `");
        out.push(
            Finding::table(
                &wanted.name,
                Rule::KeySelected,
                Severity::Warning,
                format!(
                    "key columns `{names}` are not selected: a sink cannot tell rows apart by key"
                ),
            )
            .with_fix(format!("add `{names}` to `columns`")),
        );
    }
}

fn known<'a>(column: &ColumnInfo, info: &'a TableInfo) -> Option<&'a ColumnInfo> {
    info.columns.iter().find(|known| known.name == column.name)
}

fn column_finding(table: &str, column: &ColumnInfo, info: &TableInfo) -> Finding {
    let base = |rule, severity, message: String| Finding {
        column: Some(column.name.clone()),
        external_type: column.external_type.clone(),
        field_type: column.field_type().map(|typ| typ.to_string()),
        ..Finding::table(table, rule, severity, message)
    };
    if known(column, info).is_none() {
        let error = unknown_column(column, info);
        let finding = base(Rule::ColumnExists, Severity::Error, error.0);
        return Finding {
            fix: error.1,
            ..finding
        };
    }
    match &column.mapping {
        ColumnMapping::Field(typ) => base(
            Rule::ColumnSupported,
            Severity::Ok,
            format!("becomes `{typ}`"),
        ),
        ColumnMapping::Unsupported(_) | ColumnMapping::Unresolved => {
            let error = unsupported(column, info);
            let finding = base(Rule::ColumnSupported, Severity::Error, error.0);
            Finding {
                fix: error.1,
                ..finding
            }
        }
    }
}

type Complaint = (String, Option<String>);

fn ambiguous_table<'t>(wanted: &TableInfo, found: impl Iterator<Item = &'t TableInfo>) -> Error {
    let names: Vec<String> = found
        .map(|table| format!("`{}`", table.full_name()))
        .collect();
    Error::new(
        ErrorKind::Validation,
        format!(
            "source `{}`: `{}` is the name of several tables: {}",
            wanted.name,
            wanted.table_name,
            names.join(", ")
        ),
    )
    .with_help("say which by `schema`")
}

fn unknown_table(wanted: &TableInfo, all: &[TableInfo]) -> Error {
    let renamed = all.iter().find(|table| {
        let formerly = table.formerly.as_deref();
        formerly.is_some_and(|name| name.eq_ignore_ascii_case(&wanted.table_name))
    });
    if let Some(renamed) = renamed {
        return Error::new(
            ErrorKind::Validation,
            format!(
                "source `{}`: table `{}` was renamed to `{}`",
                wanted.name,
                wanted.full_name(),
                renamed.full_name()
            ),
        )
        .with_help(format!(
            "give it its name back; or set `table_name: {}`, then `dozer migrate` and `dozer app reset`",
            renamed.table_name
        ));
    }
    let names = all.iter().map(|table| table.table_name.as_str());
    let near = suggest(&wanted.table_name, names);
    let error = Error::new(
        ErrorKind::Validation,
        format!(
            "source `{}`: the connection has no table `{}`",
            wanted.name,
            wanted.full_name()
        ),
    );
    match near {
        Some(near) => error.with_help(format!("did you mean `{near}`?")),
        None => error.with_help("`dozer connector ls` lists the tables"),
    }
}

fn unknown_column(column: &ColumnInfo, info: &TableInfo) -> Complaint {
    let names = || info.columns.iter().map(|column| column.name.as_str());
    let fix = match suggest(&column.name, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "its columns: {}",
            names().take(20).collect::<Vec<_>>().join(", ")
        ),
    };
    (
        format!(
            "table `{}` has no column `{}`",
            info.full_name(),
            column.name
        ),
        Some(fix),
    )
}

fn unsupported(column: &ColumnInfo, info: &TableInfo) -> Complaint {
    let declared = column
        .external_type
        .as_deref()
        .map_or_else(String::new, |name| format!(" of type `{name}`"));
    let reason = match &column.mapping {
        ColumnMapping::Unsupported(reason) => reason.as_str(),
        _ => "its type is not known",
    };
    (
        format!(
            "column `{}`{declared} of table `{}` is not supported: {reason}",
            column.name,
            info.full_name()
        ),
        Some("leave it out: list the columns that you need under `columns`".to_owned()),
    )
}

fn invalid((message, help): Complaint, wanted: &TableInfo) -> Error {
    let error = Error::new(
        ErrorKind::Validation,
        format!("source `{}`: {message}", wanted.name),
    );
    match help {
        Some(help) => error.with_help(help),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::FieldType;

    fn tables() -> Vec<TableInfo> {
        let users = || TableInfo::new("users", vec![ColumnInfo::new("id", FieldType::Int)]);
        vec![users().with_schema("public"), users().with_schema("shop")]
    }

    #[test]
    fn a_name_of_several_tables_needs_its_schema() {
        let wanted = TableInfo::select("users");
        let error = select(tables(), Some(std::slice::from_ref(&wanted))).unwrap_err();
        assert_eq!(
            error.message(),
            "source `users`: `users` is the name of several tables: `public.users`, `shop.users`"
        );
        assert_eq!(error.help(), Some("say which by `schema`"));
        let mut found = Vec::new();
        findings(&wanted, &Tables::of(&tables()), &mut found);
        assert!(found.len() == 1 && found[0].is_error());
        let selected = select(tables(), Some(&[wanted.with_schema("shop")])).unwrap();
        assert_eq!(selected[0].place, 1);
    }
}
