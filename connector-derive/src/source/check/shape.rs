//! What a row struct is made of.

use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token};

use crate::diag::{Errors, Problem};
use crate::source::model::{Kind, Row};

/// A row without columns has nothing to deliver.
pub(super) fn has_columns(row: &Row<'_>, errors: &Errors) {
    if row.members.is_empty() {
        let problem = Problem::at(
            row.ident,
            format!("`{}` has no fields, so its table has no columns", row.ident),
        );
        errors.add(problem.help("add a field for each column"));
    } else if row
        .members
        .iter()
        .all(|member| matches!(member.kind, Kind::Skip))
    {
        let problem = Problem::at(
            row.ident,
            format!("every field of `{}` is skipped", row.ident),
        );
        errors.add(problem.help("remove `skip` from the fields that are columns"));
    }
}

/// A row borrows from the buffer of the driver, which has one life.
pub(super) fn borrows_from_one_place(row: &Row<'_>, errors: &Errors) {
    for extra in row.generics.lifetimes().skip(1) {
        let lifetime = &extra.lifetime;
        let problem = Problem::at(
            lifetime,
            format!("`{}` has a second lifetime, `{lifetime}`", row.ident),
        );
        errors.add(problem.help("use one lifetime for everything that the row borrows").note(
            "a row is read out of one buffer, and all that it borrows lives as long as that",
        ));
    }
}

/// A value is lent to its column, and nothing can be lent out of a packed struct.
pub(super) fn fields_can_be_lent(row: &Row<'_>, errors: &Errors) {
    for attribute in row.attributes {
        let Some(packed) = packed(attribute) else {
            continue;
        };
        let problem = Problem::at(
            packed,
            format!(
                "`{}` is packed, so its fields cannot be lent to their columns",
                row.ident
            ),
        );
        errors.add(
            problem.help(
                "remove `packed`, or derive on a struct of the same fields that is not packed",
            ),
        );
    }
}

fn packed(attribute: &Attribute) -> Option<Meta> {
    let is_repr = attribute.path().is_ident("repr");
    let parts =
        is_repr.then(|| attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated));
    let parts = parts?.ok()?;
    parts
        .into_iter()
        .find(|part| part.path().is_ident("packed"))
}
