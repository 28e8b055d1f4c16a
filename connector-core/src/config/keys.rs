//! What a connector's or a sink's settings are: keys, types, descriptions, secrets, JSON Schema.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{ByteSize, ConfigPath, Period, Secret};

/// Settings that the configuration file gives under a tag. Derived on a struct.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not declare its settings",
    label = "not the settings of a connector or a sink",
    note = "derive it: `#[derive(Deserialize, ConnectorConfig)]`"
)]
pub trait ConnectorConfig: DeserializeOwned {
    /// The name in lower case. The tag is this in CamelCase: `weather` is `!Weather`.
    const NAME: &'static str;
    /// What it is, in a person's words.
    const DESCRIPTION: &'static str;

    /// The keys, in the order of their declaration.
    fn keys() -> Vec<ConfigKey>;

    /// The JSON Schema of the settings.
    fn json_schema() -> Value {
        let keys = Self::keys();
        let required: Vec<&str> = keys
            .iter()
            .filter(|key| key.required)
            .map(|key| key.name)
            .collect();
        let properties = keys.iter().map(|key| {
            let mut schema = key.schema.clone();
            if let Value::Object(schema) = &mut schema {
                schema.insert("description".to_owned(), json!(key.description));
            }
            (key.name.to_owned(), schema)
        });
        json!({
            "type": "object",
            "title": tag(Self::NAME),
            "description": Self::DESCRIPTION,
            "properties": properties.collect::<serde_json::Map<_, _>>(),
            "required": required,
            "additionalProperties": false,
        })
    }
}

/// The tag of a name: `local_files` is `LocalFiles`.
pub(crate) fn tag(name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_uppercase().chain(letters).collect()
        })
    };
    name.split(['_', '-']).map(capital).collect()
}

/// One key of a [`ConnectorConfig`].
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigKey {
    /// The key.
    pub name: &'static str,
    /// What it is for, in a person's words.
    pub description: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// Whether its value is a secret.
    pub secret: bool,
    /// The JSON Schema of its value.
    pub schema: Value,
}

impl ConfigKey {
    /// A key whose value is a `T`; an optional `T` is never required.
    pub fn of<T: ConfigValue>(
        name: &'static str,
        description: &'static str,
        required: bool,
    ) -> Self {
        Self {
            name,
            description,
            required: required && !T::OPTIONAL,
            secret: T::SECRET,
            schema: T::schema(),
        }
    }
}

/// A type that a key's value can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type of a configuration key",
    label = "no JSON Schema tells what may be written here",
    note = "implement `ConfigValue` for it: its JSON Schema"
)]
pub trait ConfigValue {
    /// Whether the key may be left out.
    const OPTIONAL: bool = false;
    /// Whether the value must never be shown.
    const SECRET: bool = false;

    /// The JSON Schema of the value.
    fn schema() -> Value;
}

macro_rules! config_values {
    ($($schema:literal: $($rust:ty),+;)+) => {$($(
        impl ConfigValue for $rust {
            fn schema() -> Value {
                json!({ "type": $schema })
            }
        }
    )+)+};
}

config_values! {
    "string": String, ConfigPath, std::path::PathBuf, ByteSize, Period;
    "boolean": bool;
    "integer": u8, u16, u32, u64, usize, i8, i16, i32, i64, isize;
    "number": f32, f64;
}

impl<T: ConfigValue> ConfigValue for Option<T> {
    const OPTIONAL: bool = true;
    const SECRET: bool = T::SECRET;

    fn schema() -> Value {
        T::schema()
    }
}

impl<T: ConfigValue> ConfigValue for Vec<T> {
    const SECRET: bool = T::SECRET;

    fn schema() -> Value {
        json!({ "type": "array", "items": T::schema() })
    }
}

impl<T: ConfigValue> ConfigValue for Secret<T> {
    const OPTIONAL: bool = T::OPTIONAL;
    const SECRET: bool = true;

    fn schema() -> Value {
        T::schema()
    }
}

#[cfg(test)]
mod tests {
    use super::tag;

    #[test]
    fn a_tag_is_the_name_in_camel_case() {
        assert_eq!(tag("weather"), "Weather");
        assert_eq!(tag("local_files"), "LocalFiles");
    }
}
