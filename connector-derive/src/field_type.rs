//! Field types as an attribute names them: `Int`, `Decimal(10, 2)`, `Timestamp(ms)`.

use std::ops::RangeInclusive;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Ident, LitInt, Token, parenthesized};

use crate::attr::shown;
use crate::diag::{Errors, Problem};
use crate::path::Private;
use crate::suggest::nearest;

/// The most digits of a decimal, as core has it.
const MAX_PRECISION: i16 = 76;

/// The names of the field types.
pub(crate) const FIELD_TYPES: [&str; 16] = [
    "UInt",
    "U128",
    "Int",
    "Int8",
    "I128",
    "Float",
    "Boolean",
    "String",
    "Text",
    "Binary",
    "Decimal",
    "Timestamp",
    "Date",
    "Json",
    "Point",
    "Duration",
];

/// Names that other systems use.
const SYNONYMS: [(&str, &str); 22] = [
    ("i8", "Int8"),
    ("i16", "Int"),
    ("i32", "Int"),
    ("i64", "Int"),
    ("Integer", "Int"),
    ("BigInt", "Int"),
    ("u64", "UInt"),
    ("f64", "Float"),
    ("f32", "Float"),
    ("Double", "Float"),
    ("Real", "Float"),
    ("bool", "Boolean"),
    ("Bool", "Boolean"),
    ("str", "String"),
    ("Varchar", "String"),
    ("Bytes", "Binary"),
    ("Blob", "Binary"),
    ("Numeric", "Decimal"),
    ("DateTime", "Timestamp"),
    ("Time", "Duration"),
    ("Interval", "Duration"),
    ("Uuid", "String"),
];

/// The units of timestamps and durations, with core's names for them.
const UNITS: [(&str, &str); 4] = [
    ("s", "Second"),
    ("ms", "Milli"),
    ("us", "Micro"),
    ("ns", "Nano"),
];

/// A field type as it is written, not looked up yet.
#[derive(Clone)]
pub(crate) struct FieldTypeSpec {
    pub(crate) name: Ident,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) tokens: TokenStream,
}

/// What stands in the parentheses.
#[derive(Clone)]
pub(crate) enum Argument {
    /// A number.
    Number(TokenStream),
    /// A unit, or a field of the variant.
    Name(Ident),
}

impl ToTokens for Argument {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Number(number) => number.to_tokens(tokens),
            Self::Name(name) => name.to_tokens(tokens),
        }
    }
}

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(Ident) {
            return Ok(Self::Name(input.parse()?));
        }
        let minus: Option<Token![-]> = input.parse()?;
        let number: LitInt = input.parse()?;
        Ok(Self::Number(quote!(#minus #number)))
    }
}

impl Parse for FieldTypeSpec {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name: Ident = input.parse()?;
        let mut arguments = Vec::new();
        let mut tokens = name.to_token_stream();
        if input.peek(syn::token::Paren) {
            tokens.extend(input.fork().parse::<TokenTree>());
            let content;
            parenthesized!(content in input);
            arguments = Punctuated::<Argument, Token![,]>::parse_terminated(&content)?
                .into_iter()
                .collect();
        }
        Ok(Self {
            name,
            arguments,
            tokens,
        })
    }
}

impl FieldTypeSpec {
    /// Checks the name and the arguments; `parameters` are the fields that arguments may name.
    pub(crate) fn check(&self, parameters: &[Ident], errors: &Errors) {
        let name = self.name.to_string();
        if !FIELD_TYPES.contains(&name.as_str()) {
            let problem = Problem::at(&self.name, format!("`{name}` is not a field type"));
            let meant = (SYNONYMS
                .iter()
                .find(|(other, _)| *other == name)
                .map(|(_, meant)| *meant))
            .or_else(|| nearest(&name, FIELD_TYPES));
            errors.add(match meant {
                Some(meant) => problem.help(format!("write `{meant}`")),
                None => problem.help(format!("the field types are {}", FIELD_TYPES.join(", "))),
            });
            return;
        }
        let wrong = |at: &TokenStream, what: &str, help: &str| {
            errors.add(Problem::at(at, format!("`{name}` {what}")).help(help));
        };
        match (name.as_str(), self.arguments.as_slice()) {
            (_, []) => {}
            ("Decimal", [precision, scale]) => {
                check_number(precision, 1..=MAX_PRECISION, parameters, errors);
                check_number(scale, -MAX_PRECISION..=MAX_PRECISION, parameters, errors);
            }
            ("Decimal", [precision @ Argument::Number(_)]) => wrong(
                &self.tokens,
                "takes a precision and a scale",
                &format!("write `Decimal({}, 0)`", shown(precision)),
            ),
            ("Decimal", _) => wrong(
                &self.tokens,
                "takes a precision and a scale",
                "write `Decimal(10, 2)`",
            ),
            ("Timestamp" | "Duration", [Argument::Name(unit)])
                if UNITS.iter().any(|(known, _)| unit == known) => {}
            ("Timestamp" | "Duration", _) => {
                wrong(
                    &self.tokens,
                    "takes one unit: `s`, `ms`, `us` or `ns`",
                    &format!("write `{name}(ms)`"),
                );
            }
            _ => wrong(
                &self.tokens,
                "takes no parameters",
                &format!("write `{name}`"),
            ),
        }
    }

    /// What becomes it, in Rust's words.
    pub(crate) fn rust_type(&self) -> &'static str {
        match self.name.to_string().as_str() {
            "UInt" | "U128" | "Int" | "Int8" | "I128" => "an integer",
            "Float" => "an `f64`",
            "Boolean" => "a `bool`",
            "Binary" => "a `Vec<u8>`",
            "Decimal" => "a `Decimal`",
            "Timestamp" => "a `Timestamp`",
            "Date" => "a `Date`",
            "Json" => "a `serde_json::Value`",
            "Point" => "a `Point`",
            "Duration" => "a `Duration`",
            _ => "a `String`",
        }
    }

    /// The field type as a constant expression; its arguments are numbers.
    pub(crate) fn expand(&self, private: &Private) -> TokenStream {
        let name = &self.name;
        match (name.to_string().as_str(), self.arguments.as_slice()) {
            ("Decimal", [precision, scale]) => {
                quote!(#private::FieldType::Decimal(#private::DecimalSize::new(#precision, #scale)))
            }
            ("Decimal", _) => quote!(#private::FieldType::Decimal(::core::option::Option::None)),
            ("Timestamp" | "Duration", arguments) => {
                let unit = arguments.first().and_then(|argument| match argument {
                    Argument::Name(unit) => UNITS.iter().find(|(known, _)| unit == known),
                    Argument::Number(..) => None,
                });
                let unit = Ident::new(unit.map_or("Micro", |(_, unit)| unit), name.span());
                quote!(#private::FieldType::#name(#private::TimeUnit::#unit))
            }
            _ => quote!(#private::FieldType::#name),
        }
    }
}

/// A number in range, or the name of a field that holds one.
fn check_number(
    argument: &Argument,
    range: RangeInclusive<i16>,
    parameters: &[Ident],
    errors: &Errors,
) {
    match argument {
        Argument::Number(tokens) => {
            let number = tokens.to_string().replace(' ', "").parse::<i16>().ok();
            if !number.is_some_and(|number| range.contains(&number)) {
                let what = format!("`{}` is out of range", shown(tokens));
                let help = format!("write a number from {} to {}", range.start(), range.end());
                errors.add(Problem::at(tokens, what).help(help));
            }
        }
        Argument::Name(given) if !parameters.contains(given) => {
            if parameters.is_empty() {
                let problem = Problem::at(given, format!("`{given}` is not a number"));
                let help = format!("write a number from {} to {}", range.start(), range.end());
                errors.add(problem.help(help));
                return;
            }
            let problem = Problem::at(given, format!("`{given}` is not a field of the variant"));
            let names: Vec<String> = parameters.iter().map(|name| format!("`{name}`")).collect();
            errors.add(problem.help(format!("write a number, or one of {}", names.join(", "))));
        }
        Argument::Name(_) => {}
    }
}
