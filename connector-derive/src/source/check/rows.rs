//! Enums of row structs.

use crate::attr::shown;
use crate::diag::{Errors, Problem};
use crate::shape;
use crate::source::model::Rows;

pub(crate) fn rows(rows: &Rows<'_>, errors: &Errors) {
    rows.private.check(errors);
    each_row_has_its_own_variant(rows, errors);
    for extra in rows.generics.lifetimes().skip(1) {
        let problem = Problem::at(
            &extra.lifetime,
            format!("`{}` has a second lifetime", rows.ident),
        );
        errors.add(problem.help("use one lifetime for everything that the rows borrow"));
    }
}

/// An event is converted by its row type, so that names one variant.
fn each_row_has_its_own_variant(rows: &Rows<'_>, errors: &Errors) {
    for (place, variant) in rows.variants.iter().enumerate() {
        let ty = shown(shape::peeled(variant.ty));
        let first = rows
            .variants
            .iter()
            .take(place)
            .find(|before| shown(shape::peeled(before.ty)) == ty);
        if let Some(first) = first {
            let problem = Problem::at(
                variant.ty,
                format!("`{ty}` is already the row of variant `{}`", first.ident),
            );
            errors.add(
                problem
                    .help("give each table a row struct of its own")
                    .note("events are made from the row type, which therefore names one table"),
            );
        }
    }
}
