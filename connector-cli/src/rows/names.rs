//! Rust identifiers out of the names of tables and columns.

use std::collections::HashSet;

/// The longest identifier in characters: with it, a field and its type fit into a line.
const LONGEST: usize = 64;

/// Words that are no identifiers unless written `r#type`.
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// Words that are identifiers in no way.
const NEVER: [&str; 3] = ["crate", "self", "super"];

/// Types that generated code names: a struct of that name would stand in their place.
const TAKEN_TYPES: [&str; 13] = [
    "Clone",
    "Date",
    "Debug",
    "Decimal",
    "DozerSource",
    "Duration",
    "Option",
    "PartialEq",
    "Point",
    "Self",
    "String",
    "Timestamp",
    "Vec",
];

/// Why no row struct can declare a table or a column of this name, if none can.
pub(super) fn undeclarable(name: &str) -> Option<&'static str> {
    if name.trim().is_empty() {
        Some("its name is empty")
    } else if name.chars().any(char::is_control) {
        Some("its name has a control character")
    } else if name.trim() != name {
        Some("its name begins or ends with a space")
    } else if name.len() > 255 {
        Some("its name is longer than 255 bytes")
    } else {
        None
    }
}

/// The fields of these columns, each with a name of its own. A column whose name is a field's name as it is keeps it.
pub(super) fn fields(columns: &[&str]) -> Vec<String> {
    let mut taken: HashSet<String> = columns
        .iter()
        .filter(|column| is_field(column))
        .map(|column| (*column).to_owned())
        .collect();
    let mut field = |column: &&str| {
        if is_field(column) {
            return raw(column);
        }
        let name = snake(column);
        let free = numbered(&name, "_", |candidate| !taken.contains(candidate));
        taken.insert(free.clone());
        raw(&free)
    };
    columns.iter().map(&mut field).collect()
}

/// The name that a field has in the attributes of other fields and as a column.
pub(super) fn unraw(field: &str) -> &str {
    field.strip_prefix("r#").unwrap_or(field)
}

/// The row structs of tables, by schema and name; those with a key struct beside them need its name, too.
pub(super) fn structs(tables: &[Table<'_>]) -> Vec<String> {
    let alone: Vec<String> = tables.iter().map(|table| camel(table.name)).collect();
    let mut taken: HashSet<String> = TAKEN_TYPES.map(str::to_owned).into();
    let mut name = |(table, own): (&Table<'_>, &String)| {
        let shared = alone.iter().filter(|other| *other == own).count() > 1;
        let name = match (table.schema, shared) {
            (Some(schema), true) => camel(&format!("{schema}_{}", table.name)),
            _ => own.clone(),
        };
        let key = |name: &str| format!("{name}Key");
        let is_free = |candidate: &str| {
            let key_is_free = !table.has_key_struct || !taken.contains(&key(candidate));
            key_is_free && !taken.contains(candidate)
        };
        // `StringRow` says more than `String2`.
        let name = if TAKEN_TYPES.contains(&name.as_str()) {
            format!("{name}Row")
        } else {
            name
        };
        let free = numbered(&name, "", is_free);
        if table.has_key_struct {
            taken.insert(key(&free));
        }
        taken.insert(free.clone());
        free
    };
    tables.iter().zip(&alone).map(&mut name).collect()
}

/// A table that gets a row struct.
pub(super) struct Table<'a> {
    pub(super) schema: Option<&'a str>,
    pub(super) name: &'a str,
    /// Whether the derive makes a key struct for it.
    pub(super) has_key_struct: bool,
}

fn is_field(column: &str) -> bool {
    let starts = column.starts_with(|first: char| first.is_ascii_lowercase() || first == '_');
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let bare = column.trim_matches('_');
    starts
        && column.chars().all(letters)
        // The compiler warns of two underscores in a row.
        && !bare.is_empty()
        && !bare.contains("__")
        && column.len() <= LONGEST
        && !NEVER.contains(&column)
}

fn raw(name: &str) -> String {
    if KEYWORDS.contains(&name) {
        format!("r#{name}")
    } else {
        name.to_owned()
    }
}

/// The first of `name`, `name2`, `name3` … that is free.
fn numbered(name: &str, separator: &str, is_free: impl Fn(&str) -> bool) -> String {
    if is_free(name) {
        return name.to_owned();
    }
    let bare = name.trim_end_matches('_');
    let candidates = (2_u32..).map(|number| format!("{bare}{separator}{number}"));
    candidates
        .into_iter()
        .find(|candidate| is_free(candidate))
        .unwrap_or_default()
}

fn snake(column: &str) -> String {
    let name = shortened(words(column).join("_"));
    if name.is_empty() {
        "column".to_owned()
    } else if name.starts_with(|first: char| first.is_ascii_digit()) {
        shortened(format!("column_{name}"))
    } else if NEVER.contains(&name.as_str()) {
        format!("{name}_")
    } else {
        name
    }
}

fn camel(table: &str) -> String {
    let mut name = String::new();
    for word in words(table) {
        let (first, rest) = word.split_at(1);
        name.push_str(&first.to_ascii_uppercase());
        name.push_str(rest);
    }
    if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
        name.insert_str(0, "Table");
    }
    shortened(name)
}

/// Identifiers are ASCII: then they cannot be taken for each other, and each is what it looks like.
fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = deunicode::deunicode_with_tofu(name, " ").chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (place, &letter) in letters.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|before| letters.get(before));
        let after = letters.get(place + 1);
        let starts_a_word = letter.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_ascii_uppercase() && after.is_some_and(char::is_ascii_lowercase))
            });
        if starts_a_word || !letter.is_ascii_alphanumeric() {
            words.push(std::mem::take(&mut word));
        }
        if letter.is_ascii_alphanumeric() {
            word.push(letter.to_ascii_lowercase());
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

fn shortened(mut name: String) -> String {
    name.truncate(LONGEST);
    name.truncate(name.trim_end_matches('_').len());
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn structs_of(tables: &[(Option<&str>, &str, bool)]) -> Vec<String> {
        let table = |&(schema, name, has_key_struct)| Table {
            schema,
            name,
            has_key_struct,
        };
        structs(&tables.iter().map(table).collect::<Vec<_>>())
    }

    #[test]
    fn a_column_s_name_stays_where_it_is_an_identifier() {
        assert_eq!(
            fields(&["id", "_id", "a1", "first_name"]),
            ["id", "_id", "a1", "first_name"]
        );
    }

    #[test]
    fn other_names_become_snake_case() {
        let columns = [
            "User Name",
            "userID",
            "HTTPStatus",
            "2020 sales",
            "größe",
            "€",
            "a__b",
            "",
            "城市",
            "___",
        ];
        assert_eq!(
            fields(&columns),
            [
                "user_name",
                "user_id",
                "http_status",
                "column_2020_sales",
                "grosse",
                "eur",
                "a_b",
                "column",
                "cheng_shi",
                "column_2"
            ]
        );
    }

    #[test]
    fn keywords_are_raw_and_those_that_cannot_be_get_an_underscore() {
        assert_eq!(
            fields(&["type", "Match", "self", "Self", "crate", "gen"]),
            ["r#type", "r#match", "self_", "self_2", "crate_", "r#gen"]
        );
        for word in KEYWORDS {
            assert!(syn::parse_str::<syn::Ident>(&raw(word)).is_ok(), "{word}");
        }
    }

    #[test]
    fn the_columns_whose_names_stay_are_served_first() {
        assert_eq!(fields(&["A B", "a b", "a_b"]), ["a_b_2", "a_b_3", "a_b"]);
        assert_eq!(fields(&["a b", "a-b", "a_b_2"]), ["a_b", "a_b_3", "a_b_2"]);
    }

    #[test]
    fn a_long_name_is_cut() {
        let long = "x".repeat(80);
        let names = fields(&[&long]);
        assert_eq!(names, ["x".repeat(64)]);
    }

    #[test]
    fn structs_are_tables_in_camel_case() {
        let tables = [
            "order_items",
            "Users",
            "2020",
            "sales report",
            "ALBUM",
            "t_1_2",
            "",
        ];
        let tables = tables.map(|name| (None, name, false));
        assert_eq!(
            structs_of(&tables),
            [
                "OrderItems",
                "Users",
                "Table2020",
                "SalesReport",
                "Album",
                "T12",
                "Table"
            ]
        );
    }

    #[test]
    fn tables_of_several_schemas_are_told_apart_by_the_schema() {
        let tables = [
            (Some("hr"), "users", false),
            (Some("sales"), "users", false),
            (Some("sales"), "orders", false),
        ];
        assert_eq!(structs_of(&tables), ["HrUsers", "SalesUsers", "Orders"]);
    }

    #[test]
    fn structs_that_still_clash_are_numbered() {
        let tables = [
            (None, "user", true),
            (None, "user_key", false),
            (None, "users", false),
            (None, "Users", false),
            (None, "string", false),
        ];
        assert_eq!(
            structs_of(&tables),
            ["User", "UserKey2", "Users", "Users2", "StringRow"]
        );
    }
}
