//! To and from `jiff`'s types.

use jiff::{SignedDuration, ZonedDateTime, civil};

use super::{Date, Duration, Misfit, Time, Timestamp, Value};

fn beyond() -> Misfit {
    Misfit::Other("out of range for jiff".to_owned())
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(time: jiff::Timestamp) -> Self {
        // Years within ±10000.
        let since = Duration::from_nanos(time.as_nanosecond()).unwrap_or_default();
        Self::new(since.seconds(), since.subsec_nanos()).unwrap_or_default()
    }
}

impl From<&ZonedDateTime> for Timestamp {
    fn from(time: &ZonedDateTime) -> Self {
        time.timestamp().into()
    }
}

impl TryFrom<Timestamp> for jiff::Timestamp {
    type Error = Misfit;

    fn try_from(timestamp: Timestamp) -> Result<Self, Misfit> {
        Self::from_nanosecond(timestamp.since_epoch().total_nanos()).map_err(|_| beyond())
    }
}

impl From<civil::Date> for Date {
    fn from(date: civil::Date) -> Self {
        // Every date of `jiff` is a day of the calendar.
        let month = date.month().unsigned_abs();
        Self::new(i32::from(date.year()), month, date.day().unsigned_abs()).unwrap_or_default()
    }
}

impl TryFrom<Date> for civil::Date {
    type Error = Misfit;

    fn try_from(date: Date) -> Result<Self, Misfit> {
        let (year, month, day) = date.year_month_day();
        let year = i16::try_from(year).map_err(|_| beyond())?;
        Self::new(year, month.cast_signed(), day.cast_signed()).map_err(|_| beyond())
    }
}

impl From<civil::Time> for Time {
    fn from(time: civil::Time) -> Self {
        let part = |number: i8| u64::from(number.unsigned_abs());
        let seconds = part(time.hour()) * 3_600 + part(time.minute()) * 60 + part(time.second());
        let nanos = u64::from(time.subsec_nanosecond().unsigned_abs());
        Self::from_nanos(seconds * 1_000_000_000 + nanos).unwrap_or(Self::MAX)
    }
}

impl TryFrom<Time> for civil::Time {
    type Error = Misfit;

    /// # Errors
    /// For 24:00:00, which `jiff` does not have.
    fn try_from(time: Time) -> Result<Self, Misfit> {
        let seconds = time.nanos() / 1_000_000_000;
        let part = |number: u64| i8::try_from(number).map_err(|_| beyond());
        let nanos = i32::try_from(time.nanos() % 1_000_000_000).map_err(|_| beyond())?;
        Self::new(
            part(seconds / 3_600)?,
            part(seconds / 60 % 60)?,
            part(seconds % 60)?,
            nanos,
        )
        .map_err(|_| beyond())
    }
}

impl From<SignedDuration> for Duration {
    fn from(duration: SignedDuration) -> Self {
        // Both hold 64 bits of seconds; only rounding down could step over the least of them.
        Self::from_nanos(duration.as_nanos()).unwrap_or(Self::MIN)
    }
}

impl From<Duration> for SignedDuration {
    fn from(duration: Duration) -> Self {
        let nanos = i32::try_from(duration.subsec_nanos()).unwrap_or_default();
        Self::new(duration.seconds(), nanos)
    }
}

macro_rules! value_from {
    ($($type:ty => $variant:ident),*) => {
        $(impl From<$type> for Value<'_> {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        })*
    };
}

value_from!(
    jiff::Timestamp => Timestamp, &ZonedDateTime => Timestamp, civil::Date => Date, civil::Time => Time,
    SignedDuration => Duration
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_days_and_durations_come_back_from_jiff() {
        for text in [
            "1969-12-31T23:59:59.999999999Z",
            "-0043-03-15T00:00:00Z",
            "9999-01-01T00:00:00Z",
        ] {
            let timestamp: Timestamp = text.parse().unwrap();
            let time = jiff::Timestamp::try_from(timestamp).unwrap();
            assert_eq!(Timestamp::from(time), timestamp);
            let date = timestamp.date().unwrap();
            assert_eq!(Date::from(civil::Date::try_from(date).unwrap()), date);
        }
        for duration in [Duration::MIN, Duration::MAX, "-PT0.5S".parse().unwrap()] {
            assert_eq!(Duration::from(SignedDuration::from(duration)), duration);
        }
        assert_eq!(
            Time::from(civil::time(1, 2, 3, 4)).to_string(),
            "01:02:03.000000004"
        );
    }

    #[test]
    fn what_jiff_does_not_reach_is_refused() {
        let year_10000: Timestamp = "10000-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(jiff::Timestamp::try_from(year_10000).ok(), None);
        assert_eq!(civil::Date::try_from(year_10000.date().unwrap()).ok(), None);
        assert_eq!(civil::Date::try_from(Date::MIN).ok(), None);
    }
}
