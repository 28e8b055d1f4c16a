//! The throwaway project that is compiled.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub(crate) const STRUCTS: usize = 300;
pub(crate) const COLUMNS: usize = 20;

/// The crates of the project; what the first one costs is no derive's doing.
pub(crate) const CRATES: [&str; 5] = ["bare", "dozer", "serde", "dozer_used", "serde_used"];

/// The types of the columns: of each, as many as a table of orders or readings has.
const TYPES: [&str; COLUMNS] = [
    "i64",
    "String",
    "Option<String>",
    "f64",
    "bool",
    "Timestamp",
    "Decimal",
    "Option<i32>",
    "Vec<u8>",
    "i32",
    "Option<f64>",
    "String",
    "Option<String>",
    "Option<Timestamp>",
    "Option<Decimal>",
    "u32",
    "bool",
    "i64",
    "Option<i64>",
    "String",
];

const WORDS: [&str; COLUMNS] = [
    "id",
    "name",
    "note",
    "weight",
    "active",
    "created_at",
    "price",
    "rank",
    "digest",
    "quantity",
    "discount",
    "city",
    "street",
    "closed_at",
    "tax",
    "version",
    "visible",
    "owner",
    "parent",
    "country",
];

/// A directory with one crate for each of [`CRATES`].
#[derive(Debug)]
pub(crate) struct Project {
    pub(crate) place: PathBuf,
}

impl Project {
    /// Writes the project; what was compiled there before stays, so that dependencies are built once.
    pub(crate) fn write(workspace: &Path, place: &Path) -> io::Result<Self> {
        fs::create_dir_all(place)?;
        let members = CRATES.map(|name| format!("\"{name}\"")).join(", ");
        fs::write(
            place.join("Cargo.toml"),
            format!("[workspace]\nresolver = \"3\"\nmembers = [{members}]\n"),
        )?;
        // The versions that the workspace itself uses.
        fs::copy(workspace.join("Cargo.lock"), place.join("Cargo.lock"))?;
        let core = workspace.join("connector-core");
        for name in CRATES {
            let directory = place.join(name);
            fs::create_dir_all(directory.join("src"))?;
            let manifest = format!(
                "[package]\nname = \"cost_{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n\
                 connector-core = {{ path = \"{}\" }}\n\
                 serde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n",
                core.display(),
            );
            fs::write(directory.join("Cargo.toml"), manifest)?;
            fs::write(directory.join("src/lib.rs"), source(name))?;
        }
        Ok(Self {
            place: place.to_owned(),
        })
    }

    /// The one source file of a crate.
    pub(crate) fn source_file(&self, name: &str) -> PathBuf {
        self.place.join(name).join("src/lib.rs")
    }
}

/// The key first, then the others in an order of the struct's own: the compiler would merge the code of equal structs.
fn type_of(number: usize, place: usize) -> &'static str {
    // A prime: each step and each start give another order.
    const OTHERS: usize = COLUMNS - 1;
    let (step, start) = (number % (OTHERS - 1) + 1, number / (OTHERS - 1));
    match place {
        0 => TYPES[0],
        _ => TYPES[1 + (place * step + start) % OTHERS],
    }
}

fn source(name: &str) -> String {
    let (ours, serde, used) = (
        name.starts_with("dozer"),
        name.starts_with("serde"),
        name.ends_with("used"),
    );
    let mut text = String::from("use connector_core::{Decimal, Timestamp};\n");
    if ours && used {
        text.push_str("use connector_core::{FromRow, Rejected, RowImage, RowReader, RowWriter};\n");
    }
    for number in 0..STRUCTS {
        let is_keyed = number % 2 == 0;
        if ours {
            text.push_str("#[derive(connector_core::DozerSource)]\n");
            if is_keyed {
                text.push_str("#[dozer(tracking = \"only_pk\")]\n");
            }
        }
        if serde {
            text.push_str("#[derive(serde::Serialize, serde::Deserialize)]\n");
        }
        let _ = writeln!(text, "pub struct Row{number} {{");
        for (place, word) in WORDS.iter().enumerate() {
            let ty = type_of(number, place);
            if ours && is_keyed && place == 0 {
                text.push_str("    #[dozer(primary_key)]\n");
            }
            let _ = writeln!(text, "    pub {word}_{number}: {ty},");
        }
        text.push_str("}\n");
        if used {
            text.push_str(&uses(ours, number));
        }
    }
    text
}

/// The functions that need the code which the derives declare.
fn uses(ours: bool, number: usize) -> String {
    let row = format!("Row{number}");
    if ours {
        format!(
            "pub fn append_{number}(row: &{row}, to: &mut RowWriter<'_>) -> Result<(), Rejected> {{\n    row.append(to)\n}}\n\
             pub fn read_{number}(from: &mut RowReader<'_>) -> Result<{row}, Rejected> {{\n    {row}::from_row(from)\n}}\n",
        )
    } else {
        format!(
            "pub fn write_{number}(row: &{row}) -> serde_json::Result<String> {{\n    serde_json::to_string(row)\n}}\n\
             pub fn read_{number}(text: &str) -> serde_json::Result<{row}> {{\n    serde_json::from_str(text)\n}}\n",
        )
    }
}
