//! The parameters of `numeric(p, s)`, where a field type has room for them.

use std::str::FromStr;

use connector_core::DecimalSize;

/// A number of digits: 1..=76.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Precision(u8);

/// A number of digits behind the point: -76..=76.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale(i8);

impl Precision {
    /// `None` where no field type has so many digits.
    pub fn new(digits: u16) -> Option<Self> {
        let digits = u8::try_from(digits).ok()?;
        (1..=DecimalSize::MAX_PRECISION)
            .contains(&digits)
            .then_some(Self(digits))
    }
}

impl Scale {
    /// `None` where no field type has so many digits behind the point, or zeros before it.
    pub fn new(digits: i16) -> Option<Self> {
        let digits = i8::try_from(digits).ok()?;
        (digits.unsigned_abs() <= DecimalSize::MAX_PRECISION).then_some(Self(digits))
    }
}

impl From<Precision> for Option<u8> {
    fn from(precision: Precision) -> Self {
        Some(precision.0)
    }
}

impl From<Scale> for Option<i8> {
    fn from(scale: Scale) -> Self {
        Some(scale.0)
    }
}

impl FromStr for Precision {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        text.parse().ok().and_then(Self::new).ok_or(())
    }
}

impl FromStr for Scale {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        text.parse().ok().and_then(Self::new).ok_or(())
    }
}
