//! Changes as lines of JSON, in the forms that the sinks of files and of stdout share.

mod debezium;
mod line;

use serde::Deserialize;
use serde_json::json;

pub use self::debezium::Debezium;
use self::debezium::Envelopes;
use self::line::LineFormat;
use super::SinkTarget;
use crate::columns::TableBatch;
use crate::config::{ConfigKey, ConfigValue};
use crate::error::{Error, Result};
use crate::types::SourceSchema;

/// What one line holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum JsonFormat {
    /// `{"op":…,"table":…,"lsn":…,"seq":…,"before":…,"after":…}`, a line for each change.
    #[default]
    Lines,
    /// Debezium's change events, a line for each event.
    Debezium(Debezium),
}

/// The keys of the settings that choose the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct FormatKeys {
    pub(super) format: FormatName,
    pub(super) keys: bool,
    pub(super) schemas: bool,
    pub(super) tombstones: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum FormatName {
    #[default]
    Lines,
    Debezium,
}

impl ConfigValue for FormatName {
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "enum": ["lines", "debezium"], "default": "lines" })
    }
}

impl FormatKeys {
    /// The form, where the keys go together.
    pub(super) fn format(self) -> Result<JsonFormat> {
        let Self {
            format,
            keys,
            schemas,
            tombstones,
        } = self;
        if format == FormatName::Lines {
            let given = [
                ("keys", keys),
                ("schemas", schemas),
                ("tombstones", tombstones),
            ];
            if let Some((key, _)) = given.into_iter().find(|(_, given)| *given) {
                return Err(Error::config(format!(
                    "`{key}` is an option of Debezium's change events, and the format is `lines`"
                ))
                .with_key(key)
                .with_help("add `format: debezium`, or remove the key"));
            }
            return Ok(JsonFormat::Lines);
        }
        if tombstones && !keys {
            return Err(Error::config(
                "a tombstone is a key without a value, and keys are not written",
            )
            .with_key("tombstones")
            .with_help("add `keys: true`, or remove `tombstones`"));
        }
        Ok(JsonFormat::Debezium(Debezium {
            keys,
            schemas,
            tombstones,
        }))
    }

    /// The form as it is noted beside what was written; nothing for the plain one.
    pub(super) fn stored(self) -> String {
        if self.format == FormatName::Lines {
            return String::new();
        }
        let options = [
            ("keys", self.keys),
            ("schemas", self.schemas),
            ("tombstones", self.tombstones),
        ];
        let given = options.iter().filter(|(_, given)| *given);
        std::iter::once("debezium")
            .chain(given.map(|(name, _)| *name))
            .collect::<Vec<_>>()
            .join("+")
    }

    /// What is said of the keys.
    pub(super) fn described() -> [ConfigKey; 4] {
        [
            ConfigKey::of::<FormatName>(
                "format",
                "What a line holds: `lines`, a change in this program's own form, or `debezium`, an event in Debezium's.",
                false,
            ),
            ConfigKey::of::<bool>(
                "keys",
                "With `debezium`: lines are `{\"key\":…,\"value\":…}`, and not the value alone.",
                false,
            ),
            ConfigKey::of::<bool>(
                "schemas",
                "With `debezium`: key and value are `{\"schema\":…,\"payload\":…}`, as Kafka Connect's JSON converter writes them with `schemas.enable`.",
                false,
            ),
            ConfigKey::of::<bool>(
                "tombstones",
                "With `debezium` and `keys`: after the event of a delete comes its key with the value null.",
                false,
            ),
        ]
    }
}

impl From<JsonFormat> for FormatKeys {
    fn from(format: JsonFormat) -> Self {
        match format {
            JsonFormat::Lines => Self::default(),
            JsonFormat::Debezium(Debezium {
                keys,
                schemas,
                tombstones,
            }) => Self {
                format: FormatName::Debezium,
                keys,
                schemas,
                tombstones,
            },
        }
    }
}

/// Writes the changes of one source as lines.
#[derive(Debug)]
pub(super) enum Encoder {
    Lines(LineFormat),
    Debezium(Box<Envelopes>),
}

impl Encoder {
    /// The encoders of a target's sources, in its order.
    pub(super) fn of(format: JsonFormat, target: &SinkTarget) -> Vec<Self> {
        let encoder = |schema: &SourceSchema| match format {
            JsonFormat::Lines => Self::Lines(LineFormat::new(schema)),
            JsonFormat::Debezium(options) => {
                Self::Debezium(Box::new(Envelopes::new(options, target, schema)))
            }
        };
        target
            .schemas
            .iter()
            .map(|schema| encoder(schema))
            .collect()
    }

    /// Appends the lines of a batch.
    ///
    /// # Errors
    /// When a value has no place in the form.
    pub(super) fn batch(
        &self,
        out: &mut Vec<u8>,
        batch: &TableBatch,
        snapshot: bool,
    ) -> Result<()> {
        match self {
            Self::Lines(lines) => {
                lines.batch(out, batch, snapshot);
                Ok(())
            }
            Self::Debezium(envelopes) => envelopes.batch(out, batch, snapshot),
        }
    }

    /// Appends the line of a truncate.
    pub(super) fn truncate(&self, out: &mut Vec<u8>, lsn: u64, seq: u64) {
        match self {
            Self::Lines(lines) => lines.truncate(out, lsn, seq),
            Self::Debezium(envelopes) => envelopes.truncate(out, lsn, seq),
        }
    }
}
