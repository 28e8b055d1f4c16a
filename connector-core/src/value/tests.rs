//! Values as text, as counts and as numbers.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::time::SystemTime;

use proptest::prelude::*;

use super::{Date, Decimal, Duration, Field, I256, Misfit, Point, Time, Timestamp, Value};
use crate::types::TimeUnit;

fn units() -> impl Strategy<Value = TimeUnit> {
    prop::sample::select(vec![
        TimeUnit::Second,
        TimeUnit::Milli,
        TimeUnit::Micro,
        TimeUnit::Nano,
    ])
}

fn decimals() -> impl Strategy<Value = Decimal> {
    ("-?[0-9]{1,76}", any::<i8>())
        .prop_map(|(digits, scale)| Decimal::new(digits.parse().unwrap(), scale).unwrap())
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

proptest! {
    #[test]
    fn a_timestamp_reads_back_from_its_text(seconds in any::<i64>(), nanos in 0..1_000_000_000_u32) {
        let timestamp = Timestamp::new(seconds, nanos).unwrap();
        prop_assert_eq!(timestamp.to_string().parse(), Ok(timestamp));
        let json = serde_json::to_string(&timestamp).unwrap();
        prop_assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), timestamp);
    }

    #[test]
    fn a_count_of_units_comes_back(count in any::<i64>(), unit in units()) {
        prop_assert_eq!(Timestamp::from_unit(count, unit).to_unit(unit), Some(count));
        prop_assert_eq!(Duration::from_unit(count, unit).to_unit(unit), Some(count));
        let nanos = i128::from(count) * i128::from(unit.nanos());
        prop_assert_eq!(Duration::from_unit(count, unit).total_nanos(), nanos);
    }

    #[test]
    fn a_coarser_unit_is_exact_or_refused(count in any::<i64>(), fine in units(), coarse in units()) {
        let nanos = i128::from(count) * i128::from(fine.nanos());
        let divisor = i128::from(coarse.nanos());
        let expected = (nanos % divisor == 0).then(|| i64::try_from(nanos / divisor).ok()).flatten();
        prop_assert_eq!(Timestamp::from_unit(count, fine).to_unit(coarse), expected);
    }

    #[test]
    fn ten_digits_are_a_date_where_they_are_its_own_text(
        days in -719_528..2_932_897_i32,
        changed in prop::collection::vec((0..10_usize, any::<u8>()), 0..3),
        near in prop::collection::vec((0..10_usize, prop::sample::select(b"0123456789-/:".to_vec())), 0..3),
    ) {
        let date = Date::from_days(days);
        let mut text = date.to_string().into_bytes();
        prop_assert_eq!(Date::from_iso(&text), Some(date));
        prop_assert_eq!(Date::from_iso(text.get(1..).unwrap_or_default()), None);
        for (place, byte) in changed.into_iter().chain(near) {
            if let Some(there) = text.get_mut(place) {
                *there = byte;
            }
        }
        let read = Date::from_iso(&text);
        if let Some(date) = read {
            prop_assert_eq!(date.to_string().into_bytes(), text.clone());
        }
        let (year, month, day) = (text.get(..4), text.get(5..7), text.get(8..));
        let number = |digits: Option<&[u8]>| {
            let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_digit));
            std::str::from_utf8(digits?).ok()?.parse::<i32>().ok()
        };
        let dashes = text.get(4) == Some(&b'-') && text.get(7) == Some(&b'-');
        let whole = || {
            let part = |part| u8::try_from(number(part)?).ok();
            Date::new(number(year)?, part(month)?, part(day)?)
        };
        prop_assert_eq!(read, if dashes { whole() } else { None });
    }

    #[test]
    fn a_date_reads_back_from_its_text_and_its_parts(days in any::<i32>()) {
        let date = Date::from_days(days);
        prop_assert_eq!(date.to_string().parse(), Ok(date));
        let (year, month, day) = date.year_month_day();
        prop_assert_eq!(Date::new(year, month, day), Some(date));
        prop_assert_eq!(Timestamp::from(date).date(), Some(date));
        if let Some(next) = days.checked_add(1).map(Date::from_days) {
            prop_assert!(next.year_month_day() > (year, month, day));
        }
    }

    #[test]
    fn an_offset_moves_the_instant(seconds in -100_000_000_000_i64..100_000_000_000, hours in 0..24_i64, minutes in 0..60_i64) {
        let local = Timestamp::new(seconds, 0).unwrap().to_string();
        let local = local.trim_end_matches('Z');
        let offset = hours * 3600 + minutes * 60;
        let east: Timestamp = format!("{local}+{hours:02}:{minutes:02}").parse().unwrap();
        let west: Timestamp = format!("{local}-{hours:02}{minutes:02}").parse().unwrap();
        prop_assert_eq!(east.seconds(), seconds - offset);
        prop_assert_eq!(west.seconds(), seconds + offset);
    }

    #[test]
    fn a_duration_reads_back_from_its_text(seconds in any::<i64>(), nanos in 0..1_000_000_000_u32) {
        let duration = Duration::new(seconds, nanos).unwrap();
        prop_assert_eq!(duration.to_string().parse(), Ok(duration));
        prop_assert_eq!(Duration::from_nanos(duration.total_nanos()), Some(duration));
    }

    #[test]
    fn a_time_reads_back_from_its_text(nanos in 0..=86_400_000_000_000_u64) {
        let time = Time::from_nanos(nanos).unwrap();
        prop_assert_eq!(time.to_string().parse(), Ok(time));
    }

    #[test]
    fn a_point_reads_back_from_its_text(x in any::<f64>(), y in any::<f64>()) {
        let point = Point::new(x, y);
        prop_assert_eq!(point.to_string().parse(), Ok(point));
        prop_assert_eq!(format!("POINT({x} {y})").parse(), Ok(point));
    }

    #[test]
    fn a_decimal_reads_back_from_its_text(number in decimals()) {
        let text = number.to_string();
        let read: Decimal = text.parse().unwrap();
        prop_assert_eq!(read, number);
        prop_assert_eq!(hash(read), hash(number));
        prop_assert_eq!(read.to_string(), text);
    }

    #[test]
    fn the_canonical_text_is_known_without_writing_it(text in "[-+]?[0-9]{0,3}(\\.[0-9]{0,3})?(e[0-2])?") {
        if let Ok(number) = super::DecimalText::parse(&text) {
            prop_assert_eq!(number.is_canonical(&text), number.to_string() == text);
        }
    }

    #[test]
    fn zeros_at_the_end_change_the_text_and_not_the_number(mantissa in any::<i64>(), scale in -20_i8..20, zeros in 0_i8..20) {
        let short = Decimal::from_i128(mantissa.into(), scale);
        let long = short.rescale(scale + zeros).unwrap();
        prop_assert_eq!(short, long);
        prop_assert_eq!(hash(short), hash(long));
        prop_assert_eq!(long.rescale(scale).map(Decimal::mantissa), Some(short.mantissa()));
    }

    #[test]
    fn decimals_are_in_the_order_of_their_numbers(left in any::<i64>(), right in any::<i64>(), scales in (0_i8..15, 0_i8..15)) {
        let power = |scale: i8| 10_i128.pow(u32::from(scale.unsigned_abs()));
        let numbers = (i128::from(left) * power(scales.1), i128::from(right) * power(scales.0));
        let left = Decimal::from_i128(left.into(), scales.0);
        let right = Decimal::from_i128(right.into(), scales.1);
        prop_assert_eq!(left.cmp(&right), numbers.0.cmp(&numbers.1));
    }

    #[test]
    fn a_float_comes_back_from_a_decimal(number in -1e60_f64..1e60) {
        prop_assert_eq!(Decimal::try_from(number).unwrap().to_f64(), Some(number));
    }

    #[test]
    fn wide_integers_agree_with_narrow_ones(left in any::<i128>(), right in any::<i128>(), exponent in 0..40_u32) {
        let wide = I256::from(left);
        prop_assert_eq!(wide.to_i128(), Some(left));
        prop_assert_eq!(wide.cmp(&right.into()), left.cmp(&right));
        prop_assert_eq!(wide.to_string(), left.to_string());
        prop_assert_eq!(wide.digits(), left.unsigned_abs().checked_ilog10().map_or(1, |log| log + 1));
        prop_assert_eq!(wide.is_negative(), left < 0);
        let product = wide.checked_mul_pow10(exponent);
        if let Some(narrow) = 10_i128.checked_pow(exponent).and_then(|power| left.checked_mul(power)) {
            prop_assert_eq!(product, Some(narrow.into()));
        }
        if let Some(product) = product {
            prop_assert_eq!(product.checked_div_pow10(exponent), Some(wide));
        }
        let divisible = 10_i128.checked_pow(exponent).is_some_and(|power| left % power == 0);
        prop_assert_eq!(wide.checked_div_pow10(exponent).is_some(), divisible || left == 0);
    }

    #[test]
    fn a_wide_integer_reads_back_from_its_text(low in any::<u128>(), high in any::<i128>()) {
        let wide = I256::from_parts(low, high);
        let text = wide.to_string();
        prop_assert_eq!(text.parse(), Ok(wide));
        prop_assert_eq!(wide.digits() as usize, text.trim_start_matches('-').len());
        prop_assert_eq!(wide.checked_neg().and_then(I256::checked_neg), Some(wide).filter(|wide| *wide != I256::MIN));
        let bytes = wide.to_le_bytes();
        prop_assert_eq!(&bytes[..16], &low.to_le_bytes()[..]);
        prop_assert_eq!(&bytes[16..], &high.to_le_bytes()[..]);
    }

    #[test]
    fn no_text_makes_a_parser_panic(text in "[-+0-9:.TZPHMSe ,()]{0,40}|.{0,20}") {
        for result in [
            text.parse::<Timestamp>().map(|value| value.to_string()),
            text.parse::<Date>().map(|value| value.to_string()),
            text.parse::<Time>().map(|value| value.to_string()),
            text.parse::<Duration>().map(|value| value.to_string()),
            text.parse::<Decimal>().map(|value| value.to_string()),
            text.parse::<I256>().map(|value| value.to_string()),
            text.parse::<Point>().map(|value| value.to_string()),
        ].into_iter().flatten() {
            prop_assert!(!result.is_empty());
        }
        prop_assert!(Value::Text(&text).preview().chars().count() <= 40);
    }
}

#[test]
fn timestamps_print_and_read_at_the_edges() {
    let cases = [
        (0, 0, "1970-01-01T00:00:00Z"),
        (-1, 999_999_999, "1969-12-31T23:59:59.999999999Z"),
        (951_782_400, 500_000_000, "2000-02-29T00:00:00.5Z"),
        (-62_135_596_800, 0, "0001-01-01T00:00:00Z"),
        (-62_135_596_801, 0, "0000-12-31T23:59:59Z"),
        (-62_167_219_201, 0, "-0001-12-31T23:59:59Z"),
        (253_402_300_799, 0, "9999-12-31T23:59:59Z"),
        (253_402_300_800, 0, "+10000-01-01T00:00:00Z"),
        (
            9_224_318_015_999,
            999_999_000,
            "+294276-12-31T23:59:59.999999Z",
        ),
        (i64::MIN, 0, "-292277022657-01-27T08:29:52Z"),
        (i64::MAX, 0, "+292277026596-12-04T15:30:07Z"),
    ];
    for (seconds, nanos, text) in cases {
        let timestamp = Timestamp::new(seconds, nanos).unwrap();
        assert_eq!(timestamp.to_string(), text);
        assert_eq!(text.parse(), Ok(timestamp));
    }
    assert_eq!(Timestamp::new(0, 1_000_000_000), None);
}

#[test]
fn timestamps_are_read_in_the_forms_that_databases_write() {
    let noon: Timestamp = "2024-02-29T12:00:00Z".parse().unwrap();
    for text in [
        "2024-02-29 12:00:00",
        "2024-02-29t12:00:00z",
        "2024-02-29 12:00:00.000+00",
        "2024-02-29 17:30:00+05:30",
        "2024-02-29 07:00:00.0000000000-0500",
        "2024-02-29 12:19:32+00:19:32",
        "2024-02-28 24:00:00-12",
    ] {
        assert_eq!(text.parse(), Ok(noon), "{text}");
    }
    for text in [
        "2024-02-29",
        "2024-02-29 12:00",
        "2024-02-29 12:00:00 Z",
        " 2024-02-29 12:00:00",
        "2024-02-29 12:00:00Z ",
        "2024-02-29  12:00:00",
        "2024-2-29 12:00:00",
        "24-02-29 12:00:00",
        "2024-02-30 12:00:00",
        "2024-13-01 12:00:00",
        "2024-02-29 24:00:01",
        "2024-02-29 12:60:00",
        "2024-02-29 23:59:60",
        "2024-02-29 12:00:00.",
        "2024-02-29 12:00:00+24",
        "2024-02-29 12:00:00+1",
        "2024-02-29 12:00:00+01:0",
        "2024-02-29 12:00:00+010203",
        "now",
    ] {
        assert!(
            matches!(text.parse::<Timestamp>(), Err(Misfit::Syntax { .. })),
            "{text}"
        );
    }
    let tenth = "2024-02-29 12:00:00.0000000001".parse::<Timestamp>();
    assert_eq!(tenth, Err(Misfit::Inexact));
}

#[test]
fn leap_years_follow_the_gregorian_rule() {
    for (year, leap) in [
        (1900, false),
        (2000, true),
        (2023, false),
        (2024, true),
        (0, true),
        (-4, true),
        (-100, false),
    ] {
        assert_eq!(Date::new(year, 2, 29).is_some(), leap, "{year}");
    }
    assert_eq!(Date::MIN.year_month_day(), (-5_877_641, 6, 23));
    assert_eq!(Date::MAX.year_month_day(), (5_881_580, 7, 11));
}

#[test]
fn durations_are_read_in_their_forms_and_no_others() {
    let second = 1_000_000_000_i128;
    let cases = [
        ("PT0S", 0),
        ("P1DT-1H", 23 * 3_600 * second),
        ("P2W", 14 * 86_400 * second),
        ("-PT0.000000001S", -1),
        ("PT90M", 5_400 * second),
        ("+838:59:59", 3_020_399 * second),
        ("-00:00:00.5", -second / 2),
    ];
    for (text, nanos) in cases {
        assert_eq!(
            text.parse::<Duration>().map(Duration::total_nanos),
            Ok(nanos),
            "{text}"
        );
    }
    for text in [
        "",
        "P",
        "PT",
        "P1DT",
        "P1Y",
        "P1M",
        "PT1.5H",
        "PT1S1S",
        "PT1S1M",
        "PT1",
        "1H",
        "00:60:00",
        "1:00:00",
        "00:00",
        "PT1SZ",
        "--00:00:01",
    ] {
        assert!(
            matches!(text.parse::<Duration>(), Err(Misfit::Syntax { .. })),
            "{text}"
        );
    }
}

#[test]
fn decimals_are_exact_to_76_digits_and_refused_beyond() {
    let nines = "9".repeat(76);
    let cases = [
        ("1.50", "1.50", 2),
        ("+.5", "0.5", 1),
        ("5.", "5", 0),
        ("-0.00", "0.00", 2),
        ("1e3", "1000", 0),
        ("1.5E-3", "0.0015", 4),
        (nines.as_str(), nines.as_str(), 0),
    ];
    for (text, shown, scale) in cases {
        let number: Decimal = text.parse().unwrap();
        assert_eq!(
            (number.to_string().as_str(), number.scale()),
            (shown, scale),
            "{text}"
        );
    }
    let zeros = format!("1{}", "0".repeat(90));
    assert_eq!(zeros.parse::<Decimal>().unwrap().to_string(), zeros);
    for text in [
        format!("{nines}9"),
        format!("0.{nines}9"),
        "1e300".to_owned(),
        "1e-300".to_owned(),
    ] {
        assert!(
            matches!(text.parse::<Decimal>(), Err(Misfit::Other(_))),
            "{text}"
        );
    }
    for text in [
        "", ".", "-", "e1", "1e", "1e+", "1_0", " 1", "1 ", "1,5", "0x1",
    ] {
        assert!(
            matches!(text.parse::<Decimal>(), Err(Misfit::Syntax { .. })),
            "{text}"
        );
    }
    assert_eq!("NaN".parse::<Decimal>(), Err(Misfit::NotFinite));
    assert_eq!(Decimal::new(I256::MAX, 0), None);
    assert_eq!(Decimal::from_i128(0, -3).to_string(), "0");
    assert_eq!(Decimal::from_i128(-12, -3).to_string(), "-12000");
}

#[test]
fn the_clock_of_the_system_comes_back() {
    let now = SystemTime::now();
    assert_eq!(SystemTime::try_from(Timestamp::from(now)), Ok(now));
    let before = SystemTime::UNIX_EPOCH - std::time::Duration::from_nanos(1);
    assert_eq!(
        Timestamp::from(before).to_string(),
        "1969-12-31T23:59:59.999999999Z"
    );
    assert_eq!(SystemTime::try_from(Timestamp::from(before)), Ok(before));
    let negative = std::time::Duration::try_from(Duration::MIN);
    assert!(matches!(negative, Err(Misfit::Other(_))));
}

#[test]
fn a_preview_is_short_quoted_and_free_of_control_characters() {
    let long = "x".repeat(1000);
    let cases = [
        (
            Value::Text("it's \"so\"\n"),
            r#""it's \"so\"\n""#.to_owned(),
        ),
        (Value::Text(&long), format!("\"{}…\"", "x".repeat(32))),
        (Value::Bytes(b"\x00\xff"), "0x00ff".to_owned()),
        (
            Value::Bytes(long.as_bytes()),
            format!("0x{}…", "78".repeat(16)),
        ),
        (Value::Float(f64::NAN), "NaN".to_owned()),
        (Value::Null, "null".to_owned()),
    ];
    for (value, preview) in cases {
        assert_eq!(value.preview(), preview);
    }
}

#[test]
fn a_point_is_a_pair_in_json() {
    let point = Point::new(1.5, -2.0);
    assert_eq!(serde_json::to_string(&point).unwrap(), "[1.5,-2.0]");
    assert_eq!(serde_json::from_str::<Point>("[1.5,-2]").unwrap(), point);
}

#[test]
fn floats_in_fields_are_equal_by_their_bits() {
    assert_eq!(Field::Float(f64::NAN), Field::Float(f64::NAN));
    assert_ne!(Field::Float(0.0), Field::Float(-0.0));
    assert_ne!(Field::Int(1), Field::UInt(1));
}
