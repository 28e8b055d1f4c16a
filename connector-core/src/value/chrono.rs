//! To and from `chrono`'s types.

use chrono::{
    DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Timelike, Utc,
};

use super::{Date, Duration, Misfit, Time, Timestamp, Value};

fn beyond() -> Misfit {
    Misfit::Other("out of range for chrono".to_owned())
}

/// A leap second, which `chrono` counts as nanoseconds past the second, is the start of the next second here.
fn instant(seconds: i64, nanos: u32) -> Timestamp {
    let carry = i64::from(nanos / 1_000_000_000);
    Timestamp::new(seconds.saturating_add(carry), nanos % 1_000_000_000).unwrap_or(Timestamp::MAX)
}

impl<Z: TimeZone> From<DateTime<Z>> for Timestamp {
    fn from(time: DateTime<Z>) -> Self {
        instant(time.timestamp(), time.timestamp_subsec_nanos())
    }
}

impl From<NaiveDateTime> for Timestamp {
    /// The date and time are read as UTC.
    fn from(time: NaiveDateTime) -> Self {
        time.and_utc().into()
    }
}

impl TryFrom<Timestamp> for DateTime<Utc> {
    type Error = Misfit;

    fn try_from(timestamp: Timestamp) -> Result<Self, Misfit> {
        Self::from_timestamp(timestamp.seconds(), timestamp.nanos()).ok_or_else(beyond)
    }
}

impl TryFrom<Timestamp> for NaiveDateTime {
    type Error = Misfit;

    /// The date and time in UTC.
    fn try_from(timestamp: Timestamp) -> Result<Self, Misfit> {
        DateTime::<Utc>::try_from(timestamp).map(|time| time.naive_utc())
    }
}

/// From 0001-01-01, where `chrono` counts from, to 1970-01-01.
const EPOCH: i32 = 719_163;

impl From<NaiveDate> for Date {
    fn from(date: NaiveDate) -> Self {
        Self::from_days(date.num_days_from_ce() - EPOCH)
    }
}

impl TryFrom<Date> for NaiveDate {
    type Error = Misfit;

    fn try_from(date: Date) -> Result<Self, Misfit> {
        date.days()
            .checked_add(EPOCH)
            .and_then(Self::from_num_days_from_ce_opt)
            .ok_or_else(beyond)
    }
}

impl From<NaiveTime> for Time {
    fn from(time: NaiveTime) -> Self {
        let seconds = u64::from(time.num_seconds_from_midnight());
        Self::from_nanos(seconds * 1_000_000_000 + u64::from(time.nanosecond()))
            .unwrap_or(Self::MAX)
    }
}

impl TryFrom<Time> for NaiveTime {
    type Error = Misfit;

    /// # Errors
    /// For 24:00:00, which `chrono` does not have.
    fn try_from(time: Time) -> Result<Self, Misfit> {
        let seconds = u32::try_from(time.nanos() / 1_000_000_000).map_err(|_| beyond())?;
        let nanos = u32::try_from(time.nanos() % 1_000_000_000).map_err(|_| beyond())?;
        Self::from_num_seconds_from_midnight_opt(seconds, nanos).ok_or_else(beyond)
    }
}

impl From<TimeDelta> for Duration {
    fn from(delta: TimeDelta) -> Self {
        // A `TimeDelta` is within 64 bits of milliseconds.
        let nanos =
            i128::from(delta.num_seconds()) * 1_000_000_000 + i128::from(delta.subsec_nanos());
        Self::from_nanos(nanos).unwrap_or(Self::MAX)
    }
}

impl TryFrom<Duration> for TimeDelta {
    type Error = Misfit;

    fn try_from(duration: Duration) -> Result<Self, Misfit> {
        Self::new(duration.seconds(), duration.subsec_nanos()).ok_or_else(beyond)
    }
}

impl<Z: TimeZone> From<DateTime<Z>> for Value<'_> {
    fn from(time: DateTime<Z>) -> Self {
        Self::Timestamp(time.into())
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

value_from!(NaiveDateTime => Timestamp, NaiveDate => Date, NaiveTime => Time, TimeDelta => Duration);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_days_and_durations_come_back_from_chrono() {
        for text in [
            "1969-12-31T23:59:59.999999999Z",
            "-0043-03-15T00:00:00Z",
            "+99999-01-01T00:00:00Z",
        ] {
            let timestamp: Timestamp = text.parse().unwrap();
            let time = DateTime::<Utc>::try_from(timestamp).unwrap();
            assert_eq!(Timestamp::from(time), timestamp);
            let date = timestamp.date().unwrap();
            assert_eq!(NaiveDate::try_from(date), Ok(time.date_naive()));
            assert_eq!(Date::from(time.date_naive()), date);
        }
        for text in ["-PT0.5S", "PT1H0.000000001S", "PT0S"] {
            let duration: Duration = text.parse().unwrap();
            assert_eq!(
                Duration::from(TimeDelta::try_from(duration).unwrap()),
                duration
            );
        }
    }

    #[test]
    fn what_chrono_does_not_reach_is_refused() {
        assert_eq!(DateTime::<Utc>::try_from(Timestamp::MAX), Err(beyond()));
        assert_eq!(NaiveDate::try_from(Date::MAX), Err(beyond()));
        assert_eq!(NaiveDate::try_from(Date::MIN), Err(beyond()));
        assert_eq!(TimeDelta::try_from(Duration::MAX), Err(beyond()));
    }

    #[test]
    fn a_leap_second_is_the_start_of_the_next() {
        let time = NaiveDate::from_ymd_opt(2016, 12, 31)
            .unwrap()
            .and_hms_nano_opt(23, 59, 59, 1_500_000_000);
        assert_eq!(
            Timestamp::from(time.unwrap()).to_string(),
            "2017-01-01T00:00:00.5Z"
        );
    }
}
