//! Tables of one kind of column each. A scale gives them about as many values as it gives `lineitem`.

use super::{Cell, Column, Kind, Table, column};

/// Eight columns of whole numbers.
pub(crate) const NARROW: Table = Table {
    name: "narrow",
    columns: || {
        let columns = (0..8).map(|place| column(format!("n{place}"), "BIGINT", Kind::Integer));
        columns.collect()
    },
    key: &["n0"],
    rows: |scale, take| {
        for row in 0..count(scale, 8) {
            // Spread over all widths that SQLite has for whole numbers.
            let number = |place: i64| (row + 1).wrapping_mul(0x9e37_79b9) >> (place * 6);
            let cells = [0, 1, 2, 3, 4, 5, 6, 7].map(|place| match place {
                0 => Cell::Integer(row),
                place => Cell::Integer(number(place)),
            });
            take(&cells)?;
        }
        Ok(())
    },
};

/// A key and eight columns of text, 100 to 300 bytes each.
pub(crate) const WIDE: Table = Table {
    name: "wide",
    columns: || {
        let texts = (1..9).map(|place| column(format!("t{place}"), "TEXT", Kind::Text));
        let key = column("id", "BIGINT", Kind::Integer);
        std::iter::once(key).chain(texts).collect()
    },
    key: &["id"],
    rows: |scale, take| {
        let text = "Quickly final requests sleep furiously among the żółte deposits; ".repeat(8);
        for row in 0..count(scale, 9) / 10 {
            let cells: [Cell<'_>; 9] = std::array::from_fn(|place| {
                if place == 0 {
                    return Cell::Integer(row);
                }
                let bytes = 100 + (usize::try_from(row).unwrap_or(0) * 31 + place * 17) % 200;
                Cell::Text(&text[..text.floor_char_boundary(bytes)])
            });
            take(&cells)?;
        }
        Ok(())
    },
};

/// A key and 199 columns of whole numbers, floats and short text in turn, every other value null.
pub(crate) const HALF_NULL: Table = Table {
    name: "half_null",
    columns: || {
        let nullable = |place: usize| {
            let (declared, kind) = match place % 3 {
                0 => ("BIGINT", Kind::Integer),
                1 => ("DOUBLE PRECISION", Kind::Number),
                _ => ("VARCHAR(20)", Kind::Text),
            };
            Column {
                nullable: true,
                ..column(format!("c{place}"), declared, kind)
            }
        };
        let key = column("id", "BIGINT", Kind::Integer);
        std::iter::once(key).chain((1..200).map(nullable)).collect()
    },
    key: &["id"],
    rows: |scale, take| {
        for row in 0..count(scale, 200) {
            let text = format!("value {row}");
            let cell = |place: i64| match (place, (row + place) % 2, place % 3) {
                (0, ..) => Cell::Integer(row),
                (_, 0, _) => Cell::Null,
                (_, _, 0) => Cell::Integer(row * place),
                (_, _, 1) => Cell::Hundredths(row + place),
                _ => Cell::Text(&text),
            };
            let cells: Vec<Cell<'_>> = (0..200).map(cell).collect();
            take(&cells)?;
        }
        Ok(())
    },
};

/// How many rows of so many columns have as many values as `lineitem` at this scale.
#[expect(clippy::cast_possible_truncation, reason = "a scale is small")]
fn count(scale: f64, columns: i64) -> i64 {
    ((scale * 6_000_000.0 * 16.0) as i64 / columns).max(1)
}
