//! Keys that cut a table into ranges of about as many rows, from a sample of its pages.

use super::cut::Keyed;
use crate::quote::identifier;
use crate::wire::{Connection, PgError};

/// Pages of the sample for each piece, and of the sample as a whole, at the least and at the most.
const PAGES_A_PIECE: u64 = 30;
const LEAST: u64 = 300;
const MOST: u64 = 30_000;

/// The least key of every piece but the first, in order: the text of each column's value.
///
/// # Errors
/// When the server cannot be asked.
pub(super) fn bounds(
    connection: &mut Connection,
    table: Keyed<'_>,
    pieces: u64,
) -> Result<Vec<Vec<String>>, PgError> {
    let rows = connection.query(&query(table, pieces))?;
    let names: Vec<String> = (0..table.key.len())
        .map(|place| format!("k{place}"))
        .collect();
    rows.iter()
        .map(|row| {
            let values = names.iter().map(|name| Ok(row.text(name)?.to_owned()));
            values.collect()
        })
        .collect()
}

fn query(table: Keyed<'_>, pieces: u64) -> String {
    let sampled = pieces.saturating_mul(PAGES_A_PIECE).clamp(LEAST, MOST);
    let permille = sampled.saturating_mul(1000).div_ceil(table.pages.max(1));
    let permille = permille.clamp(1, 1000);
    let each = |write: &dyn Fn(String, &str, &str) -> String, between: &str| {
        let columns = table.key.iter().enumerate();
        let columns = columns.map(|(place, column)| {
            write(
                format!("k{place}"),
                &identifier(column.name),
                column.type_name,
            )
        });
        columns.collect::<Vec<_>>().join(between)
    };
    let columns = each(&|name, column, _| format!("{column} AS {name}"), ", ");
    let names = each(&|name, _, _| name, ", ");
    let texts = each(&|name, _, _| format!("{name}::text AS {name}"), ", ");
    // A value that its text does not give again cannot be named in a condition.
    let same = each(
        &|name, _, type_name| format!("{name}::text::{type_name} = {name}"),
        " AND ",
    );
    // Where rows are not stored in the order of their keys, each range is found by reading the whole table: then there are only
    // as many as can be read side by side.
    format!(
        "WITH sample AS (
           SELECT {columns}, (ctid::text::point)[0] AS page
             FROM ONLY {schema}.{name} TABLESAMPLE SYSTEM ({permille} / 10.0) REPEATABLE (1)
         ), ranked AS (
           SELECT {names}, page, row_number() OVER (ORDER BY {names}) - 1 AS place, count(*) OVER () AS rows FROM sample
         ), wanted AS (
           SELECT CASE WHEN abs(corr(place, page)) < 0.9 THEN least({pieces}, {ranges}) ELSE {pieces} END AS pieces
             FROM ranked
         )
         SELECT {texts} FROM ranked, wanted
          WHERE place > 0 AND place * pieces / rows > (place - 1) * pieces / rows AND {same}
          ORDER BY place",
        schema = identifier(table.schema),
        name = identifier(table.name),
        ranges = table.ranges,
    )
}
