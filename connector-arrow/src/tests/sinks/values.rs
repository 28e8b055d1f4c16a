//! Values read back from files.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Decimal128Type, Decimal256Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef};
use connector_core::{
    Column, Decimal, Field, FieldType, I256, Phase, RowOp, SourceSchema, TimeUnit, Timestamp,
};

use super::held::{files, read};
use super::{KINDS, Kind, batch_at, rows_of, target};
use crate::tests::batches::{column, definition, field_of, field_types, fields, samples, source};

/// Values of the type that the file format can hold.
fn values(kind: Kind, field_type: FieldType) -> Vec<Field> {
    let mut values = match field_type {
        // Parquet has milliseconds.
        FieldType::Timestamp(TimeUnit::Second) if kind == Kind::Parquet => {
            [i64::MIN / 1000, -1, 0, i64::MAX / 1000]
                .map(|count| Field::Timestamp(Timestamp::from_unit(count, TimeUnit::Second)))
                .to_vec()
        }
        _ => samples(field_type),
    };
    values.insert(1, Field::Null);
    values.push(Field::Unchanged);
    values
}

pub(super) fn all_types(kind: Kind) -> (Arc<SourceSchema>, Vec<Column>) {
    let types = field_types();
    let longest = types
        .iter()
        .map(|typ| values(kind, *typ).len())
        .max()
        .unwrap();
    let columns = types.iter().map(|typ| {
        let mut values = values(kind, *typ);
        values.resize(longest, Field::Null);
        column(*typ, &values)
    });
    let columns: Vec<Column> = columns.collect();
    let fields = types
        .iter()
        .enumerate()
        .map(|(place, typ)| definition(&format!("c{place}"), *typ));
    (Arc::new(source(fields.collect())), columns)
}

/// As [`field_of`], also of what stands for a type that Parquet lacks.
fn value_of(field_type: FieldType, array: &ArrayRef, row: usize) -> Field {
    if array.is_null(row) {
        return Field::Null;
    }
    match field_type {
        FieldType::Timestamp(TimeUnit::Second)
            if array
                .as_primitive_opt::<TimestampMillisecondType>()
                .is_some() =>
        {
            let count = array.as_primitive::<TimestampMillisecondType>().value(row);
            Field::Timestamp(Timestamp::from_unit(count, TimeUnit::Milli))
        }
        FieldType::Decimal(Some(size)) if size.scale() < 0 => {
            let decimal = if let Some(texts) = array.as_string_opt::<i32>() {
                texts.value(row).parse().unwrap()
            } else if let Some(narrow) = array.as_primitive_opt::<Decimal128Type>() {
                Decimal::from_i128(narrow.value(row), narrow.scale())
            } else {
                let wide = array.as_primitive::<Decimal256Type>();
                let (low, high) = wide.value(row).to_parts();
                Decimal::new(I256::from_parts(low, high), wide.scale()).unwrap()
            };
            Field::Decimal(decimal)
        }
        _ => field_of(field_type, array, row),
    }
}

fn normal(field: Field) -> Field {
    match field {
        Field::Decimal(decimal) => Field::Decimal(decimal.normalize()),
        other => other,
    }
}

#[test]
fn every_type_reads_back_what_the_batch_held() {
    for kind in KINDS {
        let place = tempfile::tempdir().unwrap();
        let (schema, columns) = all_types(kind);
        let expected: Vec<Vec<Field>> = columns.iter().map(fields).collect();
        let mut sink = kind.sink(place.path());
        sink.open(&target(&[Arc::clone(&schema)])).unwrap();
        super::transaction(sink.as_mut(), 7, vec![rows_of(0, &schema, 7, columns)]);
        let rows = files(place.path(), "readings")
            .iter()
            .flat_map(|path| read(path))
            .collect::<Vec<_>>();
        assert_eq!(rows.len(), 1, "{kind:?}");
        for (column, expected) in expected.into_iter().enumerate() {
            let typ = schema.schema.fields[column].typ;
            let array = rows[0].column(column);
            array.to_data().validate_full().unwrap();
            let read = (0..rows[0].num_rows()).map(|row| normal(value_of(typ, array, row)));
            let expected: Vec<Field> = expected.into_iter().map(normal).collect();
            assert_eq!(read.collect::<Vec<_>>(), expected, "{kind:?}: {typ}");
        }
        let lists = rows[0]
            .column_by_name("_unchanged")
            .unwrap()
            .as_list::<i32>();
        let unsent: usize = (0..lists.len())
            .map(|row| lists.value_length(row))
            .map(|it| usize::try_from(it).unwrap())
            .sum();
        assert_eq!(
            unsent,
            field_types().len(),
            "each column has one value that was not sent"
        );
    }
}

#[test]
fn every_operation_is_told_by_its_symbol() {
    for kind in KINDS {
        let place = tempfile::tempdir().unwrap();
        let schema = super::people("people");
        let mut sink = kind.sink(place.path());
        sink.open(&target(&[Arc::clone(&schema)])).unwrap();
        let mut rows = super::new_people(0, &schema, 3, &[1, 2, 3, 4]);
        rows.ops = vec![
            RowOp::Insert,
            RowOp::UpdateBefore,
            RowOp::UpdateAfter,
            RowOp::Delete,
        ];
        super::transaction(sink.as_mut(), 3, vec![rows]);
        let ops: Vec<String> = super::held::people_of(place.path(), "people")
            .iter()
            .map(|row| row.split(' ').next().unwrap().to_owned())
            .collect();
        assert_eq!(ops, ["+I", "-U", "+U", "-D"], "{kind:?}");
    }
}

#[test]
fn seconds_that_milliseconds_cannot_hold_are_an_error_in_parquet() {
    let place = tempfile::tempdir().unwrap();
    let typ = FieldType::Timestamp(TimeUnit::Second);
    let schema = Arc::new(source(vec![definition("at", typ)]));
    let mut sink = Kind::Parquet.sink(place.path());
    sink.open(&target(&[Arc::clone(&schema)])).unwrap();
    let value = Field::Timestamp(Timestamp::from_unit(i64::MAX, TimeUnit::Second));
    let rows = rows_of(0, &schema, 1, vec![column(typ, &[value])]);
    let error = sink
        .write(&batch_at(1, Phase::Changes, vec![rows]))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("column `at`") && error.contains("does not fit"),
        "{error}"
    );
}
