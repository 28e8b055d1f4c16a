//! The expansions, kept as files in `snapshots/` for people to read and to review when they change.
//!
//! ```sh
//! SNAPSHOTS=overwrite cargo test -p connector-derive --lib snapshots
//! ```

use std::path::PathBuf;

use proc_macro2::{TokenStream, TokenTree};
use syn::DeriveInput;

use crate::{column_types, config, source, value};

type Derive = fn(&DeriveInput) -> TokenStream;

const SNAPSHOTS: [(&str, Derive, &str); 13] = [
    ("row", source::derive, "struct Line { number: i64, text: Option<String> }"),
    (
        "row_with_key",
        source::derive,
        "/// A reading taken by one station.
        #[dozer(table = \"readings\", schema = \"weather\", tracking = \"only_pk\")]
        pub struct Reading {
            #[dozer(primary_key)] pub station: String,
            temperature: Option<f64>,
            humidity: Option<f64>,
            /// When it was taken.
            #[dozer(primary_key)] pub taken_at: Timestamp,
        }",
    ),
    (
        "row_with_old_rows",
        source::derive,
        "#[dozer(tracking = \"full_changes\", types = SqliteType, crate = ::platform::connector)]
        struct Station { #[dozer(primary_key)] id: u64 }",
    ),
    (
        "row_with_everything",
        source::derive,
        "#[dozer(rename_all = \"camelCase\", primary_key(order_number, customer))]
        struct Order {
            customer: u32,
            order_number: u64,
            #[dozer(flatten)] address: Address,
            #[dozer(json)] lines: Vec<Line>,
            #[dozer(json)] remarks: Option<Remarks>,
            #[dozer(with = celsius)] storage: Temperature,
            #[dozer(with = celsius, default = Temperature::room)] transport: Temperature,
            #[dozer(default)] priority: u8,
            #[dozer(column = \"total\", field = Decimal(10, 2))] sum: Decimal,
            #[dozer(skip)] cached: Cache,
        }",
    ),
    (
        "generic_row",
        source::derive,
        "#[dozer(tracking = \"only_pk\")]
        struct Measured<K: Clone, V, const N: usize = 4> where V: Send {
            #[dozer(primary_key)] key: K,
            value: Option<V>,
            digest: [u8; N],
        }",
    ),
    (
        "borrowed_row",
        source::derive,
        "#[dozer(tracking = \"only_pk\")]
        struct Lent<'r> { #[dozer(primary_key)] name: &'r str, #[dozer(primary_key)] id: u64, body: Cow<'r, [u8]> }",
    ),
    (
        "rows_of_several_tables",
        source::derive,
        "pub enum Tables { Stations(Station), Readings(Reading) }",
    ),
    (
        "wrong_row",
        source::derive,
        "#[dozer(tabel = \"readings\", tracking = \"only_pk\")]
        struct Reading { #[dozer(primary_key)] station: String, temperature: f64 }",
    ),
    (
        "wrong_rows",
        source::derive,
        "enum Tables { Stations(Station), Readings { reading: Reading } }",
    ),
    (
        "column_types",
        column_types::derive,
        "#[column_types(raw = ValueRef<'_>, ignore_case)]
        enum SqliteType {
            #[column_type(\"INTEGER\", \"INT\", field = Int)] Integer,
            #[column_type(\"DECIMAL(p, s)\", \"DECIMAL(p)\", field = Decimal(p, s), cast = decimal)]
            Decimal { p: u8, s: Option<i8> },
            #[column_type(\"GEOMETRY\", unsupported = \"select ST_AsText instead\")] Geometry,
            #[column_type(other, field = Text)] Other,
        }",
    ),
    ("column_value", value::derive, "struct Celsius(f64);"),
    ("column_value_lent", value::derive, "struct Named<'a, T> { name: &'a T }"),
    (
        "config",
        config::derive,
        "/// Readings of a weather service.
        #[connector(name = \"weather\")]
        struct Weather {
            /// Where the service is.
            url: String,
            token: Secret<String>,
            #[serde(default)] retries: u32,
        }",
    ),
];

/// The declaration and what it expands to, as a person would write them.
fn shown(derive: Derive, declaration: &str) -> String {
    let input: DeriveInput = syn::parse_str(declaration).expect("a declaration");
    let declared: syn::File = syn::parse_str(declaration).expect("an item");
    let expanded: syn::File = syn::parse2(derive(&input)).expect("items");
    format!(
        "{}\n// expands to\n\n{}",
        prettyplease::unparse(&declared),
        prettyplease::unparse(&expanded)
    )
}

#[test]
fn expansions_are_as_they_were() {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("snapshots");
    let overwrite = std::env::var_os("SNAPSHOTS").is_some_and(|word| word == "overwrite");
    let mut changed = Vec::new();
    for (name, derive, declaration) in SNAPSHOTS {
        let (file, shown) = (
            directory.join(name).with_extension("rs"),
            shown(derive, declaration),
        );
        if overwrite {
            std::fs::write(&file, &shown).expect("the snapshot is written");
        } else if std::fs::read_to_string(&file).ok().as_ref() != Some(&shown) {
            changed.push(format!("{}:\n{shown}", file.display()));
        }
    }
    assert!(
        changed.is_empty(),
        "expansions changed; if that is right, run again with `SNAPSHOTS=overwrite`\n{}",
        changed.join("\n")
    );
}

#[test]
fn every_snapshot_has_its_declaration() {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("snapshots");
    for file in std::fs::read_dir(directory).expect("snapshots") {
        let name = file.expect("a file").path();
        let stem = name
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        assert!(
            SNAPSHOTS.iter().any(|(known, ..)| *known == stem),
            "nothing makes `{stem}`"
        );
    }
}

fn tokens(stream: TokenStream) -> usize {
    let each = stream.into_iter().map(|token| match token {
        TokenTree::Group(group) => 2 + tokens(group.stream()),
        _ => 1,
    });
    each.sum()
}

/// What an append-only row of so many columns expands to, in tokens.
fn tokens_of_row(columns: usize) -> usize {
    let fields: Vec<String> = (0..columns)
        .map(|place| format!("column_{place}: i64,"))
        .collect();
    let fields = fields.concat();
    let input: DeriveInput = syn::parse_str(&format!("struct Row {{ {fields} }}")).expect("a row");
    tokens(source::derive(&input))
}

/// More of them would be behaviour, which belongs into core.
#[test]
fn a_column_expands_to_little_more_than_data() {
    let (twenty, more) = (tokens_of_row(20), tokens_of_row(21));
    assert!(
        more - twenty <= 125,
        "a column expands to {} tokens",
        more - twenty
    );
    assert!(
        twenty <= 2_950,
        "a row of 20 columns expands to {twenty} tokens"
    );
}
