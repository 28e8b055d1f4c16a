//! The names that serde gives to fields, so that a key is documented under the name that it is read by.

use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Lit, Meta, Token};

/// What serde's attributes on an item say about names.
#[derive(Default)]
pub(crate) struct SerdeNames {
    pub(crate) rename: Option<String>,
    /// The tokens that say so.
    pub(crate) rename_at: Option<Meta>,
    pub(crate) rename_all: Option<String>,
    pub(crate) has_default: bool,
    pub(crate) is_skipped: bool,
    /// The token to point at.
    pub(crate) flatten: Option<syn::Path>,
    /// `from`, `try_from` or `transparent`: what is read is another type's.
    pub(crate) reads_other: Option<syn::Path>,
}

impl SerdeNames {
    /// Reads what it knows; what is wrong is serde's to report.
    pub(crate) fn read(attributes: &[Attribute]) -> Self {
        let mut names = Self::default();
        for attribute in attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("serde"))
        {
            let Ok(metas) =
                attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
            else {
                continue;
            };
            for meta in &metas {
                names.read_one(meta);
            }
        }
        names
    }

    fn read_one(&mut self, meta: &Meta) {
        let path = meta.path();
        if path.is_ident("rename") {
            self.rename = name_for_reading(meta).or(self.rename.take());
            self.rename_at = Some(meta.clone());
        } else if path.is_ident("rename_all") {
            self.rename_all = name_for_reading(meta).or(self.rename_all.take());
        } else if path.is_ident("default") {
            self.has_default = true;
        } else if path.is_ident("skip") || path.is_ident("skip_deserializing") {
            self.is_skipped = true;
        } else if path.is_ident("flatten") {
            self.flatten = Some(path.clone());
        } else if ["from", "try_from", "transparent"]
            .iter()
            .any(|other| path.is_ident(other))
        {
            self.reads_other = Some(path.clone());
        }
    }
}

/// `"name"` of `key = "name"` and of `key(deserialize = "name")`.
fn name_for_reading(meta: &Meta) -> Option<String> {
    match meta {
        Meta::NameValue(pair) => text(&pair.value),
        Meta::List(list) => {
            let metas = list
                .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
                .ok()?;
            metas
                .iter()
                .find(|meta| meta.path().is_ident("deserialize"))
                .and_then(name_for_reading)
        }
        Meta::Path(_) => None,
    }
}

fn text(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text.value()),
        _ => None,
    }
}
