//! What stands behind a key. A wrong form is told as one, with the value that was meant in the right form.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Ident, Lit, LitStr, Path, Token, Type};

use super::Given;
use super::tokens::{shown, to_comma};
use crate::diag::Problem;
use crate::field_type::FieldTypeSpec;
use crate::keys::{Form, Key};

/// Reads what stands behind a key, with its tokens.
pub(super) fn read_given(
    input: ParseStream<'_>,
    key: &'static Key,
    written: &Ident,
) -> Result<(Given, TokenStream), Problem> {
    if input.peek(Token![=]) {
        return read_value(input, key, written);
    }
    let rest = to_comma(input);
    if rest.is_empty() {
        return match key.form {
            Form::Flag | Form::FlagOrPath => Ok((Given::Nothing, TokenStream::new())),
            _ => Err(wrong(written, "has no value", Meant::Unknown, key)),
        };
    }
    if let (Form::Names, true) = (key.form, input.peek(syn::token::Paren)) {
        return read_names(input, key, written);
    }
    let takes = match key.form {
        Form::Flag => "takes no value",
        Form::Names => "takes a list in parentheses",
        _ => "takes its value after `=`",
    };
    let value: TokenStream = if input.peek(Token![:]) {
        rest.clone().into_iter().skip(1).collect()
    } else {
        inside(&rest).unwrap_or_else(|| rest.clone())
    };
    // A flag with something behind it lacks the comma, which is told of the next token.
    let is_flag = matches!(key.form, Form::Flag | Form::FlagOrPath);
    if is_flag && inside(&rest).is_none() && !input.peek(Token![:]) {
        return Ok((Given::Nothing, TokenStream::new()));
    }
    Err(wrong(
        &quote!(#written #rest),
        takes,
        meant(key, &value),
        key,
    ))
}

/// Reads the value after `=`.
fn read_value(
    input: ParseStream<'_>,
    key: &'static Key,
    written: &Ident,
) -> Result<(Given, TokenStream), Problem> {
    let equals: Option<Token![=]> = input.parse().unwrap_or_default();
    let value = to_comma(input);
    if value.is_empty() {
        return Err(wrong(
            &quote!(#written #equals),
            "has no value",
            Meant::Unknown,
            key,
        ));
    }
    let all = quote!(#written #equals #value);
    let parsed = match key.form {
        Form::Flag => return Err(wrong(&all, "takes no value", meant(key, &value), key)),
        Form::Names => {
            return Err(wrong(
                &all,
                "takes a list in parentheses",
                meant(key, &value),
                key,
            ));
        }
        Form::Text => match input.parse::<LitStr>() {
            Ok(text) if text.suffix().is_empty() => {
                Ok((Given::Text(text.clone()), text.into_token_stream()))
            }
            _ => Err("a string in quotes"),
        },
        Form::Path | Form::FlagOrPath => match input.parse::<Path>() {
            Ok(_) if input.peek(syn::token::Paren) => {
                let what = "takes the function itself, not a call of it";
                return Err(wrong(&value, what, meant(key, &value), key));
            }
            Ok(path) => Ok((Given::Path(path.clone()), path.into_token_stream())),
            Err(_) => Err("a path without quotes"),
        },
        Form::Type => (input.parse::<Type>())
            .map(|ty| (Given::Type(Box::new(ty.clone())), ty.into_token_stream()))
            .map_err(|_| "a type without quotes"),
        Form::FieldType if shown(&value).contains('<') => {
            let what = "takes the parameters of its field type in parentheses";
            return Err(wrong(&value, what, meant(key, &value), key));
        }
        Form::FieldType => (input.parse::<FieldTypeSpec>())
            .map(|spec| (Given::FieldType(spec.clone()), spec.tokens))
            .map_err(|_| "a field type without quotes"),
    };
    let (given, tokens) = parsed.map_err(|form| {
        let what = format!("takes {form}, found `{}`", shown(&value));
        wrong(&value, &what, meant(key, &value), key)
    })?;
    Ok((given, quote!(#equals #tokens)))
}

/// Reads the names of a parenthesised list.
fn read_names(
    input: ParseStream<'_>,
    key: &'static Key,
    written: &Ident,
) -> Result<(Given, TokenStream), Problem> {
    let rest = to_comma(input);
    let group = input.parse::<TokenTree>().ok();
    let list = group
        .as_ref()
        .and_then(|group| inside(&group.to_token_stream()))
        .unwrap_or_default();
    if list.is_empty() {
        let problem = Problem::at(
            quote!(#written #rest),
            format!("the list of `{}` is empty", key.name),
        );
        return Err(problem.help(format!(
            "list fields, as in `{}`, or remove it",
            key.example
        )));
    }
    match names(list.clone()) {
        Some(names) => Ok((Given::Names(names), group.to_token_stream())),
        None => Err(wrong(
            &list,
            "takes the names of fields",
            meant(key, &list),
            key,
        )),
    }
}

/// The problem of a value in a form that the key does not take.
fn wrong(at: &impl ToTokens, what: &str, meant: Meant, key: &Key) -> Problem {
    let name = key.name;
    let problem = Problem::at(at, format!("`{name}` {what}"));
    match (meant, key.form) {
        (Meant::This(meant), _) => problem.help(format!("write `{meant}`")),
        (Meant::Nothing, _) => problem.help(format!("remove it: leaving `{name}` out says so")),
        (Meant::Constant, _) => problem
            .help(format!("write the text itself, as in `{}`", key.example))
            .note("a derive sees the names of constants, not their values"),
        (Meant::Unknown, Form::FlagOrPath) => problem.help(format!(
            "name a function that gives the value: `{}`",
            key.example
        )),
        (Meant::Unknown, Form::Names) => problem.help(format!(
            "list fields, as in `{}`, or mark each of them with `{name}`",
            key.example
        )),
        (Meant::Unknown, _) => problem.help(format!("write it as in `{}`", key.example)),
    }
}

/// What the author meant, as far as that can be told.
enum Meant {
    /// The key in its right form.
    This(String),
    /// That the key is not there: `skip = false`.
    Nothing,
    /// The value of a constant.
    Constant,
    Unknown,
}

/// The key in its right form, with the value that was given.
fn meant(key: &Key, value: &TokenStream) -> Meant {
    let name = key.name;
    let text = unquoted(value);
    let this = match key.form {
        Form::Flag if text == "false" => return Meant::Nothing,
        Form::Flag => Some(name.to_owned()),
        Form::Text if text.is_empty() || text.contains(['(', '{', '!', '"', '|']) => None,
        Form::Text if is_constant(&text) && !is_string(value) => return Meant::Constant,
        Form::Text => Some(format!("{name} = \"{}\"", text.replace(" - ", "-"))),
        Form::Path | Form::FlagOrPath => {
            let callee = text.split(['(', '|']).next().unwrap_or_default().trim();
            let path = syn::parse_str::<Path>(callee).ok();
            path.filter(|path| !path.is_ident("true") && !path.is_ident("false"))
                .map(|path| format!("{name} = {}", shown(path)))
        }
        Form::Type => syn::parse_str::<Type>(&text)
            .ok()
            .map(|ty| format!("{name} = {}", shown(ty))),
        Form::FieldType => {
            syn::parse_str::<FieldTypeSpec>(&text.replace('<', "(").replace('>', ")"))
                .ok()
                .map(|spec| format!("{name} = {}", shown(spec.tokens)))
        }
        Form::Names => {
            let names = text
                .trim_matches(['[', ']', '(', ')'])
                .replace(['"', ' '], "");
            let is_list = (names.split(',')).all(|name| syn::parse_str::<Ident>(name).is_ok());
            is_list.then(|| format!("{name}({})", names.replace(',', ", ")))
        }
    };
    this.map_or(Meant::Unknown, Meant::This)
}

/// Whether it is written as constants are.
fn is_constant(text: &str) -> bool {
    text.contains(char::is_uppercase) && !text.contains(char::is_lowercase)
}

/// The value as text: a literal without its quotes.
fn unquoted(value: &TokenStream) -> String {
    match syn::parse2::<Lit>(value.clone()) {
        Ok(Lit::Str(text)) => text.value(),
        Ok(Lit::ByteStr(bytes)) => String::from_utf8_lossy(&bytes.value()).into_owned(),
        Ok(Lit::Char(letter)) => letter.value().to_string(),
        _ => shown(value),
    }
}

fn is_string(value: &TokenStream) -> bool {
    matches!(
        syn::parse2::<Lit>(value.clone()),
        Ok(Lit::Str(_) | Lit::ByteStr(_) | Lit::Char(_))
    )
}

/// What stands inside of brackets of any kind, if that is all there is.
fn inside(tokens: &TokenStream) -> Option<TokenStream> {
    let mut tokens = tokens.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() != Delimiter::None => {
            Some(group.stream())
        }
        _ => None,
    }
}

fn names(list: TokenStream) -> Option<Vec<Ident>> {
    let names = |input: ParseStream<'_>| {
        Punctuated::<Ident, Token![,]>::parse_terminated_with(input, Ident::parse_any)
    };
    Some(names.parse2(list).ok()?.into_iter().collect())
}
