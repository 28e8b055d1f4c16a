//! The derives in a crate where nothing has its usual name.
#![cfg(feature = "derive")]
#![no_implicit_prelude]
#![deny(warnings, missing_docs, missing_debug_implementations, unreachable_pub)]
#![deny(
    rust_2018_idioms,
    single_use_lifetimes,
    unused_lifetimes,
    unused_qualifications,
    unused_results
)]
#![forbid(unsafe_code)]

use ::connector_core as renamed;

/// Names that generated code must not mean.
#[expect(dead_code, reason = "they are there to be in the way")]
mod shadows {
    pub(crate) struct Result;
    pub(crate) struct Option;
    pub(crate) struct Vec;
    pub(crate) struct String;
    pub(crate) struct Value;
    pub(crate) struct FieldType;
    pub(crate) const ROW: () = ();
    pub(crate) fn row() {}
    pub(crate) mod core {}
    pub(crate) mod std {}
}
#[expect(unused_imports, reason = "they are there to be in the way")]
use shadows::*;

/// A public row of private types, with fields of awkward names.
#[derive(::std::fmt::Debug, ::connector_core::DozerSource)]
#[dozer(tracking = "only_pk", crate = ::connector_core)]
#[allow(non_snake_case)]
pub struct Awkward {
    /// Documented.
    #[dozer(primary_key)]
    pub row: u8,
    pub(crate) r#type: ::std::option::Option<::std::string::String>,
    columns: Private,
    self_: u8,
    value: bool,
    Result: u8,
    #[deprecated]
    __row: u8,
    #[cfg(any())]
    never: NotEvenAType,
    #[cfg(not(any()))]
    #[cfg_attr(all(), dozer(column = "always", default))]
    sometimes: i64,
    #[dozer(json)]
    json: ::std::vec::Vec<u8>,
}

#[derive(::std::fmt::Debug, ::connector_core::ColumnValue)]
struct Private(u8);

/// An old row type.
#[deprecated]
#[derive(::std::fmt::Debug, ::connector_core::DozerSource)]
#[dozer(tracking = "full_changes")]
pub struct Old {
    /// A field.
    pub id: u8,
}

/// Rows of several tables.
#[derive(::std::fmt::Debug, ::connector_core::DozerSource)]
#[dozer(crate = ::connector_core)]
pub enum Rows {
    /// One.
    Awkward(Awkward),
    /// Another.
    Other(Other),
}

/// Another row.
#[derive(::std::fmt::Debug, ::connector_core::DozerSource)]
pub struct Other {
    /// A field.
    pub id: u8,
}

/// Types.
#[derive(::std::fmt::Debug, ::connector_core::ColumnTypes)]
#[column_types(crate = ::connector_core)]
pub enum Types {
    /// One.
    #[column_type("A(p)", field = Decimal(p, 2), cast = cast)]
    Awkward {
        /// A parameter.
        p: ::std::option::Option<u8>,
    },
}

fn cast(_: renamed::Value<'_>) -> ::std::result::Result<renamed::Decimal, renamed::Misfit> {
    ::std::result::Result::Err(renamed::Misfit::Null)
}

/// A configuration.
#[derive(::std::fmt::Debug, ::serde::Deserialize, ::connector_core::ConnectorConfig)]
#[connector(crate = ::connector_core)]
pub struct Config {
    /// A key.
    pub key: ::std::string::String,
}

/// A crate that re-exports core under another path.
mod platform {
    pub(crate) mod rows {
        pub(crate) use ::connector_core::*;
    }
}

#[derive(::std::fmt::Debug, platform::rows::DozerSource)]
#[dozer(crate = crate::platform::rows)]
struct Elsewhere {
    id: u8,
}

#[expect(
    clippy::items_after_statements,
    reason = "a local row is what is tried"
)]
#[test]
fn generated_code_names_everything_in_full() {
    use renamed::DozerSource;

    let columns = Awkward::tables().remove(0).columns;
    let names: ::std::vec::Vec<_> = ::std::iter::Iterator::collect(::std::iter::Iterator::map(
        ::std::iter::IntoIterator::into_iter(columns),
        |column| column.name,
    ));
    ::std::assert_eq!(
        names,
        [
            "row", "type", "columns", "self_", "value", "Result", "__row", "always", "json"
        ]
    );
    /// Declared where it is used.
    #[derive(::std::fmt::Debug, ::connector_core::DozerSource)]
    #[dozer(tracking = "only_pk")]
    struct Local<'r> {
        #[dozer(primary_key)]
        id: u8,
        name: &'r str,
    }
    ::std::assert_eq!(
        <LocalKey as ::std::convert::From<_>>::from(&Local { id: 3, name: "x" }),
        LocalKey { id: 3 }
    );
    ::std::assert_eq!(Elsewhere::tables().len() + Rows::tables().len(), 3);
}
