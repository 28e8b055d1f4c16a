//! The one table of Postgres' types: what they are called, what they become, and how a value gets there.

use connector_core::prelude::*;

use super::casts::{
    bytes, geometry, identifier, interval, network, number, numeric, search, text, time,
};
use super::nested;
use super::size::{Precision, Scale};
use super::value::PgValue;

/// Postgres' types.
///
/// Two rules for what has no field type of its own: what is made of other values becomes `Json`, what is one word becomes
/// `String`, as Postgres prints it. In `Json`, parts are written as Dozer writes them everywhere: integers as numbers, decimals
/// and times as strings, bytes in base64.
///
/// A type of an extension, or of a user, is resolved from the catalog: see [`TypeCatalog`](super::TypeCatalog).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ColumnTypes)]
#[column_types(raw = PgValue<'_>, source = crate::Postgres)]
pub enum PostgresType {
    /// Truth values.
    #[column_type("boolean", "bool", field = Boolean, cast = number::boolean)]
    Boolean,
    /// Integers of 16 bits.
    #[column_type("smallint", "int2", field = Int, cast = number::int2)]
    SmallInt,
    /// Integers of 32 bits.
    #[column_type("integer", "int4", field = Int, cast = number::int4)]
    Integer,
    /// Integers of 64 bits.
    #[column_type("bigint", "int8", field = Int, cast = number::int8)]
    BigInt,
    /// Floats of 32 bits, exactly: 0.1 becomes 0.10000000149011612, as in Postgres' own cast to `double precision`.
    #[column_type("real", "float4", field = Float, cast = number::float4)]
    Real,
    /// Floats of 64 bits, with NaN and the infinities.
    #[column_type("double precision", "float8", field = Float, cast = number::float8)]
    Double,
    /// Decimal numbers of at most 76 digits. NaN does not fit.
    #[column_type("numeric(p, s)", field = Decimal(p, s), cast = numeric::sized)]
    SizedNumeric {
        /// The number of digits.
        p: Precision,
        /// The number of digits behind the point; negative where so many digits before it are zero.
        s: Scale,
    },
    /// Decimal numbers of any length, with the zeros that Postgres keeps. NaN and the infinities do not fit.
    #[column_type("numeric", "numeric(..)", field = Decimal, cast = numeric::unlimited)]
    Numeric,
    /// Decimal numbers, NaN and the infinities as Postgres prints them: `numeric` columns where this is configured.
    #[column_type("numeric::text", field = String, cast = numeric::as_text)]
    NumericText,
    /// Amounts of money. How many decimals they have is what `lc_monetary` says in a new session of the role that reads them:
    /// mostly two.
    #[column_type("money", field = Decimal(19, 2), cast = identifier::money::<2>)]
    Money,
    /// Amounts of money where `lc_monetary` has no decimals, as for yen.
    #[column_type("money::0", field = Decimal(19, 0), cast = identifier::money::<0>)]
    MoneyWhole,
    /// Amounts of money where `lc_monetary` has three decimals, as for dinars.
    #[column_type("money::3", field = Decimal(19, 3), cast = identifier::money::<3>)]
    MoneyThousandths,
    /// Text.
    #[column_type("text", field = Text)]
    Text,
    /// Text of a stated length.
    #[column_type("character varying(n)", "character varying", "varchar(n)", "varchar", field = String)]
    Varchar {
        /// The stated length, in characters.
        n: Option<u32>,
    },
    /// Text of a fixed length. Blanks at the end only fill it and are taken away, as Postgres' own cast to `text` does.
    #[column_type("character(n)", "character", "bpchar", field = String, cast = text::blank_padded)]
    Character {
        /// The fixed length, in characters.
        n: Option<u32>,
    },
    /// One byte: as itself where it is ASCII, else in octal, `\377`; zero is an empty text.
    #[column_type("\"char\"", field = String, cast = text::byte)]
    Byte,
    /// Names of things in the database, and of cursors.
    #[column_type("name", "refcursor", field = String)]
    Name,
    /// Text that is compared without regard to case.
    #[column_type("citext", field = Text)]
    Citext,
    /// Labels of an enum.
    #[column_type("anyenum", field = String)]
    Enum,
    /// UUIDs in lower case with hyphens.
    #[column_type("uuid", field = String, cast = identifier::uuid)]
    Uuid,
    /// Bytes.
    #[column_type("bytea", field = Binary, cast = bytes::bytea)]
    Bytea,
    /// Bit strings, as zeros and ones.
    #[column_type("bit(_)", "bit varying(_)", "bit varying", "bit", "varbit", field = String, cast = bytes::bits)]
    Bits,
    /// Days. The infinities do not fit.
    #[column_type("date", field = Date, cast = time::date)]
    Date,
    /// Times of day, as the time since midnight; 24:00:00 is one.
    #[column_type(
        "time without time zone", "time(_) without time zone", "time", field = Duration(us), cast = time::time
    )]
    Time,
    /// Times of day with an offset from UTC, as Postgres prints them: `04:05:06.789-08`.
    #[column_type(
        "time with time zone", "time(_) with time zone", "timetz", field = String, cast = time::time_tz
    )]
    TimeTz,
    /// Days with a time, taken as UTC. The infinities do not fit.
    #[column_type(
        "timestamp without time zone", "timestamp(_) without time zone", "timestamp",
        field = Timestamp(us), cast = time::timestamp
    )]
    Timestamp,
    /// Instants. The infinities do not fit.
    #[column_type(
        "timestamp with time zone", "timestamp(_) with time zone", "timestamptz",
        field = Timestamp(us), cast = time::timestamp
    )]
    TimestampTz,
    /// Months, days and microseconds, as text in ISO 8601: `P1Y2M3DT4H5M6.7S`. A month has no fixed length, and a day none where
    /// the clocks change, so an interval is no `Duration`.
    #[column_type("interval", "interval(_)", field = String, cast = interval::interval)]
    Interval,
    /// JSON text as it was stored.
    #[column_type("json", field = Json, cast = text::json)]
    Json,
    /// JSON.
    #[column_type("jsonb", field = Json, cast = text::jsonb)]
    Jsonb,
    /// Paths into JSON.
    #[column_type("jsonpath", field = String, cast = text::json_path)]
    JsonPath,
    /// XML.
    #[column_type("xml", field = Text)]
    Xml,
    /// Points.
    #[column_type("point", field = Point, cast = geometry::point)]
    Point,
    /// Lines `a x + b y + c = 0`: `{"a":1,"b":-1,"c":0}`.
    #[column_type("line", field = Json, cast = geometry::line)]
    Line,
    /// Line segments: `[[0,0],[1,1]]`.
    #[column_type("lseg", field = Json, cast = geometry::segment)]
    Segment,
    /// Boxes, by their upper right and their lower left corner: `[[1,1],[0,0]]`.
    #[column_type("box", field = Json, cast = geometry::corners)]
    Box,
    /// Paths: `{"closed":false,"points":[[0,0],[1,1]]}`.
    #[column_type("path", field = Json, cast = geometry::path)]
    Path,
    /// Polygons, by their corners: `[[0,0],[1,0],[1,1]]`.
    #[column_type("polygon", field = Json, cast = geometry::polygon)]
    Polygon,
    /// Circles: `{"center":[0,0],"radius":1}`.
    #[column_type("circle", field = Json, cast = geometry::circle)]
    Circle,
    /// Addresses of hosts and of networks.
    #[column_type("inet", "cidr", field = String, cast = network::network)]
    Network,
    /// Hardware addresses of six bytes.
    #[column_type("macaddr", field = String, cast = network::hardware::<6>)]
    MacAddress,
    /// Hardware addresses of eight bytes.
    #[column_type("macaddr8", field = String, cast = network::hardware::<8>)]
    MacAddress8,
    /// Words of a document for text search.
    #[column_type("tsvector", field = Text, cast = search::words)]
    TsVector,
    /// Searches for words. Read in the text form.
    #[column_type("tsquery", field = Text, cast = text::text_only)]
    TsQuery,
    /// Numbers of things in the database, and of transactions and commands.
    #[column_type("oid", "xid", "cid", field = UInt, cast = number::uint4)]
    Oid,
    /// Numbers of transactions that never start over.
    #[column_type("xid8", field = UInt, cast = number::uint8)]
    Xid8,
    /// Places of rows: `(0,1)`.
    #[column_type("tid", field = String, cast = identifier::row_place)]
    RowPlace,
    /// Places in the log: `16/B374D848`.
    #[column_type("pg_lsn", field = String, cast = identifier::log_place)]
    LogPlace,
    /// Snapshots of transactions: `10:20:10,14,15`.
    #[column_type("pg_snapshot", "txid_snapshot", field = String, cast = identifier::snapshot)]
    Snapshot,
    /// Names of things that are stored as their number. Read in the text form, which names the schema only where the session's
    /// `search_path` does not lead there.
    #[column_type(
        "regclass", "regcollation", "regconfig", "regdictionary", "regnamespace", "regoper", "regoperator", "regproc",
        "regprocedure", "regrole", "regtype", field = String, cast = text::text_only
    )]
    Named,
    /// Keys and values: `{"key":"value","other":null}`.
    #[column_type("hstore", field = Json, cast = nested::hstore)]
    Hstore,
    /// Label trees, and patterns of them.
    #[column_type("ltree", "lquery", "ltxtquery", field = Text, cast = text::label_tree)]
    LabelTree,
    /// Arrays: JSON arrays of what their elements become, one within another for each dimension. Where the numbering starts is
    /// left out.
    #[column_type("anyarray", field = Json, cast = nested::array)]
    Array,
    /// Composites: JSON objects of what their fields become.
    #[column_type("record", field = Json, cast = nested::composite)]
    Composite,
    /// Ranges: `{"lower":1,"upper":5,"bounds":"[)"}`. An absent bound is null; the bounds of the empty range are `"empty"`.
    #[column_type("anyrange", field = Json, cast = nested::range)]
    Range,
    /// Multiranges: arrays of ranges.
    #[column_type("anymultirange", field = Json, cast = nested::multirange)]
    Multirange,
    /// Geometries of the extension `postgis`.
    #[column_type(
        "geometry",
        "geometry(..)",
        "geography",
        "geography(..)",
        "raster",
        unsupported = "no field type holds a geometry; select `ST_AsText(column)` or `ST_AsGeoJSON(column)` in a view instead"
    )]
    Geometry,
    /// Any other type, as Postgres prints it. Read in the text form.
    #[column_type(other, field = Text, cast = text::text_only)]
    Other,
}

impl PostgresType {
    /// Whether the binary form can be read, too. A table with a column where it cannot is read in the text form.
    pub const fn has_binary_form(self) -> bool {
        !matches!(self, Self::TsQuery | Self::Named | Self::Other)
    }

    /// About how many nanoseconds less a server spends on a value in binary form than in text; less than none where text is
    /// cheaper for it. What the server of version 15 took for `COPY` to nowhere, eight columns of 60,000 values.
    pub const fn binary_saves(self) -> i32 {
        match self {
            // Made of its parts, and printed, in either form: the binary one copies it once more.
            Self::Jsonb => -104,
            Self::Json => -12,
            Self::SizedNumeric { .. } | Self::Numeric | Self::NumericText => -11,
            Self::Boolean => -10,
            Self::SmallInt | Self::Integer | Self::BigInt | Self::Oid => -4,
            Self::Bytea => 17,
            Self::Date => 20,
            Self::Real | Self::Double => 25,
            Self::Array => 34,
            Self::Time | Self::TimeTz => 36,
            Self::Timestamp => 49,
            Self::Interval => 80,
            Self::TimestampTz | Self::Network => 87,
            Self::Point => 96,
            Self::Uuid => 113,
            // The same bytes in both: from about twenty on, the search for what is to be escaped costs more than their length.
            Self::Text | Self::Varchar { .. } | Self::Xml => 5,
            _ => 0,
        }
    }
}
