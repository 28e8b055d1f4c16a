//! The derives of `connector-core`, which re-exports them: name that crate, not this one.
//!
//! | Derive | Stands on | Declares |
//! |---|---|---|
//! | [`DozerSource`](derive@DozerSource) | a struct, or an enum of row structs | tables, and rows that go in and out of their columns |
//! | [`ColumnTypes`](derive@ColumnTypes) | an enum | the column types of an external system |
//! | [`ColumnValue`](derive@ColumnValue) | a newtype | a Rust type that is one column |
//! | [`ConnectorConfig`](derive@ConnectorConfig) | a struct | the keys of a connector's configuration |
//!
//! Each derive works in three phases: it reads the whole declaration, checks it by one function for each rule, and
//! expands it. Nothing stops at the first mistake: all of them are told at once, each at the token to edit. The
//! impls are there even then, so that nothing else is reported about the type. What only the type system knows (whether a
//! field's type is a column, what is behind an alias, how a row differs from its lock file) is told once the attributes are right.
//!
//! Configuration that changes nothing is a mistake, too: a reader would look for its reason. `column = "name"` on a
//! field `name`, `rename_all = "snake_case"`, `field = Int` on an `i64`, `default` on an `Option`, `json` on a JSON value
//! and an attribute without keys are refused. What spells out a default is not, where it says something that could be
//! otherwise and stays when the code around it changes: `table = "reading"` on a `Reading`, `tracking = "nothing"`.
//!
//! `ERRORS.md`, beside this crate's manifest, lists every message with the code that it is about, wrong and mended.
//!
//! # What it costs
//!
//! A row struct expands to a table of its columns, and to one call into core for each field to push it and one to read
//! it. What these do for the types of core is compiled in core, once. `snapshots/` shows whole expansions.
//!
//! What the derives add to a clean build of 300 structs of 20 columns each, against what serde's `Serialize + Deserialize`
//! add for the same structs (serde is 1; less is cheaper):
//!
//! | | processor time | object code | metadata |
//! |---|---|---|---|
//! | `cargo check`, declared | 0.26 | | 0.78 |
//! | `cargo check`, used | 0.27 | | 0.80 |
//! | `cargo build`, declared | 0.25 | 0.00 | 0.25 |
//! | `cargo build`, used | 0.21 | 0.11 | 0.25 |
//! | `cargo build --release`, declared | 0.23 | 0.00 | 0.19 |
//! | `cargo build --release`, used | 0.13 | 0.13 | 0.19 |
//!
//! All from one run, the median of three rounds. *Declared* is the derives alone; half of ours have a key struct. *Used* has
//! two functions for each struct besides, which push and read one through column buffers, or write and read one as JSON:
//! until something is used, generic and inlined functions cost no code. The times themselves, in seconds of one core of the
//! machine that they were taken on: 2.4 against 9.4 for `cargo check` of what is declared; with everything used 3.9 against 18.5 for
//! `cargo build`, and 11.2 against 83.2 for `cargo build --release`, with 1.6 MB of code against 12.1 MB.
//! To measure anew: `cargo run --release -p connector-tests --bin compile-cost`, whose documentation says exactly what is
//! compared.

mod attr;
mod case;
mod column_types;
mod config;
mod diag;
mod docs;
mod emit;
mod field_type;
mod keys;
mod lock;
mod path;
mod serde_names;
mod shape;
#[cfg(test)]
mod snapshots;
mod source;
mod suggest;
mod value;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Declares a table and its rows: on a struct with named fields, one table; on an enum whose variants wrap such
/// structs, a table for each variant.
///
/// ```
/// use connector_core::{DozerSource, Timestamp};
///
/// /// A reading taken by one station.
/// #[derive(Debug, Clone, DozerSource)]
/// #[dozer(table = "readings", tracking = "only_pk")]
/// struct Reading {
///     #[dozer(primary_key)]
///     station: String,
///     #[dozer(primary_key)]
///     taken_at: Timestamp,
///     /// Degrees Celsius.
///     #[dozer(column = "temp_c")]
///     temperature: Option<f64>,
///     #[dozer(json)]
///     tags: Vec<String>,
/// }
///
/// let table = &Reading::tables()[0];
/// assert_eq!(table.columns[2].name, "temp_c");
/// assert_eq!(table.columns[2].description.as_deref(), Some("Degrees Celsius."));
/// assert_eq!(table.key_columns(), [0, 1]);
/// ```
///
/// A field's type decides the column's type, and `Option<T>` makes the column nullable. Doc comments are the
/// descriptions of the table and of its columns.
///
/// # On the struct
///
/// | Key | Meaning | Without it |
/// |---|---|---|
/// | `table = "readings"` | the table's name in the external system | the struct's name in snake case |
/// | `schema = "public"` | the schema (namespace) that the table is in | none |
/// | `tracking = "only_pk"` | what an update or a delete tells of the old row: `"full_changes"` (the row itself), `"only_pk"` (the generated `ReadingKey`), or `"nothing"`: the table is append-only | `"nothing"` |
/// | `rename_all = "camelCase"` | how columns are named after fields; serde's rules | the field's name |
/// | `primary_key(station, taken_at)` | the fields of the key, in the key's order | the fields marked `primary_key` |
/// | `types = SqliteType` | the [`ColumnTypes`](derive@ColumnTypes) of the system that the rows are read from | any |
/// | `lock = "dozer.lock"` | the [lock file](#beside-a-lock-file) to compare with at compile time | none |
/// | `crate = ::path` | where `connector_core` is, if not at `::connector_core` | |
///
/// # On a field
///
/// | Key | Meaning |
/// |---|---|
/// | `primary_key` | the column is part of the key; neither nullable nor a float, a point or JSON |
/// | `column = "temp_c"` | the column's name in the external system |
/// | `field = Decimal(10, 2)` | the column's type, where it is not the one of the Rust type; also `Text`, `Timestamp(ms)` and so on |
/// | `json` | the field, any serde type, is one column of JSON |
/// | `flatten` | the field, another row struct, adds its columns to this table; its key does not count here |
/// | `with = module` | `module::{FIELD_TYPE, to_value, from_value}` make and read the column |
/// | `default`, `default = path` | null reads as the type's default, or as `path()`; the column is nullable |
/// | `skip` | the field is no column; a row that is read has the default there |
///
/// # What it gives
///
/// `Columns`, `RowImage`, `SourceRow` and `DozerSource`. `FromRow` is there if every field can be read; a row with a field that can only be written is no error. A struct may have type and
/// const parameters, and one lifetime, for `&str`, `Cow<str>` and `&[u8]` lent by a driver.
///
/// `tracking = "only_pk"` declares a key struct beside the row: `Reading` has `ReadingKey`, with the key's fields
/// and their visibility, and `From<&Reading>`. An enum `Tables` has `TablesOld`, with the old image of each variant's row:
///
/// ```
/// use connector_core::{DozerSource, Event};
///
/// #[derive(Debug, Clone, DozerSource)]
/// #[dozer(tracking = "only_pk")]
/// struct Station {
///     #[dozer(primary_key)]
///     id: u64,
///     name: String,
/// }
///
/// #[derive(Debug, Clone, DozerSource)]
/// struct Line {
///     text: String,
/// }
///
/// #[derive(Debug, Clone, DozerSource)]
/// enum Tables {
///     Stations(Station),
///     Lines(Line),
/// }
///
/// let gone: Event<Tables> = Event::<Station>::delete(StationKey { id: 7 }).among();
/// let new: Event<Tables> = Event::insert(Line { text: "hello".to_owned() }).among();
/// // `Event::<Line>::delete(…)` does not compile: its table is append-only.
/// ```
///
/// # Beside a lock file
///
/// `dozer migrate` writes the schemas of a pipeline's sources into a lock file. A row that names the file is compared with
/// it when it is compiled:
///
/// ```text
/// #[derive(DozerSource)]
/// #[dozer(table = "readings", lock = "dozer.lock")]
/// struct Reading {
///     #[dozer(primary_key)]
///     station: String,
///     temp_c: f64,
/// }
/// ```
///
/// Once somebody has made `temp_c` nullable in the database, and `dozer migrate -c dozer.yaml` has taken that on, the next
/// build stops, with no edit of the source:
///
/// ```text
/// error: column `temp_c` of `readings` is nullable in `dozer.lock`, and field `temp_c` is not
///        help: make it `Option<f64>`, or give null a meaning: `#[dozer(default)]`
///   |
/// 6 |     temp_c: f64,
///   |             ^^^
/// ```
///
/// - **Where the file is.** The path begins at the directory of the crate's `Cargo.toml`, which cargo tells in
///   `CARGO_MANIFEST_DIR`. Keep the file in version control and in the published package: who builds the crate needs it.
///   Nothing of it gets into the program.
/// - **The table** is that of the row's `table` and, if the row has one, `schema`, in any source. A table that several
///   sources read has the columns of all of them; a field must read the type that each of them has.
/// - **Columns**: the one of each field is there, has a type that the field reads, and is not nullable unless the field takes
///   null, as an `Option` or by `default`: the rule of typed rows at run time. Columns without a field are fine.
/// - **The key**, if the row declares one, has the table's columns in the table's order, and `tracking` declares no more of
///   old rows than the source tells.
/// - **Groups**: the columns of a `flatten`ed group are looked for by name. Give the group's struct the same `table` and
///   `lock` to have their types compared as well.
/// - **Type parameters**: a field whose type has one is looked for by name; the rest is left to run time.
/// - **Rows of the program's own source** need no lock: the file would be written by the program that it stops.
#[proc_macro_derive(DozerSource, attributes(dozer))]
pub fn derive_dozer_source(input: TokenStream) -> TokenStream {
    source::derive(&parse_macro_input!(input as DeriveInput)).into()
}

/// Declares the column types of an external system: an enum with a variant for each type.
///
/// ```
/// use connector_core::{ColumnTypes, Decimal, DecimalSize, FieldType, Misfit, Value};
///
/// /// The types of a small database.
/// #[derive(Debug, Clone, Copy, PartialEq, Eq, ColumnTypes)]
/// #[column_types(raw = Value<'_>, ignore_case)]
/// enum Type {
///     /// A whole number.
///     #[column_type("INTEGER", "INT", field = Int)]
///     Integer,
///     #[column_type("DECIMAL(p, s)", "DECIMAL(p)", field = Decimal(p, s), cast = decimal)]
///     Decimal { p: u8, s: Option<i8> },
///     #[column_type("ENUM(..)", field = Text)]
///     Enum,
///     #[column_type("GEOMETRY", unsupported = "select ST_AsText instead")]
///     Geometry,
/// }
///
/// fn decimal(raw: Value<'_>) -> Result<Decimal, Misfit> {
///     match raw {
///         Value::Text(text) => text.parse(),
///         other => Err(Misfit::WrongKind { found: other.kind() }),
///     }
/// }
///
/// let found = Type::from_name("decimal(10, 2)").unwrap();
/// assert_eq!(found, Type::Decimal { p: 10, s: Some(2) });
/// assert_eq!(found.field_type(), Ok(FieldType::Decimal(DecimalSize::new(10, 2))));
/// ```
///
/// # On the enum
///
/// | Key | Meaning | Without it |
/// |---|---|---|
/// | `raw = Value<'_>` | a value as the driver lends it; `'_` is the life of the row | core's `Value<'_>` |
/// | `source = Sqlite` | the source whose columns have these types: rows with `types = …` are read from it alone | such rows are read from no source |
/// | `ignore_case` | names are found in upper and lower case alike (ASCII) | case counts |
/// | `crate = ::path` | where `connector_core` is, if not at `::connector_core` | |
///
/// # On a variant: `#[column_type("NAME", …)]`
///
/// First the type's names in the system, as strings. Blanks around words do not count. `DECIMAL(p, s)` fills the
/// variant's fields `p` and `s` from the parameters, by `FromStr`; a field that is an `Option` may lack its parameter; `_` is
/// a parameter that is not read, and on a variant without fields any name is. `ENUM(..)` takes any parameters and reads none.
///
/// | Key | Meaning |
/// |---|---|
/// | `field = Int` | what columns of the type become; `Decimal(p, s)` may name the variant's fields |
/// | `cast = path` | `fn(Raw<'_>) -> Result<T, Misfit>`, where `T` is a `ColumnValue` that becomes `field`; nulls do not reach it. Without it `RawValue::append_to` casts |
/// | `unsupported = "reason"` | columns of the type become nothing: why, and what to do instead |
/// | `other` | the last variant stands for every name that is not listed |
#[proc_macro_derive(ColumnTypes, attributes(column_types, column_type))]
pub fn derive_column_types(input: TokenStream) -> TokenStream {
    column_types::derive(&parse_macro_input!(input as DeriveInput)).into()
}

/// Makes a newtype a column, as what it wraps is one.
///
/// ```
/// use connector_core::{ColumnValue, DozerSource};
///
/// #[derive(Debug, Clone, Copy, PartialEq, ColumnValue)]
/// struct Celsius(f64);
///
/// #[derive(Debug, DozerSource)]
/// struct Reading {
///     temperature: Option<Celsius>,
/// }
///
/// assert_eq!(Celsius::FIELD_TYPE, f64::FIELD_TYPE);
/// ```
///
/// On a struct of one field, with or without a name; type parameters and one lifetime are fine. It gives
/// `ColumnValue`, and `FromValue` if the wrapped type has it. `#[column_value(crate = ::path)]` says where
/// `connector_core` is, if not at `::connector_core`.
#[proc_macro_derive(ColumnValue, attributes(column_value))]
pub fn derive_column_value(input: TokenStream) -> TokenStream {
    value::derive(&parse_macro_input!(input as DeriveInput)).into()
}

/// Lists the keys of a connector's configuration, from the struct that serde reads.
///
/// ```
/// use connector_core::{ConnectorConfig, Secret};
/// use serde::Deserialize;
///
/// /// Readings of a weather service.
/// #[derive(Debug, Deserialize, ConnectorConfig)]
/// #[connector(name = "weather")]
/// struct Weather {
///     /// Where the service is.
///     url: String,
///     token: Secret<String>,
///     #[serde(default)]
///     retries: u32,
/// }
///
/// assert_eq!(Weather::NAME, "weather");
/// assert!(Weather::keys()[1].secret);
/// assert!(!Weather::keys()[2].required);
/// ```
///
/// | Key of `#[connector(…)]` | Meaning | Without it |
/// |---|---|---|
/// | `name = "weather"` | the name; the tag in configuration files is this in CamelCase: `!Weather` | the struct's name in snake case |
/// | `crate = ::path` | where `connector_core` is, if not at `::connector_core` | |
///
/// Doc comments are the descriptions. serde's `rename`, `rename_all`, `default` and `skip` are read as well, so that
/// the listed names are those that are read; `flatten` is refused, since it hides keys. A key is required unless it
/// has a default or its type is optional.
#[proc_macro_derive(ConnectorConfig, attributes(connector))]
pub fn derive_connector_config(input: TokenStream) -> TokenStream {
    config::derive(&parse_macro_input!(input as DeriveInput)).into()
}
