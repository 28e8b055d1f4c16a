//! `connector ls`: what every connection has, and what a run would guarantee.

use connector_core::pipeline::{App, AppConnection, Guarantee};
use connector_core::registry::Registry;
use connector_core::{
    ColumnInfo, ColumnMapping, ErrorKind, FieldType, ReplicationChangesTrackingType, Result,
    SourceSchema, TableInfo, TableKind,
};
use serde::Serialize;

use super::{chosen, of_connection, tag};
use crate::args::{Format, ListArgs};
use crate::console::Console;
use crate::exit::{self, Exit};
use crate::log::printable;
use crate::output::{ErrorReport, Table, document, yes_no};

#[derive(Serialize)]
struct Listing {
    connections: Vec<ConnectionListing>,
}

#[derive(Serialize)]
struct ConnectionListing {
    name: String,
    connector: String,
    error: Option<ErrorReport>,
    /// What a run needs and the source lacks, while its tables can be listed.
    not_ready: Option<ErrorReport>,
    /// Absent where there is no sink.
    guarantee: Option<Guarantee>,
    tables: Vec<TableListing>,
}

#[derive(Serialize)]
struct TableListing {
    schema: Option<String>,
    table_name: String,
    kind: TableKind,
    tracking: ReplicationChangesTrackingType,
    description: Option<String>,
    columns: Vec<ColumnListing>,
}

#[derive(Serialize)]
struct ColumnListing {
    name: String,
    external_type: Option<String>,
    field_type: Option<FieldType>,
    /// Why the column has no field type, and what to do instead.
    unsupported: Option<String>,
    nullable: bool,
    key: Option<u16>,
    description: Option<String>,
}

pub(super) fn run(args: &ListArgs, registry: &Registry, console: &mut Console<'_>) -> Result<Exit> {
    let app = App::load(&args.config.config, registry)?;
    let mut exit = Exit::DONE;
    let mut connections = Vec::new();
    for connection in chosen(&app, args.connection.as_deref())? {
        let mut listing = ConnectionListing {
            name: connection.name.clone(),
            connector: tag(&app, connection),
            error: None,
            not_ready: None,
            guarantee: app.guarantee(connection)?,
            tables: Vec::new(),
        };
        let listed = fill(connection, &mut listing);
        match (listed, connection.check()) {
            (Ok(()), Ok(())) => {}
            // The catalog asks less of a source than a run does.
            (Ok(()), Err(lack)) if lack.kind() != ErrorKind::Config => {
                console.warn(&lack);
                listing.not_ready = Some(ErrorReport::of(&lack));
            }
            // One connection that fails does not hide the others.
            (Err(error), Ok(())) | (_, Err(error)) => {
                console.error(&error);
                exit = exit.or(exit::of(error.kind()));
                listing.error = Some(ErrorReport::of(&error));
            }
        }
        connections.push(listing);
    }
    let listing = Listing { connections };
    let text = match args.format {
        Format::Json => document(&listing)?,
        Format::Table => tables(&listing, console.terminal.stdout),
    };
    console.print(&text)?;
    Ok(exit)
}

/// Lists what the source has; the tables stay listed when their schemas cannot be had.
fn fill(connection: &AppConnection, listing: &mut ConnectionListing) -> Result<()> {
    let connector = &connection.connector;
    let tables = connector
        .get_tables(None)
        .map_err(of_connection(connection))?;
    let supported = |column: &ColumnInfo| !matches!(column.mapping, ColumnMapping::Unsupported(_));
    let whole = tables
        .iter()
        .filter(|table| table.columns.iter().all(supported));
    let selections: Vec<TableInfo> = whole.map(selection).collect();
    let schemas = if selections.is_empty() {
        Ok(Vec::new())
    } else {
        connector
            .get_schemas(Some(selections))
            .map_err(of_connection(connection))
    };
    let known = schemas.as_deref().unwrap_or_default();
    listing.tables = tables
        .into_iter()
        .map(|table| TableListing::of(table, known))
        .collect();
    schemas.map(|_| ())
}

fn selection(table: &TableInfo) -> TableInfo {
    TableInfo {
        columns: Vec::new(),
        ..table.clone()
    }
}

impl TableListing {
    fn of(table: TableInfo, schemas: &[SourceSchema]) -> Self {
        let schema = schemas.iter().find(|schema| {
            schema.table_name == table.table_name && schema.namespace == table.schema
        });
        let column = |column: ColumnInfo| {
            let fields = schema.map(|schema| &schema.schema.fields);
            let field = fields
                .into_iter()
                .flatten()
                .find(|field| field.name == column.name);
            ColumnListing {
                field_type: field.map(|field| field.typ).or(column.field_type()),
                unsupported: match column.mapping {
                    ColumnMapping::Unsupported(why) => Some(why),
                    ColumnMapping::Field(_) | ColumnMapping::Unresolved => None,
                },
                name: column.name,
                external_type: column.external_type,
                nullable: column.nullable,
                key: column.key,
                description: column.description,
            }
        };
        Self {
            columns: table.columns.into_iter().map(column).collect(),
            schema: table.schema,
            table_name: table.table_name,
            kind: table.kind,
            tracking: table.tracking,
            description: table.description,
        }
    }

    fn full_name(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{schema}.{}", self.table_name),
            None => self.table_name.clone(),
        }
    }
}

const COLUMN_HEADER: [&str; 6] = [
    "column",
    "external type",
    "field type",
    "nullable",
    "key",
    "description",
];

/// On a terminal, a table for each table of a source; elsewhere one for all, whose lines can be searched.
fn tables(listing: &Listing, width: Option<u16>) -> String {
    let mut connections = Table::new(&["connection", "connector", "status", "tables", "guarantee"]);
    for connection in &listing.connections {
        let guarantee = connection.guarantee.map(|it| it.to_string());
        let status = match connection {
            ConnectionListing { error: Some(_), .. } => "failed",
            ConnectionListing {
                not_ready: Some(_), ..
            } => "not ready",
            _ => "ok",
        };
        connections.row([
            connection.name.clone(),
            connection.connector.clone(),
            status.to_owned(),
            connection.tables.len().to_string(),
            guarantee.unwrap_or_else(|| "no sink".to_owned()),
        ]);
    }
    let mut parts = vec![connections.render(width)];
    match width {
        Some(_) => parts.extend(listing.of_each_table(|connection, table| {
            let mut columns = Table::new(&COLUMN_HEADER);
            for column in &table.columns {
                columns.row(column.cells());
            }
            let (kind, tracking) = (kind(table.kind), &table.tracking);
            let heading = format!("{connection}: {kind} {}, {tracking}", table.full_name());
            let described = table.description.iter();
            let described = described.map(|text| format!(": {}", on_one_line(text)));
            let heading: String = std::iter::once(heading).chain(described).collect();
            format!("{}\n{}", printable(&heading), columns.render(width))
        })),
        None => parts.extend(listing.flat().iter().map(|table| table.render(None))),
    }
    parts.join("\n")
}

impl Listing {
    fn of_each_table<'a, R>(
        &'a self,
        make: impl Fn(&'a str, &'a TableListing) -> R,
    ) -> impl Iterator<Item = R> {
        let of_connection = |connection: &'a ConnectionListing| {
            let tables = connection.tables.iter();
            tables.map(|table| (connection.name.as_str(), table))
        };
        let tables = self.connections.iter().flat_map(of_connection);
        tables.map(move |(connection, table)| make(connection, table))
    }

    fn flat(&self) -> Vec<Table> {
        let mut tables = Table::new(&["connection", "table", "kind", "old rows", "description"]);
        let mut columns = Table::new(&[
            "connection",
            "table",
            "column",
            "external type",
            "field type",
            "nullable",
            "key",
            "description",
        ]);
        for (connection, table) in self.of_each_table(|connection, table| (connection, table)) {
            tables.row([
                connection.to_owned(),
                table.full_name(),
                kind(table.kind).to_owned(),
                table.tracking.to_string(),
                table
                    .description
                    .as_deref()
                    .map_or_else(String::new, on_one_line),
            ]);
            for column in &table.columns {
                let [name, external, field, nullable, key, description] = column.cells();
                columns.row([
                    connection.to_owned(),
                    table.full_name(),
                    name,
                    external,
                    field,
                    nullable,
                    key,
                    description,
                ]);
            }
        }
        let mut flat = vec![tables, columns];
        flat.retain(|table| !table.is_empty());
        flat
    }
}

impl ColumnListing {
    /// In the order of [`COLUMN_HEADER`].
    fn cells(&self) -> [String; 6] {
        let field_type = match (&self.unsupported, self.field_type) {
            (Some(why), _) => format!("unsupported: {why}"),
            (None, Some(typ)) => typ.to_string(),
            (None, None) => "unknown".to_owned(),
        };
        [
            self.name.clone(),
            self.external_type.clone().unwrap_or_default(),
            field_type,
            yes_no(self.nullable).to_owned(),
            self.key.map_or_else(String::new, |place| place.to_string()),
            self.description
                .as_deref()
                .map_or_else(String::new, on_one_line),
        ]
    }
}

/// A description may have several lines, which mean nothing.
fn on_one_line(description: &str) -> String {
    let words: Vec<&str> = description.split_whitespace().collect();
    words.join(" ")
}

fn kind(kind: TableKind) -> &'static str {
    match kind {
        TableKind::Table => "table",
        TableKind::View => "view",
    }
}
