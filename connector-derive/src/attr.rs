//! Reads an attribute against its table of keys. A mistake is recorded and reading goes on after the next comma.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, LitStr, MacroDelimiter, Meta, Path, Token, Type};

use crate::diag::{Errors, Problem};
use crate::field_type::FieldTypeSpec;
use crate::keys::{Form, Key, Level};
use crate::suggest::nearest;

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
    entries: Vec<Entry>,
    /// The strings before the keys.
    pub(crate) names: Vec<LitStr>,
}

impl Entries {
    /// Reads all attributes of the level's name.
    pub(crate) fn read(attributes: &[Attribute], level: &'static Level, errors: &Errors) -> Self {
        let mut read = Self::default();
        for attribute in attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident(level.attribute))
        {
            read.read_one(attribute, level, errors);
        }
        read
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// Hands over all keys.
    pub(crate) fn take_all(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.entries)
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
            Meta::List(list) if matches!(list.delimiter, MacroDelimiter::Paren(_)) => list,
            Meta::Path(path) => {
                let problem = Problem::at(path, format!("`#[{name}]` says nothing"));
                errors.add(problem.help(format!("{}, or remove it", examples(level))));
                return;
            }
            Meta::List(list) => {
                let problem = Problem::at(&list.path, format!("`#[{name}]` takes parentheses"));
                errors.add(problem.help(format!("write `#[{name}(…)]`")));
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
                errors.add(Problem::at(
                    &next,
                    format!("expected `,` before `{}`", shown(&next)),
                ));
            }
            skip_to_comma(input);
            let _: Option<Token![,]> = input.parse().unwrap_or_default();
        }
    }

    fn read_name(&mut self, input: ParseStream<'_>, errors: &Errors) {
        let Ok(name) = input.parse::<LitStr>() else {
            return;
        };
        if let Some(entry) = self.entries.first() {
            let problem = Problem::at(&name, "a name stands after a key");
            errors.add(problem.help(format!("move it before `{}`", entry.name)));
        }
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
        self.entries.push(Entry {
            name: key.name,
            key: written,
            given,
            tokens,
        });
        Ok(())
    }
}

/// Reads what stands behind a key, with its tokens.
fn read_given(
    input: ParseStream<'_>,
    key: &'static Key,
    written: &Ident,
) -> Result<(Given, TokenStream), Problem> {
    let wrong = |at: TokenStream, what: String| {
        Problem::at(at, what).help(format!("write `{}`", key.example))
    };
    let name = key.name;
    let has_list = input.peek(syn::token::Paren)
        || input.peek(syn::token::Bracket)
        || input.peek(syn::token::Brace);
    if input.peek(Token![=]) {
        let equals: Token![=] = input
            .parse()
            .map_err(|_| wrong(written.to_token_stream(), String::new()))?;
        if input.is_empty() || input.peek(Token![,]) {
            return Err(wrong(
                quote!(#written #equals),
                format!("`{name}` has no value"),
            ));
        }
        let before = to_comma(input);
        let parsed = match key.form {
            Form::Flag => {
                return Err(wrong(
                    quote!(#written #equals #before),
                    format!("`{name}` takes no value"),
                ));
            }
            Form::Names => {
                return Err(wrong(
                    quote!(#written #equals #before),
                    format!("`{name}` takes a list in parentheses"),
                ));
            }
            Form::Text => match input.parse::<LitStr>() {
                Ok(text) if text.suffix().is_empty() => {
                    Ok((Given::Text(text.clone()), text.into_token_stream()))
                }
                _ => Err("a string in quotes"),
            },
            Form::Path | Form::FlagOrPath => (input.parse::<Path>())
                .map(|path| (Given::Path(path.clone()), path.into_token_stream()))
                .map_err(|_| "a path without quotes"),
            Form::Type => (input.parse::<Type>())
                .map(|ty| (Given::Type(Box::new(ty.clone())), ty.into_token_stream()))
                .map_err(|_| "a type without quotes"),
            Form::FieldType => (input.parse::<FieldTypeSpec>())
                .map(|spec| (Given::FieldType(spec.clone()), spec.tokens))
                .map_err(|_| "a field type without quotes"),
        };
        let (given, value) = parsed.map_err(|form| {
            wrong(
                before.clone(),
                format!("`{name}` takes {form}, found `{}`", shown(&before)),
            )
        })?;
        return Ok((given, quote!(#equals #value)));
    }
    if has_list {
        let tokens = to_comma(input);
        let Ok(group) = input.parse::<TokenTree>() else {
            return Err(wrong(
                written.to_token_stream(),
                format!("`{name}` has no value"),
            ));
        };
        return match key.form {
            Form::Names => names_in(group)
                .map(|(names, list)| (Given::Names(names), list))
                .ok_or_else(|| {
                    wrong(
                        quote!(#written #tokens),
                        format!("`{name}` takes names in parentheses"),
                    )
                }),
            Form::Flag => Err(wrong(
                quote!(#written #tokens),
                format!("`{name}` takes no value"),
            )),
            _ => Err(wrong(
                quote!(#written #tokens),
                format!("`{name}` takes its value after `=`"),
            )),
        };
    }
    match key.form {
        Form::Flag | Form::FlagOrPath => Ok((Given::Nothing, TokenStream::new())),
        _ => Err(wrong(
            written.to_token_stream(),
            format!("`{name}` has no value"),
        )),
    }
}

/// The names of a parenthesised list.
fn names_in(group: TokenTree) -> Option<(Vec<Ident>, TokenStream)> {
    let TokenTree::Group(group) = group else {
        return None;
    };
    if group.delimiter() != Delimiter::Parenthesis {
        return None;
    }
    let names = Punctuated::<Ident, Token![,]>::parse_terminated_with;
    let names = |input: ParseStream<'_>| names(input, Ident::parse_any);
    let names: Vec<Ident> = names.parse2(group.stream()).ok()?.into_iter().collect();
    (!names.is_empty()).then(|| (names, group.into_token_stream()))
}

fn unknown(written: &Ident, name: &str, level: &'static Level, input: ParseStream<'_>) -> Problem {
    let rest = to_comma(input);
    let attribute = level.attribute;
    let elsewhere = level.others.iter().find_map(|other| {
        other
            .keys
            .iter()
            .find(|key| key.name == name)
            .map(|key| (other, key))
    });
    if let Some((other, key)) = elsewhere {
        let problem = Problem::at(
            written,
            format!(
                "`{name}` belongs on {}, not on {}",
                other.place, level.place
            ),
        );
        let moved = if rest.is_empty() {
            key.example.to_owned()
        } else {
            format!("{name}{}", shown_behind(&rest))
        };
        return problem.help(format!("move it there: `#[{}({moved})]`", other.attribute));
    }
    let problem = Problem::at(
        written,
        format!(
            "`{name}` is not a key of `#[{attribute}(…)]` on {}",
            level.place
        ),
    );
    if let Some((_, advice)) = level.synonyms.iter().find(|(other, _)| *other == name) {
        return problem.help(advice);
    }
    if let Some(meant) = nearest(name, level.keys.iter().map(|key| key.name)) {
        return problem.help(format!("did you mean `{meant}`?"));
    }
    problem.help(examples(level))
}

/// Names the keys of the level.
fn examples(level: &Level) -> String {
    if level.keys.is_empty() {
        return format!(
            "remove it: {} takes no `#[{}(…)]`",
            level.place, level.attribute
        );
    }
    let keys: Vec<String> = level
        .keys
        .iter()
        .map(|key| format!("`{}`", key.name))
        .collect();
    let names = if level.takes_names {
        "names in quotes, and "
    } else {
        ""
    };
    format!("{} takes {names}{}", level.place, keys.join(", "))
}

/// The next token, without taking it.
fn next_token(input: ParseStream<'_>) -> TokenTree {
    input.fork().parse().unwrap_or_else(|_| {
        TokenTree::Group(proc_macro2::Group::new(Delimiter::None, TokenStream::new()))
    })
}

/// The tokens up to the next comma, without taking them.
fn to_comma(input: ParseStream<'_>) -> TokenStream {
    let ahead = input.fork();
    let mut tokens = TokenStream::new();
    while !ahead.is_empty() && !ahead.peek(Token![,]) {
        let Ok(token) = ahead.parse::<TokenTree>() else {
            break;
        };
        tokens.extend([token]);
    }
    tokens
}

fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        if input.parse::<TokenTree>().is_err() {
            break;
        }
    }
}

/// Tokens as a person writes them, without the spaces that printing puts around punctuation.
pub(crate) fn shown(tokens: impl ToTokens) -> String {
    let text = tokens.to_token_stream().to_string();
    text.replace(" :: ", "::")
        .replace(":: ", "::")
        .replace(" (", "(")
        .replace(" ,", ",")
        .replace(" < ", "<")
        .replace(" >", ">")
}

fn shown_behind(rest: &TokenStream) -> String {
    let text = shown(rest);
    if text.starts_with('=') {
        format!(" {text}")
    } else {
        text
    }
}
