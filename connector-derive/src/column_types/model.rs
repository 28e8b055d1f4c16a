//! What an enum of column types declares, complete, before it is checked.

use syn::{Ident, LitStr, Path, Type, Variant};

use crate::attr::Entry;
use crate::field_type::FieldTypeSpec;
use crate::path::Private;

/// The column types of one system.
pub(crate) struct Types<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) private: Private,
    pub(crate) raw: Option<Type>,
    pub(crate) ignore_case: Option<Entry>,
    /// The source whose columns have these types.
    pub(crate) source: Option<Type>,
    pub(crate) entries: Vec<ColumnType<'a>>,
    /// Whether a mistake in the enum's attributes may hide what they say.
    pub(crate) is_incomplete: bool,
}

impl Types<'_> {
    pub(crate) fn ignores_case(&self) -> bool {
        self.ignore_case.is_some()
    }
}

/// One type: a variant.
pub(crate) struct ColumnType<'a> {
    pub(crate) variant: &'a Variant,
    pub(crate) description: String,
    /// Whether the variant has the attribute at all.
    pub(crate) is_declared: bool,
    /// Whether a mistake in it may hide what it says.
    pub(crate) is_incomplete: bool,
    pub(crate) names: Vec<TypeName>,
    pub(crate) field: Option<FieldTypeSpec>,
    pub(crate) cast: Option<Path>,
    pub(crate) unsupported: Option<LitStr>,
    /// `other`: any name that is not listed.
    pub(crate) other: Option<Entry>,
    /// The variant's named fields, which take the parameters.
    pub(crate) fields: Vec<(&'a Ident, &'a Type)>,
}

/// A name as the system writes it: `DECIMAL(p, s)`.
pub(crate) struct TypeName {
    pub(crate) literal: LitStr,
    /// The name with `()` in place of the parameters: `DECIMAL()`.
    pub(crate) template: String,
    pub(crate) parameters: Parameters,
}

/// The parameters of a name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Parameters {
    /// These many, by name.
    Named(Vec<String>),
    /// Any number, which are not read: `ENUM(..)`.
    Any,
}

impl TypeName {
    /// Reads the name; `None` when the parentheses do not match.
    pub(crate) fn read(literal: LitStr) -> Option<Self> {
        let text = literal.value();
        let (before, parameters, after) = match text.split_once('(') {
            Some((before, rest)) => {
                let (inside, after) = rest.split_once(')')?;
                (before, Some(inside), after)
            }
            None => (text.as_str(), None, ""),
        };
        if [before, after].iter().any(|part| part.contains(['(', ')']))
            || parameters.is_some_and(|text| text.contains('('))
        {
            return None;
        }
        let mut template = one_spaced(before);
        if parameters.is_some() {
            template.push_str("()");
        }
        let after = one_spaced(after);
        if !after.is_empty() {
            template.push(' ');
            template.push_str(&after);
        }
        let parameters = match parameters.map(str::trim) {
            Some("..") => Parameters::Any,
            None | Some("") => Parameters::Named(Vec::new()),
            Some(list) => {
                Parameters::Named(list.split(',').map(|name| name.trim().to_owned()).collect())
            }
        };
        Some(Self {
            literal,
            template,
            parameters,
        })
    }

    pub(crate) fn named(&self) -> &[String] {
        match &self.parameters {
            Parameters::Named(names) => names,
            Parameters::Any => &[],
        }
    }

    /// Whether every name that `later` matches is matched here already.
    pub(crate) fn covers(&self, later: &Self, ignores_case: bool) -> bool {
        let same = if ignores_case {
            self.template.eq_ignore_ascii_case(&later.template)
        } else {
            self.template == later.template
        };
        same && (self.parameters == Parameters::Any
            || (later.parameters != Parameters::Any && self.named().len() == later.named().len()))
    }
}

fn one_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<TypeName> {
        TypeName::read(LitStr::new(text, proc_macro2::Span::call_site()))
    }

    #[test]
    fn parameters_are_taken_out_of_the_name() {
        for (text, template, parameters) in [
            ("INTEGER", "INTEGER", vec![]),
            (" DOUBLE   PRECISION ", "DOUBLE PRECISION", vec![]),
            ("DECIMAL (p,s)", "DECIMAL()", vec!["p", "s"]),
            (
                "TIMESTAMP(p) WITH TIME ZONE",
                "TIMESTAMP() WITH TIME ZONE",
                vec!["p"],
            ),
        ] {
            let name = read(text).expect(text);
            assert_eq!(
                (name.template.as_str(), name.named()),
                (
                    template,
                    parameters
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                        .as_slice()
                )
            );
        }
        assert_eq!(
            read("ENUM(..)").map(|name| name.parameters),
            Some(Parameters::Any)
        );
    }

    #[test]
    fn unmatched_parentheses_are_no_name() {
        for text in ["DECIMAL(p", "DECIMAL)", "A(b(c))", "A(b) c)"] {
            assert!(read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_name_with_any_parameters_covers_those_after_it() {
        let (any, two) = (
            read("X(..)").expect("a name"),
            read("x(a, b)").expect("a name"),
        );
        assert!(any.covers(&two, true) && !any.covers(&two, false));
        assert!(!two.covers(&any, true));
    }
}
