//! What validation says of a selection.

use connector_core::connector::Connector;
use connector_core::validation::{Finding, Rule, Severity};
use connector_core::{ColumnInfo, TableInfo};

use crate::bench::Context;
use crate::outcome::{Done, Failure, Outcome, ensure};

pub(crate) fn validation_finds_what_is_wrong_and_nothing_else(context: &Context<'_>) -> Outcome {
    let mut bench = context.bench()?;
    bench.seed(1);
    let subject = bench.subject();
    finds(&*subject.connector, &bench.selection())
}

/// Validates a sound selection, then one fault after the other.
pub(crate) fn finds(connector: &dyn Connector, sound: &[TableInfo]) -> Outcome {
    let found = connector.validate_schemas(sound)?;
    if let Some(wrong) = found.iter().find(|finding| finding.is_error()) {
        return Err(Failure::new(format!(
            "nothing is wrong, and validation says: {wrong}"
        )));
    }
    for table in sound {
        ensure!(
            found.iter().any(|finding| finding.table == table.name),
            "nothing is said of table `{}`",
            table.name
        );
    }
    let mut planted = 0;
    for (place, table) in sound.iter().enumerate() {
        let whole = connector.get_tables(Some(std::slice::from_ref(table)))?;
        let columns: Vec<ColumnInfo> = whole
            .first()
            .map(|table| table.columns.clone())
            .unwrap_or_default();
        for column in &columns {
            ensure!(
                found.iter().any(|finding| {
                    finding.table == table.name && finding.column.as_deref() == Some(&column.name)
                }),
                "nothing is said of column `{}` of table `{}`",
                column.name,
                table.name
            );
        }
        let known = columns.iter().map(|column| column.name.clone());
        let no_column = table
            .clone()
            .columns(known.chain(["no_such_column_x".to_owned()]));
        let no_table = TableInfo {
            table_name: "no_such_table_x".to_owned(),
            ..table.clone()
        };
        for (fault, column) in [(no_column, Some("no_such_column_x")), (no_table, None)] {
            let mut selection = sound.to_vec();
            if let Some(place) = selection.get_mut(place) {
                *place = fault;
            }
            let found = connector.validate_schemas(&selection)?;
            let (right, wrong): (Vec<_>, Vec<_>) = found
                .iter()
                .filter(|finding| finding.is_error())
                .partition(|finding| {
                    finding.table == table.name && finding.column.as_deref() == column
                });
            ensure!(
                !right.is_empty(),
                "validation does not find that {} of `{}` is not there",
                column.unwrap_or("the table"),
                table.name
            );
            if let Some(wrong) = wrong.first() {
                return Err(Failure::new(format!(
                    "one fault was planted in `{}`, and validation also says: {wrong}",
                    table.name
                )));
            }
            planted += 1;
        }
        planted += usize::from(leaves_the_key_out(connector, sound, place, &columns)?);
    }
    Done::passed(planted, "planted faults")
}

/// Selects all columns but those of a table's key, and looks for the finding; `false` where that cannot be.
fn leaves_the_key_out(
    connector: &dyn Connector,
    sound: &[TableInfo],
    place: usize,
    columns: &[ColumnInfo],
) -> Result<bool, Failure> {
    let keyed = columns.iter().any(|column| column.key.is_some());
    let others = columns.iter().filter(|column| column.key.is_none());
    let others: Vec<String> = others.map(|column| column.name.clone()).collect();
    let mut selection = sound.to_vec();
    let Some(table) = selection
        .get_mut(place)
        .filter(|_| keyed && !others.is_empty())
    else {
        return Ok(false);
    };
    *table = table.clone().columns(others);
    let name = table.name.clone();
    let found = connector.validate_schemas(&selection)?;
    let says =
        |finding: &&Finding| finding.rule == Rule::KeySelected && finding.severity != Severity::Ok;
    ensure!(
        found
            .iter()
            .filter(says)
            .any(|finding| finding.table == name),
        "validation does not find that the key of `{name}` is not among its columns"
    );
    if let Some(wrong) = found
        .iter()
        .find(|finding| finding.table != name && (finding.is_error() || says(finding)))
    {
        return Err(Failure::new(format!(
            "the key of `{name}` was left out, and validation also says: {wrong}"
        )));
    }
    Ok(true)
}
