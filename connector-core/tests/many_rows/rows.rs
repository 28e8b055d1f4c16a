//! Rows of every kind of field, made of a number.

use std::borrow::Cow;
use std::sync::Arc;

use connector_core::{
    ColumnValue, Date, Decimal, DozerSource, Duration, Point, Sent, Time, Timestamp,
};

/// A row with a field of each type of core that is appended with those of other rows.
#[derive(Debug, Clone, DozerSource)]
#[dozer(table = "wide", tracking = "only_pk")]
pub(crate) struct Wide {
    #[dozer(primary_key)]
    id: u64,
    small: i8,
    medium: Option<i32>,
    number: i64,
    unsigned: Option<u16>,
    huge: Option<i128>,
    positive: u128,
    float: Option<f64>,
    single: f32,
    flag: bool,
    maybe: Option<bool>,
    name: String,
    note: Option<String>,
    lent: &'static str,
    cow: Option<Cow<'static, str>>,
    boxed: Box<str>,
    shared: Arc<str>,
    #[dozer(field = Text)]
    text: String,
    bytes: Option<Vec<u8>>,
    digest: [u8; 3],
    amount: Option<Decimal>,
    /// A number with more than two digits behind the point does not fit.
    #[dozer(field = Decimal(12, 2))]
    price: Decimal,
    /// What is no whole number of milliseconds does not fit.
    #[dozer(field = Timestamp(ms))]
    at: Option<Timestamp>,
    taken: Timestamp,
    day: Option<Date>,
    time: Time,
    length: Option<Duration>,
    point: Option<Point>,
    #[dozer(flatten)]
    place: Place,
    wrapped: Wrapped,
    #[dozer(default)]
    height: u32,
    #[dozer(skip)]
    _local: Vec<String>,
}

#[derive(Debug, Clone, DozerSource)]
struct Place {
    latitude: Option<f64>,
    street: String,
}

#[derive(Debug, Clone, ColumnValue)]
struct Wrapped(Option<String>);

/// A row of another table.
#[derive(Debug, Clone, DozerSource)]
#[dozer(table = "narrow", tracking = "full_changes")]
pub(crate) struct Narrow {
    #[dozer(primary_key)]
    id: u64,
    note: Option<String>,
}

/// A row that is appended by itself, since its JSON is written as it goes.
#[derive(Debug, Clone, DozerSource)]
#[dozer(table = "noted", tracking = "nothing")]
pub(crate) struct Noted {
    #[dozer(primary_key)]
    id: u64,
    #[dozer(json)]
    tags: Vec<u64>,
    sent: Sent<String>,
}

#[derive(Debug, Clone, DozerSource)]
#[expect(clippy::large_enum_variant, reason = "as rows of several tables are")]
pub(crate) enum Any {
    Wide(Wide),
    Narrow(Narrow),
    Noted(Noted),
}

/// Numbers that are the same for the same start.
#[derive(Debug, Clone)]
pub(crate) struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ (mixed >> 27)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn maybe<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(3) > 0).then(|| value(self))
    }

    fn text(&mut self) -> String {
        const TEXTS: [&str; 5] = [
            "",
            "a",
            "Wrocław",
            "a longer text of some words",
            "\u{10348}",
        ];
        let text = TEXTS.iter().cycle().nth(self.below(5) as usize);
        let text = text.copied().unwrap_or_default();
        text.repeat(self.below(4) as usize)
    }

    fn timestamp(&mut self, fits: bool) -> Option<Timestamp> {
        let nanos = self.below(1000) * 1_000_000 + u64::from(!fits);
        Timestamp::new(
            self.below(4_000_000_000).cast_signed() - 2_000_000_000,
            u32::try_from(nanos).ok()?,
        )
    }
}

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrong {
    Nothing,
    Price,
    At,
}

pub(crate) fn wide(id: u64, wrong: Wrong) -> Wide {
    let mut from = Numbers(id);
    let from = &mut from;
    Wide {
        id,
        small: from.next() as i8,
        medium: from.maybe(|from| from.next() as i32),
        number: from.next().cast_signed(),
        unsigned: from.maybe(|from| from.next() as u16),
        huge: from.maybe(|from| i128::from(from.next()) << 60),
        positive: u128::from(from.next()) << 64,
        float: from.maybe(|from| from.next() as f64 / 8.0),
        single: from.below(1_000) as f32,
        flag: from.below(2) == 0,
        maybe: from.maybe(|from| from.below(2) == 0),
        name: from.text(),
        note: from.maybe(Numbers::text),
        lent: "lent",
        cow: from.maybe(|from| Cow::Owned(from.text())),
        boxed: from.text().into(),
        shared: from.text().into(),
        text: from.text(),
        bytes: from.maybe(|from| from.text().into_bytes()),
        digest: [from.next() as u8, 1, 2],
        amount: from.maybe(|from| Decimal::from_i128(from.next().into(), 5)),
        price: Decimal::from_i128(
            from.below(1_000_000).into(),
            if wrong == Wrong::Price { 3 } else { 2 },
        ),
        at: if wrong == Wrong::At {
            from.timestamp(false)
        } else {
            from.maybe(|from| from.timestamp(true)).flatten()
        },
        taken: from.timestamp(true).unwrap_or_default(),
        day: from.maybe(|from| Date::from_days(from.below(40_000) as i32)),
        time: Time::from_nanos(from.below(86_400) * 1_000_000_000).unwrap_or(Time::MAX),
        length: from
            .maybe(|from| Duration::new(from.below(90_000).cast_signed() - 45_000, 1_000))
            .flatten(),
        point: from.maybe(|from| Point::new(from.next() as f64, -1.5)),
        place: Place {
            latitude: from.maybe(|from| from.below(90) as f64),
            street: from.text(),
        },
        wrapped: Wrapped(from.maybe(Numbers::text)),
        height: from.next() as u32,
        _local: Vec::new(),
    }
}

pub(crate) fn narrow(id: u64) -> Narrow {
    Narrow {
        id,
        note: Numbers(id).maybe(Numbers::text),
    }
}

pub(crate) fn noted(id: u64) -> Noted {
    Noted {
        id,
        tags: vec![id; 3],
        sent: Sent::Value("sent".to_owned()),
    }
}

pub(crate) fn key(id: u64) -> WideKey {
    WideKey { id }
}
