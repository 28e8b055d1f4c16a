//! A row struct with the derive, and rows of it.

use connector_core::{Date, DozerSource, Timestamp};

/// A reading taken by one station.
#[derive(Debug, Clone, Copy, PartialEq, DozerSource)]
#[dozer(table = "readings", tracking = "nothing")]
pub(crate) struct Reading<'a> {
    #[dozer(primary_key)]
    pub(crate) station: &'a str,
    #[dozer(primary_key)]
    pub(crate) taken_at: Timestamp,
    pub(crate) temperature: Option<f64>,
    pub(crate) humidity: Option<f64>,
    pub(crate) pressure: f64,
    pub(crate) rain: i64,
    pub(crate) samples: i64,
    pub(crate) sunny: bool,
    pub(crate) day: Date,
    pub(crate) note: Option<&'a str>,
}

impl Reading<'static> {
    /// The reading of this number.
    #[expect(clippy::cast_precision_loss, reason = "readings are few")]
    pub(crate) fn numbered(number: u32) -> Self {
        const STATIONS: [&str; 4] = ["Oslo", "Reykjavik", "Santiago de Compostela", "Wrocław"];
        let at = i64::from(number);
        Self {
            station: STATIONS[number as usize % STATIONS.len()],
            taken_at: Timestamp::new(1_700_000_000 + at, 250_000_000).unwrap_or_default(),
            temperature: (!number.is_multiple_of(7)).then_some(at as f64 / 8.0),
            humidity: (!number.is_multiple_of(5)).then_some(at as f64 / 16.0),
            pressure: 1_013.25 + at as f64,
            rain: at % 11,
            samples: at * 3,
            sunny: number.is_multiple_of(2),
            day: Date::from_days(i32::try_from(at % 20_000).unwrap_or(0)),
            note: number
                .is_multiple_of(3)
                .then_some("calibrated this morning"),
        }
    }
}
