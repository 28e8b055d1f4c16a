//! Columns of other crates' types, each behind the feature of its name.
#![cfg(feature = "derive")]

#[cfg(any(feature = "chrono", feature = "jiff", feature = "uuid"))]
mod support;

#[cfg(feature = "chrono")]
mod of_chrono {
    use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
    use connector_core::{DozerSource, FieldType, FromValue, Time, Value};

    use super::support::round_trip;

    #[derive(Debug, Clone, PartialEq, DozerSource)]
    struct Row {
        at: DateTime<Utc>,
        local: NaiveDateTime,
        day: NaiveDate,
        time: Option<NaiveTime>,
        length: TimeDelta,
    }

    #[test]
    fn chrono_types_come_back() {
        let row = Row {
            at: "2024-02-29T12:00:00.5Z".parse().expect("a timestamp"),
            local: "1969-12-31T23:59:59".parse().expect("a timestamp"),
            day: "2024-02-29".parse().expect("a date"),
            time: NaiveTime::from_hms_micro_opt(23, 59, 59, 1),
            length: TimeDelta::microseconds(-1),
        };
        assert_eq!(round_trip(vec![row.clone()]), [row]);
        assert_eq!(
            Row::tables()[0].columns[4].field_type(),
            Some(FieldType::DURATION)
        );
    }

    #[test]
    fn the_end_of_the_day_is_no_time_of_chrono() {
        assert!(NaiveTime::from_value(Value::Time(Time::MAX)).is_err());
    }
}

#[cfg(feature = "jiff")]
mod of_jiff {
    use connector_core::{DozerSource, FromValue, Time, Value};
    use jiff::{SignedDuration, civil};

    use super::support::round_trip;

    #[derive(Debug, Clone, PartialEq, DozerSource)]
    struct Row {
        at: jiff::Timestamp,
        day: civil::Date,
        time: civil::Time,
        length: Option<SignedDuration>,
    }

    #[test]
    fn jiff_types_come_back() {
        let row = Row {
            at: "2024-02-29T12:00:00.5Z".parse().expect("a timestamp"),
            day: civil::date(1969, 12, 31),
            time: civil::time(23, 59, 59, 1_000),
            length: Some(SignedDuration::from_micros(-1)),
        };
        assert_eq!(round_trip(vec![row.clone()]), [row]);
    }

    #[test]
    fn the_end_of_the_day_is_no_time_of_jiff() {
        assert!(civil::Time::from_value(Value::Time(Time::MAX)).is_err());
    }
}

#[cfg(feature = "uuid")]
mod of_uuid {
    use connector_core::{DozerSource, FieldType, FromValue, Value};
    use uuid::Uuid;

    use super::support::round_trip;

    #[derive(Debug, Clone, PartialEq, DozerSource)]
    struct Row {
        #[dozer(primary_key)]
        id: Uuid,
        #[dozer(field = Binary)]
        raw: Option<Uuid>,
    }

    #[test]
    fn uuids_come_back_as_text_and_as_bytes() {
        let id = Uuid::from_u128(7);
        let row = Row { id, raw: Some(id) };
        assert_eq!(round_trip(vec![row.clone()]), [row]);
        assert_eq!(
            Row::tables()[0].columns[1].field_type(),
            Some(FieldType::Binary)
        );
        assert!(Uuid::from_value(Value::Text("7")).is_err());
    }
}
