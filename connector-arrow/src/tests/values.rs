//! Values read back, types, schemas and what is refused.

use std::sync::Arc;

use arrow_array::Array;
use arrow_schema::DataType;
use connector_core::{Column, Field, FieldType, ReplicationChangesTrackingType as Tracking};

use super::batches::{
    batch, batch_of, column, decimal, definition, field_of, field_types, fields, samples, source,
};
use crate::{BatchConverter, ChangeColumn, record_batch, schema};

#[test]
fn every_type_reads_back_what_the_column_holds() {
    for field_type in field_types() {
        let mut values = samples(field_type);
        values.insert(1, Field::Null);
        values.push(Field::Unchanged);
        let column = column(field_type, &values);
        let expected = fields(&column);
        let rows = record_batch(batch(vec![column])).unwrap();
        rows.column(0).to_data().validate_full().unwrap();
        let read: Vec<Field> = (0..rows.num_rows())
            .map(|row| field_of(field_type, rows.column(0), row))
            .collect();
        assert_eq!(read, expected, "{field_type}");
    }
}

#[test]
fn a_slice_reads_the_same_rows() {
    for field_type in field_types() {
        let mut values = samples(field_type);
        values.insert(1, Field::Null);
        let values = vec![values; 5].concat();
        let column = column(field_type, &values);
        let expected = fields(&column);
        let slice = record_batch(batch(vec![column]))
            .unwrap()
            .slice(3, values.len() - 5);
        for row in 0..slice.num_rows() {
            let read = field_of(field_type, slice.column(0), row);
            assert_eq!(read, expected[row + 3], "{field_type}");
        }
    }
}

#[test]
fn an_empty_batch_has_the_schema_and_no_rows() {
    let columns: Vec<Column> = field_types().into_iter().map(Column::new).collect();
    let given = batch(columns);
    let expected = schema(&given.schema).unwrap();
    let rows = record_batch(given).unwrap();
    assert_eq!((rows.num_rows(), rows.schema()), (0, expected));
}

#[test]
fn a_table_without_columns_keeps_its_number_of_rows() {
    let mut given = batch_of(source(Vec::new()), Vec::new());
    given.ops = vec![connector_core::RowOp::Insert; 3];
    let converter = BatchConverter::with_changes(Arc::clone(&given.schema), &[]).unwrap();
    assert_eq!(converter.convert(given).unwrap().num_rows(), 3);
}

#[test]
fn a_scale_above_the_precision_widens_the_precision() {
    for (field_type, expected) in [
        (decimal(10, 2), DataType::Decimal128(10, 2)),
        (decimal(2, 5), DataType::Decimal128(5, 5)),
        (decimal(5, -3), DataType::Decimal128(5, -3)),
        (decimal(10, 50), DataType::Decimal256(50, 50)),
        (decimal(40, 60), DataType::Decimal256(60, 60)),
        (FieldType::U128, DataType::Decimal256(39, 0)),
    ] {
        let rows = record_batch(batch(vec![Column::new(field_type)])).unwrap();
        assert_eq!(rows.column(0).data_type(), &expected, "{field_type}");
    }
}

#[test]
fn metadata_tells_what_the_source_says() {
    let mut amount = definition("amount", decimal(10, 2));
    amount.external_type = Some("NUMERIC(10, 2)".to_owned());
    amount.description = Some("in euros".to_owned());
    amount.nullable = false;
    let mut source = source(vec![definition("note", FieldType::Text), amount]);
    source.schema.primary_index = vec![1];
    source.namespace = Some("public".to_owned());
    let schema = schema(&source).unwrap();
    let of = |place: usize, key: &str| schema.field(place).metadata().get(key).map(String::as_str);
    assert_eq!(of(1, "dozer.type"), Some("Decimal(10, 2)"));
    assert_eq!(of(1, "dozer.external_type"), Some("NUMERIC(10, 2)"));
    assert_eq!(of(1, "dozer.nullable"), Some("false"));
    assert_eq!(of(1, "dozer.key"), Some("1"));
    assert_eq!(of(1, "comment"), Some("in euros"));
    assert_eq!((of(0, "dozer.key"), of(0, "comment")), (None, None));
    let table = |key: &str| schema.metadata().get(key).map(String::as_str);
    assert_eq!(table("dozer.namespace"), Some("public"));
    assert_eq!(table("dozer.tracking"), Some("full changes"));
    assert_eq!(table("comment"), None);
}

#[test]
fn only_the_key_keeps_not_null_where_old_rows_may_be_partial() {
    let fields = ["id", "name"].map(|name| connector_core::FieldDefinition {
        nullable: false,
        ..definition(name, FieldType::Int)
    });
    let mut source = source(fields.to_vec());
    source.schema.primary_index = vec![0];
    for (tracking, expected) in [
        (Tracking::FullChanges, [false, true]),
        (Tracking::OnlyPK, [false, true]),
        (Tracking::Nothing, [false, false]),
    ] {
        source.replication_type = tracking;
        let schema = schema(&source).unwrap();
        assert_eq!(
            [0, 1].map(|place| schema.field(place).is_nullable()),
            expected
        );
    }
}

#[test]
fn a_null_in_the_key_is_refused() {
    let mut id = definition("id", FieldType::Int);
    id.nullable = false;
    let mut source = source(vec![id]);
    source.schema.primary_index = vec![0];
    let given = batch_of(source, vec![column(FieldType::Int, &[Field::Null])]);
    let error = record_batch(given).unwrap_err().to_string();
    assert!(error.contains("'id'") && error.contains("null"), "{error}");
}

#[test]
fn a_column_with_the_name_of_a_change_column_is_refused_until_the_choice_leaves_it_out() {
    let source = Arc::new(source(vec![definition("_lsn", FieldType::Int)]));
    let error = BatchConverter::new(Arc::clone(&source))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("source `readings` has a column `_lsn` already"),
        "{error}"
    );
    let chosen = [ChangeColumn::Seq, ChangeColumn::Op];
    let schema = BatchConverter::with_changes(source, &chosen)
        .unwrap()
        .schema();
    let names: Vec<&str> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    assert_eq!(names, ["_lsn", "_seq", "_op"]);
}

#[test]
fn a_batch_of_another_schema_is_refused() {
    let converter = BatchConverter::new(batch(vec![Column::new(FieldType::Int)]).schema).unwrap();
    let other = batch(vec![Column::new(FieldType::UInt)]);
    let error = converter.convert(other).unwrap_err().to_string();
    assert!(
        error.contains("the batch has another schema than the converter"),
        "{error}"
    );
}

#[test]
fn columns_that_are_not_those_of_the_schema_are_refused() {
    let mut wrong_type = batch(vec![Column::new(FieldType::Int)]);
    wrong_type.columns = vec![Column::new(FieldType::Float)];
    let mut too_few = batch(vec![Column::new(FieldType::Int)]);
    too_few.columns.clear();
    let mut too_long = batch(vec![column(FieldType::Int, &[Field::Int(1)])]);
    too_long.columns = vec![column(FieldType::Int, &[Field::Int(1), Field::Int(2)])];
    for given in [wrong_type, too_few, too_long] {
        assert!(record_batch(given).is_err());
    }
}
