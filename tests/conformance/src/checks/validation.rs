//! What validation says of a selection.

use connector_core::connector::Connector;
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
    }
    Done::passed(planted, "planted faults")
}
