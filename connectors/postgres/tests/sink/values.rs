//! Every field type, at its edges: as a snapshot and as changes.

use connector_core::sink::Sink as _;
use connector_core::{
    Checkpoint, Date, Decimal, DecimalSize, Duration, FieldType, Point, TimeUnit, Timestamp, Value,
};

use crate::CLUSTER;
use crate::given::{Held, Insert, batch, lines, rows, schema, settings, target};

fn sized(precision: u8, scale: i8) -> FieldType {
    FieldType::Decimal(DecimalSize::new(precision, scale))
}

fn decimal(text: &str) -> Value<'static> {
    Value::Decimal(text.parse::<Decimal>().unwrap())
}

fn timestamp(count: i64, unit: TimeUnit) -> Value<'static> {
    Value::Timestamp(Timestamp::from_unit(count, unit))
}

fn duration(count: i64, unit: TimeUnit) -> Value<'static> {
    Value::Duration(Duration::from_unit(count, unit))
}

/// A field type, what it is in Postgres, and values with what Postgres prints.
type Edges = (FieldType, &'static str, Vec<(Value<'static>, String)>);

#[allow(clippy::too_many_lines, reason = "a table")]
fn edges() -> Vec<Edges> {
    fn of(values: &[(Value<'static>, &str)]) -> Vec<(Value<'static>, String)> {
        let owned = |(value, text): &(Value<'static>, &str)| (*value, (*text).to_owned());
        values.iter().map(owned).collect()
    }
    let nines = "9".repeat(76);
    let long: &'static str =
        Box::leak(format!("-{}.{}", "8".repeat(300), "7".repeat(300)).into_boxed_str());
    vec![
        (
            FieldType::Int,
            "bigint",
            of(&[
                (Value::Int(i64::MIN), "-9223372036854775808"),
                (Value::Int(i64::MAX), "9223372036854775807"),
            ]),
        ),
        (
            FieldType::Int8,
            "smallint",
            of(&[(Value::Int(-128), "-128"), (Value::Int(127), "127")]),
        ),
        (
            FieldType::UInt,
            "numeric(20,0)",
            of(&[
                (Value::UInt(0), "0"),
                (Value::UInt(10_000), "10000"),
                (Value::UInt(u64::MAX), "18446744073709551615"),
            ]),
        ),
        (
            FieldType::U128,
            "numeric(39,0)",
            of(&[
                (Value::U128(1), "1"),
                (
                    Value::U128(u128::MAX),
                    "340282366920938463463374607431768211455",
                ),
            ]),
        ),
        (
            FieldType::I128,
            "numeric(39,0)",
            of(&[
                (
                    Value::I128(i128::MIN),
                    "-170141183460469231731687303715884105728",
                ),
                (
                    Value::I128(i128::MAX),
                    "170141183460469231731687303715884105727",
                ),
                (Value::I128(0), "0"),
            ]),
        ),
        (
            FieldType::Float,
            "double precision",
            of(&[
                (Value::Float(f64::NAN), "NaN"),
                (Value::Float(f64::NEG_INFINITY), "-Infinity"),
                (Value::Float(-0.0), "-0"),
                (Value::Float(5e-324), "5e-324"),
                (Value::Float(f64::MAX), "1.7976931348623157e+308"),
                (Value::Float(0.1), "0.1"),
            ]),
        ),
        (
            FieldType::Boolean,
            "boolean",
            of(&[(Value::Bool(true), "true"), (Value::Bool(false), "false")]),
        ),
        (
            FieldType::String,
            "text",
            of(&[
                (Value::Text(""), ""),
                (
                    Value::Text("it's \\N \t\r\n \u{1} æ🦀\u{10ffff}"),
                    "it's \\N \t\r\n \u{1} æ🦀\u{10ffff}",
                ),
            ]),
        ),
        (
            FieldType::Text,
            "text",
            of(&[(Value::Text("NULL"), "NULL")]),
        ),
        (
            FieldType::Binary,
            "bytea",
            of(&[
                (Value::Bytes(b""), "\\x"),
                (Value::Bytes(b"\0\xff'"), "\\x00ff27"),
            ]),
        ),
        (
            FieldType::DECIMAL,
            "numeric",
            of(&[
                (decimal("0.00"), "0.00"),
                (decimal("-0.00001234"), "-0.00001234"),
                (decimal("1e20"), "100000000000000000000"),
                (decimal("12345678.1"), "12345678.1"),
                (Value::DecimalText(long), long),
            ]),
        ),
        (
            sized(10, 2),
            "numeric(10,2)",
            of(&[
                (decimal("-99999999.99"), "-99999999.99"),
                (decimal("0"), "0.00"),
                (decimal("7.5"), "7.50"),
            ]),
        ),
        (
            sized(38, 37),
            "numeric(38,37)",
            vec![(
                decimal("9.9999999999999999999999999999999999999"),
                "9.9999999999999999999999999999999999999".to_owned(),
            )],
        ),
        (
            sized(76, 0),
            "numeric(76,0)",
            vec![(decimal(&nines), nines.clone())],
        ),
        (
            sized(76, 40),
            "numeric(76,40)",
            vec![(decimal("-0.5"), format!("-0.5{}", "0".repeat(39)))],
        ),
        (
            sized(5, -3),
            "numeric(5,-3)",
            of(&[
                (decimal("12345000"), "12345000"),
                (decimal("-99999000"), "-99999000"),
            ]),
        ),
        (
            sized(2, 5),
            "numeric(2,5)",
            of(&[(decimal("0.00099"), "0.00099")]),
        ),
        (
            FieldType::TIMESTAMP,
            "timestamp with time zone",
            of(&[
                (timestamp(0, TimeUnit::Micro), "1970-01-01 00:00:00+00"),
                (
                    timestamp(-1, TimeUnit::Micro),
                    "1969-12-31 23:59:59.999999+00",
                ),
                (
                    timestamp(i64::MAX, TimeUnit::Micro),
                    "294247-01-10 04:00:54.775807+00",
                ),
                (
                    timestamp(-210_866_803_200_000_000, TimeUnit::Micro),
                    "4714-11-24 00:00:00+00 BC",
                ),
            ]),
        ),
        (
            FieldType::Timestamp(TimeUnit::Second),
            "timestamp with time zone",
            of(&[(
                timestamp(1_700_000_000, TimeUnit::Second),
                "2023-11-14 22:13:20+00",
            )]),
        ),
        (
            FieldType::Timestamp(TimeUnit::Milli),
            "timestamp with time zone",
            of(&[(timestamp(-1, TimeUnit::Milli), "1969-12-31 23:59:59.999+00")]),
        ),
        (
            FieldType::Timestamp(TimeUnit::Nano),
            "bigint",
            of(&[
                (timestamp(i64::MAX, TimeUnit::Nano), "9223372036854775807"),
                (timestamp(-1, TimeUnit::Nano), "-1"),
            ]),
        ),
        (
            FieldType::Date,
            "date",
            of(&[
                (Value::Date(Date::new(2000, 2, 29).unwrap()), "2000-02-29"),
                (
                    Value::Date(Date::new(5_874_897, 12, 31).unwrap()),
                    "5874897-12-31",
                ),
                (
                    Value::Date(Date::from_days(-2_451_545 + 10_957)),
                    "4714-11-24 BC",
                ),
            ]),
        ),
        (
            FieldType::Json,
            "json",
            of(&[
                (
                    Value::Json(r#"{"b": 1, "a": [1.50, null], "b": 2}"#),
                    r#"{"b": 1, "a": [1.50, null], "b": 2}"#,
                ),
                (Value::Json(r#""\u0000\ud800""#), r#""\u0000\ud800""#),
                (Value::Json("1e999"), "1e999"),
            ]),
        ),
        (
            FieldType::Point,
            "point",
            of(&[(Value::Point(Point::new(0.1, -0.0)), "(0.1,-0)")]),
        ),
        (
            FieldType::DURATION,
            "interval",
            of(&[
                (duration(0, TimeUnit::Micro), "00:00:00"),
                (
                    duration(i64::MAX, TimeUnit::Micro),
                    "2562047788:00:54.775807",
                ),
                (duration(-90_000_001, TimeUnit::Micro), "-00:01:30.000001"),
            ]),
        ),
        (
            FieldType::Duration(TimeUnit::Second),
            "interval",
            of(&[(duration(360_000, TimeUnit::Second), "100:00:00")]),
        ),
        (
            FieldType::Duration(TimeUnit::Nano),
            "bigint",
            of(&[(duration(i64::MIN, TimeUnit::Nano), "-9223372036854775808")]),
        ),
    ]
}

#[test]
fn every_type_holds_its_edges_as_a_snapshot_and_as_changes() {
    let edges = edges();
    let most = edges
        .iter()
        .map(|(_, _, values)| values.len())
        .max()
        .unwrap();
    let names: Vec<String> = (0..edges.len()).map(|place| format!("c{place}")).collect();
    let columns: Vec<(&str, FieldType)> = [("n", FieldType::Int)]
        .into_iter()
        .chain(
            names
                .iter()
                .map(String::as_str)
                .zip(edges.iter().map(|(typ, ..)| *typ)),
        )
        .collect();
    // By COPY, by arrays, and rows found by their values.
    let tables = [
        schema("copied", &columns, &[0]),
        schema("changed", &columns, &[0]),
        schema("bag", &columns, &[]),
    ];
    let mut held = Held::new("sink_values", &tables);
    let row = |number: usize| -> Vec<Value<'static>> {
        let value = |values: &Vec<(Value<'static>, String)>| {
            values.get(number).map_or(Value::Null, |(value, _)| *value)
        };
        [Value::Int(i64::try_from(number).unwrap())]
            .into_iter()
            .chain(edges.iter().map(|(_, _, values)| value(values)))
            .collect()
    };
    let all: Vec<Vec<Value<'static>>> = (0..=most).map(row).collect();
    held.start_snapshot();
    held.read(0, &all);
    held.read(2, &all);
    let inserts: Vec<_> = all.iter().map(|row| (Insert, row.clone())).collect();
    let end = Checkpoint::after(2);
    let changed = rows(1, &tables[1], 2, &inserts);
    held.sink.write(&batch(end.clone(), vec![changed])).unwrap();
    held.sink.commit(&end).unwrap();

    for table in ["copied", "changed", "bag"] {
        for (place, (typ, declared, values)) in edges.iter().enumerate() {
            let name = &names[place];
            let found = held.ask(&format!(
                "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attname = '{name}'"
            ));
            assert_eq!(found, *declared, "{typ}");
            for number in 0..=most {
                let expected = values.get(number).map_or("NULL", |(_, text)| text);
                let found = held.ask(&format!(
                    "SELECT {name}::text FROM {table} WHERE n = {number}"
                ));
                assert_eq!(found, expected, "{table}: {typ}, row {number}");
            }
        }
    }
    // Every row is found again by its values.
    let deletes: Vec<_> = all
        .iter()
        .map(|row| (crate::given::Delete, row.clone()))
        .collect();
    let gone = rows(2, &tables[2], 3, &deletes);
    held.sink
        .write(&batch(Checkpoint::after(3), vec![gone]))
        .unwrap();
    held.sink.commit(&Checkpoint::after(3)).unwrap();
    assert_eq!(held.ask("SELECT count(*) FROM bag"), "0");
}

#[test]
fn what_postgres_cannot_hold_is_told_with_its_place_and_nothing_of_it_is_stored() {
    let year = |year| Value::Date(Date::new(year, 1, 1).unwrap());
    let nulls: &'static str = "a\0b";
    let long: &'static str = Box::leak(format!("0.{}", "1".repeat(16_384)).into_boxed_str());
    let cases: &[(FieldType, Value<'static>, &str)] = &[
        (
            FieldType::Text,
            Value::Text(nulls),
            "a character of code zero",
        ),
        (FieldType::Date, year(-5000), "out of the type's range"),
        (
            FieldType::Date,
            Value::Date(Date::MAX),
            "out of the type's range",
        ),
        (
            FieldType::TIMESTAMP,
            timestamp(i64::MIN, TimeUnit::Micro),
            "out of the type's range",
        ),
        (
            FieldType::Timestamp(TimeUnit::Second),
            timestamp(i64::MAX, TimeUnit::Second),
            "out of the type's range",
        ),
        (
            FieldType::Duration(TimeUnit::Second),
            duration(i64::MAX, TimeUnit::Second),
            "out of the type's range",
        ),
        (FieldType::DECIMAL, Value::DecimalText(long), "16383 behind"),
    ];
    let mut looks = CLUSTER.database("sink_refused");
    for (number, (typ, value, reason)) in cases.iter().enumerate() {
        let table = schema(
            &format!("t{number}"),
            &[("id", FieldType::Int), ("v", *typ)],
            &[0],
        );
        let mut open = target(std::slice::from_ref(&table));
        open.connection = format!("c{number}");
        let mut sink = settings("sink_refused").writer().unwrap();
        sink.open(&open).unwrap();
        sink.start_snapshot(&Checkpoint::snapshot(1)).unwrap();
        sink.commit(&Checkpoint::after(1)).unwrap();
        let bad = (Insert, vec![Value::Int(2), *value]);
        let good = (Insert, vec![Value::Int(1), Value::Null]);
        let changes = rows(0, &table, 7, &[good, bad]);
        let error = sink
            .write(&batch(Checkpoint::after(7), vec![changes]))
            .unwrap_err();
        assert_eq!(error.kind(), connector_core::ErrorKind::Value);
        let text = error.to_string();
        assert!(
            text.contains(&format!("table `t{number}`, column `v` at position (7, 2)")),
            "{text}"
        );
        assert!(text.contains(reason), "{text}");
        assert!(error.help().is_some());
        drop(sink);
        let found = lines(
            &mut looks,
            &format!("SELECT id::text AS line FROM t{number}"),
        );
        assert!(found.is_empty(), "{found:?}");
    }
}
