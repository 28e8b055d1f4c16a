//! The page of all messages, made from the cases: what is wrong, what the compiler says of it, and the mended code.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::cases::{self, Case};
use crate::message;

/// The topics in the page's order, with their headings.
const TOPICS: [(&str, &str); 15] = [
    ("shape", "What can be a row"),
    ("syntax", "How attributes are written"),
    ("unknown", "Keys that are not there"),
    ("duplicate", "Keys given twice"),
    ("conflict", "Keys that contradict each other"),
    ("useless", "Configuration that changes nothing"),
    ("names", "Names of tables and columns"),
    ("key", "Primary keys and tracking"),
    ("types", "Types of fields"),
    ("lock", "Rows against the schema lock"),
    ("use", "Rows where they are used"),
    ("traits", "Traits that a type lacks"),
    ("column_types", "Column types of a system"),
    ("values", "Newtypes"),
    ("config", "Configurations"),
];

const HEAD: &str = "\
# Errors of the derives

What the compiler says of each mistake in a `#[derive(DozerSource)]`, `ColumnTypes`, `ColumnValue` or `ConnectorConfig`,
with the code that it says it of and the same code mended. Search this page for the words of your message.

All mistakes in the attributes of a type are told in one compile, each at the token to edit; what only the type system
knows is told once these are right. `help:` is the edit to make, `note:` the reason. Nothing else is reported about the
type, since its impls are there even then.

";

const TAIL: &str = "\
---

Made from the compile-fail cases in `tests/ui` by `TRYBUILD=overwrite cargo test -p connector-tests --test ui`.
";

/// Compares the page on disk, or writes it anew under `TRYBUILD=overwrite`.
pub(crate) fn check() {
    let path = Path::new("../connector-derive/ERRORS.md");
    let page = page();
    if std::env::var_os("TRYBUILD").is_some_and(|update| update == "overwrite") {
        fs::write(path, page).unwrap();
        return;
    }
    let on_disk = fs::read_to_string(path).unwrap_or_default();
    let differs = (page.lines().zip(on_disk.lines())).find(|(made, found)| made != found);
    assert!(
        page == on_disk,
        "{} is out of date, first at {differs:?}: run `TRYBUILD=overwrite cargo test -p connector-tests --test ui`",
        path.display(),
    );
}

fn page() -> String {
    let mut topics: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for case in cases::all() {
        topics
            .entry(case.topic.clone())
            .or_default()
            .push(Entry::read(&case));
    }
    let mut contents = String::from("## Contents\n\n");
    let mut entries = String::new();
    for (topic, heading) in TOPICS {
        let Some(cases) = topics.remove(topic) else {
            continue;
        };
        writeln!(contents, "- [{heading}](#{})", anchor(heading)).unwrap();
        writeln!(entries, "## {heading}\n").unwrap();
        for entry in cases {
            let title = &entry.title;
            writeln!(contents, "  - [{title}](#{})", anchor(title)).unwrap();
            entry.write(&mut entries);
        }
    }
    let without_heading: Vec<_> = topics.keys().collect();
    assert!(
        without_heading.is_empty(),
        "no heading for {without_heading:?}"
    );
    format!("{HEAD}{contents}\n{entries}{TAIL}")
}

struct Entry {
    title: String,
    wrong: String,
    says: String,
    mended: String,
}

impl Entry {
    fn read(case: &Case) -> Self {
        let wrong = fs::read_to_string(case.wrong()).unwrap();
        let (title, wrong) = wrong.split_once('\n').unwrap();
        let title = title
            .strip_prefix("// ")
            .unwrap_or_else(|| panic!("{case:?} does not begin with its title: `// …`"));
        Self {
            title: title.trim_end_matches('.').to_owned(),
            wrong: without_main(wrong),
            says: message::in_short(&fs::read_to_string(case.output()).unwrap_or_default()),
            mended: without_main(&fs::read_to_string(case.mended()).unwrap_or_default()),
        }
    }

    fn write(&self, page: &mut String) {
        let Self {
            title,
            wrong,
            says,
            mended,
        } = self;
        writeln!(page, "### {title}\n").unwrap();
        writeln!(page, "```rust\n{wrong}\n```\n").unwrap();
        writeln!(page, "```text\n{says}\n```\n").unwrap();
        writeln!(page, "Mended:\n\n```rust\n{mended}\n```\n").unwrap();
    }
}

/// The program without what makes it one.
fn without_main(program: &str) -> String {
    program.replace("\nfn main() {}\n", "").trim().to_owned()
}

/// The name that a heading is linked by.
fn anchor(heading: &str) -> String {
    heading
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
        .map(|c| {
            if c == ' ' {
                '-'
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect()
}
