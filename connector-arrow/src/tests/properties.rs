//! Any columns become a valid record batch of the same values.

use arrow_array::Array;
use connector_core::{Column, Field, FieldType};
use proptest::prelude::*;

use super::batches::{batch, field_of, field_types, fields, samples};
use crate::record_batch;

/// A value for a row: null, not sent, or made from the seed.
fn value(field_type: FieldType, seed: u64) -> Field {
    let samples = samples(field_type);
    let places = samples.len() as u64 + 4;
    let place = usize::try_from(seed % places).unwrap();
    match (
        samples.get(place),
        place - samples.len().min(place),
        field_type,
    ) {
        (Some(sample), ..) => sample.clone(),
        (None, 0, _) => Field::Null,
        (None, 1, _) => Field::Unchanged,
        (None, _, FieldType::Int) => Field::Int(seed.cast_signed()),
        (None, _, FieldType::UInt) => Field::UInt(seed),
        (None, _, FieldType::String) => Field::String(seed.to_string()),
        (None, _, FieldType::Binary) => Field::Binary(seed.to_le_bytes().to_vec()),
        (None, ..) => samples[0].clone(),
    }
}

fn columns() -> impl Strategy<Value = Vec<Column>> {
    let types = proptest::collection::vec(proptest::sample::select(field_types()), 1..6);
    (types, 0..70_usize).prop_flat_map(|(types, rows)| {
        let seeds = proptest::collection::vec(any::<u64>(), types.len() * rows);
        seeds.prop_map(move |seeds| {
            let mut seeds = seeds.into_iter();
            let column = |field_type: &FieldType| {
                let mut column = Column::new(*field_type);
                for seed in seeds.by_ref().take(rows) {
                    column.push(value(*field_type, seed).as_value()).unwrap();
                }
                column
            };
            types.iter().map(column).collect()
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_columns_become_a_valid_record_batch_of_the_same_values(columns in columns()) {
        let expected: Vec<(FieldType, Vec<Field>)> =
            columns.iter().map(|column| (column.field_type(), fields(column))).collect();
        let rows = record_batch(batch(columns)).unwrap();
        for array in rows.columns() {
            array.to_data().validate_full().unwrap();
        }
        for ((field_type, expected), array) in expected.iter().zip(rows.columns()) {
            let read: Vec<Field> =
                (0..array.len()).map(|row| field_of(*field_type, array, row)).collect();
            prop_assert_eq!(&read, expected);
        }
    }

    #[test]
    fn a_column_cut_short_becomes_its_first_rows(columns in columns(), len in 0..70_usize) {
        let Some(mut column) = columns.into_iter().next() else { return Ok(()) };
        column.truncate(len);
        let (field_type, expected) = (column.field_type(), fields(&column));
        let rows = record_batch(batch(vec![column])).unwrap();
        let read: Vec<Field> = (0..rows.num_rows())
            .map(|row| field_of(field_type, rows.column(0), row))
            .collect();
        prop_assert_eq!(read, expected);
    }
}
