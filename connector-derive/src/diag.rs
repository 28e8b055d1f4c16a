//! Collects what is wrong, so that one compile tells everything.

use std::cell::RefCell;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// One mistake: what is wrong at a token, the edit that mends it, and the reason.
#[derive(Debug)]
pub(crate) struct Problem {
    tokens: TokenStream,
    message: String,
}

impl Problem {
    /// `at` is the token to edit: all of its tokens are underlined.
    pub(crate) fn at(at: impl ToTokens, what: impl Into<String>) -> Self {
        Self {
            tokens: at.to_token_stream(),
            message: what.into(),
        }
    }

    /// The edit to make.
    pub(crate) fn help(self, edit: impl AsRef<str>) -> Self {
        self.line("help", edit.as_ref())
    }

    /// The reason.
    pub(crate) fn note(self, reason: impl AsRef<str>) -> Self {
        self.line("note", reason.as_ref())
    }

    fn line(mut self, kind: &str, text: &str) -> Self {
        self.message.push('\n');
        self.message.push_str(kind);
        self.message.push_str(": ");
        self.message.push_str(text);
        self
    }
}

/// The sink of all phases. Nothing returns early because of a mistake.
#[derive(Debug, Default)]
pub(crate) struct Errors(RefCell<Vec<syn::Error>>);

impl Errors {
    pub(crate) fn add(&self, problem: Problem) {
        self.0
            .borrow_mut()
            .push(syn::Error::new_spanned(problem.tokens, problem.message));
    }

    /// Records a mistake that syn found.
    pub(crate) fn add_syntax(&self, error: syn::Error) {
        self.0.borrow_mut().push(error);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.borrow().len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// The `compile_error!` of every mistake, in the order of the source where it is known.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.0
            .into_inner()
            .into_iter()
            .map(syn::Error::into_compile_error)
            .collect()
    }
}

#[cfg(test)]
impl Errors {
    /// The messages, for tests.
    pub(crate) fn messages(&self) -> Vec<String> {
        self.0.borrow().iter().map(ToString::to_string).collect()
    }
}
