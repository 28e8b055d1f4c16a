//! The tables as the stream describes them, compared with what was planned: what was added, and what can no longer be read.

use std::collections::{BTreeMap, HashMap, HashSet};

use connector_core::{Result, SchemaChange};

use super::row::{ColumnPlan, ImagePlan, TablePlan};
use super::target::Target;
use crate::catalog::{self, Attribute, Publication};
use crate::pgoutput::{Relation, RelationColumn};
use crate::types::{Decoder, TypeCatalog, Widening};
use crate::wire::{Connection, Mode};

/// What the server has described of the relations, by their number.
#[derive(Debug, Default)]
pub(super) struct Relations {
    /// `None`: nobody selected it. Else the plan's place, and where its columns stand.
    described: BTreeMap<u32, Option<(usize, ImagePlan)>>,
    /// Those that were described with every column that is read: a column that is missing later was dropped.
    whole: HashSet<u32>,
    /// The columns that nobody knew when they were looked up in the catalog last.
    unknown: HashMap<u32, Vec<String>>,
    what: String,
}

/// A change, and the place of the plan that it is of.
pub(super) type Changed = (usize, SchemaChange);

impl Relations {
    /// A new connection describes them anew; one that repeats an open transaction begins with how they were before it.
    pub(super) fn begin_again(&mut self, in_transaction: bool) {
        self.described.clear();
        if in_transaction {
            self.whole.clear();
        }
    }

    /// The plan's place and where its columns stand; `None`: nobody selected it.
    pub(super) fn image(&self, relation: u32) -> Option<(usize, &ImagePlan)> {
        let (plan, image) = self.described.get(&relation)?.as_ref()?;
        Some((*plan, image))
    }

    /// The last change, in a person's words.
    pub(super) fn what(&self) -> &str {
        &self.what
    }

    /// Takes a description. What changed of a selected table, if anything did.
    pub(super) fn read(
        &mut self,
        relation: &Relation<'_>,
        plans: &[TablePlan],
        target: &Target,
    ) -> Result<Option<Changed>> {
        let found = plans
            .iter()
            .enumerate()
            .find(|(_, plan)| plan.relation == relation.oid);
        let Some((place, plan)) = found else {
            self.described.insert(relation.oid, None);
            return Ok(None);
        };
        let changed = self.columns(relation, place, plan, target)?;
        Ok(changed.map(|(what, change)| {
            self.what = what;
            (place, change)
        }))
    }

    /// Compares the columns.
    fn columns(
        &mut self,
        relation: &Relation<'_>,
        place: usize,
        plan: &TablePlan,
        target: &Target,
    ) -> Result<Option<(String, SchemaChange)>> {
        let breaking = |what: String| Ok(Some((what, SchemaChange::Breaking)));
        let mut image = ImagePlan {
            older: Vec::new(),
            places: Vec::with_capacity(plan.columns.len()),
            identity: Vec::with_capacity(plan.columns.len()),
        };
        // Described once more, it was altered: a column that was dropped and made anew looks the same here.
        if self.described.contains_key(&relation.oid) {
            let now = look_up(target, relation.oid)?;
            let anew = plan.columns.iter().find(|column| {
                let named = now.columns.iter().find(|now| now.name == column.name);
                named.is_some_and(|now| now.number != column.number)
            });
            if let Some(column) = anew {
                return breaking(format!(
                    "column `{}` of table `{}` was dropped and made anew",
                    column.name, plan.name
                ));
            }
        }
        let mut lacking = Vec::new();
        for (place, column) in plan.columns.iter().enumerate() {
            let mut described = relation.columns().enumerate();
            let Some((at, found)) = described.find(|(_, found)| found.name == column.name) else {
                lacking.push(column.name.as_str());
                // Past the end of every row: null.
                image.places.push(usize::MAX);
                image.identity.push(false);
                continue;
            };
            if !column.is_still(found.type_oid, found.modifier) {
                let now = look_up(target, relation.oid)?;
                let now = now.columns.iter().find(|now| now.name == column.name);
                match column.becomes(&found, now) {
                    Became::Older(decoder) => image.older.push((place, decoder)),
                    Became::Wider(name) => {
                        let what = format!(
                            "column `{}` of table `{}` was given the wider type `{name}`",
                            column.name, plan.name
                        );
                        return Ok(Some((what, SchemaChange::Wider)));
                    }
                    Became::Other => {
                        let now =
                            now.map_or_else(String::new, |now| format!(", `{}`", now.type_name));
                        return breaking(format!(
                            "column `{}` of table `{}` was given another type{now}",
                            column.name, plan.name
                        ));
                    }
                }
            }
            image.places.push(at);
            image.identity.push(found.is_key);
        }
        let known = |name: &str| plan.known.iter().any(|known| known == name);
        let unknown: Vec<String> = (relation.columns())
            .filter(|column| !known(column.name))
            .map(|column| column.name.to_owned())
            .collect();
        let mut change = None;
        if lacking.is_empty() {
            self.whole.insert(relation.oid);
            change = self.added(relation.oid, plan, unknown, target)?;
        } else {
            let changed = |name: &str| {
                format!(
                    "column `{name}` of table `{}` was dropped, renamed or is no longer published",
                    plan.name
                )
            };
            if let (Some(first), true) = (
                lacking.first(),
                !unknown.is_empty() || self.whole.contains(&relation.oid),
            ) {
                return breaking(changed(first));
            }
            let now = look_up(target, relation.oid)?;
            for name in lacking {
                if !now.was_null(name) {
                    return breaking(changed(name));
                }
            }
        }
        self.described.insert(relation.oid, Some((place, image)));
        Ok(change)
    }

    /// Columns that were added, if they are still there: told once.
    fn added(
        &mut self,
        relation: u32,
        plan: &TablePlan,
        unknown: Vec<String>,
        target: &Target,
    ) -> Result<Option<(String, SchemaChange)>> {
        if unknown.is_empty() || self.unknown.get(&relation) == Some(&unknown) {
            return Ok(None);
        }
        let now = look_up(target, relation)?;
        self.unknown.insert(relation, unknown);
        let known = |column: &&Attribute| !plan.known.contains(&column.name);
        let added: Vec<String> = now.columns.iter().filter(known).map(described).collect();
        if added.is_empty() {
            return Ok(None);
        }
        let what = format!(
            "table `{}` has new columns: {}",
            plan.name,
            added.join(", ")
        );
        Ok(Some((what, SchemaChange::Additive)))
    }
}

/// What a column with another type than the planned one is.
enum Became {
    /// A row from before the type was widened to the planned one, and how it is read.
    Older(Decoder),
    /// The type was widened, to this one.
    Wider(String),
    Other,
}

impl ColumnPlan {
    /// Compares what the stream describes, which is as old as the rows that follow, with the plan and with the catalog now.
    fn becomes(&self, described: &RelationColumn<'_>, now: Option<&Attribute>) -> Became {
        let planned = Widening::of_numbers(self.type_oid, self.modifier);
        let found = Widening::of_numbers(described.type_oid, described.modifier);
        let (Some(planned), Some(found), Some(now)) = (planned, found, now) else {
            return Became::Other;
        };
        let in_catalog = Widening::of_numbers(now.type_oid, now.type_modifier);
        let is_held = |type_: Widening| in_catalog.is_some_and(|now| now.holds(type_));
        // The catalog has the planned type, or one that is wider yet, which is told later; one that was narrowed holds neither.
        if planned.holds(found) && is_held(planned) {
            let decoder = TypeCatalog::default().resolve(described.type_oid, described.modifier);
            return decoder.map_or(Became::Other, Became::Older);
        }
        if found.holds(planned) && is_held(found) {
            return Became::Wider(now.type_name.clone());
        }
        Became::Other
    }
}

fn described(column: &Attribute) -> String {
    let null = if column.nullable {
        "nullable"
    } else {
        "not null"
    };
    let default = if column.has_default {
        ", with a default"
    } else {
        ""
    };
    format!(
        "`{}` (`{}`, {null}{default})",
        column.name, column.type_name
    )
}

/// A table as the catalog has it now.
struct Now {
    columns: Vec<Attribute>,
    /// The columns that are published, where not all of them are.
    published: Option<Vec<i16>>,
}

impl Now {
    /// Whether a row from before this column is null there.
    fn was_null(&self, name: &str) -> bool {
        let column = self.columns.iter().find(|column| column.name == name);
        column.is_some_and(|column| {
            let published = self.published.as_ref();
            column.nullable
                && !column.has_default
                && published.is_none_or(|published| published.contains(&column.number))
        })
    }
}

/// Asks the catalog, beside the stream: what it describes is as old as the change that follows.
fn look_up(target: &Target, relation: u32) -> Result<Now> {
    let mut connection = Connection::open(&target.settings, Mode::Query)?;
    let columns = catalog::attributes(&mut connection, relation)?;
    let published = Publication::read(&mut connection, &target.publication)?;
    let table = catalog::names(&mut connection, &[relation])?.remove(&relation);
    let published = published
        .zip(table)
        .and_then(|(published, (schema, name))| published.table(&schema, &name)?.columns.clone());
    Ok(Now { columns, published })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Generated;

    const INT2: u32 = 21;
    const INT4: u32 = 23;
    const INT8: u32 = 20;
    const TEXT: u32 = 25;

    /// What a column of the type `planned` becomes, where the stream describes another and the catalog has a third.
    fn became(planned: u32, described: u32, now: u32) -> &'static str {
        let decoder = TypeCatalog::default().resolve(planned, -1);
        let plan = ColumnPlan {
            name: "n".to_owned(),
            number: 2,
            type_oid: planned,
            modifier: -1,
            decoder: decoder.expect("a decoder"),
        };
        let described = RelationColumn {
            is_key: false,
            name: "n",
            type_oid: described,
            modifier: -1,
        };
        let now = Attribute {
            number: 2,
            name: "n".to_owned(),
            type_oid: now,
            type_modifier: -1,
            type_name: "wider".to_owned(),
            nullable: true,
            generated: Generated::No,
            has_default: false,
            comment: None,
            readable: true,
            out_of_line: false,
        };
        match plan.becomes(&described, Some(&now)) {
            Became::Older(_) => "older",
            Became::Wider(_) => "wider",
            Became::Other => "other",
        }
    }

    #[test]
    fn rows_from_before_a_type_was_widened_are_read_also_where_it_is_wider_yet_by_now() {
        for (planned, described, now, expected) in [
            (INT4, INT2, INT4, "older"),
            (INT4, INT2, INT8, "older"),
            (INT4, INT8, INT8, "wider"),
            (INT2, INT4, INT8, "wider"),
            // Narrowed, or another type.
            (INT4, INT2, INT2, "other"),
            (INT8, INT4, INT4, "other"),
            (INT4, INT8, INT4, "other"),
            (INT4, INT2, TEXT, "other"),
            (INT4, TEXT, TEXT, "other"),
        ] {
            let became = became(planned, described, now);
            assert_eq!(became, expected, "{planned}, {described}, {now}");
        }
    }
}
