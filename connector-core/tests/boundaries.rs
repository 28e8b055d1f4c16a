//! A derived enum of column types holds at its boundaries.
#![cfg(feature = "derive")]

use connector_core::boundaries::{check, markdown};
use connector_core::{ColumnTypes, FieldType};

/// The types of a database that never was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ColumnTypes)]
#[column_types(ignore_case)]
enum Declared {
    /// Whole numbers.
    #[column_type("INTEGER", "BIGINT", field = Int)]
    Integer,
    #[column_type("DECIMAL(p, s)", field = Decimal(p, s))]
    Decimal { p: u8, s: i8 },
    #[column_type("TIMESTAMP(n) WITH TIME ZONE", field = Timestamp(us))]
    Timestamp { n: u8 },
    #[column_type("ENUM(..)", field = String)]
    Enum,
    #[column_type("GEOMETRY", unsupported = "no field type holds a geometry")]
    Geometry,
    #[column_type(other, field = Text)]
    Other,
}

#[test]
fn every_derived_column_type_holds_at_its_boundaries() {
    let report = check::<Declared>().unwrap();
    let names: Vec<&str> = (report.entries.iter())
        .map(|entry| entry.name.as_str())
        .collect();
    assert_eq!(names.len(), 7);
    assert_eq!(names[..2], ["INTEGER", "BIGINT"]);
    assert_eq!(
        names[2..5],
        ["DECIMAL(10, 2)", "TIMESTAMP(10) WITH TIME ZONE", "ENUM(10)"]
    );
    let sized: FieldType = "Decimal(10, 2)".parse().unwrap();
    assert_eq!(report.entries[2].field_type, Ok(sized));
}

#[test]
fn the_documentation_is_the_declaration() {
    let table = markdown::<Declared>();
    for line in [
        "| `INTEGER`, `BIGINT` | `Int` | Whole numbers. |",
        "| `DECIMAL(p, s)` | `Decimal(p, s)` |  |",
        "| `GEOMETRY` | not supported: no field type holds a geometry |  |",
        "| any other | `Text` |  |",
    ] {
        assert!(table.lines().any(|found| found == line), "{line}\n{table}");
    }
}
