//! `chrono`'s types as columns.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use super::super::{ColumnValue, FromValue};
use crate::value::{Date, Duration, Time, Timestamp};

converted! {
    DateTime<Utc> => Timestamp;
    NaiveDateTime => Timestamp;
    NaiveDate => Date;
    NaiveTime => Time;
    TimeDelta => Duration;
}
