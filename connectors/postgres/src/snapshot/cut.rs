//! Where a large table is cut: conditions of which each row fulfils exactly one.

use super::sample;
use crate::quote::{identifier, literal};
use crate::wire::{Connection, PgError};

/// Pages (of 8 KiB) of one piece, unless it is said: 256 MiB. Small enough that threads end at about the same time, large
/// enough that starting a piece costs nothing.
pub(crate) const PIECE: u64 = 32 * 1024;

/// A column of a table's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyColumn<'t> {
    pub(crate) name: &'t str,
    /// The type as the server writes it.
    pub(crate) type_name: &'t str,
}

/// A large table that is to be cut by its key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keyed<'t> {
    pub(crate) schema: &'t str,
    pub(crate) name: &'t str,
    pub(crate) key: &'t [KeyColumn<'t>],
    /// How many pages the table has.
    pub(crate) pages: u64,
    /// How many connections read the snapshot.
    pub(crate) connections: u64,
}

/// Stretches of pages. A server finds them without reading the rest since Postgres 14.
pub(crate) fn by_pages(pages: u64, piece: u64) -> Vec<String> {
    let piece = piece.max(1);
    // The last one has no end: what the table has grown by since its pages were counted is in it.
    let stretch = |number: u64| {
        let start = number * piece;
        let end = (start + piece < pages).then_some(start + piece);
        // Row 0 of a page is before all of its rows.
        let from = format!("ctid >= '({start},0)'::tid");
        end.map_or_else(
            || from.clone(),
            |end| format!("{from} AND ctid < '({end},0)'::tid"),
        )
    };
    (0..pages.div_ceil(piece)).map(stretch).collect()
}

/// Ranges of the key, about equal in rows, with bounds that are looked up under the connection's snapshot. Empty: the table is
/// not worth cutting.
///
/// # Errors
/// When the server cannot be asked.
pub(crate) fn by_key(
    connection: &mut Connection,
    table: Keyed<'_>,
    piece: u64,
) -> Result<Vec<String>, PgError> {
    let pieces = table.pages.div_ceil(piece.max(1));
    if table.key.is_empty() || pieces < 2 {
        return Ok(Vec::new());
    }
    let bounds = sample::bounds(connection, table, pieces)?;
    Ok(ranges(table.key, &bounds))
}

/// The ranges before, between and behind these keys, which are in order. Rows are compared as the index of the key orders
/// them: each is in the range behind the last key that is not greater.
fn ranges(key: &[KeyColumn<'_>], bounds: &[Vec<String>]) -> Vec<String> {
    if bounds.is_empty() {
        return Vec::new();
    }
    let columns: Vec<String> = key.iter().map(|column| identifier(column.name)).collect();
    let columns = columns.join(", ");
    let compared = |operator: &str, bound: &[String]| {
        let values = bound.iter().zip(key).map(|(value, column)| {
            // `"char"` and the like are quoted already.
            format!("{}::{}", literal(value), column.type_name)
        });
        let values: Vec<String> = values.collect();
        format!("({columns}) {operator} ({})", values.join(", "))
    };
    let range = |place: usize| {
        let from = place.checked_sub(1).and_then(|before| bounds.get(before));
        let conditions = [
            from.map(|bound| compared(">=", bound)),
            bounds.get(place).map(|bound| compared("<", bound)),
        ];
        let conditions: Vec<String> = conditions.into_iter().flatten().collect();
        conditions.join(" AND ")
    };
    (0..=bounds.len()).map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_cut_without_gap_or_overlap() {
        assert_eq!(
            by_pages(9, 4),
            [
                "ctid >= '(0,0)'::tid AND ctid < '(4,0)'::tid",
                "ctid >= '(4,0)'::tid AND ctid < '(8,0)'::tid",
                "ctid >= '(8,0)'::tid",
            ]
        );
        assert_eq!(by_pages(8, 4).len(), 2);
        assert_eq!(by_pages(3, 0).len(), 3);
    }

    #[test]
    fn keys_are_cut_without_gap_or_overlap() {
        let key = [
            KeyColumn {
                name: "Weird \"n",
                type_name: "character varying(9)",
            },
            KeyColumn {
                name: "b",
                type_name: "\"char\"",
            },
        ];
        let bound = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
        assert_eq!(
            ranges(&key, &[bound("it's", "x"), bound("z\\", "")]),
            [
                r#"("Weird ""n", "b") < ('it''s'::character varying(9), 'x'::"char")"#,
                r#"("Weird ""n", "b") >= ('it''s'::character varying(9), 'x'::"char") AND ("Weird ""n", "b") < (E'z\\'::character varying(9), ''::"char")"#,
                r#"("Weird ""n", "b") >= (E'z\\'::character varying(9), ''::"char")"#,
            ]
        );
        assert!(ranges(&key, &[]).is_empty());
    }
}
