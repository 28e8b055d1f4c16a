//! One field beside its column in the lock file.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Type};

use super::super::model::{Kind, Member, Row};
use super::table::{Table, listed};
use crate::attr::shown;
use crate::diag::{Errors, Problem};
use crate::emit::without_lifetimes;
use crate::field_type::FieldTypeSpec;
use crate::lock::Column;
use crate::path::Private;
use crate::shape;

/// The field's column is in the table, the field reads it, and takes its nulls.
pub(super) fn fits(
    row: &Row<'_>,
    member: &Member<'_>,
    table: &Table<'_>,
    errors: &Errors,
) -> TokenStream {
    // Only the row's user knows what a parameter stands for, and a constant has no `Self`.
    let is_open = shape::mentions_parameter(member.ty, row.generics)
        || shape::mentions(member.ty.to_token_stream(), &["Self".to_owned()]);
    match member.kind {
        Kind::Skip => return TokenStream::new(),
        Kind::Flatten if is_open => return TokenStream::new(),
        Kind::Flatten => return group(row, member, table),
        _ => {}
    }
    let found = table.column(&member.column.text);
    if found.is_empty() {
        errors.add(missing(row, member, table));
        return TokenStream::new();
    }
    let mut types: Vec<&str> = Vec::new();
    let mut constants = TokenStream::new();
    let is_open = is_open && matches!(member.kind, Kind::Value) && member.field_type.is_none();
    for (source, column) in &found {
        if is_open || types.contains(&column.field_type.as_str()) {
            continue;
        }
        types.push(&column.field_type);
        let origin = match table.sources.as_slice() {
            [_] => String::new(),
            _ => format!(" of source `{}`", source.name),
        };
        constants.extend(of_type(row, member, table, column, &origin));
    }
    if let Some((_, column)) = found.iter().find(|(_, column)| column.nullable) {
        let problem = null(member, table, column);
        match takes_null(member, &row.private) {
            TakesNull::Yes => {}
            TakesNull::No => errors.add(Problem::at(member.ty, problem.0).help(problem.1)),
            TakesNull::IfTheType(_) if is_open => {}
            TakesNull::IfTheType(condition) => {
                let message = format!("{}\nhelp: {}", problem.0, problem.1);
                constants.extend(check(row, member.ty, &condition, &message));
            }
        }
    }
    constants
}

fn missing(row: &Row<'_>, member: &Member<'_>, table: &Table<'_>) -> Problem {
    let name = &member.column.text;
    let problem = Problem::at(
        &member.column.at,
        format!(
            "`{}` has no column `{name}` in `{}`",
            table.name, table.file
        ),
    );
    // Not one that another field has already.
    let is_free = |column: &&str| row.members.iter().all(|other| other.column.text != *column);
    let free: Vec<&str> = table.columns().into_iter().filter(is_free).collect();
    if let Some(meant) = crate::suggest::nearest(name, free.iter().copied()) {
        return problem.help(if member.entry("column").is_some() {
            format!("did you mean `column = \"{meant}\"`?")
        } else {
            format!("did you mean `{meant}`? rename the field, or write `#[dozer(column = \"{meant}\")]`")
        });
    }
    let problem = if free.is_empty() {
        problem.help("remove the field")
    } else {
        let columns = listed(&free);
        problem.help(format!(
            "write `column = \"…\"` with a column of the table: {columns}"
        ))
    };
    problem.note("columns that the source leaves out or cannot read are not in the file; `dozer migrate -c dozer.yaml` writes it anew")
}

/// A group's columns are in the table. Their types are the group's own affair: it has no table of its own here.
fn group(row: &Row<'_>, member: &Member<'_>, table: &Table<'_>) -> TokenStream {
    let ty = without_lifetimes(member.ty);
    let private = row.private.at(member.ty.span());
    let names = table.columns();
    let before = format!("`{}` has no column `", table.name);
    let behind = format!(
        "` in `{}`, which field `{}` takes in by `flatten`\nhelp: mend the column's name in `{}`, or remove it there\nnote: the columns of the table are {}",
        table.file,
        member.ident,
        shown(member.ty),
        listed(&names),
    );
    quote_spanned! {member.ty.span()=>
        const _: () = #private::check_group(<#ty as #private::Columns>::COLUMNS, &[#(#names),*], #before, #behind);
    }
}

/// The field's type reads the column's.
fn of_type(
    row: &Row<'_>,
    member: &Member<'_>,
    table: &Table<'_>,
    column: &Column,
    origin: &str,
) -> TokenStream {
    let Ok(locked) = syn::parse_str::<FieldTypeSpec>(&column.field_type) else {
        return TokenStream::new();
    };
    if matches!(member.kind, Kind::Value) && member.field_type.is_none() {
        // Most fields: no constant says more of them, and each costs the compiler a little.
        let value = member.option().unwrap_or(member.ty);
        if is_builtin(value) && shape::last_word(value).as_deref() == Some(held(&locked)) {
            return TokenStream::new();
        }
    }
    let private = &row.private;
    let holder = holder(&locked, member, column.nullable);
    let found = &column.field_type;
    let (declared, at, reader, help) = match (&member.field_type, &member.kind) {
        (Some(spec), _) => (
            spec.expand(private),
            spec.tokens.clone(),
            format!("`field = {}`", shown(&spec.tokens)),
            format!("write `field = {found}`, or remove it and make the field `{holder}`"),
        ),
        (None, Kind::Json) => (
            quote!(#private::FieldType::Json),
            member.entry("json").map_or_else(
                || member.ty.to_token_stream(),
                |entry| entry.key.to_token_stream(),
            ),
            "`json`".to_owned(),
            format!("remove `json`, and make the field `{holder}`"),
        ),
        (None, Kind::With(module)) => {
            let constant = Ident::new("FIELD_TYPE", module.span());
            (
                quote!(#module::#constant),
                module.to_token_stream(),
                format!("`{}::FIELD_TYPE`", shown(module)),
                format!(
                    "let the module read `{found}`, or remove `with` and make the field `{holder}`"
                ),
            )
        }
        _ => {
            let ty = without_lifetimes(member.ty);
            (
                quote!(<#ty as #private::ColumnValue>::FIELD_TYPE),
                member.ty.to_token_stream(),
                format!("`{}`", shown(member.ty)),
                format!(
                    "make field `{}` `{holder}`, or read it `with = module`",
                    member.ident
                ),
            )
        }
    };
    let message = format!(
        "column `{}` of `{}` is `{found}` in `{}`{origin}, which {reader} does not read\nhelp: {help}",
        column.name, table.name, table.file
    );
    let locked = locked.expand(private);
    let condition = quote!(#private::readable(#declared, #locked));
    check(row, at, &condition, &message)
}

/// The Rust type that holds columns of this type.
fn held(locked: &FieldTypeSpec) -> &'static str {
    match locked.name.to_string().as_str() {
        "UInt" => "u64",
        "U128" => "u128",
        "Int" => "i64",
        "Int8" => "i8",
        "I128" => "i128",
        "Float" => "f64",
        "Boolean" => "bool",
        "Binary" => "Vec<u8>",
        "Decimal" => "Decimal",
        "Timestamp" => "Timestamp",
        "Date" => "Date",
        "Json" => "serde_json::Value",
        "Point" => "Point",
        "Duration" => "Duration",
        _ => "String",
    }
}

/// That type, as this field would have it.
fn holder(locked: &FieldTypeSpec, member: &Member<'_>, nullable: bool) -> String {
    let held = held(locked);
    let held = if nullable && member.default.is_none() {
        format!("Option<{held}>")
    } else {
        held.to_owned()
    };
    match sent(member.ty) {
        Some(_) => format!("Sent<{held}>"),
        None => held,
    }
}

/// The `T` of a `Sent<T>` that is written as one.
fn sent(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = shape::peeled(ty) else {
        return None;
    };
    let last = path.path.segments.last()?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first() {
        Some(syn::GenericArgument::Type(inner)) if last.ident == "Sent" => Some(inner),
        _ => None,
    }
}

enum TakesNull {
    Yes,
    No,
    /// The constant expression that says so.
    IfTheType(TokenStream),
}

fn takes_null(member: &Member<'_>, private: &Private) -> TakesNull {
    if member.default.is_some() || member.option().is_some() {
        return TakesNull::Yes;
    }
    let is_plain = matches!(member.kind, Kind::Json | Kind::With(_)) || is_builtin(member.ty);
    if is_plain {
        return TakesNull::No;
    }
    let ty = without_lifetimes(member.ty);
    TakesNull::IfTheType(quote!(<#ty as #private::ColumnValue>::NULLABLE))
}

/// Types that nobody gives another meaning.
fn is_builtin(ty: &Type) -> bool {
    const BUILTIN: [&str; 16] = [
        "bool", "f32", "f64", "i128", "i16", "i32", "i64", "i8", "isize", "u128", "u16", "u32",
        "u64", "u8", "usize", "String",
    ];
    match shape::peeled(ty) {
        Type::Path(path) => BUILTIN.iter().any(|name| path.path.is_ident(name)),
        _ => false,
    }
}

/// The message and the edit for a null that the field does not take.
fn null(member: &Member<'_>, table: &Table<'_>, column: &Column) -> (String, String) {
    let what = format!(
        "column `{}` of `{}` is nullable in `{}`, and field `{}` is not",
        column.name, table.name, table.file, member.ident
    );
    let option = match sent(member.ty) {
        Some(inner) => format!("Sent<Option<{}>>", shown(inner)),
        None => format!("Option<{}>", shown(member.ty)),
    };
    let help = format!("make it `{option}`, or give null a meaning: `#[dozer(default)]`");
    (what, help)
}

/// A constant whose failure underlines all of these tokens.
fn check(row: &Row<'_>, at: impl ToTokens, condition: &TokenStream, message: &str) -> TokenStream {
    let at = at.to_token_stream();
    let first = at.span();
    let last = at.into_iter().last().map_or(first, |token| token.span());
    let private = row.private.at(first);
    let mut arguments = proc_macro2::Group::new(
        proc_macro2::Delimiter::Parenthesis,
        quote!(#condition, #message),
    );
    arguments.set_span(Span::call_site().located_at(last));
    let call = quote_spanned!(first=> #private::check #arguments);
    quote!(const _: () = #call;)
}
