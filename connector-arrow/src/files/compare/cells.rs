//! Rows as texts: one form for the snapshot, for the files and for the names of directories.

use std::cmp::Ordering;
use std::fmt::Write as _;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Decimal256Type, DecimalType,
    DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType, DurationSecondType,
    Float64Type, Int8Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt64Type,
};
use arrow_array::{Array, ArrayRef, ListArray, RecordBatch};
use arrow_schema::{DataType, TimeUnit as ArrowUnit};
use connector_core::sink::ColumnMismatch;
use connector_core::{
    Date, Duration, Error, FieldType, Point, Result, SourceSchema, TimeUnit, Timestamp,
};

use super::unreadable;
use crate::ChangeColumn;

/// Of longer values only so many bytes are shown.
const SHOWN: usize = 32;

/// In place of a length: there is no value, or the source did not send it.
const NULL: u64 = u64::MAX;
const UNSENT: u64 = u64::MAX - 1;

/// A row: each column's value as text or bytes, with its length before it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cells(Vec<u8>);

/// One value of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell<'c> {
    Null,
    Unsent,
    Value(&'c [u8]),
}

impl Cells {
    pub(super) fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn push(&mut self, cell: Cell<'_>) {
        match cell {
            Cell::Null => self.0.extend_from_slice(&NULL.to_le_bytes()),
            Cell::Unsent => self.0.extend_from_slice(&UNSENT.to_le_bytes()),
            Cell::Value(bytes) => self.push_value(bytes),
        }
    }

    pub(super) fn push_value(&mut self, bytes: &[u8]) {
        self.0
            .extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Cell<'_>> {
        let mut rest = self.0.as_slice();
        std::iter::from_fn(move || {
            let (length, after) = rest.split_first_chunk()?;
            let length = u64::from_le_bytes(*length);
            rest = after;
            if length >= UNSENT {
                return Some(if length == NULL {
                    Cell::Null
                } else {
                    Cell::Unsent
                });
            }
            let (value, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
            rest = after;
            Some(Cell::Value(value))
        })
    }

    /// Those at these places.
    pub(super) fn at(&self, places: &[usize]) -> Self {
        let all: Vec<Cell<'_>> = self.iter().collect();
        let mut chosen = Self::default();
        for place in places {
            chosen.push(all.get(*place).copied().unwrap_or(Cell::Null));
        }
        chosen
    }

    /// The same row, with the values of another where none was sent.
    pub(super) fn filled_from(&self, before: &Self) -> Self {
        let mut filled = Self::default();
        let mut before = before.iter();
        for cell in self.iter() {
            let earlier = before.next().unwrap_or(Cell::Unsent);
            filled.push(if cell == Cell::Unsent { earlier } else { cell });
        }
        filled
    }

    /// By the numbers where they are numbers, else by the texts.
    pub(super) fn compared(&self, other: &Self) -> Ordering {
        let number =
            |bytes: &[u8]| -> Option<i128> { std::str::from_utf8(bytes).ok()?.parse().ok() };
        for pair in self.iter().zip(other.iter()) {
            let order = match pair {
                (Cell::Value(one), Cell::Value(other)) => match (number(one), number(other)) {
                    (Some(one), Some(other)) => one.cmp(&other),
                    _ => one.cmp(other),
                },
                (Cell::Value(_), _) => Ordering::Greater,
                (_, Cell::Value(_)) => Ordering::Less,
                _ => Ordering::Equal,
            };
            if order != Ordering::Equal {
                return order;
            }
        }
        Ordering::Equal
    }
}

/// The columns of a source.
#[derive(Debug)]
pub(super) struct Columns(Vec<(String, FieldType)>);

impl Columns {
    pub(super) fn of(source: &SourceSchema) -> Self {
        let fields = source.schema.fields.iter();
        Self(
            fields
                .map(|field| (field.name.clone(), field.typ))
                .collect(),
        )
    }

    pub(super) fn all(&self) -> Vec<usize> {
        (0..self.0.len()).collect()
    }

    /// How to read the rows of a batch; `divided` are the values of columns that are in the path instead. A column that neither
    /// has came later: it is null.
    pub(super) fn of_batch(
        &self,
        batch: &RecordBatch,
        divided: &[(String, Option<String>)],
    ) -> Result<BatchCells> {
        let place = |(name, _): &(String, FieldType)| {
            let of_path = divided.iter().find(|(divides, _)| divides == name);
            let place = match (batch.column_by_name(name), of_path) {
                (Some(array), _) => Place::Array(ArrayRef::clone(array)),
                (None, Some((_, Some(text)))) => Place::Path(text.clone()),
                (None, _) => Place::Null,
            };
            (name.clone(), place)
        };
        let unchanged = batch.column_by_name(ChangeColumn::Unchanged.name());
        let unchanged = unchanged.map(|array| {
            let list = array.as_list_opt::<i32>().cloned();
            list.ok_or_else(|| unreadable("a column `_unchanged` of another type"))
        });
        Ok(BatchCells {
            columns: self.0.iter().map(place).collect(),
            unchanged: unchanged.transpose()?,
        })
    }

    /// These columns of a row, shown; `at` are their places among the source's.
    pub(super) fn named(&self, cells: &Cells, at: &[usize]) -> Vec<(String, String)> {
        let columns = at.iter().filter_map(|place| self.0.get(*place));
        let named = |((name, typ), cell): (&(String, FieldType), Cell<'_>)| {
            (name.clone(), shown(cell, *typ, 0))
        };
        columns.zip(cells.iter()).map(named).collect()
    }

    /// The columns in which two whole rows differ.
    pub(super) fn differing(&self, source: &Cells, sink: &Cells) -> Vec<ColumnMismatch> {
        let cells = source.iter().zip(sink.iter());
        let pairs = self.0.iter().zip(cells);
        let differing = pairs.filter(|(_, (source, sink))| source != sink);
        let mismatch =
            |((name, typ), (source, sink)): (&(String, FieldType), (Cell<'_>, Cell<'_>))| {
                let common = match (source, sink) {
                    (Cell::Value(one), Cell::Value(other)) => {
                        let both = one.iter().zip(other);
                        both.take_while(|(one, other)| one == other).count()
                    }
                    _ => 0,
                };
                ColumnMismatch {
                    column: name.clone(),
                    source: shown(source, *typ, common),
                    sink: shown(sink, *typ, common),
                }
            };
        differing.map(mismatch).collect()
    }
}

/// Where the values of a column are.
#[derive(Debug)]
enum Place {
    Array(ArrayRef),
    Path(String),
    Null,
}

/// The rows of a batch, to be read one by one.
#[derive(Debug)]
pub(super) struct BatchCells {
    columns: Vec<(String, Place)>,
    unchanged: Option<ListArray>,
}

impl BatchCells {
    pub(super) fn cells(&self, row: usize) -> Result<Cells> {
        let unsent = self.unsent(row);
        let unsent = unsent.as_deref().map(|names| names.as_string_opt::<i32>());
        let unsent = match unsent {
            Some(None) => return Err(unreadable("names in `_unchanged` that are no texts")),
            Some(names) => names,
            None => None,
        };
        let is_unsent = |name: &str| {
            let mut names = unsent.iter().flat_map(|names| names.iter().flatten());
            names.any(|unsent| unsent == name)
        };
        let mut cells = Cells::default();
        let mut text = String::new();
        for (name, place) in &self.columns {
            match place {
                _ if is_unsent(name) => cells.push(Cell::Unsent),
                Place::Path(value) => cells.push_value(value.as_bytes()),
                Place::Array(array) if array.is_valid(row) => {
                    push_text(array, row, &mut text, &mut cells)?;
                }
                Place::Array(_) | Place::Null => cells.push(Cell::Null),
            }
        }
        Ok(cells)
    }

    fn unsent(&self, row: usize) -> Option<ArrayRef> {
        let list = self.unchanged.as_ref()?;
        list.is_valid(row).then(|| list.value(row))
    }
}

/// A value as text; texts and bytes are as they are.
fn push_text(array: &ArrayRef, row: usize, text: &mut String, cells: &mut Cells) -> Result<()> {
    text.clear();
    let written = match array.data_type() {
        DataType::Utf8 => {
            cells.push_value(array.as_string::<i32>().value(row).as_bytes());
            return Ok(());
        }
        DataType::Binary => {
            cells.push_value(array.as_binary::<i32>().value(row));
            return Ok(());
        }
        DataType::Boolean => write!(text, "{}", array.as_boolean().value(row)),
        DataType::UInt64 => write!(text, "{}", of::<UInt64Type>(array, row)),
        DataType::Int64 => write!(text, "{}", of::<Int64Type>(array, row)),
        DataType::Int8 => write!(text, "{}", of::<Int8Type>(array, row)),
        DataType::Float64 => write!(text, "{:?}", of::<Float64Type>(array, row)),
        DataType::Decimal128(precision, scale) => {
            let value = of::<Decimal128Type>(array, row);
            *text = Decimal128Type::format_decimal(value, *precision, *scale);
            Ok(())
        }
        DataType::Decimal256(precision, scale) => {
            let value = of::<Decimal256Type>(array, row);
            *text = Decimal256Type::format_decimal(value, *precision, *scale);
            Ok(())
        }
        DataType::Timestamp(unit, _) => {
            let count = match unit {
                ArrowUnit::Second => of::<TimestampSecondType>(array, row),
                ArrowUnit::Millisecond => of::<TimestampMillisecondType>(array, row),
                ArrowUnit::Microsecond => of::<TimestampMicrosecondType>(array, row),
                ArrowUnit::Nanosecond => of::<TimestampNanosecondType>(array, row),
            };
            write!(text, "{}", Timestamp::from_unit(count, unit_of(*unit)))
        }
        DataType::Duration(unit) => {
            let count = match unit {
                ArrowUnit::Second => of::<DurationSecondType>(array, row),
                ArrowUnit::Millisecond => of::<DurationMillisecondType>(array, row),
                ArrowUnit::Microsecond => of::<DurationMicrosecondType>(array, row),
                ArrowUnit::Nanosecond => of::<DurationNanosecondType>(array, row),
            };
            write!(text, "{}", Duration::from_unit(count, unit_of(*unit)))
        }
        DataType::Date32 => write!(text, "{}", Date::from_days(of::<Date32Type>(array, row))),
        DataType::FixedSizeList(_, 2) => {
            let pair = array.as_fixed_size_list().value(row);
            let pair = pair
                .as_primitive_opt::<Float64Type>()
                .ok_or_else(|| unreadable("a point of other numbers"))?;
            let [x, y] = [pair.value(0), pair.value(1)];
            write!(text, "{:?}", Point { x, y })
        }
        other => return Err(unreadable(format!("a column of {other}"))),
    };
    written.map_err(Error::sink)?;
    cells.push_value(text.as_bytes());
    Ok(())
}

fn of<T: ArrowPrimitiveType>(array: &ArrayRef, row: usize) -> T::Native {
    array.as_primitive::<T>().value(row)
}

fn unit_of(unit: ArrowUnit) -> TimeUnit {
    match unit {
        ArrowUnit::Second => TimeUnit::Second,
        ArrowUnit::Millisecond => TimeUnit::Milli,
        ArrowUnit::Microsecond => TimeUnit::Micro,
        ArrowUnit::Nanosecond => TimeUnit::Nano,
    }
}

/// A value as SQL would write it; of a long one the part around `at`.
fn shown(cell: Cell<'_>, typ: FieldType, at: usize) -> String {
    let bytes = match cell {
        Cell::Null => return "NULL".to_owned(),
        Cell::Unsent => return "not sent".to_owned(),
        Cell::Value(bytes) => bytes,
    };
    let print = |part: &[u8]| match typ {
        FieldType::Binary => {
            let mut hex = String::from("x'");
            for byte in part {
                let _ = write!(hex, "{byte:02x}");
            }
            hex.push('\'');
            hex
        }
        FieldType::String | FieldType::Text | FieldType::Json => {
            format!("'{}'", String::from_utf8_lossy(part).replace('\'', "''"))
        }
        _ => String::from_utf8_lossy(part).into_owned(),
    };
    if bytes.len() <= SHOWN {
        return print(bytes);
    }
    let start = at.saturating_sub(SHOWN / 4).min(bytes.len());
    let end = (start + SHOWN).min(bytes.len());
    let part = print(bytes.get(start..end).unwrap_or_default());
    format!("{part} (bytes {start} to {end} of {})", bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(of: &[Cell<'_>]) -> Cells {
        let mut cells = Cells::default();
        of.iter().for_each(|cell| cells.push(*cell));
        cells
    }

    #[test]
    fn a_row_is_read_back_as_it_was_made_and_filled_where_nothing_was_sent() {
        let of = [
            Cell::Value(b"a"),
            Cell::Null,
            Cell::Unsent,
            Cell::Value(b""),
        ];
        let row = cells(&of);
        assert_eq!(row.iter().collect::<Vec<_>>(), of);
        assert_eq!(row.at(&[3, 0]), cells(&[of[3], of[0]]));
        let before = cells(&[Cell::Null, Cell::Value(b"x"), Cell::Value(b"y"), Cell::Null]);
        let filled = cells(&[of[0], of[1], Cell::Value(b"y"), of[3]]);
        assert_eq!(row.filled_from(&before), filled);
        assert_eq!(row.filled_from(&Cells::default()), row);
    }

    #[test]
    fn rows_are_sorted_by_their_numbers_and_texts() {
        let rows = [
            cells(&[Cell::Null]),
            cells(&[Cell::Value(b"-3")]),
            cells(&[Cell::Value(b"9")]),
            cells(&[Cell::Value(b"10")]),
            cells(&[Cell::Value(b"10"), Cell::Value(b"a")]),
        ];
        for pair in rows[..4].windows(2) {
            assert_eq!(pair[0].compared(&pair[1]), Ordering::Less, "{pair:?}");
        }
        assert_eq!(rows[4].compared(&rows[4]), Ordering::Equal);
    }

    #[test]
    fn a_long_value_is_shown_where_it_begins_to_differ() {
        let columns = Columns(vec![("photo".to_owned(), FieldType::Binary)]);
        let (mut one, mut other) = (vec![0_u8; 100], vec![0_u8; 100]);
        (one[60], other[60]) = (0xab, 0xcd);
        let found = columns.differing(&cells(&[Cell::Value(&one)]), &cells(&[Cell::Value(&other)]));
        let part = |byte: &str| {
            format!(
                "x'{}{byte}{}' (bytes 52 to 84 of 100)",
                "00".repeat(8),
                "00".repeat(23)
            )
        };
        assert_eq!(found[0].source, part("ab"));
        assert_eq!(found[0].sink, part("cd"));
        assert_eq!(shown(Cell::Value(b"it's"), FieldType::Text, 0), "'it''s'");
        assert_eq!(shown(Cell::Value(b"12"), FieldType::Int, 0), "12");
        assert_eq!(shown(Cell::Null, FieldType::Int, 0), "NULL");
    }
}
