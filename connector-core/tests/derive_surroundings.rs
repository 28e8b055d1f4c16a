//! The derives beside what surrounds them in real crates: macros, modules, other derives, conditions.
#![cfg(feature = "derive")]
#![deny(warnings)]
#![forbid(unsafe_code)]

use connector_core::{Columns, DeclaredColumn, DozerSource, FieldType};

/// The names of a row's columns.
fn names<R: Columns>() -> Vec<&'static str> {
    fn add(columns: &[DeclaredColumn], names: &mut Vec<&'static str>) {
        for column in columns {
            match column {
                DeclaredColumn::One { name, .. } => names.push(name),
                DeclaredColumn::Group(columns) => add(columns, names),
            }
        }
    }
    let mut names = Vec::new();
    add(R::COLUMNS, &mut names);
    names
}

macro_rules! row {
    ($name:ident { $($(#[$attribute:meta])* $field:ident: $type:ty = $key:literal),+ $(,)? }) => {
        #[derive(Debug, Clone, DozerSource)]
        #[dozer(tracking = "only_pk", table = "made")]
        pub(crate) struct $name {
            #[dozer(primary_key)]
            pub(crate) id: u64,
            $($(#[$attribute])* #[dozer(column = $key)] pub(crate) $field: $type,)+
        }
    };
}

row!(Made {
    /// A group of tokens, not a word.
    height: Option<f64> = "hoehe",
    name: String = "name_of",
});

#[test]
fn a_row_is_made_by_a_macro() {
    assert_eq!(names::<Made>(), ["id", "hoehe", "name_of"]);
    let columns = Made::tables().remove(0).columns;
    assert!(columns[1].nullable && !columns[2].nullable);
    assert_eq!(MadeKey { id: 3 }.id, 3);
}

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, DozerSource)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[dozer(rename_all = "UPPERCASE", tracking = "full_changes")]
struct BesideSerde {
    #[dozer(primary_key)]
    #[serde(rename = "no")]
    order_number: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    größe: Option<f64>,
}

#[test]
fn serdes_attributes_are_serdes() {
    // As serde does it: ASCII alone changes its case.
    assert_eq!(names::<BesideSerde>(), ["ORDER_NUMBER", "GRößE"]);
    let row: BesideSerde = serde_json::from_str(r#"{"no": 1}"#).unwrap();
    assert_eq!(serde_json::to_string(&row).unwrap(), r#"{"no":1}"#);
}

/// Modules with the names that generated code begins its paths with.
mod core {
    pub(crate) mod std {
        #[derive(Debug, Clone, connector_core::DozerSource)]
        #[dozer(tracking = "only_pk")]
        pub(crate) struct Inner {
            #[dozer(primary_key)]
            pub(crate) id: i64,
        }
    }

    pub(crate) mod connector_core {
        #[derive(Debug, Clone, ::connector_core::DozerSource)]
        pub(crate) enum Rows {
            Inner(super::std::Inner),
        }
    }
}

#[test]
fn modules_may_have_the_names_of_crates() {
    use core::connector_core::{Rows, RowsOld};
    use core::std::{Inner, InnerKey};

    let row = Rows::from(Inner { id: 1 });
    let Rows::Inner(inner) = row;
    let old = RowsOld::Inner(InnerKey::from(&inner));
    let RowsOld::Inner(key) = old.clone();
    assert_eq!((key, Rows::tables().len()), (InnerKey { id: 1 }, 1));
}

#[derive(Debug, Clone, DozerSource)]
enum Conditional {
    Made(Made),
    #[cfg(any())]
    Never(NotEvenAType),
    #[cfg_attr(all(), doc = "Always there.")]
    Beside(BesideSerde),
}

#[test]
fn variants_that_are_not_compiled_are_no_tables() {
    let tables: Vec<String> = (Conditional::tables().into_iter())
        .map(|table| table.name)
        .collect();
    assert_eq!(tables, ["made", "beside_serde"]);
    let _ = [Conditional::from(Made {
        id: 1,
        height: None,
        name: String::new(),
    })];
}

#[derive(Debug, Clone, PartialEq, DozerSource)]
#[dozer(tracking = "only_pk")]
struct Measured<K = u64, V = f64, const N: usize = 2>
where
    K: Copy,
    V: Clone,
{
    #[dozer(primary_key)]
    key: K,
    value: Option<V>,
    digest: [u8; N],
}

#[test]
fn parameters_keep_their_bounds_and_defaults() {
    let row: Measured = Measured {
        key: 7,
        value: Some(0.5),
        digest: [1, 2],
    };
    assert_eq!(MeasuredKey::from(&row), MeasuredKey { key: 7 });
    let columns = <Measured<i64, String, 4>>::tables().remove(0).columns;
    let types: Vec<_> = (columns.iter().map(connector_core::ColumnInfo::field_type)).collect();
    assert_eq!(
        types,
        [FieldType::Int, FieldType::String, FieldType::Binary].map(Some)
    );
}

macro_rules! wide_row {
    ($($field:ident)+) => {
        #[derive(Debug, Clone, DozerSource)]
        #[allow(dead_code, reason = "only its declaration matters")]
        struct Wide { $($field: Option<i32>,)+ }
    };
}

wide_row! {
    a00 a01 a02 a03 a04 a05 a06 a07 a08 a09 a10 a11 a12 a13 a14 a15 a16 a17 a18 a19 a20 a21 a22 a23 a24 a25 a26 a27 a28 a29
    b00 b01 b02 b03 b04 b05 b06 b07 b08 b09 b10 b11 b12 b13 b14 b15 b16 b17 b18 b19 b20 b21 b22 b23 b24 b25 b26 b27 b28 b29
    c00 c01 c02 c03 c04 c05 c06 c07 c08 c09 c10 c11 c12 c13 c14 c15 c16 c17 c18 c19 c20 c21 c22 c23 c24 c25 c26 c27 c28 c29
    d00 d01 d02 d03 d04 d05 d06 d07 d08 d09 d10 d11 d12 d13 d14 d15 d16 d17 d18 d19 d20 d21 d22 d23 d24 d25 d26 d27 d28 d29
}

#[test]
fn a_row_may_have_many_columns() {
    assert_eq!((Wide::COUNT, names::<Wide>().len()), (120, 120));
}
