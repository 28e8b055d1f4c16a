//! Reads an attribute against its table of keys. A mistake is recorded and reading goes on after the next comma.

mod form;
mod tokens;
mod unknown;

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Ident, LitStr, MacroDelimiter, Meta, Path, Token, Type};

use self::form::read_given;
pub(crate) use self::tokens::shown;
use self::tokens::{next_token, take_to_comma, to_comma};
use self::unknown::{examples, unknown};
use crate::diag::{Errors, Problem};
use crate::field_type::FieldTypeSpec;
use crate::keys::Level;

/// What stands behind a key.
#[derive(Clone)]
pub(crate) enum Given {
    Nothing,
    Text(LitStr),
    Path(Path),
    Type(Box<Type>),
    Names(Vec<Ident>),
    FieldType(FieldTypeSpec),
}

/// A key as it was written, with what stands behind it.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) key: Ident,
    pub(crate) given: Given,
    /// All of its tokens.
    pub(crate) tokens: TokenStream,
}

/// Everything that an item's attributes say, each key once.
#[derive(Default)]
pub(crate) struct Entries {
    keys: Vec<Entry>,
    /// The strings before the keys.
    pub(crate) names: Vec<LitStr>,
    /// What was read last, as it is written.
    last_read: Option<String>,
    /// A part could not be read: what is not here may have been meant.
    pub(crate) is_incomplete: bool,
}

impl Entries {
    /// Reads all attributes of the level's name.
    pub(crate) fn read(attributes: &[Attribute], level: &'static Level, errors: &Errors) -> Self {
        let mut read = Self::default();
        let before = errors.count();
        for attribute in attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident(level.attribute))
        {
            read.read_one(attribute, level, errors);
        }
        read.is_incomplete = errors.count() > before;
        read
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Entry> {
        self.keys.iter().find(|entry| entry.name == name)
    }

    /// Hands over all keys.
    pub(crate) fn take_all(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.keys)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&LitStr> {
        match &self.get(name)?.given {
            Given::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn path(&self, name: &str) -> Option<&Path> {
        match &self.get(name)?.given {
            Given::Path(path) => Some(path),
            _ => None,
        }
    }

    pub(crate) fn field_type(&self, name: &str) -> Option<&FieldTypeSpec> {
        match &self.get(name)?.given {
            Given::FieldType(spec) => Some(spec),
            _ => None,
        }
    }

    fn read_one(&mut self, attribute: &Attribute, level: &'static Level, errors: &Errors) {
        let name = level.attribute;
        let list = match &attribute.meta {
            Meta::List(list) if list.tokens.is_empty() => {
                let problem = Problem::at(
                    attribute.meta.clone(),
                    format!("`#[{name}()]` says nothing"),
                );
                errors.add(problem.help(format!("remove it, or write a key: {}", examples(level))));
                return;
            }
            Meta::List(list) if matches!(list.delimiter, MacroDelimiter::Paren(_)) => list,
            Meta::Path(path) => {
                let problem = Problem::at(path, format!("`#[{name}]` says nothing"));
                errors.add(problem.help(format!("remove it, or write a key: {}", examples(level))));
                return;
            }
            Meta::List(list) => {
                let problem =
                    Problem::at(&attribute.meta, format!("`#[{name}]` takes parentheses"));
                let inside = shown(&list.tokens);
                errors.add(problem.help(format!("write `#[{name}({inside})]`")));
                return;
            }
            Meta::NameValue(pair) => {
                let problem =
                    Problem::at(pair, format!("`#[{name}]` takes parentheses, not a value"));
                errors.add(problem.help(examples(level)));
                return;
            }
        };
        let reader = |input: ParseStream<'_>| {
            self.read_list(input, level, errors);
            Ok(())
        };
        if let Err(error) = reader.parse2(list.tokens.clone()) {
            errors.add_syntax(error);
        }
    }

    fn read_list(&mut self, input: ParseStream<'_>, level: &'static Level, errors: &Errors) {
        while !input.is_empty() {
            let problem = if level.takes_names && input.peek(LitStr) {
                self.read_name(input, errors);
                None
            } else {
                self.read_entry(input, level, errors).err()
            };
            if let Some(problem) = problem {
                errors.add(problem);
            } else if !input.is_empty() && !input.peek(Token![,]) {
                let next = next_token(input);
                let rest = to_comma(input);
                let problem = Problem::at(&next, format!("expected `,` before `{}`", shown(&next)));
                let before = self.last_read.as_deref().unwrap_or_default();
                errors.add(problem.help(format!("write `{before}, {}`", shown(&rest))));
            }
            take_to_comma(input);
            let _: Option<Token![,]> = input.parse().unwrap_or_default();
        }
    }

    fn read_name(&mut self, input: ParseStream<'_>, errors: &Errors) {
        let Ok(name) = input.parse::<LitStr>() else {
            return;
        };
        if let Some(entry) = self.keys.first() {
            let problem = Problem::at(&name, "a name stands after a key");
            errors.add(problem.help(format!("move it before `{}`", entry.name)));
        }
        self.last_read = Some(shown(&name));
        self.names.push(name);
    }

    fn read_entry(
        &mut self,
        input: ParseStream<'_>,
        level: &'static Level,
        errors: &Errors,
    ) -> Result<(), Problem> {
        if !input.peek(Ident::peek_any) {
            let next = next_token(input);
            let what = format!(
                "expected a key of `#[{}(…)]`, found `{}`",
                level.attribute,
                shown(&next)
            );
            return Err(Problem::at(next, what).help(examples(level)));
        }
        let written = Ident::parse_any(input)
            .map_err(|error| Problem::at(TokenStream::new(), error.to_string()))?;
        let name = written.unraw().to_string();
        let Some(key) = level.keys.iter().find(|key| key.name == name) else {
            return Err(unknown(&written, &name, level, input));
        };
        let (given, behind) = read_given(input, key, &written)?;
        let tokens = quote!(#written #behind);
        self.last_read = Some(shown(&tokens));
        if let Some(first) = self.get(key.name) {
            let problem = Problem::at(&written, format!("`{name}` is given twice"));
            let (first, second) = (shown(&first.tokens), shown(&tokens));
            errors.add(if first == second {
                problem.help("remove one of them")
            } else {
                problem.help(format!("keep one of `{first}` and `{second}`"))
            });
            return Ok(());
        }
        self.keys.push(Entry {
            name: key.name,
            key: written,
            given,
            tokens,
        });
        Ok(())
    }
}
