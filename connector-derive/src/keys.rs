//! The keys of every attribute: one table each for its form, its example and its place.

/// What a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Nothing: `skip`.
    Flag,
    /// A string: `column = "temp_c"`.
    Text,
    /// A path: `with = module`.
    Path,
    /// Nothing or a path: `default`, `default = path`.
    FlagOrPath,
    /// A type: `raw = Type`.
    Type,
    /// Names in parentheses: `primary_key(a, b)`.
    Names,
    /// A field type: `field = Decimal(10, 2)`.
    FieldType,
}

/// One key of an attribute.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
    /// The key as it is written.
    pub(crate) example: &'static str,
}

/// The place that an attribute stands at, with the keys that it may have there.
#[derive(Debug)]
pub(crate) struct Level {
    /// The attribute's name.
    pub(crate) attribute: &'static str,
    /// The place in words, with its article.
    pub(crate) place: &'static str,
    pub(crate) keys: &'static [Key],
    /// The attribute's other places, for keys that are written at the wrong one.
    pub(crate) others: &'static [&'static Level],
    /// Names of other libraries and what to write instead.
    pub(crate) synonyms: &'static [(&'static str, &'static str)],
    /// Whether strings may stand before the keys.
    pub(crate) takes_names: bool,
}

const fn key(name: &'static str, form: Form, example: &'static str) -> Key {
    Key {
        name,
        form,
        example,
    }
}

const CRATE: Key = key("crate", Form::Path, "crate = ::connector_core");

/// `#[dozer(...)]` on the struct of a row.
pub(crate) static ROW: Level = Level {
    attribute: "dozer",
    place: "a row struct",
    keys: &[
        key("table", Form::Text, "table = \"readings\""),
        key("schema", Form::Text, "schema = \"public\""),
        key("tracking", Form::Text, "tracking = \"only_pk\""),
        key("rename_all", Form::Text, "rename_all = \"camelCase\""),
        key("primary_key", Form::Names, "primary_key(station, taken_at)"),
        key("types", Form::Path, "types = SqliteType"),
        key("lock", Form::Text, "lock = \"dozer.lock\""),
        CRATE,
    ],
    others: &[&FIELD],
    synonyms: &[
        ("name", "write `table = \"…\"`"),
        ("rename", "write `table = \"…\"`"),
        ("table_name", "write `table = \"…\"`"),
        ("alias", "write `table = \"…\"`"),
        ("collection", "write `table = \"…\"`"),
        ("namespace", "write `schema = \"…\"`"),
        ("schema_name", "write `schema = \"…\"`"),
        ("pk", "write `primary_key(…)`"),
        ("key", "write `primary_key(…)`"),
        ("id", "write `primary_key(…)`"),
        ("cdc", "write `tracking = \"…\"`"),
        ("lockfile", "write `lock = \"…\"`"),
        ("changes", "write `tracking = \"…\"`"),
        ("replica_identity", "write `tracking = \"…\"`"),
        (
            "append_only",
            "remove it: a table is append-only unless it says `tracking = \"only_pk\"` or `\"full_changes\"`",
        ),
        ("rename_fields", "write `rename_all = \"…\"`"),
        ("case", "write `rename_all = \"…\"`"),
        ("column_types", "write `types = …`"),
        ("description", "write a doc comment on the struct: `/// …`"),
    ],
    takes_names: false,
};

/// `#[dozer(...)]` on a field.
pub(crate) static FIELD: Level = Level {
    attribute: "dozer",
    place: "a field",
    keys: &[
        key("primary_key", Form::Flag, "primary_key"),
        key("column", Form::Text, "column = \"temp_c\""),
        key("field", Form::FieldType, "field = Decimal(10, 2)"),
        key("json", Form::Flag, "json"),
        key("flatten", Form::Flag, "flatten"),
        key("with", Form::Path, "with = module"),
        key("default", Form::FlagOrPath, "default = path"),
        key("skip", Form::Flag, "skip"),
    ],
    others: &[&ROW],
    synonyms: &[
        ("pk", "write `primary_key`"),
        ("key", "write `primary_key`"),
        ("id", "write `primary_key`"),
        ("rename", "write `column = \"…\"`"),
        ("name", "write `column = \"…\"`"),
        ("alias", "write `column = \"…\"`"),
        ("column_name", "write `column = \"…\"`"),
        ("ignore", "write `skip`"),
        ("transient", "write `skip`"),
        (
            "skip_serializing_if",
            "remove it: a column is in every row, and null is `None`",
        ),
        ("skip_serializing", "write `skip`"),
        ("skip_deserializing", "write `skip`"),
        ("nested", "write `flatten`"),
        ("embed", "write `flatten`"),
        ("embedded", "write `flatten`"),
        ("jsonb", "write `json`"),
        ("serialize_with", "write `with = module`, which also reads"),
        (
            "deserialize_with",
            "write `with = module`, which also writes",
        ),
        ("cast", "write `with = module`, or `field = …`"),
        ("data_type", "write `field = …`"),
        ("column_type", "write `field = …`"),
        ("type", "write `field = …`"),
        ("typ", "write `field = …`"),
        ("sql_type", "write `field = …`"),
        ("nullable", "make the field's type an `Option<T>`"),
        ("null", "make the field's type an `Option<T>`"),
        ("optional", "make the field's type an `Option<T>`"),
        (
            "not_null",
            "remove it: a field is nullable only if its type is an `Option<T>`",
        ),
        ("description", "write a doc comment on the field: `/// …`"),
    ],
    takes_names: false,
};

/// `#[dozer(...)]` on an enum of row structs.
pub(crate) static ROWS: Level = Level {
    attribute: "dozer",
    place: "an enum of rows",
    keys: &[CRATE],
    others: &[&ROW, &FIELD],
    synonyms: &[],
    takes_names: false,
};

/// `#[dozer(...)]` on a variant: nothing may stand there.
pub(crate) static ROWS_VARIANT: Level = Level {
    attribute: "dozer",
    place: "a variant",
    keys: &[],
    others: &[&ROW, &FIELD, &ROWS],
    synonyms: &[],
    takes_names: false,
};

/// `#[column_types(...)]` on the enum of a system's types.
pub(crate) static TYPES: Level = Level {
    attribute: "column_types",
    place: "an enum of column types",
    keys: &[
        key("raw", Form::Type, "raw = Value<'_>"),
        key("ignore_case", Form::Flag, "ignore_case"),
        key("source", Form::Type, "source = Sqlite"),
        CRATE,
    ],
    others: &[&TYPE],
    synonyms: &[
        ("case_insensitive", "write `ignore_case`"),
        ("value", "write `raw = …`"),
    ],
    takes_names: false,
};

/// `#[column_type(...)]` on a variant.
pub(crate) static TYPE: Level = Level {
    attribute: "column_type",
    place: "a variant",
    keys: &[
        key("field", Form::FieldType, "field = Int"),
        key("cast", Form::Path, "cast = path"),
        key(
            "unsupported",
            Form::Text,
            "unsupported = \"what to do instead\"",
        ),
        key("other", Form::Flag, "other"),
    ],
    others: &[&TYPES],
    synonyms: &[
        (
            "name",
            "write the names first: `#[column_type(\"…\", field = …)]`",
        ),
        (
            "names",
            "write the names first: `#[column_type(\"…\", field = …)]`",
        ),
        ("type", "write `field = …`"),
        ("into", "write `field = …`"),
        ("from", "write `cast = path`"),
        ("with", "write `cast = path`"),
        ("default", "write `other`"),
        ("reason", "write `unsupported = \"…\"`"),
        (
            "skip",
            "write `unsupported = \"…\"`, which tells the reader what to do instead",
        ),
    ],
    takes_names: true,
};

/// `#[column_value(...)]` on a newtype.
pub(crate) static NEWTYPE: Level = Level {
    attribute: "column_value",
    place: "a newtype",
    keys: &[CRATE],
    others: &[],
    synonyms: &[
        (
            "field",
            "remove it: the type is the wrapped one's; a row changes it with `#[dozer(field = …)]`",
        ),
        (
            "json",
            "remove it: write `#[dozer(json)]` on the field of the row",
        ),
        (
            "transparent",
            "remove it: a newtype is always what it wraps",
        ),
    ],
    takes_names: false,
};

/// `#[column_value(...)]` on the field of a newtype: nothing may stand there.
pub(crate) static NEWTYPE_FIELD: Level = Level {
    attribute: "column_value",
    place: "a field",
    keys: &[],
    others: &[&NEWTYPE],
    synonyms: &[],
    takes_names: false,
};

/// `#[connector(...)]` on the struct of a configuration.
pub(crate) static CONFIG: Level = Level {
    attribute: "connector",
    place: "a configuration struct",
    keys: &[key("name", Form::Text, "name = \"weather\""), CRATE],
    others: &[],
    synonyms: &[
        ("rename", "write `name = \"…\"`"),
        ("kind", "write `name = \"…\"`"),
        ("description", "write a doc comment on the struct: `/// …`"),
        (
            "rename_all",
            "write `#[serde(rename_all = \"…\")]`, which this derive reads as well",
        ),
    ],
    takes_names: false,
};

/// `#[connector(...)]` on a field: nothing may stand there.
pub(crate) static CONFIG_FIELD: Level = Level {
    attribute: "connector",
    place: "a field",
    keys: &[],
    others: &[&CONFIG],
    synonyms: &[
        (
            "default",
            "write `#[serde(default)]`, which this derive reads as well",
        ),
        (
            "skip",
            "write `#[serde(skip)]`, which this derive reads as well",
        ),
        (
            "rename",
            "write `#[serde(rename = \"…\")]`, which this derive reads as well",
        ),
        ("secret", "make the field's type a `Secret<T>`"),
        ("description", "write a doc comment on the field: `/// …`"),
    ],
    takes_names: false,
};
