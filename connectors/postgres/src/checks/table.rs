//! Checks of a table: whether it can be read, and whether its changes are told.

use connector_core::validation::{Finding, Rule, Severity};

use crate::catalog::{Generated, Publication, Relation, RelationKind, ReplicaIdentity};
use crate::quote::identifier;

/// What is asked of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'w> {
    /// The name that findings give it.
    pub(crate) name: &'w str,
    /// Whether changes are to be followed.
    pub(crate) followed: bool,
    pub(crate) role: &'w str,
    /// The publication's name, and the publication where it is there.
    pub(crate) publication: (&'w str, Option<&'w Publication>),
    /// Whether `migrate` makes and widens the publication.
    pub(crate) own_publication: bool,
}

/// Everything that is to be said of the table.
pub(crate) fn findings(relation: &Relation, wanted: Wanted<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    may_be_read(relation, wanted, &mut found);
    rows_are_all_seen(relation, wanted, &mut found);
    if !relation.kind.can_be_followed() {
        let message = format!(
            "snapshot only: {} has no changes of its own",
            relation.kind.words()
        );
        found.push(finding(wanted, Severity::Warning, message));
        return found;
    }
    if !wanted.followed {
        return found;
    }
    changes_are_logged(relation, wanted, &mut found);
    old_rows_are_told(relation, wanted, &mut found);
    is_published(relation, wanted, &mut found);
    partitions_come_and_go_untold(relation, wanted, &mut found);
    found
}

fn finding(wanted: Wanted<'_>, severity: Severity, message: impl Into<String>) -> Finding {
    Finding::table(wanted.name, Rule::Source, severity, message)
}

fn quoted(relation: &Relation) -> String {
    format!(
        "{}.{}",
        identifier(&relation.schema),
        identifier(&relation.name)
    )
}

/// The role may look into the schema and read every column.
fn may_be_read(relation: &Relation, wanted: Wanted<'_>, found: &mut Vec<Finding>) {
    let role = identifier(wanted.role);
    if !relation.schema_usable {
        let message = format!(
            "role `{}` may not use schema `{}`",
            wanted.role, relation.schema
        );
        let fix = format!(
            "GRANT USAGE ON SCHEMA {} TO {role};",
            identifier(&relation.schema)
        );
        found.push(finding(wanted, Severity::Error, message).with_fix(fix));
    }
    let unreadable: Vec<&str> = (relation.columns.iter())
        .filter(|column| !column.readable)
        .map(|column| &*column.name)
        .collect();
    if unreadable.is_empty() {
        return;
    }
    let grant = format!("GRANT SELECT ON {} TO {role};", quoted(relation));
    if unreadable.len() == relation.columns.len() {
        let message = format!("role `{}` may not read it", wanted.role);
        found.push(finding(wanted, Severity::Error, message).with_fix(grant));
        return;
    }
    for column in unreadable {
        let message = format!("role `{}` may not read the column", wanted.role);
        let error = finding(wanted, Severity::Error, message).for_column(column);
        found.push(error.with_fix(format!("{grant} or leave the column out")));
    }
}

/// Under row-level security a snapshot would have fewer rows than the change stream tells of.
fn rows_are_all_seen(relation: &Relation, wanted: Wanted<'_>, found: &mut Vec<Finding>) {
    if relation.rows_hidden {
        let all = if wanted.followed {
            ", while the change stream tells of all rows"
        } else {
            ": one that would leave rows out fails"
        };
        let message = format!(
            "row-level security may hide rows from role `{}` in the snapshot{all}",
            wanted.role
        );
        let fix = format!("ALTER ROLE {} BYPASSRLS;", identifier(wanted.role));
        found.push(finding(wanted, Severity::Error, message).with_fix(fix));
    }
}

/// The server tells rows of partitions as rows of their table, and nothing of what is done to a partition as a whole.
fn partitions_come_and_go_untold(
    relation: &Relation,
    wanted: Wanted<'_>,
    found: &mut Vec<Finding>,
) {
    if relation.kind == RelationKind::Partitioned {
        let message = "the server does not tell when one partition alone is truncated, attached with rows, or detached";
        found.push(finding(wanted, Severity::Warning, message).with_fix(
            "delete and insert rows instead, or take a new snapshot afterwards with `dozer app reset`",
        ));
    }
}

/// The server writes no log of an unlogged table.
fn changes_are_logged(relation: &Relation, wanted: Wanted<'_>, found: &mut Vec<Finding>) {
    if !relation.logged {
        let fix = format!("ALTER TABLE {} SET LOGGED;", quoted(relation));
        found.push(
            finding(
                wanted,
                Severity::Error,
                "it is unlogged: its changes are written nowhere that they could be read from",
            )
            .with_fix(fix),
        );
    }
}

/// What the replica identity makes of updates and deletes.
fn old_rows_are_told(relation: &Relation, wanted: Wanted<'_>, found: &mut Vec<Finding>) {
    let table = quoted(relation);
    match relation.identity {
        ReplicaIdentity::Full => {}
        ReplicaIdentity::Default if !relation.primary_key.is_empty() => {}
        ReplicaIdentity::Index if !relation.identity_index.is_empty() => {}
        ReplicaIdentity::Index => found.push(
            finding(wanted, Severity::Error, "the index of its replica identity was dropped: the server refuses updates and deletes")
                .with_fix(format!("ALTER TABLE {table} REPLICA IDENTITY DEFAULT;")),
        ),
        ReplicaIdentity::Default | ReplicaIdentity::Nothing => {
            let why = if relation.identity == ReplicaIdentity::Nothing {
                "its replica identity is `nothing`"
            } else {
                "it has no primary key"
            };
            let message = format!("{why}: once it is published, the server refuses updates and deletes; inserts are told");
            found.push(finding(wanted, Severity::Warning, message).with_fix(format!(
                "add a primary key, or run ALTER TABLE {table} REPLICA IDENTITY FULL;"
            )));
        }
    }
}

/// The publication has the table, all of its columns, all of its rows and all operations.
fn is_published(relation: &Relation, wanted: Wanted<'_>, found: &mut Vec<Finding>) {
    let (name, publication) = wanted.publication;
    let add = match publication {
        None => format!(
            "CREATE PUBLICATION {} FOR TABLE {};",
            identifier(name),
            quoted(relation)
        ),
        Some(_) => format!(
            "ALTER PUBLICATION {} ADD TABLE {};",
            identifier(name),
            quoted(relation)
        ),
    };
    let Some(published) =
        publication.and_then(|publication| publication.table(&relation.schema, &relation.name))
    else {
        found.push(if wanted.own_publication {
            finding(
                wanted,
                Severity::Warning,
                "its changes are not published yet",
            )
            .with_fix("`dozer migrate` publishes them, once nothing is an error")
        } else {
            finding(
                wanted,
                Severity::Error,
                format!("publication `{name}` does not have it"),
            )
            .with_fix(add)
        });
        return;
    };
    if let Some(columns) = &published.columns {
        for column in relation
            .columns
            .iter()
            .filter(|column| !columns.contains(&column.number))
        {
            let message = format!(
                "publication `{name}` leaves the column out: the snapshot has it, changes would not"
            );
            let fix = format!(
                "ALTER PUBLICATION {} SET TABLE without a column list, or leave the column out",
                identifier(name)
            );
            found.push(
                finding(wanted, Severity::Error, message)
                    .for_column(&*column.name)
                    .with_fix(fix),
            );
        }
    }
    if let Some(filter) = &published.filter {
        let message = format!(
            "publication `{name}` publishes only the rows for which {filter}, so the snapshot has only these, too"
        );
        found.push(finding(wanted, Severity::Warning, message));
    }
    let Some(publication) = publication else {
        return;
    };
    let operations = [
        ("inserts", publication.inserts),
        ("updates", publication.updates),
        ("deletes", publication.deletes),
        ("truncates", publication.truncates),
    ];
    for (operation, _) in operations.iter().filter(|(_, published)| !published) {
        let message =
            format!("publication `{name}` does not publish {operation}: they would be missed");
        let fix = format!(
            "ALTER PUBLICATION {} SET (publish = 'insert, update, delete, truncate');",
            identifier(name)
        );
        found.push(finding(wanted, Severity::Warning, message).with_fix(fix));
    }
}

/// Why a column's value cannot be had from the change stream, where it cannot.
pub(crate) fn missing_in_changes(generated: Generated) -> Option<&'static str> {
    match generated {
        Generated::No | Generated::Identity => None,
        Generated::Stored | Generated::Virtual => Some(
            "a generated column: logical replication does not send it; compute it from the columns that it is made of",
        ),
    }
}
