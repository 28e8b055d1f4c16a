//! `jiff`'s types as columns.

use jiff::{SignedDuration, civil};

use super::super::{ColumnValue, FromValue};
use crate::value::{Date, Duration, Time, Timestamp};

converted! {
    jiff::Timestamp => Timestamp;
    civil::Date => Date;
    civil::Time => Time;
    SignedDuration => Duration;
}
