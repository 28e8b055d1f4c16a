//! What was derived under another name works as everywhere.

use connector_tests_renamed::platform::{
    ColumnTypes, ConnectorConfig, DecimalSize, DozerSource, Event, FieldType,
};
use connector_tests_renamed::{Line, Station, StationKey, Tables, Types, Weather};

#[test]
fn tables_types_and_settings_are_declared() {
    let tables = Tables::tables();
    assert_eq!(tables[0].key_columns(), [0]);
    assert_eq!(tables[1].table_name, "line");
    assert_eq!(tables[0].columns[2].field_type(), Some(FieldType::Float));
    let decimal = Types::from_name("DECIMAL(10, 2)").map(|found| found.field_type());
    assert_eq!(
        decimal,
        Some(Ok(FieldType::Decimal(DecimalSize::new(10, 2))))
    );
    assert_eq!(Weather::NAME, "weather");
}

#[test]
fn events_are_made() {
    let gone: Event<Tables> = Event::<Station>::delete(StationKey { id: 7 }).among();
    assert!(matches!(gone, Event::Change(_)));
    let new: Event<Tables> = Event::insert(Line {
        text: "hello".to_owned(),
    })
    .among();
    assert!(matches!(new, Event::Change(_)));
}
