//! The proleptic Gregorian calendar: days since 1970-01-01 and back, for every year.

pub(super) const SECONDS_PER_DAY: i64 = 86_400;

const DAYS_PER_ERA: i64 = 146_097;
const YEARS_PER_ERA: i64 = 400;
/// From 0000-03-01 to 1970-01-01.
const EPOCH: i64 = 719_468;

/// A day of the calendar; year 0 is 1 BC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CivilDate {
    pub(super) year: i64,
    pub(super) month: u8,
    pub(super) day: u8,
}

pub(super) fn days_in_month(year: i64, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The days from 1970-01-01 to a day of a year of up to four digits: the same as [`CivilDate::days`], in arithmetic without
/// signs.
pub(super) fn days_of_four_digits(year: u32, month: u8, day: u8) -> i32 {
    /// A cycle of the calendar, so that January of year 0, which belongs to the year before, is not below 0.
    const CYCLE: u32 = 400;
    /// The days of a cycle, and those from 0000-03-01 to 1970-01-01.
    const BEFORE: i32 = 146_097 + 719_468;
    let month = u32::from(month);
    let (year, month) = if month > 2 {
        (year + CYCLE, month - 3)
    } else {
        (year + CYCLE - 1, month + 9)
    };
    let day_of_year = (153 * month + 2) / 5 + u32::from(day) - 1;
    let days = year * 365 + year / 4 - year / 100 + year / 400 + day_of_year;
    days.cast_signed() - BEFORE
}

impl CivilDate {
    /// Days since 1970-01-01; `None` past 64 bits.
    ///
    /// Years run from March here, so that the leap day is the last one.
    pub(super) fn days(self) -> Option<i64> {
        let month = i64::from(self.month);
        let year = self.year.checked_sub(i64::from(month <= 2))?;
        let era = year.div_euclid(YEARS_PER_ERA);
        let year_of_era = year.rem_euclid(YEARS_PER_ERA);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + i64::from(self.day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era.checked_mul(DAYS_PER_ERA)?
            .checked_add(day_of_era - EPOCH)
    }

    /// The day that is so many days after 1970-01-01.
    pub(super) fn from_days(days: i64) -> Self {
        // Shifting by the era first keeps every `i64` in range.
        let era = days.div_euclid(DAYS_PER_ERA);
        let shifted = days.rem_euclid(DAYS_PER_ERA) + EPOCH;
        let era = era + shifted.div_euclid(DAYS_PER_ERA);
        let day_of_era = shifted.rem_euclid(DAYS_PER_ERA);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 {
            march_month + 3
        } else {
            march_month - 9
        };
        let year = year_of_era + era * YEARS_PER_ERA + i64::from(month <= 2);
        // Both are below 32 by the arithmetic above.
        let small = |number: i64| u8::try_from(number).unwrap_or(u8::MAX);
        Self {
            year,
            month: small(month),
            day: small(day),
        }
    }
}

impl std::fmt::Display for CivilDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.year {
            0..=9999 => write!(f, "{:04}", self.year)?,
            10_000.. => write!(f, "+{}", self.year)?,
            _ => write!(f, "-{:04}", self.year.unsigned_abs())?,
        }
        write!(f, "-{:02}-{:02}", self.month, self.day)
    }
}
