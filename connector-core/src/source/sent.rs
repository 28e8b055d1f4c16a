//! A value that the source may leave out because it did not change.

use super::{ColumnValue, FromValue};
use crate::types::FieldType;
use crate::value::{Misfit, Value};

/// A value of a column that the source may leave out of an update, as it did not change: Postgres does so with large
/// values.
///
/// It is not null, and says nothing of what the column holds: `Sent<Option<String>>` tells all three apart. A plain
/// field refuses such a row.
///
/// ```
/// use connector_core::{FromValue, Sent, Value};
///
/// let read = |value| <Sent<Option<String>>>::from_value(value);
/// assert_eq!(read(Value::Text("a")), Ok(Sent::Value(Some("a".to_owned()))));
/// assert_eq!(read(Value::Null), Ok(Sent::Value(None)));
/// assert_eq!(read(Value::Unchanged), Ok(Sent::Unchanged));
/// assert!(String::from_value(Value::Unchanged).is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sent<T> {
    /// The source sent the value.
    Value(T),
    /// The source did not send it: it is as it was before.
    Unchanged,
}

impl<T> Sent<T> {
    /// The value, if it was sent.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Unchanged => None,
        }
    }

    /// The same, with the value lent.
    pub fn as_ref(&self) -> Sent<&T> {
        match self {
            Self::Value(value) => Sent::Value(value),
            Self::Unchanged => Sent::Unchanged,
        }
    }

    /// The value as it is now, when this is what it was before.
    pub fn or(self, before: T) -> T {
        self.value().unwrap_or(before)
    }

    /// Whether the value was not sent.
    pub fn is_unchanged(&self) -> bool {
        matches!(self, Self::Unchanged)
    }
}

impl<T> From<T> for Sent<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl<T: ColumnValue> ColumnValue for Sent<T> {
    const FIELD_TYPE: FieldType = T::FIELD_TYPE;
    const NULLABLE: bool = T::NULLABLE;
    const MAY_BE_LEFT_OUT: bool = true;

    #[inline]
    fn with_value<R>(&self, take: impl FnOnce(Value<'_>) -> R) -> R {
        match self {
            Self::Value(value) => value.with_value(take),
            Self::Unchanged => take(Value::Unchanged),
        }
    }
}

impl<'r, T: FromValue<'r>> FromValue<'r> for Sent<T> {
    #[inline]
    fn from_value(value: Value<'r>) -> Result<Self, Misfit> {
        match value {
            Value::Unchanged => Ok(Self::Unchanged),
            value => T::from_value(value).map(Self::Value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_sent_is_refused_by_plain_types_and_never_null() {
        fn refused<T: for<'r> FromValue<'r>>() -> bool {
            matches!(T::from_value(Value::Unchanged), Err(Misfit::Unchanged))
        }
        assert!(refused::<String>());
        assert!(refused::<Option<String>>());
        assert!(refused::<i64>());
        assert!(refused::<Option<f64>>());
        assert!(refused::<serde_json::Value>());
        assert!(refused::<[u8; 2]>());
        assert!(refused::<std::time::Duration>());
        assert!(Misfit::Unchanged.to_string().contains("`Sent<T>`"));
    }

    #[test]
    fn a_sent_column_is_nullable_as_its_value_is() {
        assert_eq!(<Sent<i64> as ColumnValue>::FIELD_TYPE, FieldType::Int);
        let nullable = [<Sent<i64>>::NULLABLE, <Sent<Option<i64>>>::NULLABLE];
        assert_eq!(nullable, [false, true]);
        assert_eq!(Sent::<i64>::from_value(Value::Null), Err(Misfit::Null));
    }

    #[test]
    fn an_unchanged_value_is_the_one_before() {
        assert_eq!(Sent::Unchanged.or(7), 7);
        assert_eq!(Sent::from(8).or(7), 8);
        assert_eq!(
            Sent::Value("a".to_owned()).as_ref().value(),
            Some(&"a".to_owned())
        );
    }
}
