//! Which types hold all that a column's type before held, in the same form.

/// A type that may be widened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Widening {
    /// An integer of so many bytes.
    Integer(u8),
    /// Text of at most so many characters.
    Varchar(Option<u32>),
    Text,
    /// A number of so many digits, of which so many are behind the point.
    Numeric(u32, i32),
}

/// What a modifier of a sized type counts besides the size.
const HEADER: i32 = 4;

impl Widening {
    /// By the numbers of the type and its modifier, as the catalog and the stream have them.
    pub(crate) fn of_numbers(type_oid: u32, modifier: i32) -> Option<Self> {
        let size = modifier.checked_sub(HEADER).filter(|size| *size >= 0);
        Some(match type_oid {
            21 => Self::Integer(2),
            23 => Self::Integer(4),
            20 => Self::Integer(8),
            1043 => Self::Varchar(size.and_then(|size| u32::try_from(size).ok())),
            25 => Self::Text,
            1700 => {
                let size = size?;
                let precision = u32::try_from(size >> 16).ok()?;
                // Eleven bits, with a sign since Postgres 15.
                Self::Numeric(precision, ((size & 0x7ff) ^ 0x400) - 0x400)
            }
            _ => return None,
        })
    }

    /// By the type's name, as the server prints it.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        let (base, sizes) = match name.split_once('(') {
            Some((base, sizes)) => (base, Some(sizes.strip_suffix(')')?)),
            None => (name, None),
        };
        Some(match (base, sizes) {
            ("smallint", None) => Self::Integer(2),
            ("integer", None) => Self::Integer(4),
            ("bigint", None) => Self::Integer(8),
            ("text", None) => Self::Text,
            ("character varying", None) => Self::Varchar(None),
            ("character varying", Some(size)) => Self::Varchar(Some(size.parse().ok()?)),
            ("numeric", Some(sizes)) => {
                let (precision, scale) = sizes.split_once(',')?;
                Self::Numeric(precision.parse().ok()?, scale.parse().ok()?)
            }
            _ => return None,
        })
    }

    /// Whether this type holds all values of the other, and writes them as that one does.
    pub(crate) fn holds(self, other: Self) -> bool {
        match (other, self) {
            (Self::Integer(old), Self::Integer(new)) => old <= new,
            (Self::Varchar(_), Self::Text | Self::Varchar(None)) | (Self::Text, Self::Text) => true,
            (Self::Varchar(Some(old)), Self::Varchar(Some(new))) => old <= new,
            // With more digits behind the point, the values that are there are written with more of them.
            (Self::Numeric(old, scale), Self::Numeric(new, same)) => old <= new && scale == same,
            _ => false,
        }
    }
}

/// Whether the type of this name holds all values of the other, and writes them as that one does.
pub(crate) fn widens(from: &str, to: &str) -> bool {
    match (Widening::of_name(from), Widening::of_name(to)) {
        (Some(from), Some(to)) => to.holds(from),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_widened_where_all_values_stay_and_are_written_as_before() {
        for (from, to, wider) in [
            ("integer", "bigint", true),
            ("smallint", "bigint", true),
            ("bigint", "integer", false),
            ("integer", "numeric(20,0)", false),
            ("real", "double precision", false),
            ("character varying(10)", "character varying(20)", true),
            ("character varying(20)", "character varying(10)", false),
            ("character varying(10)", "character varying", true),
            ("character varying", "text", true),
            ("text", "character varying(10)", false),
            ("character(10)", "text", false),
            ("numeric(10,2)", "numeric(12,2)", true),
            ("numeric(10,2)", "numeric(14,4)", false),
            ("numeric(10,2)", "numeric", false),
        ] {
            assert_eq!(widens(from, to), wider, "{from} to {to}");
        }
    }

    #[test]
    fn the_numbers_of_a_type_tell_what_its_name_tells() {
        for (oid, modifier, name) in [
            (23, -1, "integer"),
            (1043, 14, "character varying(10)"),
            (1043, -1, "character varying"),
            (1700, (12 << 16 | 2) + 4, "numeric(12,2)"),
            (1700, (3 << 16 | (-2 & 0x7ff)) + 4, "numeric(3,-2)"),
            (1700, -1, "numeric"),
            (16, -1, "boolean"),
        ] {
            let numbers = Widening::of_numbers(oid, modifier);
            assert_eq!(numbers, Widening::of_name(name), "{name}");
        }
    }
}
