//! Names of files and directories that stay inside, whatever a source is called.

use connector_core::Fingerprint;
use connector_core::sink::file_safe;

/// File systems take 255 bytes; endings need some of them.
const LONGEST: usize = 200;

/// The name of a source's directory. It never has a dot, as the files beside it do; `~` stands in no other name.
pub(super) fn directory_name(source: &str) -> String {
    bounded(source, file_safe(source).replace('.', "%2E"))
}

/// What the names of a connection's files begin with.
pub(super) fn connection_name(connection: &str) -> String {
    bounded(connection, file_safe(connection))
}

/// What stands for a null in a path, as Hive has it.
pub(crate) const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// A value as a part of a path, all of it: readers take it out of the path again.
#[cfg(feature = "parquet")]
pub(crate) fn value_name(value: &str) -> String {
    file_safe(value)
}

/// The value that [`value_name`] made a part of a path of; `None`: it made none like this.
pub(super) fn value_of_name(name: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(name.len());
    let mut parts = name.split('%');
    bytes.extend_from_slice(parts.next()?.as_bytes());
    for part in parts {
        let (hex, rest) = part.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(hex, 16).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

fn bounded(name: &str, safe: String) -> String {
    if safe.is_empty() {
        return "~".to_owned();
    }
    if safe.len() <= LONGEST {
        return safe;
    }
    let end = (0..=LONGEST - 17)
        .rev()
        .find(|end| safe.is_char_boundary(*end))
        .unwrap_or(0);
    let start = safe.get(..end).unwrap_or_default();
    format!("{start}~{:016x}", Fingerprint::new().text(name).finish())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[cfg(feature = "parquet")]
    #[test]
    fn a_value_is_read_out_of_its_name_again() {
        for value in ["", "EWR", "a/b=c", "100%", "Größe 1", "\0.", "~", "%41"] {
            let name = value_name(value);
            assert_eq!(value_of_name(&name).as_deref(), Some(value), "{name}");
        }
        assert_eq!(value_of_name("%4"), None);
        assert_eq!(value_of_name("%zz"), None);
    }

    #[test]
    fn every_name_stays_inside_and_no_two_share_a_directory() {
        let long = "é".repeat(300);
        let names = [
            "flights",
            "../x",
            "a/b",
            "a%2Fb",
            "",
            ".",
            "..",
            "~",
            "%",
            "Größe 1",
            "a\0b",
            "a\\b",
            "a.b",
            "a_b",
            "nyc.lock",
            &long,
            &format!("{long}x"),
            &"/".repeat(300),
            &".".repeat(300),
        ];
        let made: BTreeSet<String> = names.iter().map(|name| directory_name(name)).collect();
        assert_eq!(made.len(), names.len(), "{made:?}");
        for name in made {
            assert!(!name.is_empty() && name.len() <= 255, "{name}");
            assert!(!name.contains(['/', '\\', '\0', '.', ' ']), "{name}");
        }
        assert_eq!(directory_name("flights"), "flights");
    }
}
