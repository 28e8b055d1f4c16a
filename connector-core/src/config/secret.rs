//! Values that are never shown.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::BytesDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IntoDeserializer, Visitor};

pub(super) const NEWTYPE: &str = "$connector_core::Secret";

/// A value that no print, log or error shows: a password, a token, a URL with either.
///
/// It cannot be serialized. [`expose`](Self::expose) gives the value, where it is used.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Hides this value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself: for the driver, never for a message.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl<T> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(NEWTYPE, SecretVisitor(PhantomData))
    }
}

struct SecretVisitor<T>(PhantomData<T>);

fn read<'de, T: Deserialize<'de>, D: Deserializer<'de>>(value: D) -> Result<Secret<T>, D::Error> {
    // The error of `T` may repeat the value, whatever the format: it is dropped here.
    T::deserialize(value)
        .map(Secret)
        .map_err(|_| D::Error::custom("the secret is not valid"))
}

macro_rules! scalars {
    ($($method:ident: $scalar:ty)*) => {$(
        fn $method<E: Error>(self, value: $scalar) -> Result<Secret<T>, E> {
            read(IntoDeserializer::<E>::into_deserializer(value))
        }
    )*};
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for SecretVisitor<T> {
    type Value = Secret<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<Secret<T>, D::Error> {
        read(value)
    }

    // Formats that do not know newtypes give the value itself; the default methods would print it.
    scalars! {
        visit_bool: bool visit_i64: i64 visit_u64: u64 visit_f64: f64 visit_i128: i128
        visit_u128: u128 visit_char: char visit_str: &str visit_string: String
    }

    fn visit_bytes<E: Error>(self, value: &[u8]) -> Result<Secret<T>, E> {
        read(BytesDeserializer::<E>::new(value))
    }
}
