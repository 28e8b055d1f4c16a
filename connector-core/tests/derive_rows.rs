//! Rows that `#[derive(DozerSource)]` declares: their tables, and what comes back out of the columns.
#![cfg(feature = "derive")]
#![allow(clippy::expect_used, reason = "a test fails by it")]

mod support;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration as StdDuration;

use connector_core::{
    ColumnInfo, ColumnValue, Date, Decimal, DecimalSize, DozerSource, Duration, Event, FieldType,
    FromRow, Misfit, Point, ReplicationChangesTrackingType, RowImage, SourceRow, Time, TimeUnit,
    Timestamp, Value,
};
use serde::{Deserialize, Serialize};

use support::{changes_of, round_trip};

fn columns<R: DozerSource>() -> Vec<ColumnInfo> {
    R::tables().remove(0).columns
}

fn field_types<R: DozerSource>() -> Vec<(String, FieldType, bool)> {
    (columns::<R>().into_iter())
        .map(|column| {
            (
                column.name.clone(),
                column.field_type().expect("a field"),
                column.nullable,
            )
        })
        .collect()
}

/// Every integer, one column each.
#[derive(Debug, Clone, PartialEq, DozerSource)]
struct Integers {
    a: i8,
    b: i16,
    c: i32,
    d: i64,
    e: i128,
    f: isize,
    g: u8,
    h: u16,
    i: u32,
    j: u64,
    k: u128,
    l: usize,
}

#[test]
fn integers_keep_their_extremes() {
    use FieldType::{I128, Int, Int8, U128, UInt};

    let rows = vec![
        Integers {
            a: i8::MIN,
            b: i16::MIN,
            c: i32::MIN,
            d: i64::MIN,
            e: i128::MIN,
            f: isize::MIN,
            g: 0,
            h: 0,
            i: 0,
            j: 0,
            k: 0,
            l: 0,
        },
        Integers {
            a: i8::MAX,
            b: i16::MAX,
            c: i32::MAX,
            d: i64::MAX,
            e: i128::MAX,
            f: isize::MAX,
            g: u8::MAX,
            h: u16::MAX,
            i: u32::MAX,
            j: u64::MAX,
            k: u128::MAX,
            l: usize::MAX,
        },
    ];
    assert_eq!(round_trip(rows.clone()), rows);
    let types: Vec<_> = field_types::<Integers>()
        .into_iter()
        .map(|(_, field, _)| field)
        .collect();
    assert_eq!(
        types,
        [
            Int8, Int, Int, Int, I128, Int, UInt, UInt, UInt, UInt, U128, UInt
        ]
    );
}

#[derive(Debug, Clone, PartialEq, DozerSource)]
struct Plain {
    flag: bool,
    float: f64,
    single: f32,
    text: String,
    boxed: Box<str>,
    shared: Arc<str>,
    cow: Cow<'static, str>,
    bytes: Vec<u8>,
    digest: [u8; 4],
    decimal: Decimal,
    at: Timestamp,
    day: Date,
    time: Time,
    length: Duration,
    std_length: StdDuration,
    point: Point,
    json: serde_json::Value,
    absent: Option<String>,
    present: Option<i64>,
}

/// `Cow<'static, str>` cannot be read for just any life: this row is written only.
#[derive(Debug, Clone, PartialEq, DozerSource)]
#[dozer(table = "plain")]
struct PlainRead {
    flag: bool,
    float: f64,
    single: f32,
    text: String,
    boxed: Box<str>,
    shared: Arc<str>,
    cow: String,
    bytes: Vec<u8>,
    digest: [u8; 4],
    decimal: Decimal,
    at: Timestamp,
    day: Date,
    time: Time,
    length: Duration,
    std_length: StdDuration,
    point: Point,
    json: serde_json::Value,
    absent: Option<String>,
    present: Option<i64>,
}

#[test]
fn every_other_type_comes_back() {
    let row = PlainRead {
        flag: true,
        float: -0.5,
        single: 1.25,
        text: "Ærø".to_owned(),
        boxed: "boxed".into(),
        shared: "shared".into(),
        cow: "cow".to_owned(),
        bytes: vec![0, 255],
        digest: [1, 2, 3, 4],
        decimal: "123.450".parse().expect("a decimal"),
        at: "2024-02-29T23:59:59.123456Z".parse().expect("a timestamp"),
        day: "1969-12-31".parse().expect("a date"),
        time: "23:59:59.5".parse().expect("a time"),
        length: Duration::from_unit(-1, TimeUnit::Milli),
        std_length: StdDuration::from_micros(7),
        point: Point::new(1.0, -2.0),
        json: serde_json::json!({ "a": [1, null] }),
        absent: None,
        present: Some(5),
    };
    assert_eq!(round_trip(vec![row.clone()]), [row]);
    assert_eq!(field_types::<Plain>(), field_types::<PlainRead>());
}

/// A reading taken
/// by one station.
#[derive(Debug, Clone, PartialEq, DozerSource)]
#[dozer(
    table = "readings",
    schema = "weather",
    tracking = "only_pk",
    rename_all = "camelCase"
)]
struct Reading {
    #[dozer(primary_key)]
    station: String,
    /// Degrees Celsius.
    #[dozer(column = "temp_c")]
    temperature: Option<f64>,
    #[dozer(primary_key)]
    taken_at: Timestamp,
    r#type: u8,
    #[dozer(json)]
    tags: Vec<String>,
    #[dozer(json)]
    extra: Option<BTreeMap<String, i32>>,
    #[dozer(field = Decimal(10, 2))]
    price: Decimal,
    #[dozer(field = Timestamp(ms))]
    sent_at: Timestamp,
    #[dozer(default = sea_level)]
    height: i32,
    #[dozer(skip)]
    local: Vec<StdDuration>,
}

fn sea_level() -> i32 {
    -1
}

fn reading() -> Reading {
    Reading {
        station: "Oslo".to_owned(),
        temperature: Some(-3.5),
        taken_at: "2024-01-01T00:00:00Z".parse().expect("a timestamp"),
        r#type: 3,
        tags: vec!["a".to_owned(), "\"b\"".to_owned()],
        extra: None,
        price: "12.30".parse().expect("a decimal"),
        sent_at: "2024-01-01T00:00:00.001Z".parse().expect("a timestamp"),
        height: 12,
        local: Vec::new(),
    }
}

#[test]
fn the_table_is_as_declared() {
    let table = Reading::tables().remove(0);
    assert_eq!(
        (table.table_name.as_str(), table.schema.as_deref()),
        ("readings", Some("weather"))
    );
    assert_eq!(Reading::TABLE, Some("weather.readings"));
    assert_eq!(
        table.description.as_deref(),
        Some("A reading taken by one station.")
    );
    assert_eq!(table.tracking, ReplicationChangesTrackingType::OnlyPK);
    assert_eq!(table.key_columns(), [0, 2]);
    assert_eq!(
        table.columns[1].description.as_deref(),
        Some("Degrees Celsius.")
    );
    let money = FieldType::Decimal(DecimalSize::new(10, 2));
    let expected = [
        ("station", FieldType::String, false),
        ("temp_c", FieldType::Float, true),
        ("takenAt", FieldType::TIMESTAMP, false),
        ("type", FieldType::UInt, false),
        ("tags", FieldType::Json, false),
        ("extra", FieldType::Json, true),
        ("price", money, false),
        ("sentAt", FieldType::Timestamp(TimeUnit::Milli), false),
        ("height", FieldType::Int, true),
    ];
    assert_eq!(
        field_types::<Reading>(),
        expected.map(|(name, field, null)| (name.to_owned(), field, null))
    );
}

#[test]
fn an_annotated_row_comes_back() {
    assert_eq!(round_trip(vec![reading()]), [reading()]);
}

#[test]
fn the_key_struct_is_the_old_image() {
    let key = ReadingKey::from(&reading());
    assert_eq!(
        key,
        ReadingKey {
            station: "Oslo".to_owned(),
            taken_at: reading().taken_at
        }
    );
    let events = vec![
        Event::Begin { lsn: 1 },
        Event::update(key.clone(), reading()),
        Event::delete(key.clone()),
        Event::Commit,
    ];
    assert_eq!(key.table(), 0);
    assert_eq!(
        format!("{key:?}"),
        format!(
            "ReadingKey {{ station: \"Oslo\", taken_at: {:?} }}",
            key.taken_at
        )
    );
    let given = [
        Event::SnapshotStarted { lsn: 0 },
        Event::SnapshotDone { lsn: 0 },
    ];
    let given = given.into_iter().chain(events.clone()).collect();
    let read = changes_of::<Reading>(given);
    for event in events {
        assert!(read.contains(&event), "{event:?} is not among {read:?}");
    }
}

#[derive(Debug, Clone, PartialEq, DozerSource)]
#[dozer(primary_key(b, a), tracking = "full_changes")]
struct Ordered {
    a: i64,
    b: i64,
}

#[test]
fn a_listed_key_has_its_own_order() {
    assert_eq!(Ordered::tables()[0].key_columns(), [1, 0]);
    assert_eq!(Ordered::tables()[0].table_name, "ordered");
    let same: fn(Ordered) -> <Ordered as SourceRow>::Old = |row| row;
    assert_eq!(same(Ordered { a: 1, b: 2 }).b, 2);
}

#[derive(Debug, Clone, PartialEq, DozerSource)]
struct Position {
    #[dozer(primary_key)]
    latitude: i32,
    longitude: i32,
}

#[derive(Debug, Clone, PartialEq, DozerSource)]
#[dozer(tracking = "only_pk")]
struct Placed {
    #[dozer(flatten)]
    position: Position,
    #[dozer(primary_key)]
    id: u64,
    name: String,
}

#[test]
fn a_flattened_group_lends_its_columns_and_not_its_key() {
    let names: Vec<_> = columns::<Placed>()
        .into_iter()
        .map(|column| column.name)
        .collect();
    assert_eq!(names, ["latitude", "longitude", "id", "name"]);
    assert_eq!(Placed::tables()[0].key_columns(), [2]);
    let row = Placed {
        position: Position {
            latitude: 1,
            longitude: 2,
        },
        id: 3,
        name: "x".to_owned(),
    };
    assert_eq!(round_trip(vec![row.clone()]), [row]);
}

#[derive(Debug, Clone, PartialEq, DozerSource)]
#[dozer(tracking = "only_pk")]
struct LentGroup<'r> {
    #[dozer(flatten)]
    lent: Lent<'r>,
    #[dozer(primary_key)]
    id: u8,
}

#[test]
fn a_key_without_the_rows_lifetime_passes_over_lent_columns() {
    assert_eq!(<LentGroup<'_> as connector_core::Columns>::COUNT, 5);
    let key: LentGroupKey = LentGroupKey { id: 1 };
    assert_eq!(key.table(), 0);
}

mod kelvin {
    use connector_core::{FieldType, Misfit, Value};

    pub(super) const FIELD_TYPE: FieldType = FieldType::Float;

    pub(super) fn to_value(celsius: &f64) -> Value<'_> {
        Value::Float(celsius + 273.15)
    }

    pub(super) fn from_value(value: Value<'_>) -> Result<f64, Misfit> {
        match value {
            Value::Float(kelvin) => Ok(kelvin - 273.15),
            other => Err(Misfit::WrongKind {
                found: other.kind(),
            }),
        }
    }
}

#[derive(Debug, Clone, PartialEq, DozerSource)]
struct Warm {
    #[dozer(with = kelvin)]
    inside: f64,
    #[dozer(with = kelvin, default)]
    outside: f64,
}

#[test]
fn a_module_converts_both_ways() {
    let row = Warm {
        inside: 20.0,
        outside: -5.0,
    };
    let read = round_trip(vec![row.clone()]).remove(0);
    assert!((read.inside - row.inside).abs() < 1e-9 && (read.outside - row.outside).abs() < 1e-9);
    assert!(columns::<Warm>()[1].nullable);
}

/// Borrows what it is read from.
#[derive(Debug, Clone, PartialEq, DozerSource)]
#[dozer(tracking = "only_pk")]
struct Lent<'r> {
    #[dozer(primary_key)]
    name: &'r str,
    note: Cow<'r, str>,
    bytes: Option<&'r [u8]>,
    count: u32,
}

/// The same columns, owned.
#[derive(Debug, Clone, PartialEq, DozerSource)]
#[dozer(table = "lent")]
struct Owned {
    name: String,
    note: String,
    bytes: Option<Vec<u8>>,
    count: u32,
}

#[test]
fn a_row_with_a_lifetime_is_read_without_copies() {
    use connector_core::{Change, TypedSource};

    let owned = Owned {
        name: "n".into(),
        note: "o".into(),
        bytes: Some(vec![1]),
        count: 2,
    };
    let source = support::Given(vec![Change::Insert { new: owned }]);
    let mut rows = source.rows::<Owned>().expect("the rows fit");
    let lent: Lent<'_> = rows.lend().expect("a row").expect("one row");
    assert_eq!(
        lent,
        Lent {
            name: "n",
            note: Cow::Borrowed("o"),
            bytes: Some(&[1]),
            count: 2
        }
    );
    assert!(matches!(lent.note, Cow::Borrowed(_)));
    assert_eq!(LentKey::from(&lent).name, "n");
    assert_eq!(<Lent<'static> as DozerSource>::TABLE, Some("lent"));
}

/// Generic over a column and over a group of columns.
#[derive(Debug, Clone, PartialEq, DozerSource)]
#[dozer(tracking = "only_pk")]
struct Generic<K, T, G, J, const N: usize>
where
    K: Clone,
    J: Serialize,
{
    #[dozer(primary_key)]
    key: K,
    value: Option<T>,
    #[dozer(json)]
    json: J,
    hash: [u8; N],
    #[dozer(skip)]
    group: Option<G>,
}

#[test]
fn generic_rows_work() {
    let row: Generic<u8, String, (), Vec<u8>, 2> = Generic {
        key: 1,
        value: Some("v".to_owned()),
        json: vec![1, 2],
        hash: [3, 4],
        group: None,
    };
    assert_eq!(round_trip(vec![row.clone()]), [row]);
    let key = GenericKey::<u8> { key: 1 };
    assert_eq!(key.clone(), key);
}

macro_rules! row_of {
    ($name:ident { $($field:ident: $ty:ty),* }) => {
        #[derive(Debug, Clone, PartialEq, DozerSource)]
        struct $name { $($field: $ty),* }
    };
}

row_of!(Captured { id: i64, note: Option<String> });

#[test]
fn types_captured_by_a_macro_are_seen_through() {
    assert!(columns::<Captured>()[1].nullable);
    let row = Captured { id: 1, note: None };
    assert_eq!(round_trip(vec![row.clone()]), [row]);
}

#[derive(Debug, Clone, Copy, PartialEq, ColumnValue)]
struct Celsius(f64);

#[derive(Debug, Clone, PartialEq, ColumnValue)]
struct Tagged<T> {
    inner: T,
}

#[derive(Debug, Clone, Copy, PartialEq, ColumnValue)]
struct Name<'a>(&'a str);

#[derive(Debug, Clone, PartialEq, DozerSource)]
struct Wrapped {
    temperature: Celsius,
    tagged: Tagged<Option<String>>,
}

#[derive(Debug, Clone, PartialEq, DozerSource)]
struct LentName<'a> {
    name: Name<'a>,
}

#[test]
fn a_newtype_is_the_column_that_it_wraps() {
    let row = Wrapped {
        temperature: Celsius(1.5),
        tagged: Tagged { inner: None },
    };
    assert_eq!(round_trip(vec![row.clone()]), [row]);
    assert_eq!(Celsius::FIELD_TYPE, FieldType::Float);
    const { assert!(Tagged::<Option<String>>::NULLABLE && !Celsius::NULLABLE) };
    assert!(columns::<Wrapped>()[1].nullable);
    assert_eq!(
        columns::<LentName<'_>>()[0].field_type(),
        Some(FieldType::String)
    );
}

/// Nothing can read this: it has no `FromValue`.
#[derive(Debug, Clone, PartialEq)]
struct WriteOnly;

impl ColumnValue for WriteOnly {
    const FIELD_TYPE: FieldType = FieldType::Boolean;

    fn with_value<R>(&self, take: impl FnOnce(Value<'_>) -> R) -> R {
        take(Value::Bool(true))
    }
}

/// A row that is written only is still a row.
#[derive(Debug, Clone, PartialEq, DozerSource)]
struct Written {
    it: WriteOnly,
    name: &'static str,
}

/// Its key cannot be printed or cloned, which is no mistake either.
#[derive(DozerSource)]
#[dozer(tracking = "only_pk")]
#[allow(dead_code, reason = "only its derive matters")]
struct Opaque {
    #[dozer(primary_key)]
    key: OpaqueKeyColumn,
}

#[derive(ColumnValue)]
struct OpaqueKeyColumn(String);

#[test]
fn a_row_that_cannot_be_read_can_be_written() {
    assert_eq!(Written::tables()[0].columns.len(), 2);
    assert_eq!(Opaque::tables()[0].key_columns(), [0]);
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Shape {
    Circle { radius: f64 },
    Empty,
}

#[derive(Debug, Clone, PartialEq, DozerSource)]
struct Drawn {
    #[dozer(json)]
    shape: Shape,
    #[dozer(json, default)]
    layers: Vec<Shape>,
}

#[test]
fn any_serde_type_is_a_json_column() {
    let row = Drawn {
        shape: Shape::Circle { radius: 2.5 },
        layers: vec![Shape::Empty],
    };
    assert_eq!(round_trip(vec![row.clone()]), [row]);
}

/// A map with such keys is not JSON.
#[derive(Debug, Clone, PartialEq, DozerSource)]
struct NotJson {
    #[dozer(json)]
    map: BTreeMap<Vec<u8>, u8>,
}

#[test]
fn what_serde_cannot_write_is_an_error_of_the_row() {
    use connector_core::{Change, TypedSource};

    let row = NotJson {
        map: BTreeMap::from([(vec![1], 1)]),
    };
    let source = support::Given(vec![Change::Insert { new: row }]);
    let error = source
        .rows::<NotJson>()
        .expect("the rows fit")
        .next()
        .expect("a row")
        .expect_err("no JSON");
    assert!(
        error.to_string().contains("cannot be written as JSON"),
        "{error}"
    );
}

/// Reading is tried on the columns as they are.
fn read<'r, R: FromRow<'r>>(columns: &'r [connector_core::Column]) -> Result<R, Option<Misfit>> {
    let mut reader = connector_core::RowReader::new(columns, 0);
    R::from_row(&mut reader).map_err(|_| reader.refusal().map(|(_, misfit)| misfit.clone()))
}

#[derive(Debug, PartialEq, DozerSource)]
struct Narrow {
    small: i8,
    #[dozer(default)]
    rest: String,
}

#[test]
fn values_are_checked_when_they_are_read() {
    let mut small = connector_core::Column::new(FieldType::Int);
    small.push(Value::Int(300)).expect("it fits");
    let mut rest = connector_core::Column::new(FieldType::String);
    rest.push(Value::Null).expect("it fits");
    let columns = [small, rest];
    assert_eq!(
        read::<Narrow>(&columns),
        Err(Some(Misfit::OutOfRange(FieldType::Int8)))
    );

    let mut small = connector_core::Column::new(FieldType::Int);
    small.push(Value::Int(-3)).expect("it fits");
    let [_, rest] = columns;
    assert_eq!(
        read(&[small, rest]),
        Ok(Narrow {
            small: -3,
            rest: String::new()
        })
    );
}
