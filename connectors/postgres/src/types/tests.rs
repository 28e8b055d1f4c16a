//! The table and both wire forms, without a server.

use connector_core::{Column, ColumnTypes as _, FieldType, Misfit, Value};
use proptest::prelude::*;

use super::*;

#[test]
fn every_column_type_holds_at_its_boundaries() {
    connector_core::boundaries::check::<PostgresType>().unwrap();
}

#[test]
fn the_table_documents_itself() {
    let table = connector_core::boundaries::markdown::<PostgresType>();
    assert_eq!(table.lines().count(), PostgresType::ENTRIES.len() + 2);
    let interval = table.lines().find(|line| line.contains("`interval`"));
    assert!(interval.is_some_and(|line| line.contains("ISO 8601")));
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/TYPES.md");
    let written = format!(
        "# Types of Postgres\n\n<!-- Made of `src/types/table.rs`: `UPDATE_TYPES=1 cargo test -p connector-postgres --lib documents` -->\n\n{table}"
    );
    if std::env::var_os("UPDATE_TYPES").is_some() {
        std::fs::write(file, &written).unwrap();
    }
    assert!(
        std::fs::read_to_string(file).unwrap() == written,
        "TYPES.md is not what is declared"
    );
    // What a person reads of a type is not empty.
    assert!(
        PostgresType::ENTRIES
            .iter()
            .all(|entry| !entry.description.is_empty())
    );
}

#[test]
fn modifiers_decide_what_a_numeric_becomes() {
    let types = TypeCatalog::new(TypeOptions::default());
    let modifier = |precision: i32, scale: i32| (precision << 16 | scale & 0x7ff) + 4;
    for (modifier, expected) in [
        (-1, "Decimal"),
        (modifier(10, 2), "Decimal(10, 2)"),
        (modifier(5, -3), "Decimal(5, -3)"),
        (modifier(2, 5), "Decimal(2, 5)"),
        (modifier(76, 76), "Decimal(76, 76)"),
        (modifier(77, 0), "Decimal"),
        (modifier(1000, -1000), "Decimal"),
    ] {
        let found = types.resolve(1700, modifier).unwrap();
        assert_eq!(found.field_type().to_string(), expected);
    }
}

#[test]
fn what_is_not_supported_says_why() {
    let mut types = TypeCatalog::new(TypeOptions::default());
    let base = |oid, name: &str| TypeInfo {
        oid,
        name: name.to_owned(),
        kind: TypeKind::Base,
    };
    types.insert(base(20_000, "geometry"));
    types.insert(base(20_001, "isbn13"));
    let field = |name: &str, oid| TypeField {
        name: name.to_owned(),
        oid,
        modifier: -1,
    };
    let kind = TypeKind::Composite(vec![field("id", 23), field("shape", 20_000)]);
    types.insert(TypeInfo {
        oid: 20_002,
        name: "place".to_owned(),
        kind,
    });
    let reason = types.resolve(20_000, -1).unwrap_err();
    assert!(reason.contains("ST_AsText"), "{reason}");
    let reason = types.resolve(20_002, -1).unwrap_err();
    assert!(
        reason.starts_with("field `shape`: no field type"),
        "{reason}"
    );
    let reason = types.resolve(20_003, -1).unwrap_err();
    assert_eq!(
        reason,
        "the type with the oid 20003 is not in the catalog that was read"
    );
    let other = types.resolve(20_001, -1).unwrap();
    assert_eq!(other.field_type(), FieldType::Text);
    assert!(!other.has_binary_form());
}

#[test]
fn a_value_that_was_not_sent_is_never_a_value() {
    for entry in PostgresType::ENTRIES {
        let Some(typ) = entry
            .names
            .first()
            .and_then(|name| PostgresType::from_name(name))
        else {
            continue;
        };
        let Ok(field_type) = typ.field_type() else {
            continue;
        };
        let mut column = Column::new(field_type);
        match typ.cast()(&typ, PgValue::Unchanged, &mut column) {
            Ok(()) => assert!(column.is_unchanged(0), "{}", entry.variant),
            Err(misfit) => assert_eq!(misfit, Misfit::Unchanged, "{}", entry.variant),
        }
    }
}

/// Every type that can be cast: the plain ones by name, the others with parts of their own.
fn decoders() -> Vec<Decoder> {
    let types = TypeCatalog::new(TypeOptions::default());
    // Arrays of integers, times and boxes, and ranges of decimals.
    let nested = [1007, 1115, 1020, 3906, 4532, 3907];
    let nested = nested
        .into_iter()
        .map(|oid| types.resolve(oid, -1).unwrap());
    let names = PostgresType::ENTRIES.iter().flat_map(|entry| entry.names);
    let plain = names.filter_map(|name| PostgresType::from_name(name));
    let plain = plain.filter(|typ| typ.field_type().is_ok());
    plain.map(Decoder::plain).chain(nested).collect()
}

/// Digits as Postgres stores them.
fn numeric_as_binary(text: &str) -> Vec<u8> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = format!("{}{whole}", "0".repeat((4 - whole.len() % 4) % 4));
    let padded = format!("{fraction}{}", "0".repeat((4 - fraction.len() % 4) % 4));
    let mut weight = i16::try_from(whole.len() / 4).unwrap() - 1;
    let all = whole + &padded;
    let groups = all.as_bytes().chunks(4);
    let mut groups: Vec<u16> = groups
        .map(|group| std::str::from_utf8(group).unwrap().parse().unwrap())
        .collect();
    // Groups of zeros at either end are not stored.
    while groups.first() == Some(&0) {
        groups.remove(0);
        weight -= 1;
    }
    while groups.last() == Some(&0) {
        groups.pop();
    }
    let zero = groups.is_empty();
    let head = [
        u16::try_from(groups.len()).unwrap(),
        if zero { 0 } else { weight.cast_unsigned() },
        if negative && !zero { 0x4000 } else { 0 },
        u16::try_from(fraction.len()).unwrap(),
    ];
    head.iter()
        .chain(&groups)
        .flat_map(|number| number.to_be_bytes())
        .collect()
}

fn read(typ: PostgresType, raw: PgValue<'_>) -> Result<String, Misfit> {
    let decoder = Decoder::plain(typ);
    let mut column = Column::new(decoder.field_type());
    decoder.append(raw, &mut column)?;
    Ok(column.value(0).preview())
}

proptest! {
    #[test]
    fn any_bytes_are_a_value_or_a_misfit(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            prop::collection::vec(prop_oneof![Just(0), 0_u8..4, any::<u8>()], 0..40),
        ],
        text in "[-+(){}\\[\\]<>,:;.\"'\\\\ =0-9a-zNULP]{0,20}",
    ) {
        for decoder in decoders() {
            for raw in [PgValue::Binary(&bytes), PgValue::Text(&bytes), PgValue::Text(text.as_bytes())] {
                let mut column = Column::new(decoder.field_type());
                column.push_null();
                let result = decoder.append(raw, &mut column);
                prop_assert_eq!(column.len(), 1 + usize::from(result.is_ok()));
                if result.is_ok() {
                    prop_assert!(column.value(1) != Value::Null);
                }
            }
        }
    }

    #[test]
    fn numerics_of_any_length_are_the_same_in_both_forms(
        text in prop_oneof![
            "-?[1-9][0-9]{0,30}(\\.[0-9]{1,20})?",
            "-?0(\\.0{0,12}[0-9]{1,8})?",
            "-?[1-9][0-9]{0,900}(\\.[0-9]{1,100})?",
            "[1-9]0{0,40}(\\.0{1,9})?",
        ],
        p in 1_u16..=76,
        s in -20_i16..=40,
    ) {
        let sized = PostgresType::SizedNumeric {
            p: Precision::new(p).unwrap(),
            s: Scale::new(s).unwrap(),
        };
        let binary = numeric_as_binary(&text);
        for typ in [PostgresType::Numeric, sized] {
            let text = read(typ, PgValue::Text(text.as_bytes()));
            prop_assert_eq!(&text, &read(typ, PgValue::Binary(&binary)));
            prop_assert!(typ != PostgresType::Numeric || text.is_ok());
        }
    }

    #[test]
    fn a_short_number_is_what_its_cast_makes_of_it(
        text in prop_oneof!["-?[0-9]{0,19}(\\.[0-9]{0,8})?", "[-+.0-9e]{0,21}", "-?[0-9]{1,18}\\.[0-9]{1,3}"],
        (count, weight, sign, scale) in (0_u16..7, -4_i16..6, prop_oneof![0_u16..2, Just(0x4000), Just(0xC000)], 0_u16..40),
        groups in prop::collection::vec(prop_oneof![0_u16..10_000, Just(0), (0_u16..10).prop_map(|group| group * 1_000), any::<u16>()], 0..7),
        matching in prop::bool::weighted(0.9),
        p in 1_u16..=40,
        s in -4_i16..=20,
    ) {
        let typ = PostgresType::SizedNumeric {
            p: Precision::new(p).unwrap(),
            s: Scale::new(s).unwrap(),
        };
        let count = if matching { u16::try_from(groups.len()).unwrap() } else { count };
        let header = [count, weight.cast_unsigned(), sign, scale];
        let binary = header.iter().chain(&groups);
        let binary: Vec<u8> = binary.flat_map(|number| number.to_be_bytes()).collect();
        for raw in [PgValue::Text(text.as_bytes()), PgValue::Binary(&binary)] {
            let mut column = Column::new(typ.field_type().unwrap());
            let by_cast = typ.cast()(&typ, raw, &mut column);
            let by_cast = by_cast.map(|()| column.value(0).preview());
            prop_assert_eq!(read(typ, raw), by_cast, "{:?}", raw);
        }
    }
}
