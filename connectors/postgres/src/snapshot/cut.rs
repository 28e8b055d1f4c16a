//! Where a large table is cut: conditions of which each row fulfils exactly one.

use super::sample;
use crate::quote::{identifier, literal};
use crate::wire::{Connection, PgError};

/// The most pages (of 8 KiB) of one piece, unless it is said: 256 MiB. Small enough that threads end at about the same time, large
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
    /// How many ranges there are where each is found by reading the whole table.
    pub(crate) ranges: u64,
}

/// How many pieces of at most so many pages there are, all about equal: as many for each connection, so that none waits for
/// another at the end. 1: the table is not worth cutting; for a single connection none is, since the server reads the whole of a
/// large table with few buffers, and each stretch of one with all that it has.
pub(crate) fn pieces(pages: u64, piece: u64, connections: u64) -> u64 {
    match pages.div_ceil(piece.max(1)) {
        0 | 1 => 1,
        _ if connections < 2 => 1,
        least => least.next_multiple_of(connections).min(pages),
    }
}

/// Stretches of pages. A server finds them without reading the rest since Postgres 14.
pub(crate) fn by_pages(pages: u64, pieces: u64) -> Vec<String> {
    let bound = |number: u64| u128::from(number) * u128::from(pages) / u128::from(pieces);
    // The last one has no end: what the table has grown by since its pages were counted is in it.
    let stretch = |number: u64| {
        let start = bound(number);
        let end = (number + 1 < pieces).then(|| bound(number + 1));
        // Row 0 of a page is before all of its rows.
        let from = format!("ctid >= '({start},0)'::tid");
        end.map_or_else(
            || from.clone(),
            |end| format!("{from} AND ctid < '({end},0)'::tid"),
        )
    };
    (0..pieces).map(stretch).collect()
}

/// Ranges of the key, about equal in rows, with bounds that are looked up under the connection's snapshot. Empty: the table is
/// not worth cutting.
///
/// # Errors
/// When the server cannot be asked.
pub(crate) fn by_key(
    connection: &mut Connection,
    table: Keyed<'_>,
    pieces: u64,
) -> Result<Vec<String>, PgError> {
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
            by_pages(10, 3),
            [
                "ctid >= '(0,0)'::tid AND ctid < '(3,0)'::tid",
                "ctid >= '(3,0)'::tid AND ctid < '(6,0)'::tid",
                "ctid >= '(6,0)'::tid",
            ]
        );
        assert_eq!(by_pages(8, 1), ["ctid >= '(0,0)'::tid"]);
    }

    #[test]
    fn every_connection_has_as_many_pieces_and_none_is_too_large() {
        assert_eq!(pieces(4, 4, 2), 1);
        assert_eq!(pieces(0, 4, 2), 1);
        // Not one of four pages and one of one.
        assert_eq!(pieces(5, 4, 2), 2);
        assert_eq!(pieces(9, 4, 2), 4);
        // No piece is empty.
        assert_eq!(pieces(5, 4, 8), 5);
        assert_eq!(pieces(3, 0, 2), 3);
        for (pages, piece, connections) in [(1_001, 10, 7), (11_000, 8_192, 2), (77, 3, 4)] {
            let count = pieces(pages, piece, connections);
            assert_eq!(count % connections, 0);
            assert!(pages.div_ceil(count) <= piece);
        }
    }

    #[test]
    fn a_single_connection_copies_a_table_at_once() {
        assert_eq!(pieces(9, 4, 1), 1);
        assert_eq!(pieces(9, 4, 0), 1);
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
