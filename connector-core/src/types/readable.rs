//! Which columns a field can be read from.

use super::FieldType;

/// Whether values of a column of type `found` can be read into a field of type `wanted`; each value is still checked.
///
/// Asked of a live table when typed rows are opened, and of a lock file when the row struct is compiled.
pub const fn readable(wanted: FieldType, found: FieldType) -> bool {
    use FieldType as T;
    matches!(
        (wanted, found),
        (
            T::UInt | T::U128 | T::Int | T::Int8 | T::I128,
            T::UInt | T::U128 | T::Int | T::Int8 | T::I128,
        ) | (T::String | T::Text | T::Json, T::String | T::Text | T::Json)
            | (T::Float, T::Float)
            | (T::Boolean, T::Boolean)
            | (T::Binary, T::Binary)
            | (T::Decimal(_), T::Decimal(_))
            | (T::Timestamp(_), T::Timestamp(_))
            | (T::Date, T::Date)
            | (T::Point, T::Point)
            | (T::Duration(_), T::Duration(_))
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{DecimalSize, TimeUnit};

    #[test]
    fn a_type_reads_itself_in_any_size_and_unit() {
        for field_type in FieldType::ALL {
            assert!(readable(field_type, field_type), "{field_type}");
        }
        let sized = FieldType::Decimal(DecimalSize::new(10, 2));
        assert!(readable(FieldType::DECIMAL, sized));
        let seconds = FieldType::Timestamp(TimeUnit::Second);
        assert!(readable(FieldType::TIMESTAMP, seconds));
    }

    /// The derive compares these by name alone.
    #[test]
    fn the_built_in_types_hold_the_columns_of_their_kind() {
        use crate::ColumnValue;
        for (held, found) in [
            (u64::FIELD_TYPE, FieldType::UInt),
            (u128::FIELD_TYPE, FieldType::U128),
            (i64::FIELD_TYPE, FieldType::Int),
            (i8::FIELD_TYPE, FieldType::Int8),
            (i128::FIELD_TYPE, FieldType::I128),
            (f64::FIELD_TYPE, FieldType::Float),
            (bool::FIELD_TYPE, FieldType::Boolean),
            (String::FIELD_TYPE, FieldType::String),
            (String::FIELD_TYPE, FieldType::Text),
        ] {
            assert!(readable(held, found), "{found}");
        }
    }

    #[test]
    fn integers_read_integers_and_texts_read_texts() {
        let pairs = FieldType::ALL.into_iter().flat_map(|wanted| {
            let others = FieldType::ALL
                .into_iter()
                .filter(move |found| *found != wanted && readable(wanted, *found));
            others.map(move |found| (wanted, found))
        });
        // Five integers and three texts, each pair in both directions, and nothing else.
        assert_eq!(pairs.count(), 5 * 4 + 3 * 2);
        assert!(readable(FieldType::Int8, FieldType::U128));
        assert!(readable(FieldType::String, FieldType::Json));
    }
}
