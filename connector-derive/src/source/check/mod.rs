//! The rules of rows, one function each, over the complete model.

mod key;
mod names;
mod rows;
mod shape;
mod together;
mod types;
mod useless;

pub(super) use self::rows::rows;
use super::model::Row;
use crate::diag::Errors;

pub(super) fn row(row: &Row<'_>, errors: &Errors) {
    shape::has_columns(row, errors);
    shape::borrows_from_one_place(row, errors);
    shape::fields_can_be_lent(row, errors);
    names::names_can_be_names(row, errors);
    names::columns_have_their_own_names(row, errors);
    row.private.check(errors);
    key::key_is_declared_once(row, errors);
    key::key_names_fields(row, errors);
    key::old_key_has_a_key(row, errors);
    key::key_struct_knows_the_columns_beside_it(row, errors);
    useless::rename_all_renames(row, errors);
    for member in &row.members {
        together::keys_stand_together(member, errors);
        key::key_is_a_column_of_its_own(row, member, errors);
        types::null_has_one_meaning(member, errors);
        types::group_is_always_there(member, errors);
        types::default_can_be_made(member, errors);
        useless::column_says_something_new(row, member, errors);
        useless::default_says_something_new(member, errors);
        useless::field_says_something_new(member, errors);
        useless::json_says_something_new(member, errors);
        if let Some(field_type) = &member.field_type {
            field_type.check(&[], errors);
        }
    }
}
