//! The derives in a crate that knows core as `platform`, and re-exports it: nothing here is called `connector_core`.
#![no_implicit_prelude]
#![deny(warnings, missing_docs)]
#![forbid(unsafe_code)]

pub use ::platform;

/// Where an organisation keeps what its crates share.
pub mod shared {
    pub use ::platform as connector;
}

/// A row, by the name in `Cargo.toml`.
#[derive(::std::fmt::Debug, ::std::clone::Clone, ::platform::DozerSource)]
#[dozer(tracking = "only_pk", crate = ::platform)]
pub struct Station {
    /// Its number.
    #[dozer(primary_key)]
    pub id: u64,
    /// How it is called.
    pub name: ::std::option::Option<::std::string::String>,
    /// How warm it is.
    pub temperature: Celsius,
    /// Words.
    #[dozer(json)]
    pub tags: ::std::vec::Vec<::std::string::String>,
}

/// A row, by a path through a module that re-exports core.
#[derive(::std::fmt::Debug, ::std::clone::Clone, ::platform::DozerSource)]
#[dozer(crate = crate::shared::connector)]
pub struct Line {
    /// What was said.
    pub text: ::std::string::String,
}

/// Rows of both tables.
#[derive(::std::fmt::Debug, ::std::clone::Clone, ::platform::DozerSource)]
#[dozer(crate = ::platform)]
pub enum Tables {
    /// Of stations.
    Stations(Station),
    /// Of lines.
    Lines(Line),
}

/// Degrees.
#[derive(::std::fmt::Debug, ::std::clone::Clone, ::std::marker::Copy, ::platform::ColumnValue)]
#[column_value(crate = ::platform)]
pub struct Celsius(pub f64);

/// The types of a system.
#[derive(::std::fmt::Debug, ::std::clone::Clone, ::std::marker::Copy, ::platform::ColumnTypes)]
#[column_types(crate = ::platform)]
pub enum Types {
    /// Whole numbers.
    #[column_type("INTEGER", field = Int)]
    Integer,
    /// Decimals.
    #[column_type("DECIMAL(p, s)", field = Decimal(p, s))]
    Decimal {
        /// The digits.
        p: u8,
        /// The digits behind the point.
        s: i8,
    },
}

/// Settings.
#[derive(::std::fmt::Debug, ::serde::Deserialize, ::platform::ConnectorConfig)]
#[connector(name = "weather", crate = ::platform)]
pub struct Weather {
    /// Where the service is.
    pub url: ::std::string::String,
}
