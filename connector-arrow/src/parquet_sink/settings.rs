//! The settings of the sink.

use connector_core::{ByteSize, ConfigPath, ConfigValue, ConnectorConfig, Error, Result};
use parquet::basic::{Compression as Codec, Encoding, ZstdLevel};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use serde::Deserialize;

use crate::ChangeColumn;

const FILE_SIZE: u64 = 128 << 20;
const ROW_GROUP_ROWS: u64 = 1 << 20;

/// Writes Parquet files, in a directory for each source. A manifest says which of them count, and holds the checkpoint.
#[derive(Debug, Clone, Deserialize, ConnectorConfig)]
#[connector(name = "parquet")]
#[serde(deny_unknown_fields)]
pub struct Parquet {
    /// The directory; it is made if it does not exist.
    path: ConfigPath,
    /// Columns by whose values the files are divided into directories, as `year=2013/month=1`. They are left out of the
    /// files; a source that lacks one of them is divided by the others.
    #[serde(default)]
    partition_by: Option<Vec<String>>,
    /// The rows of a file, at most. No limit unless said.
    #[serde(default)]
    file_rows: Option<u64>,
    /// A file is closed when it has so many bytes. 128MiB unless said.
    #[serde(default)]
    file_size: Option<ByteSize>,
    /// The rows of a row group, at most. 1048576 unless said.
    #[serde(default)]
    row_group_rows: Option<u64>,
    /// How columns are compressed: `zstd` unless said, `snappy`, or `none`.
    #[serde(default)]
    compression: Option<Compression>,
}

/// How columns are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// By Zstandard, of level 1.
    #[default]
    Zstd,
    /// By Snappy.
    Snappy,
    /// Not at all.
    None,
}

impl ConfigValue for Compression {
    fn schema() -> serde_json::Value {
        serde_json::json!({ "type": "string", "enum": ["zstd", "snappy", "none"], "default": "zstd" })
    }
}

impl Parquet {
    /// Writes into this directory.
    pub fn new(path: impl Into<std::path::PathBuf>) -> Self {
        Self {
            path: ConfigPath::new(path),
            partition_by: None,
            file_rows: None,
            file_size: None,
            row_group_rows: None,
            compression: None,
        }
    }

    /// Divides the files by the values of these columns.
    #[must_use]
    pub fn with_partition_by(
        mut self,
        columns: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.partition_by = Some(columns.into_iter().map(Into::into).collect());
        self
    }

    /// Closes a file that has so many rows.
    #[must_use]
    pub fn with_file_rows(mut self, rows: u64) -> Self {
        self.file_rows = Some(rows);
        self
    }

    /// Closes a file that has so many bytes.
    #[must_use]
    pub fn with_file_size(mut self, bytes: u64) -> Self {
        self.file_size = Some(ByteSize::new(bytes));
        self
    }

    /// Closes a row group that has so many rows.
    #[must_use]
    pub fn with_row_group_rows(mut self, rows: u64) -> Self {
        self.row_group_rows = Some(rows);
        self
    }

    /// Compresses columns in this way.
    #[must_use]
    pub fn with_compression(mut self, compression: Compression) -> Self {
        self.compression = Some(compression);
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        let limits = [
            ("file_rows", self.file_rows),
            ("file_size", self.file_size.map(ByteSize::bytes)),
            ("row_group_rows", self.row_group_rows),
        ];
        for (name, limit) in limits {
            if limit == Some(0) {
                return Err(
                    Error::config(format!("`{name}` is 0: nothing could be written"))
                        .with_key(name)
                        .with_help("give it at least 1, or leave it out"),
                );
            }
        }
        Ok(())
    }

    pub(super) fn path(&self) -> &std::path::Path {
        self.path.as_path()
    }

    pub(super) fn partition_by(&self) -> &[String] {
        self.partition_by.as_deref().unwrap_or_default()
    }

    pub(super) fn file_rows(&self) -> u64 {
        self.file_rows.unwrap_or(u64::MAX)
    }

    pub(super) fn file_size(&self) -> u64 {
        self.file_size.map_or(FILE_SIZE, ByteSize::bytes)
    }

    /// How files are written, and what programs that are compared with this sink use.
    pub fn writer_properties(&self) -> WriterProperties {
        let rows = self.row_group_rows.unwrap_or(ROW_GROUP_ROWS);
        let codec = match self.compression.unwrap_or_default() {
            Compression::Zstd => Codec::ZSTD(ZstdLevel::default()),
            Compression::Snappy => Codec::SNAPPY,
            Compression::None => Codec::UNCOMPRESSED,
        };
        let mut properties = WriterProperties::builder()
            .set_compression(codec)
            .set_max_row_group_row_count(usize::try_from(rows).ok());
        // Positions rise by little: their differences take a few bits each, where a dictionary would only grow.
        for column in [ChangeColumn::Lsn, ChangeColumn::Seq] {
            let column = ColumnPath::from(column.name());
            properties = properties
                .set_column_dictionary_enabled(column.clone(), false)
                .set_column_encoding(column, Encoding::DELTA_BINARY_PACKED);
        }
        properties.build()
    }
}
