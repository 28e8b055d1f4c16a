//! One JSON document for each command.

use connector_core::{Error, ErrorKind, Result};
use serde::Serialize;

use crate::exit;
use crate::log::Told;

/// An error inside a document.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ErrorReport {
    kind: &'static str,
    message: String,
    causes: Vec<String>,
    help: Option<String>,
}

impl ErrorReport {
    pub(crate) fn of(error: &Error) -> Self {
        let told = Told::of(error);
        Self {
            kind: exit::word(error.kind()),
            message: told.message,
            causes: told.causes,
            help: told.help,
        }
    }

    pub(crate) fn is(&self, kind: ErrorKind) -> bool {
        self.kind == exit::word(kind)
    }
}

/// The text of a document, with a line break at its end.
pub(crate) fn document(content: &impl Serialize) -> Result<String> {
    let mut text = serde_json::to_string_pretty(content)?;
    text.push('\n');
    Ok(text)
}
