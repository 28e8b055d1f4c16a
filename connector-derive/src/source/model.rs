//! What an item declares, complete, before it is checked.

use proc_macro2::{Span, TokenStream};
use syn::{Attribute, Field, Generics, Ident, LitStr, Path, Type, Visibility};

use crate::attr::Entry;
use crate::case::Case;
use crate::field_type::FieldTypeSpec;
use crate::path::Private;
use crate::shape;

/// A row struct.
pub(crate) struct Row<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) visibility: &'a Visibility,
    pub(crate) generics: &'a Generics,
    pub(crate) attributes: &'a [Attribute],
    pub(crate) private: Private,
    pub(crate) description: String,
    pub(crate) table: Name,
    pub(crate) schema: Option<LitStr>,
    pub(crate) rename_all: Option<(LitStr, Case)>,
    pub(crate) tracking: Tracking,
    /// The tokens that say so; without them, the struct's name.
    pub(crate) tracking_at: TokenStream,
    pub(crate) types: Option<Path>,
    /// The lock file to compare with, from the directory of `Cargo.toml`.
    pub(crate) lock: Option<LitStr>,
    pub(crate) members: Vec<Member<'a>>,
    /// Whether a mistake in an attribute may hide what it says.
    pub(crate) is_incomplete: bool,
    /// The key as the struct lists it: `primary_key(a, b)`.
    pub(crate) listed_key: Option<(Entry, Vec<Ident>)>,
}

/// What an update or a delete tells of the old row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tracking {
    FullChanges,
    OnlyPk,
    Nothing,
}

impl Tracking {
    /// The name of its type in core's `tracking`.
    pub(crate) fn tag(self) -> Ident {
        let name = match self {
            Self::FullChanges => "FullChanges",
            Self::OnlyPk => "OnlyPk",
            Self::Nothing => "Nothing",
        };
        Ident::new(name, Span::call_site())
    }
}

/// The tracking types by name.
pub(crate) const TRACKINGS: [(&str, Tracking); 3] = [
    ("full_changes", Tracking::FullChanges),
    ("only_pk", Tracking::OnlyPk),
    ("nothing", Tracking::Nothing),
];

/// A name, with the tokens to edit when it is wrong.
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) at: TokenStream,
}

/// A field.
pub(crate) struct Member<'a> {
    pub(crate) field: &'a Field,
    pub(crate) ident: &'a Ident,
    pub(crate) ty: &'a Type,
    pub(crate) description: String,
    pub(crate) column: Name,
    pub(crate) kind: Kind,
    pub(crate) default: Option<Default>,
    pub(crate) field_type: Option<FieldTypeSpec>,
    /// The field's own `primary_key`.
    pub(crate) key: Option<Ident>,
    /// The keys that were written, for the rules about which stand together.
    pub(crate) entries: Vec<Entry>,
}

/// How a field becomes columns.
pub(crate) enum Kind {
    Value,
    Json,
    Flatten,
    Skip,
    With(Path),
}

/// What a field is when there is nothing to read.
pub(crate) enum Default {
    OfType,
    Path(Path),
}

impl Member<'_> {
    pub(crate) fn is_column(&self) -> bool {
        matches!(self.kind, Kind::Value | Kind::Json | Kind::With(_))
    }

    pub(crate) fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// The `T` where the field is written as `Option<T>`.
    pub(crate) fn option(&self) -> Option<&Type> {
        shape::option_of(self.ty)
    }
}

impl Row<'_> {
    /// The places of the key's members, in the key's order.
    pub(crate) fn key(&self) -> Vec<usize> {
        match &self.listed_key {
            Some((_, names)) => (names.iter())
                .filter_map(|name| self.members.iter().position(|member| member.ident == name))
                .collect(),
            None => (self.members.iter().enumerate())
                .filter(|(_, member)| member.key.is_some())
                .map(|(place, _)| place)
                .collect(),
        }
    }

    /// The key column's place in the key, from 1.
    pub(crate) fn key_place(&self, member: usize) -> Option<u16> {
        let place = self.key().iter().position(|key| *key == member)?;
        u16::try_from(place + 1).ok()
    }
}

/// An enum whose variants wrap row structs.
pub(crate) struct Rows<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) visibility: &'a Visibility,
    pub(crate) generics: &'a Generics,
    pub(crate) private: Private,
    pub(crate) variants: Vec<Wrapped<'a>>,
}

/// A variant with the row struct that it wraps.
pub(crate) struct Wrapped<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) ty: &'a Type,
}

/// Serde's name for a field, or the field's own.
pub(crate) fn column_name(field: &Ident, case: Option<Case>) -> String {
    let name = syn::ext::IdentExt::unraw(field).to_string();
    case.map_or(name.clone(), |case| case.apply(&name))
}

/// Whether an attribute passes on to generated items: those that say what is compiled and what is out of date.
pub(crate) fn passes_on(attribute: &Attribute) -> bool {
    attribute.path().is_ident("deprecated")
}
