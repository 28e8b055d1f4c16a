//! Typed rows out of the values that a check gives.

use connector_core::{Column, DozerSource, Field, FromRow, RowReader};

/// The typed row of these values: for a fixture whose source takes typed rows.
///
/// # Panics
/// When the values are not those of the row's one table.
#[expect(clippy::panic, reason = "a test fails by panicking")]
pub fn typed<R: DozerSource + for<'r> FromRow<'r>>(row: &[Field]) -> R {
    read(row).unwrap_or_else(|| panic!("{row:?} is not a row of {:?}", R::TABLE))
}

/// The typed row of these values, where they are those of one.
pub(crate) fn read<R: DozerSource + for<'r> FromRow<'r>>(row: &[Field]) -> Option<R> {
    let tables = R::tables();
    let columns = tables.first()?.columns.iter().zip(row);
    let columns: Option<Vec<Column>> = columns
        .map(|(column, value)| {
            let mut buffer = Column::new(column.field_type()?);
            buffer.push(value.as_value()).ok()?;
            Some(buffer)
        })
        .collect();
    R::from_row(&mut RowReader::new(&columns?, 0)).ok()
}
