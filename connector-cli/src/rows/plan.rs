//! What the row struct of each table is to be.

use std::collections::HashSet;

use connector_core::{
    ColumnInfo, ColumnMapping, FieldType, ReplicationChangesTrackingType as Tracking, TableInfo,
    TimeUnit,
};

use super::names;

/// A table, and the row struct that reads it.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) schema: Option<String>,
    pub(crate) table_name: String,
    pub(crate) full_name: String,
    pub(crate) row: Result<Row, LeftOut>,
}

/// A row struct.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) ident: String,
    pub(crate) description: Option<String>,
    /// As the attribute has it; `None`: append-only.
    pub(crate) tracking: Option<&'static str>,
    /// Why the struct has no key although the table has one.
    pub(crate) no_key: Option<String>,
    /// The key's fields in the key's order, where the columns' order is another.
    pub(crate) listed_key: Vec<String>,
    pub(crate) members: Vec<Member>,
}

/// A column.
#[derive(Debug)]
pub(crate) enum Member {
    Field(Field),
    LeftOut(LeftOut),
}

/// A column that is a field.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) ident: String,
    pub(crate) column: String,
    pub(crate) description: Option<String>,
    /// The type without the `Sent` and the `Option` around it.
    pub(crate) rust: &'static str,
    /// The field type, where the Rust type alone would be another.
    pub(crate) declared: Option<FieldType>,
    pub(crate) nullable: bool,
    /// Whether a change may leave it out.
    pub(crate) left_out: bool,
    /// Whether it is marked as part of the key.
    pub(crate) in_key: bool,
}

/// A table or a column that no struct or field stands for.
#[derive(Debug, Clone)]
pub(crate) struct LeftOut {
    pub(crate) name: String,
    pub(crate) reason: String,
}

impl Row {
    pub(crate) fn fields(&self) -> impl Iterator<Item = &Field> {
        self.members.iter().filter_map(|member| match member {
            Member::Field(field) => Some(field),
            Member::LeftOut(_) => None,
        })
    }

    pub(crate) fn left_out(&self) -> impl Iterator<Item = &LeftOut> {
        self.members.iter().filter_map(|member| match member {
            Member::LeftOut(left_out) => Some(left_out),
            Member::Field(_) => None,
        })
    }
}

impl Field {
    /// Whether the field's name is not the column's.
    pub(crate) fn is_renamed(&self) -> bool {
        names::unraw(&self.ident) != self.column
    }
}

/// The row structs of these tables, by schema and name.
pub(crate) fn plan(tables: &[TableInfo]) -> Vec<Planned> {
    let mut tables: Vec<&TableInfo> = tables.iter().collect();
    tables.sort_by_key(|table| (&table.schema, &table.table_name));
    tables.dedup_by_key(|table| (&table.schema, &table.table_name));
    let rows: Vec<Result<Row, LeftOut>> = tables.iter().map(|table| row(table)).collect();
    let named: Vec<names::Table<'_>> = (tables.iter().zip(&rows))
        .filter_map(|(table, planned)| {
            Some(names::Table {
                schema: table.schema.as_deref(),
                name: &table.table_name,
                has_key_struct: planned.as_ref().ok()?.tracking == Some(ONLY_KEY),
            })
        })
        .collect();
    let mut idents = names::structs(&named).into_iter();
    let planned = tables.iter().zip(rows).map(|(table, row)| Planned {
        schema: table.schema.clone(),
        table_name: table.table_name.clone(),
        full_name: table.full_name(),
        row: row.map(|row| Row {
            ident: idents.next().unwrap_or_default(),
            ..row
        }),
    });
    planned.collect()
}

const ONLY_KEY: &str = "only_pk";

fn row(table: &TableInfo) -> Result<Row, LeftOut> {
    let left_out = |reason: String| LeftOut {
        name: table.full_name(),
        reason,
    };
    let wrong_name = names::undeclarable(&table.table_name)
        .or_else(|| names::undeclarable(table.schema.as_deref()?));
    if let Some(reason) = wrong_name {
        return Err(left_out(reason.to_owned()));
    }
    let mut members = members(table);
    let reasons: Vec<String> = (members.iter())
        .filter_map(|member| match member {
            Member::LeftOut(LeftOut { name, reason }) => Some(format!("`{name}`: {reason}")),
            Member::Field(_) => None,
        })
        .collect();
    if reasons.len() == members.len() {
        return Err(left_out(if reasons.is_empty() {
            "it has no columns".to_owned()
        } else {
            format!("none of its columns can be read ({})", reasons.join("; "))
        }));
    }
    let key = table.key_columns();
    let no_key = no_key(table, &key, &members);
    let mut listed_key = Vec::new();
    if no_key.is_none() {
        let fields = key.iter().filter_map(|&place| match members.get(place) {
            Some(Member::Field(field)) => Some(field.ident.clone()),
            _ => None,
        });
        if key.is_sorted() {
            for (place, member) in members.iter_mut().enumerate() {
                if let Member::Field(field) = member {
                    field.in_key = key.contains(&place);
                }
            }
        } else {
            listed_key = fields.collect();
        }
    }
    let has_key = !key.is_empty() && no_key.is_none();
    Ok(Row {
        ident: String::new(),
        description: table.description.clone(),
        tracking: match table.tracking {
            Tracking::FullChanges => Some("full_changes"),
            Tracking::OnlyPK if has_key => Some(ONLY_KEY),
            Tracking::OnlyPK | Tracking::Nothing => None,
        },
        no_key,
        listed_key,
        members,
    })
}

/// A member for each column, in their order.
fn members(table: &TableInfo) -> Vec<Member> {
    let mut seen = HashSet::new();
    let checked: Vec<Result<FieldType, String>> = table
        .columns
        .iter()
        .map(|column| {
            let field_type = readable(column)?;
            if seen.insert(column.name.to_lowercase()) {
                Ok(field_type)
            } else {
                Err("another column has its name, but for upper and lower case".to_owned())
            }
        })
        .collect();
    let kept: Vec<&str> = (table.columns.iter().zip(&checked))
        .filter(|(_, checked)| checked.is_ok())
        .map(|(column, _)| column.name.as_str())
        .collect();
    let mut idents = names::fields(&kept).into_iter();
    let member = |(column, checked): (&ColumnInfo, Result<FieldType, String>)| match checked {
        Err(reason) => Member::LeftOut(LeftOut {
            name: column.name.clone(),
            reason,
        }),
        Ok(field_type) => {
            let (rust, declared) = rust_type(field_type);
            Member::Field(Field {
                ident: idents.next().unwrap_or_default(),
                column: column.name.clone(),
                description: column.description.clone(),
                rust,
                declared,
                nullable: column.nullable,
                left_out: column.may_be_left_out,
                in_key: false,
            })
        }
    };
    table.columns.iter().zip(checked).map(member).collect()
}

/// The type of a column that a field can read, or why none can.
fn readable(column: &ColumnInfo) -> Result<FieldType, String> {
    if let Some(reason) = names::undeclarable(&column.name) {
        return Err(reason.to_owned());
    }
    match &column.mapping {
        ColumnMapping::Field(field_type) => Ok(*field_type),
        ColumnMapping::Unresolved => Err("its type is not known".to_owned()),
        ColumnMapping::Unsupported(reason) => Err(match &column.external_type {
            Some(name) => format!("its type `{name}` is not supported: {reason}"),
            None => format!("its type is not supported: {reason}"),
        }),
    }
}

/// Why the derive would refuse the table's key, if it would.
fn no_key(table: &TableInfo, key: &[usize], members: &[Member]) -> Option<String> {
    let unfit = key.iter().find_map(|&place| {
        let column = table.columns.get(place)?;
        let why = match (members.get(place)?, column.field_type()) {
            (Member::LeftOut(_), _) => "is left out".to_owned(),
            _ if column.nullable => "is nullable".to_owned(),
            (_, Some(typ @ (FieldType::Float | FieldType::Json | FieldType::Point))) => {
                format!("is `{typ}`, of which equal values may differ")
            }
            _ => return None,
        };
        Some(format!("its column `{}` {why}", column.name))
    });
    match (unfit, table.tracking) {
        (None, Tracking::OnlyPK) if key.is_empty() => {
            Some("the table has none, so its old rows are not told".to_owned())
        }
        (Some(why), Tracking::OnlyPK) => Some(format!("{why}, so old rows are not told")),
        (why, _) => why,
    }
}

/// The Rust type that values of a field type are read into; with the field type, where it would be another.
fn rust_type(field_type: FieldType) -> (&'static str, Option<FieldType>) {
    use FieldType as T;
    let rust = match field_type {
        T::UInt => "u64",
        T::U128 => "u128",
        T::Int => "i64",
        T::Int8 => "i8",
        T::I128 => "i128",
        T::Float => "f64",
        T::Boolean => "bool",
        T::String | T::Text => "String",
        T::Binary => "Vec<u8>",
        T::Decimal(_) => "Decimal",
        T::Timestamp(_) => "Timestamp",
        T::Date => "Date",
        T::Json => "serde_json::Value",
        T::Point => "Point",
        T::Duration(_) => "Duration",
    };
    let differs = match field_type {
        T::Text | T::Decimal(Some(_)) => true,
        T::Timestamp(unit) | T::Duration(unit) => unit != TimeUnit::Micro,
        _ => false,
    };
    (rust, differs.then_some(field_type))
}
