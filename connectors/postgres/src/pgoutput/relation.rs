//! The description of a table, which comes before its first change and after every change of its own.

use super::DecodeError;
use super::bytes::Bytes;

/// What an update or a delete tells of the old row, as the table is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplicaIdentity {
    /// The primary key, where there is one.
    Default,
    /// Nothing.
    Nothing,
    /// The whole old row.
    Full,
    /// The columns of an index.
    Index,
}

/// A table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relation<'m> {
    /// The table's number, by which changes name it.
    pub oid: u32,
    /// The table's schema. The server leaves it empty for `pg_catalog`.
    pub schema: &'m str,
    /// The table's name.
    pub name: &'m str,
    /// What is told of old rows.
    pub identity: ReplicaIdentity,
    count: u16,
    columns: &'m [u8],
}

/// A published column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelationColumn<'m> {
    /// Whether it is part of the replica identity.
    pub is_key: bool,
    /// The name.
    pub name: &'m str,
    /// The type's number.
    pub type_oid: u32,
    /// The type's modifier; -1 where there is none.
    pub modifier: i32,
}

impl<'m> Relation<'m> {
    pub(super) fn read(bytes: &mut Bytes<'m>) -> Result<Self, DecodeError> {
        let oid = bytes.u32("number of a table")?;
        let schema = bytes.text("schema's name")?;
        let name = bytes.text("table's name")?;
        let identity = match bytes.peek() {
            Some(b'd') => ReplicaIdentity::Default,
            Some(b'n') => ReplicaIdentity::Nothing,
            Some(b'f') => ReplicaIdentity::Full,
            Some(b'i') => ReplicaIdentity::Index,
            _ => return Err(bytes.missing("replica identity")),
        };
        bytes.byte("replica identity")?;
        let count = bytes.u16("number of columns")?;
        let before = bytes.rest();
        for _ in 0..count {
            column(bytes)?;
        }
        let length = before.len() - bytes.rest().len();
        let columns = before.get(..length).unwrap_or_default();
        Ok(Self {
            oid,
            schema,
            name,
            identity,
            count,
            columns,
        })
    }

    /// The columns, in the order of values in a row.
    pub fn columns(&self) -> RelationColumns<'m> {
        RelationColumns {
            left: self.count,
            rest: Bytes::new(self.columns),
        }
    }
}

fn column<'m>(bytes: &mut Bytes<'m>) -> Result<RelationColumn<'m>, DecodeError> {
    Ok(RelationColumn {
        is_key: bytes.byte("flags of a column")? & 1 != 0,
        name: bytes.text("column's name")?,
        type_oid: bytes.u32("type of a column")?,
        modifier: bytes.i32("modifier of a column's type")?,
    })
}

/// The columns of a table, one after another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelationColumns<'m> {
    left: u16,
    rest: Bytes<'m>,
}

impl<'m> Iterator for RelationColumns<'m> {
    type Item = RelationColumn<'m>;

    fn next(&mut self) -> Option<RelationColumn<'m>> {
        self.left = self.left.checked_sub(1)?;
        // They were checked when the table was read.
        column(&mut self.rest).ok()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left.into(), Some(self.left.into()))
    }
}

impl ExactSizeIterator for RelationColumns<'_> {}
