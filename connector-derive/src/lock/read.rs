//! From the text of a lock file to its tables.

use super::json::{Json, NotJson};
use super::{Column, Lock, OldRows, Source, Unusable};
use crate::diag::Errors;
use crate::field_type::{FIELD_TYPES, FieldTypeSpec};

/// The version of the format: `VERSION` of core's `pipeline/lock.rs`.
pub(super) const VERSION: usize = 1;

impl Lock {
    pub(crate) fn read(text: &str) -> Result<Self, Unusable> {
        let document = Json::read(text).map_err(|wrong| {
            let NotJson {
                line,
                column,
                expected,
            } = wrong;
            Unusable::NotALock(format!("line {line}, column {column}: expected {expected}"))
        })?;
        let version = number(&document, "version")?;
        if version != VERSION {
            return Err(Unusable::Version(version));
        }
        let sources = given(&document, "sources", Json::map)?;
        let sources = sources.iter().map(|(name, source)| {
            read_source(name, source).map_err(|unusable| match unusable {
                Unusable::NotALock(why) => Unusable::NotALock(format!("source `{name}`: {why}")),
                other => other,
            })
        });
        Ok(Self {
            sources: sources.collect::<Result<_, _>>()?,
        })
    }
}

fn read_source(name: &str, source: &Json) -> Result<Source, Unusable> {
    let schema = given(source, "schema", Some)?;
    let columns = given(schema, "fields", Json::list)?;
    let columns: Vec<Column> = (columns.iter())
        .map(read_column)
        .collect::<Result<_, _>>()?;
    let key = given(schema, "primary_index", Json::list)?;
    let key_column = |place: &Json| {
        let column = place.number().and_then(|place| columns.get(place));
        column
            .map(|column| column.name.clone())
            .ok_or_else(|| Unusable::NotALock("`primary_index` names no field".to_owned()))
    };
    let key = key.iter().map(key_column).collect::<Result<_, _>>()?;
    let old_rows = match text(source, "replication_type")? {
        "FullChanges" => OldRows::FullChanges,
        "OnlyPK" => OldRows::OnlyPk,
        "Nothing" => OldRows::Nothing,
        other => {
            let why = format!("`{other}` is not a replication type");
            return Err(Unusable::NotALock(why));
        }
    };
    Ok(Source {
        name: name.to_owned(),
        schema: match source.get("namespace") {
            None | Some(Json::Null) => None,
            Some(_) => Some(text(source, "namespace")?.to_owned()),
        },
        table: text(source, "table_name")?.to_owned(),
        columns,
        key,
        old_rows,
    })
}

fn read_column(column: &Json) -> Result<Column, Unusable> {
    let field_type = text(column, "type")?;
    if !is_field_type(field_type) {
        let why = format!("`{field_type}` is not a field type");
        return Err(Unusable::NotALock(why));
    }
    Ok(Column {
        name: text(column, "name")?.to_owned(),
        field_type: field_type.to_owned(),
        nullable: given(column, "nullable", Json::bool)?,
    })
}

fn is_field_type(text: &str) -> bool {
    if FIELD_TYPES.contains(&text) {
        return true;
    }
    let errors = Errors::default();
    let spec = syn::parse_str::<FieldTypeSpec>(text);
    spec.is_ok_and(|spec| {
        spec.check(&[], &errors);
        errors.is_empty()
    })
}

fn text<'j>(json: &'j Json, key: &str) -> Result<&'j str, Unusable> {
    given(json, key, Json::text)
}

fn number(json: &Json, key: &str) -> Result<usize, Unusable> {
    given(json, key, Json::number)
}

/// What stands behind the key, in the form that it should have.
fn given<'j, T>(
    json: &'j Json,
    key: &str,
    form: impl FnOnce(&'j Json) -> Option<T>,
) -> Result<T, Unusable> {
    let Some(value) = json.get(key) else {
        return Err(Unusable::NotALock(format!("`{key}` is missing")));
    };
    form(value).ok_or_else(|| Unusable::NotALock(format!("`{key}` is of the wrong form")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"{ "version": 1, "app": "weather", "sources": { "live": {
        "name": "live", "namespace": "public", "table_name": "readings",
        "schema": {
            "fields": [
                { "name": "station", "type": "String", "nullable": false, "external_type": "TEXT" },
                { "name": "sum", "type": "Decimal(10, -2)", "nullable": true }
            ],
            "primary_index": [0]
        },
        "replication_type": "OnlyPK"
    } } }"#;

    #[test]
    fn a_lock_file_is_read_with_its_tables() {
        let lock = Lock::read(LOCK).unwrap();
        let [source] = lock.sources.as_slice() else {
            panic!("{lock:?}");
        };
        assert_eq!(source.full_name(), "public.readings");
        assert_eq!(source.key, ["station"]);
        assert_eq!(source.old_rows, OldRows::OnlyPk);
        let sum = &source.columns[1];
        assert_eq!(
            (sum.field_type.as_str(), sum.nullable),
            ("Decimal(10, -2)", true)
        );
    }

    #[test]
    fn what_is_no_lock_file_is_told_with_the_reason() {
        let why = |text: &str| match Lock::read(text) {
            Err(Unusable::NotALock(why)) => why,
            other => panic!("{other:?}"),
        };
        assert_eq!(why("[package"), "line 1, column 2: expected a value");
        assert_eq!(why("{}"), "`version` is missing");
        assert_eq!(
            why("{\"version\": 1, \"sources\": 5}"),
            "`sources` is of the wrong form"
        );
        for (from, to, told) in [
            (
                "Decimal(10, -2)",
                "Money",
                "source `live`: `Money` is not a field type",
            ),
            (
                "Decimal(10, -2)",
                "Timestamp(h)",
                "source `live`: `Timestamp(h)` is not a field type",
            ),
            (
                "OnlyPK",
                "Some",
                "source `live`: `Some` is not a replication type",
            ),
            (
                "[0]",
                "[7]",
                "source `live`: `primary_index` names no field",
            ),
            (
                "true",
                "5",
                "source `live`: `nullable` is of the wrong form",
            ),
        ] {
            assert_eq!(why(&LOCK.replace(from, to)), told);
        }
    }

    #[test]
    fn another_version_is_not_guessed_at() {
        let newer = LOCK.replace("\"version\": 1", "\"version\": 2, \"tables\": []");
        assert_eq!(Lock::read(&newer), Err(Unusable::Version(2)));
    }
}
