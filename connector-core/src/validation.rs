//! Findings: what validation says of every requested table and column.

use std::fmt;

use serde::Serialize;

/// What [`validate_schemas`](crate::connector::Connector::validate_schemas) found: one or more for every requested table and column.
pub type ValidationResults = Vec<Finding>;

/// One finding about a table or a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The table, as the request names it.
    pub table: String,
    /// The column; absent for a finding about the table.
    pub column: Option<String>,
    /// The type's name in the external system.
    pub external_type: Option<String>,
    /// The field type that the column becomes.
    pub field_type: Option<String>,
    /// The rule that was applied.
    pub rule: Rule,
    /// How grave it is.
    pub severity: Severity,
    /// What was found.
    pub message: String,
    /// What to do.
    pub fix: Option<String>,
}

/// The rules of validation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Rule {
    /// A requested table exists.
    TableExists,
    /// A requested column exists.
    ColumnExists,
    /// A requested column has a field type.
    ColumnSupported,
    /// The key's columns are among the requested ones.
    KeySelected,
    /// The table's changes can be followed.
    Followed,
    /// A typed row fits the live table.
    RowFits,
    /// A rule of the connector's own.
    Source,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// As it should be.
    Ok,
    /// It works, with a limit that a person should know.
    Warning,
    /// It does not work.
    Error,
}

impl Finding {
    /// A finding about a table.
    pub fn table(
        table: impl Into<String>,
        rule: Rule,
        severity: Severity,
        message: impl Into<String>,
    ) -> Self {
        Self {
            table: table.into(),
            column: None,
            external_type: None,
            field_type: None,
            rule,
            severity,
            message: message.into(),
            fix: None,
        }
    }

    /// The same finding about a column.
    #[must_use]
    pub fn for_column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn with_fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// Whether the run cannot go on with it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table `{}`", self.table)?;
        if let Some(column) = &self.column {
            write!(f, ", column `{column}`")?;
        }
        write!(f, ": {}", self.message)?;
        if let Some(fix) = &self.fix {
            write!(f, " ({fix})")?;
        }
        Ok(())
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TableExists => "table-exists",
            Self::ColumnExists => "column-exists",
            Self::ColumnSupported => "column-supported",
            Self::KeySelected => "key-selected",
            Self::Followed => "followed",
            Self::RowFits => "row-fits",
            Self::Source => "source",
        })
    }
}
