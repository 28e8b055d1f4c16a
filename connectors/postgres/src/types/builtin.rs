//! The types that every server has, under the same numbers.

/// A built-in type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// A base type of this name.
    Plain(&'static str),
    /// An array of this type.
    Array(u32),
    /// A range with bounds of this type.
    Range(u32),
    /// A multirange with bounds of this type.
    Multirange(u32),
}

/// The only type whose arrays are not written with commas.
const BOX: u32 = 603;

/// What separates elements of this type in the text of an array.
pub(super) fn delimiter(element: u32) -> u8 {
    if element == BOX { b';' } else { b',' }
}

/// The built-in type of this number.
pub(super) fn find(oid: u32) -> Option<Found> {
    for &(plain, array, name) in PLAIN {
        if plain == oid {
            return Some(Found::Plain(name));
        }
        if array == oid && oid != 0 {
            return Some(Found::Array(plain));
        }
    }
    for &[range, array, multirange, multirange_array, bound] in RANGES {
        if range == oid {
            return Some(Found::Range(bound));
        }
        if multirange == oid {
            return Some(Found::Multirange(bound));
        }
        if array == oid {
            return Some(Found::Array(range));
        }
        if multirange_array == oid {
            return Some(Found::Array(multirange));
        }
    }
    None
}

/// The numbers of a type and of its array, and its name: as `pg_type` has it, but for the quotes of `"char"`.
const PLAIN: &[(u32, u32, &str)] = &[
    (16, 1000, "bool"),
    (17, 1001, "bytea"),
    (18, 1002, "\"char\""),
    (19, 1003, "name"),
    (20, 1016, "int8"),
    (21, 1005, "int2"),
    (23, 1007, "int4"),
    (24, 1008, "regproc"),
    (25, 1009, "text"),
    (26, 1028, "oid"),
    (27, 1010, "tid"),
    (28, 1011, "xid"),
    (29, 1012, "cid"),
    (114, 199, "json"),
    (142, 143, "xml"),
    (600, 1017, "point"),
    (601, 1018, "lseg"),
    (602, 1019, "path"),
    (603, 1020, "box"),
    (604, 1027, "polygon"),
    (628, 629, "line"),
    (650, 651, "cidr"),
    (700, 1021, "float4"),
    (701, 1022, "float8"),
    (718, 719, "circle"),
    (774, 775, "macaddr8"),
    (790, 791, "money"),
    (829, 1040, "macaddr"),
    (869, 1041, "inet"),
    (1033, 1034, "aclitem"),
    (1042, 1014, "bpchar"),
    (1043, 1015, "varchar"),
    (1082, 1182, "date"),
    (1083, 1183, "time"),
    (1114, 1115, "timestamp"),
    (1184, 1185, "timestamptz"),
    (1186, 1187, "interval"),
    (1266, 1270, "timetz"),
    (1560, 1561, "bit"),
    (1562, 1563, "varbit"),
    (1700, 1231, "numeric"),
    (1790, 2201, "refcursor"),
    (2202, 2207, "regprocedure"),
    (2203, 2208, "regoper"),
    (2204, 2209, "regoperator"),
    (2205, 2210, "regclass"),
    (2206, 2211, "regtype"),
    (2950, 2951, "uuid"),
    (2970, 2949, "txid_snapshot"),
    (3220, 3221, "pg_lsn"),
    (3614, 3643, "tsvector"),
    (3615, 3645, "tsquery"),
    (3642, 3644, "gtsvector"),
    (3734, 3735, "regconfig"),
    (3769, 3770, "regdictionary"),
    (3802, 3807, "jsonb"),
    (4072, 4073, "jsonpath"),
    (4089, 4090, "regnamespace"),
    (4096, 4097, "regrole"),
    (4191, 4192, "regcollation"),
    (5038, 5039, "pg_snapshot"),
    (5069, 271, "xid8"),
    // These two look like arrays to the catalog, and are written as words.
    (22, 1006, "int2vector"),
    (30, 1013, "oidvector"),
];

/// The numbers of a range, of its array, of its multirange, of that one's array, and of the type of its bounds.
const RANGES: &[[u32; 5]] = &[
    [3904, 3905, 4451, 6150, 23],
    [3906, 3907, 4532, 6151, 1700],
    [3908, 3909, 4533, 6152, 1114],
    [3910, 3911, 4534, 6153, 1184],
    [3912, 3913, 4535, 6155, 1082],
    [3926, 3927, 4536, 6157, 20],
];
