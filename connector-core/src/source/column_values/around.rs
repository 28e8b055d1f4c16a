//! Types around another one: references, `Cow` and `Option`.

use std::borrow::Cow;

use super::super::{ColumnValue, FromValue, Rejected};
use crate::columns::{RowReader, RowWriter, RowsWriter};
use crate::types::FieldType;
use crate::value::{Misfit, Value};

impl<T: ColumnValue + ?Sized> ColumnValue for &T {
    const FIELD_TYPE: FieldType = T::FIELD_TYPE;
    const NULLABLE: bool = T::NULLABLE;
    const MAY_BE_LEFT_OUT: bool = T::MAY_BE_LEFT_OUT;

    #[inline]
    fn with_value<R>(&self, take: impl FnOnce(Value<'_>) -> R) -> R {
        T::with_value(self, take)
    }

    #[inline]
    fn push_into(&self, row: &mut RowWriter<'_>) {
        T::push_into(self, row);
    }

    #[inline]
    fn text_bytes(&self) -> Option<usize> {
        T::text_bytes(self)
    }

    #[inline]
    fn push_all_into<'v>(values: impl Iterator<Item = Option<&'v Self>>, rows: &mut RowsWriter<'_>)
    where
        Self: 'v,
    {
        T::push_all_into(values.map(|value| value.map(|value| &**value)), rows);
    }
}

impl<T: ColumnValue + ToOwned + ?Sized> ColumnValue for Cow<'_, T> {
    const FIELD_TYPE: FieldType = T::FIELD_TYPE;
    const NULLABLE: bool = T::NULLABLE;
    const MAY_BE_LEFT_OUT: bool = T::MAY_BE_LEFT_OUT;

    #[inline]
    fn with_value<R>(&self, take: impl FnOnce(Value<'_>) -> R) -> R {
        T::with_value(self, take)
    }

    #[inline]
    fn push_into(&self, row: &mut RowWriter<'_>) {
        T::push_into(self, row);
    }

    #[inline]
    fn text_bytes(&self) -> Option<usize> {
        T::text_bytes(self)
    }

    #[inline]
    fn push_all_into<'v>(values: impl Iterator<Item = Option<&'v Self>>, rows: &mut RowsWriter<'_>)
    where
        Self: 'v,
    {
        T::push_all_into(values.map(|value| value.map(|value| &**value)), rows);
    }
}

/// Borrows.
impl<'r, T: ToOwned + ?Sized> FromValue<'r> for Cow<'r, T>
where
    &'r T: FromValue<'r>,
{
    #[inline]
    fn from_value(value: Value<'r>) -> Result<Self, Misfit> {
        <&T>::from_value(value).map(Cow::Borrowed)
    }
}

impl<T: ColumnValue> ColumnValue for Option<T> {
    const FIELD_TYPE: FieldType = T::FIELD_TYPE;
    const NULLABLE: bool = true;
    const MAY_BE_LEFT_OUT: bool = T::MAY_BE_LEFT_OUT;

    #[inline]
    fn with_value<R>(&self, take: impl FnOnce(Value<'_>) -> R) -> R {
        match self {
            Some(value) => value.with_value(take),
            None => take(Value::Null),
        }
    }

    #[inline]
    fn push_into(&self, row: &mut RowWriter<'_>) {
        match self {
            Some(value) => value.push_into(row),
            None => {
                let _ = row.push_null();
            }
        }
    }

    #[inline]
    fn text_bytes(&self) -> Option<usize> {
        self.as_ref().map_or(Some(0), T::text_bytes)
    }

    #[inline]
    fn push_all_into<'v>(values: impl Iterator<Item = Option<&'v Self>>, rows: &mut RowsWriter<'_>)
    where
        Self: 'v,
    {
        T::push_all_into(values.map(|value| value.and_then(Self::as_ref)), rows);
    }
}

impl<'r, T: FromValue<'r>> FromValue<'r> for Option<T> {
    #[inline]
    fn from_value(value: Value<'r>) -> Result<Self, Misfit> {
        match value {
            Value::Null => Ok(None),
            value => T::from_value(value).map(Some),
        }
    }

    #[inline]
    fn read_from(row: &mut RowReader<'r>) -> Result<Self, Rejected> {
        T::read_optional_from(row)
    }
}
