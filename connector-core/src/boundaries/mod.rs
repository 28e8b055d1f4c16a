//! The boundary test that every enum of column types has for the asking.
//!
//! ```
//! # use connector_core::{Cast, ColumnTypeEntry, ColumnTypes, FieldType, RawValue, Value};
//! # #[derive(Debug)]
//! # struct Integer;
//! # impl ColumnTypes for Integer {
//! #     type Raw<'r> = Value<'r>;
//! #     const ENTRIES: &'static [ColumnTypeEntry] = &[ColumnTypeEntry {
//! #         variant: "Integer", names: &["INTEGER"], field: Ok("Int"), description: "",
//! #     }];
//! #     fn from_name(name: &str) -> Option<Self> { (name == "INTEGER").then_some(Self) }
//! #     fn field_type(&self) -> Result<FieldType, &'static str> { Ok(FieldType::Int) }
//! #     fn cast(&self) -> Cast<Self> { |_, raw, column| raw.append_to(column) }
//! # }
//! # type SqliteType = Integer;
//! use connector_core::boundaries;
//!
//! // #[test]
//! fn every_column_type_holds_at_its_boundaries() {
//!     boundaries::check::<SqliteType>().unwrap();
//! }
//! # every_column_type_holds_at_its_boundaries();
//! ```
//!
//! [`check`] takes every declared name, with numbers in place of its parameters, and asks that
//!
//! - the name is found, as the variant that declares it, and becomes the field type, or no field type, that its entry says;
//! - every boundary value that the driver can produce is cast into one row, or refused with a reason and no row, and never
//!   panics or becomes null;
//! - at least one boundary value fits, and a null is known as one;
//! - what was read back, cast again, gives itself; it may be refused only where it is of another kind than what was
//!   given, as a timestamp that was a number of seconds.
//!
//! [`markdown`] makes the documentation of the same declaration.

mod cast;
mod markdown;
mod names;
mod report;
mod values;

#[cfg(test)]
mod tests;

use std::fmt::Debug;

pub use markdown::markdown;
pub use report::{EntryReport, Fault, Faults, Report};

use crate::types::{ColumnTypeEntry, ColumnTypes, FieldType};

/// Checks every declared type at its boundaries.
///
/// The variants are told apart by their `Debug` form, as it is derived.
///
/// # Errors
/// Every fault that was found; its `Debug` and `Display` list them, one a line.
pub fn check<T: ColumnTypes + Debug>() -> Result<Report, Faults> {
    let mut faults = Vec::new();
    let mut entries = Vec::new();
    if T::ENTRIES.is_empty() {
        faults.push(Fault::new("", "", "no column type is declared".to_owned()));
    }
    faults.extend(cast::null::<T>().map(|reason| Fault::new("", "", reason)));
    for entry in T::ENTRIES {
        for name in names::of(entry) {
            match resolve::<T>(entry, &name) {
                Ok((spelled, found, becomes)) => {
                    let (report, reasons) = check_casts(entry, spelled, &found, becomes);
                    let fault = |reason| Fault::new(entry.variant, &name.declared, reason);
                    faults.extend(reasons.into_iter().map(fault));
                    entries.push(report);
                }
                Err(reason) => faults.push(Fault::new(entry.variant, &name.declared, reason)),
            }
        }
    }
    if faults.is_empty() {
        Ok(Report { entries })
    } else {
        Err(Faults(faults))
    }
}

type Becomes = Result<FieldType, &'static str>;

/// The type of a declared name and what it becomes, where that is what the entry says.
fn resolve<T: ColumnTypes + Debug>(
    entry: &ColumnTypeEntry,
    name: &names::Name,
) -> Result<(String, T, Becomes), String> {
    let mut resolved = None;
    for spelled in &name.spelled {
        let found = cast::caught(|| T::from_name(spelled))
            .map_err(|panic| format!("`from_name(\"{spelled}\")` panics: {panic}"))?;
        let Some(found) = found else { continue };
        let becomes = cast::caught(|| found.field_type())
            .map_err(|panic| format!("`field_type` of `{spelled}` panics: {panic}"))?;
        // Parameters may be out of the field type's range: one spelling that fits is enough.
        let fits = becomes.is_ok();
        if fits || resolved.is_none() {
            resolved = Some((spelled.clone(), found, becomes));
        }
        if fits {
            break;
        }
    }
    let Some((spelled, found, becomes)) = resolved else {
        let tried = name.spelled.join("`, `");
        return Err(format!(
            "is not found by its name: `from_name` knows none of `{tried}`"
        ));
    };
    let debug = format!("{found:?}");
    let variant = names::variant(&debug);
    if variant != entry.variant {
        return Err(format!("`{spelled}` is found as `{variant}`"));
    }
    agree(entry.field, becomes)?;
    Ok((spelled, found, becomes))
}

/// Whether a type becomes what its entry says.
fn agree(declared: Result<&str, &str>, becomes: Becomes) -> Result<(), String> {
    match (declared, becomes) {
        (Ok(declared), Ok(becomes)) => {
            let kind = declared.split('(').next().unwrap_or_default().trim_end();
            // The parameters may be names, which only the type knows.
            let same = match declared.parse::<FieldType>() {
                Ok(exact) if declared.contains('(') => exact == becomes,
                _ => kind == becomes.kind_name(),
            };
            if same {
                return Ok(());
            }
            Err(format!(
                "is declared as `{declared}` and becomes `{becomes}`"
            ))
        }
        (Ok(declared), Err(reason)) => Err(format!(
            "is declared as `{declared}` and becomes no field: {reason}"
        )),
        (Err(_), Ok(becomes)) => Err(format!(
            "is declared as unsupported and becomes `{becomes}`"
        )),
        (Err(declared), Err(reason)) if declared.is_empty() || reason.is_empty() => {
            Err("is unsupported without a reason".to_owned())
        }
        (Err(_), Err(_)) => Ok(()),
    }
}

/// Casts every boundary value: what fitted, and what is wrong.
fn check_casts<T: ColumnTypes>(
    entry: &ColumnTypeEntry,
    name: String,
    found: &T,
    becomes: Becomes,
) -> (EntryReport, Vec<String>) {
    let (variant, mut faults) = (entry.variant, Vec::new());
    let mut report = EntryReport {
        variant,
        name,
        field_type: becomes,
        accepted: Vec::new(),
        refused: Vec::new(),
        not_produced: 0,
    };
    let Ok(field_type) = becomes else {
        return (report, faults);
    };
    let texts = values::Texts::new();
    for value in values::all(&texts) {
        match cast::cast(found, field_type, value) {
            cast::Outcome::NotProduced => report.not_produced += 1,
            cast::Outcome::Accepted(read) => report.accepted.push((value.preview(), read)),
            cast::Outcome::Refused(misfit) => report.refused.push((value.preview(), misfit)),
            cast::Outcome::Fault(reason) => {
                faults.push(format!("{} {}: {reason}", value.kind(), value.preview()));
            }
        }
    }
    if report.accepted.is_empty() && faults.is_empty() {
        faults.push(format!(
            "is declared as `{field_type}` and is not castable: none of the {} boundary values that the driver can \
             produce fits",
            report.refused.len()
        ));
    }
    (report, faults)
}
