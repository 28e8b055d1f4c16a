//! Derives.
mod attr;
mod case;
mod column_types;
mod config;
mod diag;
mod docs;
mod emit;
mod field_type;
mod keys;
mod path;
mod serde_names;
mod shape;
mod source;
mod suggest;
mod value;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

#[proc_macro_derive(DozerSource, attributes(dozer))]
pub fn derive_dozer_source(input: TokenStream) -> TokenStream {
    source::derive(&parse_macro_input!(input as DeriveInput)).into()
}

#[proc_macro_derive(ColumnTypes, attributes(column_types, column_type))]
pub fn derive_column_types(input: TokenStream) -> TokenStream {
    column_types::derive(&parse_macro_input!(input as DeriveInput)).into()
}

#[proc_macro_derive(ColumnValue, attributes(column_value))]
pub fn derive_column_value(input: TokenStream) -> TokenStream {
    value::derive(&parse_macro_input!(input as DeriveInput)).into()
}

#[proc_macro_derive(ConnectorConfig, attributes(connector))]
pub fn derive_connector_config(input: TokenStream) -> TokenStream {
    config::derive(&parse_macro_input!(input as DeriveInput)).into()
}
