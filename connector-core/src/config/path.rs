//! Paths as people write them in the configuration file.

use std::fmt;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};

pub(super) const NEWTYPE: &str = "$connector_core::ConfigPath";

/// A path of the configuration: a relative one starts at the directory of the configuration file.
///
/// Outside a configuration file (in JSON, say) it is the path as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConfigPath(PathBuf);

impl ConfigPath {
    /// This path, as it stands.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The path to open.
    pub fn as_path(&self) -> &Path {
        &self.0
    }

    /// The path to open, owned.
    pub fn into_path_buf(self) -> PathBuf {
        self.0
    }
}

impl Deref for ConfigPath {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl AsRef<Path> for ConfigPath {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl<'de> Deserialize<'de> for ConfigPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(NEWTYPE, PathVisitor)
    }
}

struct PathVisitor;

impl<'de> Visitor<'de> for PathVisitor {
    type Value = ConfigPath;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a path")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, path: D) -> Result<ConfigPath, D::Error> {
        PathBuf::deserialize(path).map(ConfigPath)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut base_and_path: A) -> Result<ConfigPath, A::Error> {
        let base: Option<PathBuf> = base_and_path.next_element()?;
        let path: Option<PathBuf> = base_and_path.next_element()?;
        match (base, path) {
            (Some(_), Some(path)) if path.as_os_str().is_empty() => {
                Err(A::Error::custom("the path is empty"))
            }
            (Some(base), Some(path)) => Ok(ConfigPath(base.join(path))),
            _ => Err(A::Error::invalid_length(0, &self)),
        }
    }
}
