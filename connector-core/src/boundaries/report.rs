//! What a check found.

use std::fmt;

use crate::types::FieldType;
use crate::value::{Field, Misfit};

/// What fitted into every declared type, and what did not.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// One for each declared name, in the order of declaration.
    pub entries: Vec<EntryReport>,
}

/// What fitted into one declared type, and what did not.
#[derive(Debug, Clone, PartialEq)]
pub struct EntryReport {
    /// The variant's name.
    pub variant: &'static str,
    /// The type's name as it was tried: `DECIMAL(10, 2)`.
    pub name: String,
    /// The field type that it becomes, or why it becomes none.
    pub field_type: Result<FieldType, &'static str>,
    /// A preview of each value that fitted, and the value that was read back.
    pub accepted: Vec<(String, Field)>,
    /// A preview of each value that was refused, and the reason.
    pub refused: Vec<(String, Misfit)>,
    /// How many boundary values the driver never produces.
    pub not_produced: usize,
}

/// A rule that a declared type breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The variant's name.
    pub variant: String,
    /// The type's name, as declared.
    pub name: String,
    /// The value, where it is about one, and what is wrong.
    pub reason: String,
}

/// Every fault that a check found.
#[derive(Clone, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl Fault {
    pub(super) fn new(variant: &str, name: &str, reason: String) -> Self {
        Self {
            variant: variant.to_owned(),
            name: name.to_owned(),
            reason,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.variant.is_empty() {
            return f.write_str(&self.reason);
        }
        write!(f, "`{}` (`{}`): {}", self.variant, self.name, self.reason)
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        let noun = if count == 1 { "fault" } else { "faults" };
        write!(f, "{count} {noun} in the declared column types")?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

/// The lines of `Display`: an `unwrap` in a test prints them.
impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Faults {}
