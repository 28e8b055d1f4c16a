//! Values that remember their place, and references to named things.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};

use super::node::{Position, preview};

pub(super) const SPANNED: &str = "$connector_core::Spanned";
pub(super) const REFERENCE: &str = "$connector_core::Ref";

/// A value with its place in the configuration file, for errors that are found later.
#[derive(Clone)]
pub struct Spanned<T> {
    value: T,
    position: Option<Position>,
    hidden: bool,
}

impl<T> Spanned<T> {
    /// Where the value stands; nothing where it did not come from a configuration file.
    pub fn position(&self) -> Option<Position> {
        self.position
    }

    /// The value without its place.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Whether messages must not show the value, since it came from the environment.
    pub(super) fn is_hidden(&self) -> bool {
        self.hidden
    }
}

impl<T: AsRef<str>> Spanned<T> {
    /// The text in back-quotes for a message; without it where it must not be shown.
    pub(super) fn shown(&self) -> String {
        if self.hidden {
            "(not shown)".into()
        } else {
            format!("`{}`", preview(self.value.as_ref()))
        }
    }
}

/// Prints the value and its place; a value from the environment stays hidden.
impl<T: fmt::Debug> fmt::Debug for Spanned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.hidden {
            f.write_str("(not shown)")?;
        } else {
            self.value.fmt(f)?;
        }
        match self.position {
            Some(position) => write!(f, " at {position}"),
            None => Ok(()),
        }
    }
}

impl<T> Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(SPANNED, PlaceVisitor(PhantomData))
    }
}

/// The name of a thing that is declared elsewhere in the file: `!Ref name`.
///
/// Outside a configuration file it is the name alone.
#[derive(Debug, Clone)]
pub struct Ref(Spanned<String>);

impl Ref {
    /// The name, with its place.
    pub fn name(&self) -> &Spanned<String> {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Ref {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_newtype_struct(REFERENCE, PlaceVisitor(PhantomData))
            .map(Self)
    }
}

struct PlaceVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for PlaceVisitor<T> {
    type Value = Spanned<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<Spanned<T>, D::Error> {
        T::deserialize(value).map(|value| Spanned {
            value,
            position: None,
            hidden: false,
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut place: A) -> Result<Spanned<T>, A::Error> {
        let line = place.next_element()?;
        let column = place.next_element()?;
        let hidden = place.next_element()?;
        let value = place.next_element()?;
        match (line, column, hidden, value) {
            (Some(line), Some(column), Some(hidden), Some(value)) => Ok(Spanned {
                value,
                position: Some(Position { line, column }),
                hidden,
            }),
            _ => Err(A::Error::invalid_length(0, &self)),
        }
    }
}
