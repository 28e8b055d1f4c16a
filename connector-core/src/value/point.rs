//! A point in the plane.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::float_text::FloatText;
use super::{Misfit, float_text};

/// A point in the plane; as text `(x,y)`. It also reads `x,y` and `POINT(x y)`.
///
/// In serde's data it is the pair `[x, y]`.
#[derive(Clone, Copy, PartialEq, Default)]
pub struct Point {
    /// The first coordinate.
    pub x: f64,
    /// The second coordinate.
    pub y: f64,
}

impl Point {
    /// The point with these coordinates.
    pub const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }
}

impl From<(f64, f64)> for Point {
    fn from((x, y): (f64, f64)) -> Self {
        Self { x, y }
    }
}

impl From<Point> for (f64, f64) {
    fn from(point: Point) -> Self {
        (point.x, point.y)
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({},{})", FloatText(self.x), FloatText(self.y))
    }
}

impl fmt::Debug for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Point {
    type Err = Misfit;

    fn from_str(text: &str) -> Result<Self, Misfit> {
        let form = || Misfit::syntax("a point in the form (x,y), x,y or POINT(x y)");
        let (x, y) = split(text).ok_or_else(form)?;
        let number = |text: &str| {
            float_text::parse(text).map_err(|misfit| match misfit {
                Misfit::Syntax { .. } => form(),
                other => other,
            })
        };
        Ok(Self {
            x: number(x)?,
            y: number(y.trim_start_matches(' '))?,
        })
    }
}

/// The texts of the two coordinates.
fn split(text: &str) -> Option<(&str, &str)> {
    let inside = |text| str::strip_suffix(str::strip_prefix(text, '(')?, ')');
    match text.split_at_checked("POINT".len()) {
        Some((name, rest)) if name.eq_ignore_ascii_case("POINT") => {
            inside(rest.trim_start_matches(' '))?.split_once(' ')
        }
        _ => inside(text).unwrap_or(text).split_once(','),
    }
}

impl Serialize for Point {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.x, self.y).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Point {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <(f64, f64)>::deserialize(deserializer).map(Self::from)
    }
}
