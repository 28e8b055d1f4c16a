//! How generated code names what it needs.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Path;

use crate::attr::shown;
use crate::diag::{Errors, Problem};

/// The module of core that generated code, and nobody else, may use.
#[derive(Clone)]
pub(crate) struct Private(Path, Span);

impl Private {
    /// Under the crate that `crate = path` names, or `::connector_core`.
    pub(crate) fn under(given: Option<&Path>) -> Self {
        Self(
            given
                .cloned()
                .unwrap_or_else(|| syn::parse_quote!(::connector_core)),
            Span::call_site(),
        )
    }

    /// The module by its whole path, for what stands outside the scope.
    pub(crate) fn in_full(&self) -> TokenStream {
        let path = &self.0;
        quote!(#path::__private)
    }

    /// Names the module in a scope.
    pub(crate) fn import(&self) -> TokenStream {
        let module = self.in_full();
        let alias = Ident::new(ALIAS, Span::call_site());
        quote!(use #module as #alias;)
    }
}

impl ToTokens for Private {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        Ident::new(ALIAS, self.1).to_tokens(tokens);
    }
}

/// What generated code calls the module: the path is told once for each scope.
const ALIAS: &str = "__dozer";

impl Private {
    /// A relative path means something else in each module.
    pub(crate) fn check(&self, errors: &Errors) {
        if !self.is_absolute() {
            let shown = shown(&self.0);
            let problem = Problem::at(&self.0, format!("`{shown}` is relative to the module"));
            errors.add(problem.help(format!("write `crate = ::{shown}`, or a path from `crate`")));
        }
    }

    /// The same module for code that a message may point at: at this place.
    pub(crate) fn at(&self, place: Span) -> Self {
        Self(self.0.clone(), self.1.located_at(place))
    }

    /// The usual path where the given one cannot be used.
    pub(crate) fn or_default(self) -> Self {
        if self.is_absolute() {
            self
        } else {
            Self::under(None)
        }
    }

    fn is_absolute(&self) -> bool {
        let first = self
            .0
            .segments
            .first()
            .map(|segment| segment.ident.to_string());
        self.0.leading_colon.is_some() || first.as_deref() == Some("crate")
    }
}
