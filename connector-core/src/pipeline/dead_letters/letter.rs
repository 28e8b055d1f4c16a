//! The lines of a dead-letter file.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use crate::columns::RejectedRow;
use crate::types::SourceSchema;

/// Letters of this form are watched: what came later for a row is noted in the same file.
const FORMAT: u32 = 2;

/// One line.
#[derive(Debug, Clone)]
pub(in crate::pipeline) enum Line {
    Letter(Box<Letter>),
    Later(Later),
    /// A letter of an earlier release, or something else: kept as it is.
    Other,
}

/// A row that did not fit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::pipeline) struct Letter {
    pub(in crate::pipeline) source: String,
    table: String,
    pub(in crate::pipeline) lsn: u64,
    pub(in crate::pipeline) seq: u64,
    op: String,
    column: String,
    external_type: Option<String>,
    expected: String,
    value: String,
    reason: String,
    /// The columns that could be printed.
    row: BTreeMap<String, Printed>,
    /// The columns that the source did not send.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unsent: Vec<String>,
    /// Whether a value could not be printed: such a row cannot be made again of what is here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    incomplete: bool,
    format: u32,
}

/// A value of a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Printed {
    Text(String),
    Bytes { base64: String },
    Null,
}

/// A value of a letter, to be cast again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::pipeline) enum Kept {
    Text(String),
    Bytes(Vec<u8>),
    Null,
}

/// Says that something came later than letters that are in the file before it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::pipeline) struct Later {
    /// `change`, `truncate` or `snapshot`.
    #[serde(rename = "later")]
    what: String,
    /// The source; every source where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::pipeline) source: Option<String>,
    /// The position of the one letter; all of the source where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::pipeline) than: Option<(u64, u64)>,
    /// Where it came.
    lsn: u64,
    seq: u64,
}

impl Later {
    pub(super) fn change(source: &str, than: (u64, u64), at: (u64, u64)) -> Self {
        Self {
            than: Some(than),
            ..Self::all("change", Some(source), at)
        }
    }

    pub(super) fn all(what: &str, source: Option<&str>, (lsn, seq): (u64, u64)) -> Self {
        Self {
            what: what.to_owned(),
            source: source.map(str::to_owned),
            than: None,
            lsn,
            seq,
        }
    }
}

impl Line {
    pub(super) fn parse(text: &str) -> Self {
        if let Ok(letter) = serde_json::from_str::<Letter>(text)
            && letter.format == FORMAT
        {
            return Self::Letter(Box::new(letter));
        }
        serde_json::from_str(text).map_or(Self::Other, Self::Later)
    }
}

impl Letter {
    pub(super) fn of(row: &RejectedRow) -> Self {
        let error = &row.error;
        let unsent = |name: &String| row.unsent.contains(name);
        let texts = row.row.iter().filter(|(name, _)| !unsent(name));
        let printed = |(name, text): &(String, Option<String>)| {
            let bytes = row.bytes.iter().find(|(of, _)| of == name);
            let value = match (text, bytes) {
                (Some(text), _) => Printed::Text(text.clone()),
                (None, Some((_, bytes))) => Printed::Bytes {
                    base64: BASE64.encode(bytes),
                },
                (None, None) => Printed::Null,
            };
            (name.clone(), value)
        };
        Self {
            source: row.source.clone(),
            table: error.table.clone(),
            lsn: error.lsn,
            seq: error.seq,
            op: row.op.symbol().to_owned(),
            column: error.column.clone(),
            external_type: error.external_type.clone(),
            expected: error.expected.to_string(),
            value: error.preview.clone(),
            reason: error.misfit.to_string(),
            row: texts.map(printed).collect(),
            unsent: row.unsent.clone(),
            incomplete: row.incomplete,
            format: FORMAT,
        }
    }

    pub(in crate::pipeline) fn position(&self) -> (u64, u64) {
        (self.lsn, self.seq)
    }

    /// Whether this is a row that the source had from then on, and not one that it had before.
    pub(in crate::pipeline) fn is_new(&self) -> bool {
        matches!(self.op.as_str(), "+I" | "+U")
    }

    /// Why the row cannot be made again of what is here, if it cannot.
    pub(in crate::pipeline) fn lacks(&self) -> Option<String> {
        if let Some(column) = self.unsent.first() {
            return Some(format!(
                "column `{column}` was not sent, and the sink no longer has the row"
            ));
        }
        self.incomplete
            .then(|| "a value of the row could not be kept".to_owned())
    }

    /// A value; none where the column was not read then.
    pub(in crate::pipeline) fn value(&self, column: &str) -> Option<Kept> {
        Some(match self.row.get(column)? {
            Printed::Text(text) => Kept::Text(text.clone()),
            Printed::Null => Kept::Null,
            Printed::Bytes { base64 } => Kept::Bytes(BASE64.decode(base64).ok()?),
        })
    }

    /// The texts of the key's columns: what tells rows apart whose keys do not fit their columns.
    pub(super) fn raw_key(&self, schema: &SourceSchema) -> Vec<u8> {
        let fields = &schema.schema.fields;
        let key = schema.schema.primary_index.iter();
        let key = key.filter_map(|&place| fields.get(place));
        let key: Vec<String> = key
            .map(|field| format!("{:?}", self.value(&field.name)))
            .collect();
        format!("raw {key:?}").into_bytes()
    }
}
