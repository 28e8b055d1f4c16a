//! Rows that agree with their lock file, in every way that a field can be declared, where no name is in scope.
#![no_implicit_prelude]
#![deny(warnings, missing_docs, unused_qualifications)]
#![forbid(unsafe_code)]

use ::connector_core::{DozerSource, FieldType, Timestamp};
use ::std::iter::Iterator as _;

/// Names that generated code must not take for the compiler's own.
#[allow(non_camel_case_types, dead_code)]
struct u8;
#[allow(dead_code)]
mod core {}

type Degrees = ::std::option::Option<f64>;

/// A field in each of the ways that read a column.
#[derive(::std::fmt::Debug, DozerSource)]
#[dozer(
    table = "readings",
    tracking = "only_pk",
    lock = "tests/locks/dozer.lock"
)]
#[dozer(primary_key(station, taken_at))]
pub struct Reading<'a> {
    /// Lent.
    pub station: &'a str,
    /// Of core.
    pub taken_at: Timestamp,
    /// Nullable behind an alias.
    #[dozer(column = "temp_c")]
    pub temperature: Degrees,
    /// Out of JSON.
    #[dozer(json)]
    pub tags: ::std::vec::Vec<::std::string::String>,
    /// Of two columns.
    #[dozer(flatten)]
    pub address: Address,
    /// No column.
    #[dozer(skip)]
    pub seen: bool,
}

/// A group that is compared by itself, too.
#[derive(::std::fmt::Debug, DozerSource)]
#[dozer(table = "readings", lock = "tests/locks/dozer.lock")]
pub struct Address {
    /// As text.
    pub street: ::std::string::String,
    /// Null is no city.
    #[dozer(default)]
    pub city: ::std::string::String,
}

/// Of any types.
#[derive(::std::fmt::Debug, DozerSource)]
#[dozer(table = "orders", schema = "shop", lock = "tests/locks/dozer.lock")]
pub struct Order<Id, Time> {
    /// Of a parameter.
    pub id: Id,
    /// May be left out, or null.
    #[dozer(column = "paid_at")]
    pub paid: ::connector_core::Sent<::std::option::Option<Timestamp>>,
    /// In a declared size.
    #[dozer(field = Decimal(20, 4))]
    pub total: ::connector_core::Decimal,
    /// No column.
    #[dozer(skip)]
    pub read_at: Time,
}

#[test]
fn rows_that_agree_with_their_lock_file_compile_as_others_do() {
    let tables = Reading::tables();
    let names = tables[0].columns.iter().map(|column| &*column.name);
    let names: ::std::vec::Vec<&str> = names.collect();
    ::std::assert_eq!(
        names,
        ["station", "taken_at", "temp_c", "tags", "street", "city"]
    );
    let tables = Order::<i64, ()>::tables();
    ::std::assert_eq!(
        tables[0].columns[0].field_type(),
        ::std::option::Option::Some(FieldType::Int)
    );
}
