//! Types of fields that no column can be, as far as their tokens tell.

use crate::attr::shown;
use crate::diag::{Errors, Problem};
use crate::shape::{argument_of, option_of};
use crate::source::model::{Default, Kind, Member};

/// A column has one null, so a field has one nothing.
pub(super) fn null_has_one_meaning(member: &Member<'_>, errors: &Errors) {
    if matches!(member.kind, Kind::Skip | Kind::With(_)) {
        return;
    }
    let Some(inner) = member.option().filter(|inner| option_of(inner).is_some()) else {
        return;
    };
    let problem = Problem::at(
        member.ty,
        format!(
            "field `{}` is an `Option` of an `Option`, and a column has one null",
            member.ident
        ),
    );
    let inner = shown(inner);
    errors.add(problem.help(format!(
        "write `{inner}`; for a column that a source may leave out, `Sent<{inner}>`"
    )));
}

/// The columns of a group are columns of every row.
pub(super) fn group_is_always_there(member: &Member<'_>, errors: &Errors) {
    if !matches!(member.kind, Kind::Flatten) {
        return;
    }
    if let Some(inner) = member.option() {
        let inner = shown(inner);
        let problem = Problem::at(
            member.ty,
            format!(
                "the columns of field `{}` are in every row, so the group cannot be an `Option`",
                member.ident
            ),
        );
        errors.add(problem.help(format!(
            "write `{inner}`, and make the fields of `{inner}` that may be null an `Option`"
        )));
    } else if let Some(inner) = argument_of(member.ty, "Vec") {
        let problem = Problem::at(
            member.ty,
            format!(
                "field `{}` is many groups, and a row has the columns of one",
                member.ident
            ),
        );
        errors.add(problem.help(format!(
            "flatten one `{}`, or store the list in one column: `#[dozer(json)]`",
            shown(inner)
        )));
    }
}

/// What the source did not send has no value of its own to begin with.
pub(super) fn default_can_be_made(member: &Member<'_>, errors: &Errors) {
    let (Some(entry), Some(Default::OfType)) = (member.entry("default"), &member.default) else {
        return;
    };
    if let Some(inner) = argument_of(member.ty, "Sent") {
        let problem = Problem::at(
            &entry.key,
            format!(
                "`{}` has no default, so null cannot be read as it",
                shown(member.ty)
            ),
        );
        errors.add(problem.help(format!(
            "make the type `Sent<Option<{}>>`, or write `default = path`",
            shown(inner)
        )));
    }
}
