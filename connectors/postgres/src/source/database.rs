//! The catalog as tables and columns of a source.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use connector_core::{
    ColumnInfo, ColumnMapping, Error, ErrorKind, ReplicationChangesTrackingType as Tracking,
    Result, SelectedTable, TableInfo, TableKind,
};

use super::row::{ColumnPlan, OldRows, TablePlan};
use crate::catalog::{self, Attribute, Relation, ReplicaIdentity, TypeAndModifier};
use crate::checks::missing_in_changes;
use crate::types::{Decoder, TypeOptions};
use crate::wire::{Connection, PgError, Rows};

/// For so long what was read of a database is what a run begins with. What was altered since is noticed when the snapshot or
/// the changes begin, as what is altered later is.
const RECENT: Duration = Duration::from_secs(10);

/// What a database holds, read at one time.
#[derive(Debug)]
pub(crate) struct Database {
    pub(super) relations: Vec<Relation>,
    read_at: Instant,
    /// The places of the relations of each name, in every schema.
    by_name: HashMap<String, Vec<usize>>,
    /// What was committed when it was read, as the server writes it; `None` where that does not say all, on a standby.
    pub(super) moment: Option<String>,
    /// How the columns of each type and modifier are read, or why they are not.
    decoders: BTreeMap<TypeAndModifier, Result<Decoder, String>>,
    options: TypeOptions,
    /// Whether changes are followed, and not only snapshots taken.
    followed: bool,
}

impl Database {
    /// Reads the catalog. Relations other than those `wanted` may come without columns; without a list all have them.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn read(
        connection: &mut Connection,
        options: TypeOptions,
        followed: bool,
        wanted: Option<&[TableInfo]>,
    ) -> Result<Self, PgError> {
        // All lists of one moment. A server that compiles a query of the catalog takes far longer for that than for the query.
        let begun = connection.query(&format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL jit = off; {MOMENT}"
        ))?;
        let moment = moment(&begun)?;
        let wanted: Option<HashSet<(&str, Option<&str>)>> = wanted.map(|tables| {
            let names = tables.iter();
            names
                .map(|table| (&*table.table_name, table.schema.as_deref()))
                .collect()
        });
        let (relations, types) = catalog::relations(connection, |relation| {
            wanted.as_ref().is_none_or(|wanted| {
                wanted.contains(&(relation.name.as_str(), None))
                    || wanted.contains(&(relation.name.as_str(), Some(&relation.schema)))
            })
        })?;
        let catalog = catalog::types(connection, options, &types)?;
        connection.execute("COMMIT")?;
        let decoder = |(oid, modifier)| ((oid, modifier), catalog.resolve(oid, modifier));
        let decoders = types.into_iter().map(decoder).collect();
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::with_capacity(relations.len());
        for (place, relation) in relations.iter().enumerate() {
            by_name
                .entry(relation.name.clone())
                .or_default()
                .push(place);
        }
        Ok(Self {
            read_at: Instant::now(),
            relations,
            by_name,
            moment,
            decoders,
            options,
            followed,
        })
    }

    /// Whether it was read so, and knows the columns of these tables.
    pub(super) fn serves<'t>(
        &self,
        options: TypeOptions,
        followed: bool,
        mut tables: impl Iterator<Item = &'t TableInfo>,
    ) -> bool {
        let known = |table: &TableInfo| {
            let relation = self.relation(table);
            relation.is_some_and(|relation| !relation.columns.is_empty())
        };
        self.options == options && self.followed == followed && tables.all(known)
    }

    /// Every table, in the order of the relations.
    pub(super) fn tables(&self) -> Vec<TableInfo> {
        let table = |relation: &Relation| {
            let table = self.table(relation);
            // Two schemas may have a table of one name; a pipeline needs to tell them apart.
            if self
                .by_name
                .get(&relation.name)
                .is_some_and(|places| places.len() > 1)
            {
                table.with_name(relation.full_name())
            } else {
                table
            }
        };
        self.relations.iter().map(table).collect()
    }

    fn table(&self, relation: &Relation) -> TableInfo {
        let followed = self.followed && relation.kind.can_be_followed();
        let mut columns: Vec<ColumnInfo> = relation
            .columns
            .iter()
            .map(|column| self.column(column, followed))
            .collect();
        let place = |number: &i16| {
            relation
                .columns
                .iter()
                .position(|column| column.number == *number)
        };
        let key: Option<Vec<usize>> = relation.key().iter().map(place).collect();
        let key = key.filter(|key| {
            let usable = |&place: &usize| {
                columns
                    .get(place)
                    .is_some_and(|column| column.field_type().is_some())
            };
            key.iter().all(usable)
        });
        for (order, place) in (1..).zip(key.unwrap_or_default()) {
            if let Some(column) = columns.get_mut(place) {
                column.key = Some(order);
                column.nullable = false;
            }
        }
        let tracking = match relation.identity {
            _ if !followed => Tracking::Nothing,
            ReplicaIdentity::Full => Tracking::FullChanges,
            ReplicaIdentity::Default if !relation.primary_key.is_empty() => Tracking::OnlyPK,
            ReplicaIdentity::Index if !relation.identity_index.is_empty() => Tracking::OnlyPK,
            ReplicaIdentity::Default | ReplicaIdentity::Index | ReplicaIdentity::Nothing => {
                Tracking::Nothing
            }
        };
        // Under another replica identity the server tells whole old rows, or no updates at all. A key is always told.
        if tracking == Tracking::OnlyPK {
            for (info, column) in columns.iter_mut().zip(&relation.columns) {
                info.may_be_left_out = column.out_of_line && info.key.is_none();
            }
        }
        TableInfo {
            kind: if relation.kind.can_be_followed() {
                TableKind::Table
            } else {
                TableKind::View
            },
            description: relation.comment.clone(),
            ..TableInfo::new(&relation.name, columns)
                .with_schema(&relation.schema)
                .with_tracking(tracking)
        }
    }

    fn column(&self, column: &Attribute, followed: bool) -> ColumnInfo {
        let missing = missing_in_changes(column.generated).filter(|_| followed);
        let mapping = match (missing, self.decoder(column)) {
            (None, Ok(decoder)) => ColumnMapping::Field(decoder.field_type()),
            (Some(reason), _) | (None, Err(reason)) => {
                ColumnMapping::Unsupported(reason.to_owned())
            }
        };
        ColumnInfo {
            name: column.name.as_ref().to_owned(),
            external_type: Some(column.type_name.as_ref().to_owned()),
            mapping,
            nullable: column.nullable,
            has_default: column.has_default,
            may_be_left_out: false,
            key: None,
            description: column.comment.clone().filter(|comment| !comment.is_empty()),
            number: u32::try_from(column.number).ok(),
        }
    }

    /// The relation of a table.
    pub(super) fn relation(&self, table: &TableInfo) -> Option<&Relation> {
        let places = self.by_name.get(&table.table_name)?;
        let mut named = places.iter().filter_map(|&place| self.relations.get(place));
        named.find(|relation| {
            table
                .schema
                .as_ref()
                .is_none_or(|schema| *schema == relation.schema)
        })
    }

    /// The relations of these numbers.
    pub(super) fn selected(&self, relations: &[u32]) -> Vec<&Relation> {
        let chosen: HashSet<u32> = relations.iter().copied().collect();
        let relations = self.relations.iter();
        relations
            .filter(|relation| chosen.contains(&relation.oid))
            .collect()
    }

    /// How the rows of a selected table are read.
    ///
    /// # Errors
    /// When the table or one of the columns is gone since it was selected.
    pub(super) fn plan(&self, selected: &SelectedTable) -> Result<(u32, TablePlan)> {
        let name = selected.info.full_name();
        let gone = |what: String| {
            Error::new(ErrorKind::Drift, what)
                .with_help("run `dozer migrate` to look at the new schema")
        };
        let relation = self
            .relation(&selected.info)
            .ok_or_else(|| gone(format!("there is no table `{name}` any more")))?;
        let column = |(place, column): (usize, &ColumnInfo)| -> Result<ColumnPlan> {
            let named = |attribute: &&Attribute| *attribute.name == *column.name;
            // Where nothing was altered it stands where it stood.
            let attribute = relation.columns.get(place).filter(named);
            let attribute = attribute.or_else(|| relation.columns.iter().find(named));
            let attribute = attribute.ok_or_else(|| {
                gone(format!(
                    "table `{name}` has no column `{}` any more",
                    column.name
                ))
            })?;
            let decoder = self.decoder(attribute).map_err(|reason| {
                gone(format!(
                    "table `{name}`, column `{}`: {reason}",
                    column.name
                ))
            })?;
            Ok(ColumnPlan {
                name: Arc::clone(&attribute.name),
                number: attribute.number,
                type_oid: attribute.type_oid,
                modifier: attribute.type_modifier,
                decoder: decoder.clone(),
            })
        };
        let columns = selected
            .columns
            .iter()
            .filter_map(|&place| Some((place, selected.info.columns.get(place)?)));
        let mut planned = Vec::with_capacity(selected.columns.len());
        for place in columns {
            planned.push(column(place)?);
        }
        let plan = TablePlan {
            relation: relation.oid,
            old: old_rows(&selected.info),
            info: Arc::clone(&selected.info),
            place: selected.place,
            columns: planned,
            name,
        };
        Ok((relation.oid, plan))
    }

    fn decoder(&self, attribute: &Attribute) -> Result<&Decoder, &str> {
        let decoder = (self.decoders).get(&(attribute.type_oid, attribute.type_modifier));
        match decoder {
            Some(Ok(decoder)) => Ok(decoder),
            Some(Err(reason)) => Err(reason),
            None => Err("its type is not known"),
        }
    }
}

fn old_rows(table: &TableInfo) -> OldRows {
    let key = table.columns.iter().filter(|column| column.key.is_some());
    match table.tracking {
        Tracking::FullChanges => OldRows::Whole,
        Tracking::OnlyPK => OldRows::Key(key.map(|column| column.name.clone()).collect()),
        Tracking::Nothing => OldRows::None,
    }
}

/// What is committed, of the snapshot that a statement has.
const MOMENT: &str =
    "SELECT CASE WHEN NOT pg_is_in_recovery() THEN txid_current_snapshot()::text END AS moment";

/// What [`MOMENT`] gave.
fn moment(rows: &Rows) -> Result<Option<String>, PgError> {
    Ok(rows.one()?.get("moment")?.map(str::to_owned))
}

/// Whether the connection's snapshot sees just what was committed at `before`: then what was read there of the catalog still
/// stands in it.
///
/// # Errors
/// When the server cannot be asked.
pub(super) fn is_of(before: Option<&str>, connection: &mut Connection) -> Result<bool, PgError> {
    let now = moment(&connection.query(MOMENT)?)?;
    Ok(before.is_some() && now.as_deref() == before)
}

/// What was read of a database a moment ago, and the connection over which it was: a run asks for the tables, and then for
/// their changes.
#[derive(Debug, Clone, Default)]
pub(crate) struct SeenDatabase(Arc<Mutex<Option<Seen>>>);

type Seen = (Database, Option<Connection>);

impl SeenDatabase {
    /// Keeps them. The connection is free to be used, if one is kept.
    pub(super) fn note(&self, database: Database, connection: Option<Connection>) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = Some((database, connection));
    }

    /// Gives them once, if they are recent.
    pub(super) fn take(&self) -> Option<Seen> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        seen.filter(|(database, _)| database.read_at.elapsed() < RECENT)
    }
}
