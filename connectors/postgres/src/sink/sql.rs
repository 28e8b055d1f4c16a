//! The statements by which a table's changes are written: each takes one array for each column.

use super::table::SinkTable;

/// A statement that a table has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// Stores rows in the place of those with the same key.
    Upsert,
    /// Adds rows.
    Insert,
    /// Deletes by key.
    Delete,
    /// Sets all columns but these, by key.
    Patch(Vec<usize>),
    /// The same, and the key, by the old key.
    Move(Vec<usize>),
    /// Deletes rows that are equal, as many as are asked for. Those columns by which rows are found are null that are `true` here.
    Take(Vec<bool>),
}

/// A column's place, and what its array is called.
type Named = (usize, String);

/// The SQL of a statement. The arrays' names are our own, and clash with none of the table's: those stand behind `t.`.
pub(super) fn sql(table: &SinkTable, kind: &Kind) -> String {
    match kind {
        Kind::Insert => insert(table),
        Kind::Upsert => upsert(table),
        Kind::Delete => delete(table),
        Kind::Patch(unknown) => patch(table, unknown),
        Kind::Move(unknown) => moved(table, unknown),
        Kind::Take(nulls) => take(table, nulls),
    }
}

/// What a column is to become, or to be compared with.
fn new(place: usize) -> Named {
    (place, format!("c{place}"))
}

/// What a column of the key is before.
fn old(place: usize) -> Named {
    (place, format!("k{place}"))
}

fn all_but(table: &SinkTable, unknown: &[usize]) -> Vec<Named> {
    let known = table.all().filter(|place| !unknown.contains(place));
    known.map(new).collect()
}

/// The parameters as rows `v` with these names.
fn rows(table: &SinkTable, columns: &[Named], counted: bool) -> String {
    let array = |(number, (place, _)): (usize, &Named)| {
        let base = (table.columns.get(*place)).map_or("text", |column| column.base);
        format!("${number}::{base}[]")
    };
    let mut arrays: Vec<String> = (1..).zip(columns).map(array).collect();
    let mut names: Vec<&str> = columns.iter().map(|(_, name)| name.as_str()).collect();
    if counted {
        arrays.push(format!("${}::bigint[]", columns.len() + 1));
        names.push("wanted");
    }
    format!("unnest({}) AS v({})", arrays.join(", "), names.join(", "))
}

/// The row of the table whose key is that of the arrays.
fn same_key(table: &SinkTable, name: fn(usize) -> Named) -> String {
    let equal = |&place: &usize| format!("t.{} = v.{}", table.column(place), name(place).1);
    let equal: Vec<String> = table.key.iter().map(equal).collect();
    equal.join(" AND ")
}

fn assigned<'n>(table: &SinkTable, columns: impl Iterator<Item = &'n Named>) -> String {
    let set: Vec<String> = columns
        .map(|(place, name)| format!("{} = v.{name}", table.column(*place)))
        .collect();
    set.join(", ")
}

fn insert(table: &SinkTable) -> String {
    format!(
        "INSERT INTO {} ({}) SELECT * FROM {}",
        table.qualified,
        table.list(table.all()),
        rows(table, &all_but(table, &[]), false)
    )
}

fn upsert(table: &SinkTable) -> String {
    let set: Vec<String> = (table.all())
        .filter(|place| !table.key.contains(place))
        .map(|place| format!("{0} = EXCLUDED.{0}", table.column(place)))
        .collect();
    let action = if set.is_empty() {
        "NOTHING".to_owned()
    } else {
        format!("UPDATE SET {}", set.join(", "))
    };
    let key = table.list(table.key.iter().copied());
    format!("{} ON CONFLICT ({key}) DO {action}", insert(table))
}

fn delete(table: &SinkTable) -> String {
    let key: Vec<Named> = table.key.iter().copied().map(old).collect();
    format!(
        "DELETE FROM {} AS t USING {} WHERE {}",
        table.qualified,
        rows(table, &key, false),
        same_key(table, old)
    )
}

fn patch(table: &SinkTable, unknown: &[usize]) -> String {
    let known = all_but(table, unknown);
    let rows = rows(table, &known, false);
    let set = assigned(
        table,
        known.iter().filter(|(place, _)| !table.key.contains(place)),
    );
    if set.is_empty() {
        // Nothing but the key is known, and it stays: a statement that takes the same parameters and does nothing.
        return format!("SELECT FROM {rows} WHERE false");
    }
    format!(
        "UPDATE {} AS t SET {set} FROM {rows} WHERE {}",
        table.qualified,
        same_key(table, new)
    )
}

fn moved(table: &SinkTable, unknown: &[usize]) -> String {
    let known = all_but(table, unknown);
    let set = assigned(table, known.iter());
    let columns: Vec<Named> = (table.key.iter().copied().map(old)).chain(known).collect();
    format!(
        "UPDATE {} AS t SET {set} FROM {} WHERE {}",
        table.qualified,
        rows(table, &columns, false),
        same_key(table, old)
    )
}

fn take(table: &SinkTable, nulls: &[bool]) -> String {
    let all = all_but(table, &[]);
    let row = |names: Vec<String>| format!("(ROW({}))::record", names.join(", "));
    let stored = row(table
        .all()
        .map(|it| format!("t.{}", table.column(it)))
        .collect());
    let wanted = row(all.iter().map(|(_, name)| format!("v.{name}")).collect());
    let mut conditions: Vec<String> = (table.found_by().into_iter().zip(nulls))
        .map(|(place, is_null)| {
            let column = table.column(place);
            if *is_null {
                format!("t.{column} IS NULL")
            } else {
                format!("t.{column} = v.c{place}")
            }
        })
        .collect();
    // Byte by byte: also for types that know no equality, and 1.0 is not 1.00.
    conditions.push(format!("{stored} *= {wanted}"));
    format!(
        "DELETE FROM {0} WHERE ctid = ANY(ARRAY(SELECT d.ctid FROM {1} CROSS JOIN LATERAL \
         (SELECT t.ctid FROM {0} AS t WHERE {2} LIMIT v.wanted) AS d))",
        table.qualified,
        rows(table, &all, true),
        conditions.join(" AND ")
    )
}
