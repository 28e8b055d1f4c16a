//! What the output of `#[derive(ColumnTypes)]` calls: the behaviour behind generated code.

use std::str::FromStr;

use super::{ColumnValue, RawValue};
use crate::columns::Column;
use crate::types::{ColumnTypes, DecimalSize, FieldType};
use crate::value::{Misfit, Value};

/// The cast of a type without one of its own.
pub fn append_raw<T: ColumnTypes>(
    _: &T,
    raw: T::Raw<'_>,
    column: &mut Column,
) -> Result<(), Misfit> {
    raw.append_to(column)
}

/// What a cast takes: the raw value.
#[diagnostic::on_unimplemented(
    message = "this cast takes `{Self}`, and a raw value is `{R}`",
    label = "expected `fn({R}) -> Result<T, Misfit>`",
    note = "the raw values are those of `#[column_types(raw = …)]`, or core's `Value<'_>`"
)]
pub trait Takes<R> {
    /// The raw value as it is.
    fn taken(raw: R) -> Self;
}

impl<R> Takes<R> for R {
    fn taken(raw: R) -> Self {
        raw
    }
}

/// What a cast gives: a column's value, or the reason why there is none.
#[diagnostic::on_unimplemented(
    message = "this cast gives `{Self}`, which is no value of a column",
    label = "expected a function that gives a `Result<T, Misfit>`",
    note = "`T` is a `ColumnValue`, such as `i64` or `String`; for a type of your own: `#[derive(ColumnValue)]` on a newtype"
)]
pub trait Gives {
    /// The value.
    type Value: ColumnValue;

    /// The value, or why there is none.
    ///
    /// # Errors
    /// What the cast says.
    fn given(self) -> Result<Self::Value, Misfit>;
}

#[diagnostic::do_not_recommend]
impl<T: ColumnValue> Gives for Result<T, Misfit> {
    type Value = T;

    fn given(self) -> Self {
        self
    }
}

/// Appends what the cast that a column type names gives; nulls do not reach it.
#[expect(
    clippy::inline_always,
    reason = "the cast is known where this is called; a value that is handed on by a call is written down and read again"
)]
#[inline(always)]
pub fn append_cast<'r, R: RawValue<'r>, A: Takes<R>, G: Gives>(
    raw: R,
    cast: fn(A) -> G,
    column: &mut Column,
) -> Result<(), Misfit> {
    if raw.is_null() {
        return column.push(Value::Null);
    }
    let value = cast(A::taken(raw)).given()?;
    value.with_value(|value| column.push_known(value))
}

/// The field type of what a cast gives.
pub const fn cast_field_type<A, G: Gives>(_: fn(A) -> G) -> FieldType {
    <G::Value as ColumnValue>::FIELD_TYPE
}

/// The decimal type of these parameters of a type's name, as far as they were given.
pub fn sized_decimal(
    precision: impl Digits<u8>,
    scale: impl Digits<i8>,
) -> Result<FieldType, &'static str> {
    let Some(precision) = precision.digits() else {
        return Ok(FieldType::DECIMAL);
    };
    match DecimalSize::new(precision, scale.digits().unwrap_or(0)) {
        Some(size) => Ok(FieldType::Decimal(Some(size))),
        None => {
            Err("no decimal column has this precision and scale; cast it to text in the source")
        }
    }
}

/// What a parameter of a decimal type's name is read as.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a number of digits",
    label = "expected a field of type `{N}` or `Option<{N}>`",
    note = "a precision is a `u8` and a scale is an `i8`, or an `Option` of it where the name may lack it"
)]
pub trait Digits<N> {
    /// The number, if it was given.
    fn digits(self) -> Option<N>;
}

#[diagnostic::do_not_recommend]
impl<N, T: Into<Option<N>>> Digits<N> for T {
    fn digits(self) -> Option<N> {
        self.into()
    }
}

/// What a parameter of a type's name is read as.
#[diagnostic::on_unimplemented(
    message = "a parameter of a type's name cannot be read as `{Self}`",
    label = "expected a type that is read out of text, such as `u8`",
    note = "a field takes its parameter by `FromStr`"
)]
pub trait Parameter: Sized {
    /// Reads it.
    fn read(text: &str) -> Option<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: FromStr> Parameter for T {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// A parameter of a type's name, read as the variant's field has it.
pub fn parameter<T: Parameter>(text: &str) -> Option<T> {
    T::read(text)
}

/// The name of a column's type, with its parameters taken out.
#[derive(Debug)]
pub struct TypeName<'n> {
    /// The name with `()` in place of the parameters, one blank between words.
    template: String,
    parameters: Vec<&'n str>,
    ignores_case: bool,
}

impl<'n> TypeName<'n> {
    /// Takes `DECIMAL ( 10, 2 ) UNSIGNED` apart: `DECIMAL() UNSIGNED`, `10` and `2`.
    pub fn new(name: &'n str, ignores_case: bool) -> Self {
        let parts = (name.split_once('('))
            .and_then(|(before, rest)| Some((before, rest.rsplit_once(')')?)));
        let Some((before, (inside, after))) = parts else {
            return Self {
                template: one_spaced(name),
                parameters: Vec::new(),
                ignores_case,
            };
        };
        let mut template = one_spaced(before);
        template.push_str("()");
        for word in after.split_whitespace() {
            template.push(' ');
            template.push_str(word);
        }
        let parameters = if inside.trim().is_empty() {
            Vec::new()
        } else {
            inside.split(',').map(str::trim).collect()
        };
        Self {
            template,
            parameters,
            ignores_case,
        }
    }

    /// Whether this is the name, whatever its parameters.
    pub fn is(&self, template: &str) -> bool {
        if self.ignores_case {
            self.template.eq_ignore_ascii_case(template)
        } else {
            self.template == template
        }
    }

    /// The parameters, if this is the name and there are `N` of them.
    pub fn parameters<const N: usize>(&self, template: &str) -> Option<[&'n str; N]> {
        if self.is(template) {
            self.parameters.as_slice().try_into().ok()
        } else {
            None
        }
    }
}

fn one_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        let name = TypeName::new("  decimal ( 10 ,2 )   unsigned", true);
        assert_eq!(name.parameters("DECIMAL() UNSIGNED"), Some(["10", "2"]));
        assert_eq!(name.parameters::<1>("DECIMAL() UNSIGNED"), None);
        assert_eq!(name.parameters::<2>("DECIMAL()"), None);
        assert!(!TypeName::new("decimal(1)", false).is("DECIMAL()"));
        assert!(TypeName::new("double \t precision", true).is("DOUBLE PRECISION"));
        assert!(TypeName::new("ENUM('a', 'b')", true).is("enum()"));
    }

    #[test]
    fn a_name_with_an_open_parenthesis_is_taken_as_it_is() {
        assert!(TypeName::new("DECIMAL(10", false).is("DECIMAL(10"));
    }

    #[test]
    fn decimals_take_the_parameters_that_were_given() {
        assert_eq!(
            sized_decimal(None::<u8>, None::<i8>),
            Ok(FieldType::DECIMAL)
        );
        assert_eq!(
            sized_decimal(10, None::<i8>),
            Ok(FieldType::Decimal(DecimalSize::new(10, 0)))
        );
        assert_eq!(
            sized_decimal(10, -2),
            Ok(FieldType::Decimal(DecimalSize::new(10, -2)))
        );
        assert!(sized_decimal(200, 0).is_err());
    }
}
