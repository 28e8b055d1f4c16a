//! What the source says that it has.

use connector_core::connector::Connector;
use connector_core::{SourceSchema, TableInfo};

use crate::bench::{Bench, Context, field_type};
use crate::outcome::{Done, Failure, Outcome, ensure};
use crate::replay::Replayed;
use crate::subject::Subject;

pub(crate) fn tables_schemas_and_rows_agree(context: &Context<'_>) -> Outcome {
    let mut bench = context.bench()?;
    bench.seed(3);
    let subject = bench.subject();
    all_are_found(&bench, &subject)?;
    agree(&subject)?;
    bench.begin(&subject)?;
    Done::passed(bench.tables().len(), "tables")
}

/// Whether every table is found as it was made.
pub(crate) fn all_are_found(bench: &Bench<'_>, subject: &Subject) -> Result<(), Failure> {
    let found = subject.connector.get_tables(None)?;
    let mut tables = bench.tables().iter();
    tables.try_for_each(|made| is_found(made, &found))
}

/// Whether a table is found as it was made.
fn is_found(made: &TableInfo, found: &[TableInfo]) -> Result<(), Failure> {
    let name = &made.table_name;
    let Some(found) = found.iter().find(|table| &table.table_name == name) else {
        return Err(Failure::new(format!("table `{name}` is not found")));
    };
    let names = |table: &TableInfo| {
        let columns = table.columns.iter();
        columns
            .map(|column| column.name.clone())
            .collect::<Vec<_>>()
    };
    let (expected, listed) = (names(made), names(found));
    ensure!(
        expected == listed,
        "table `{name}`: its columns are said to be {listed:?}, and are {expected:?}"
    );
    for (made, found) in made.columns.iter().zip(&found.columns) {
        let column = &made.name;
        let (expected, said) = (field_type(made)?, field_type(found)?);
        ensure!(
            expected == said,
            "table `{name}`: column `{column}` is said to be `{said}`, and was made as `{expected}`"
        );
        ensure!(
            made.nullable == found.nullable,
            "table `{name}`: column `{column}` is said to be {}, and was made as {}",
            nullable(found.nullable),
            nullable(made.nullable)
        );
    }
    let key = |table: &TableInfo| {
        let columns = table.key_columns().into_iter();
        let names = columns.filter_map(|place| table.columns.get(place));
        names.map(|column| column.name.clone()).collect::<Vec<_>>()
    };
    ensure!(
        key(made) == key(found),
        "table `{name}`: its key is said to be {:?}, and is {:?}",
        key(found),
        key(made)
    );
    Ok(())
}

fn nullable(nullable: bool) -> &'static str {
    if nullable { "nullable" } else { "not null" }
}

/// Whether the tables, the schemas and the tables made of the schemas say the same.
pub(crate) fn agree(subject: &Subject) -> Result<usize, Failure> {
    let selection = subject.tables.as_deref();
    let tables = subject.connector.get_tables(selection)?;
    let schemas = subject.schemas()?;
    let mapped = subject.connector.get_tables_default(selection)?;
    ensure!(
        tables.len() == schemas.len() && tables.len() == mapped.len(),
        "there are {} tables, {} schemas, and {} tables made of schemas",
        tables.len(),
        schemas.len(),
        mapped.len()
    );
    for ((table, schema), mapped) in tables.iter().zip(&schemas).zip(&mapped) {
        same(table, schema)
            .map_err(|failure| failure.within(format!("table `{}`", table.full_name())))?;
        ensure!(
            mapped.table_name == table.table_name && mapped.columns.len() == table.columns.len(),
            "table `{}` is another one in `get_tables_default`",
            table.full_name()
        );
    }
    Ok(tables.len())
}

fn same(table: &TableInfo, schema: &SourceSchema) -> Result<(), Failure> {
    ensure!(
        table.table_name == schema.table_name && table.schema == schema.namespace,
        "its schema is that of `{}`",
        schema.table_name
    );
    ensure!(
        table.columns.len() == schema.schema.fields.len(),
        "it has {} columns, and its schema {} fields",
        table.columns.len(),
        schema.schema.fields.len()
    );
    for (column, field) in table.columns.iter().zip(&schema.schema.fields) {
        ensure!(
            column.name == field.name
                && column.field_type() == Some(field.typ)
                && column.nullable == field.nullable,
            "column `{}` and field `{}` are not the same",
            column.name,
            field.name
        );
    }
    ensure!(
        table.key_columns() == schema.schema.primary_index,
        "its key is {:?}, and that of its schema {:?}",
        table.key_columns(),
        schema.schema.primary_index
    );
    ensure!(
        table.tracking == schema.replication_type,
        "old rows are said to be `{}`, and by its schema `{}`",
        table.tracking,
        schema.replication_type
    );
    Ok(())
}

pub(crate) fn columns_are_chosen_and_reordered(context: &Context<'_>) -> Outcome {
    let mut bench = context.bench()?;
    bench.seed(4);
    let mut tried = 0;
    for (place, table) in bench.tables().to_vec().iter().enumerate() {
        let all: Vec<usize> = (0..table.columns.len()).collect();
        let reversed: Vec<usize> = all.iter().rev().copied().collect();
        let key = table.key_columns();
        let with_key = |wanted: usize| -> Vec<usize> {
            let mut chosen = key.clone();
            if !chosen.contains(&wanted) {
                chosen.insert(0, wanted);
            }
            chosen
        };
        let last = all.len().saturating_sub(1);
        let without_key: Vec<usize> = all
            .iter()
            .copied()
            .filter(|column| !key.contains(column))
            .take(2)
            .collect();
        let mut choices = vec![Vec::new(), all, reversed, with_key(last)];
        choices.push(without_key);
        for columns in choices {
            let chosen = |&column: &usize| table.columns.get(column).map(|it| it.name.clone());
            let names: Vec<String> = columns.iter().filter_map(chosen).collect();
            let select = TableInfo {
                schema: table.schema.clone(),
                ..TableInfo::select(&table.table_name).columns(names.clone())
            };
            let subject = bench.subject().tables(vec![select]);
            let told = || -> Result<_, Failure> {
                let schemas = subject.schemas()?;
                let fields = schemas.iter().flat_map(|schema| &schema.schema.fields);
                let fields: Vec<&String> = fields.map(|field| &field.name).collect();
                ensure!(
                    names.is_empty() || fields.iter().copied().eq(&names),
                    "its schema has the fields {fields:?}"
                );
                Ok(Replayed::of(&schemas, &subject.messages(None)?)?.rows())
            };
            let places = if columns.is_empty() {
                (0..table.columns.len()).collect()
            } else {
                columns
            };
            let expected = (bench.state).projected(&[(place, table.table_name.clone(), places)]);
            told()
                .and_then(|rows| expected.must_be(&rows))
                .map_err(|failure| {
                    failure.within(format!("columns {names:?} of table `{}`", table.table_name))
                })?;
            tried += 1;
        }
    }
    Done::passed(tried, "choices of columns")
}

pub(crate) fn unknown_tables_and_columns_are_refused(context: &Context<'_>) -> Outcome {
    let bench = context.bench()?;
    let subject = bench.subject();
    refused(&*subject.connector, &bench.selection())
}

/// Asks for what is not there.
pub(crate) fn refused(connector: &dyn Connector, selection: &[TableInfo]) -> Outcome {
    let unknown = "no_such_table_x";
    let wanted = || Some(vec![TableInfo::select(unknown)]);
    let Err(error) = connector.get_schemas(wanted()) else {
        return Err(Failure::new(format!(
            "`get_schemas` knows table `{unknown}`, which is not there"
        )));
    };
    ensure!(
        error.to_string().contains(unknown),
        "the error about table `{unknown}` does not name it: {error}"
    );
    ensure!(
        connector.validate(wanted()).is_err(),
        "`validate` accepts table `{unknown}`, which is not there"
    );
    let mut tried = 1;
    for table in selection {
        let wanted = table.clone().columns(["no_such_column_x"]);
        let asked = connector.get_schemas(Some(vec![wanted]));
        let Err(error) = asked else {
            return Err(Failure::new(format!(
                "`get_schemas` knows the column `no_such_column_x` of table `{}`, which is not there",
                table.table_name
            )));
        };
        ensure!(
            error.to_string().contains("no_such_column_x"),
            "the error about the column `no_such_column_x` does not name it: {error}"
        );
        tried += 1;
    }
    Done::passed(tried, "names")
}
