//! Edge values: both forms give the same, and what is expected.

use connector_postgres::types::{PostgresType, TypeOptions};

use crate::read::{column, decoder};
use crate::{CLUSTER, TYPES};

/// A type, and its values in SQL with what they become: JSON, or `!` and the reason why they do not fit.
type Edges = (&'static str, &'static [(&'static str, &'static str)]);

const INFINITE: &str = "!an infinity, which is no point in time";

const EDGES: &[Edges] = &[
    (
        "bool",
        &[("true", "true"), ("false", "false"), ("null", "null")],
    ),
    (
        "int2",
        &[("-32768", "-32768"), ("32767", "32767"), ("0", "0")],
    ),
    (
        "int4",
        &[("-2147483648", "-2147483648"), ("2147483647", "2147483647")],
    ),
    (
        "int8",
        &[
            ("-9223372036854775808", "-9223372036854775808"),
            ("9223372036854775807", "9223372036854775807"),
        ],
    ),
    (
        "float4",
        &[
            ("0.1", "0.10000000149011612"),
            ("'nan'", "\"NaN\""),
            ("'-inf'", "\"-Infinity\""),
            ("3.4028235e38", "3.4028234663852886e+38"),
            ("'-0'", "-0.0"),
            ("1e-45", "1.401298464324817e-45"),
        ],
    ),
    (
        "float8",
        &[
            ("0.1", "0.1"),
            ("'nan'", "\"NaN\""),
            ("'inf'", "\"Infinity\""),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
            ("'5e-324'", "5e-324"),
            ("'-0'", "-0.0"),
            ("null", "null"),
        ],
    ),
    (
        "numeric",
        &[
            ("0", "\"0\""),
            ("0.000", "\"0.000\""),
            ("-1.50", "\"-1.50\""),
            ("1e20", "\"100000000000000000000\""),
            (
                "12345678901234567890123456789012345678.9",
                "\"12345678901234567890123456789012345678.9\"",
            ),
            ("0.00001234", "\"0.00001234\""),
            ("100000000", "\"100000000\""),
            ("9999.9999", "\"9999.9999\""),
            ("'nan'", "!not a finite number"),
            ("'inf'", "!not a finite number"),
            ("'-inf'", "!not a finite number"),
        ],
    ),
    (
        "numeric(10,2)",
        &[
            ("-99999999.99", "\"-99999999.99\""),
            ("0", "\"0.00\""),
            ("'nan'", "!not a finite number"),
            ("null", "null"),
        ],
    ),
    (
        "numeric(5,-3)",
        &[("12345678", "\"12346000\""), ("-99999000", "\"-99999000\"")],
    ),
    (
        "numeric(2,5)",
        &[("0.00099", "\"0.00099\""), ("-0.00001", "\"-0.00001\"")],
    ),
    (
        "numeric(76,20)",
        &[(
            "99999999999999999999999999999999999999999999999999999999.99999999999999999999",
            "\"99999999999999999999999999999999999999999999999999999999.99999999999999999999\"",
        )],
    ),
    (
        "numeric(1000,500)",
        &[("1", "…"), ("1e499", "…"), ("-1e-500", "…")],
    ),
    ("numeric(3,100)", &[("1e-98", "…")]),
    (
        "text",
        &[
            ("''", "\"\""),
            ("E'a\\tb\\nc\\\\d'", "\"a\\tb\\nc\\\\d\""),
            ("'æ🦀'", "\"æ🦀\""),
            ("'\\N'", "\"\\\\N\""),
        ],
    ),
    ("varchar(5)", &[("'ab  '", "\"ab  \"")]),
    (
        "char(5)",
        &[("'ab'", "\"ab\""), ("''", "\"\""), ("' a b '", "\" a b\"")],
    ),
    (
        "\"char\"",
        &[
            ("'a'", "\"a\""),
            ("''", "\"\""),
            ("(-1)::int::\"char\"", "\"\\\\377\""),
        ],
    ),
    ("name", &[("'Some Name'", "\"Some Name\"")]),
    ("citext", &[("'MiXed'", "\"MiXed\"")]),
    (
        "uuid",
        &[
            (
                "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'",
                "\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"",
            ),
            (
                "'00000000-0000-0000-0000-000000000000'",
                "\"00000000-0000-0000-0000-000000000000\"",
            ),
        ],
    ),
    (
        "bytea",
        &[
            ("''", "\"\""),
            ("'\\x00ff10'", "\"AP8Q\""),
            (
                "(SELECT string_agg(decode(lpad(to_hex(g), 2, '0'), 'hex'), '' ORDER BY g) FROM generate_series(0, 255) g)",
                "…",
            ),
        ],
    ),
    (
        "date",
        &[
            ("'4713-01-01 BC'", "\"-4712-01-01\""),
            ("'0001-12-31 BC'", "\"0000-12-31\""),
            ("'2024-02-29'", "\"2024-02-29\""),
            ("'5874897-12-31'", "\"+5874897-12-31\""),
            ("'infinity'", INFINITE),
            ("'-infinity'", INFINITE),
        ],
    ),
    (
        "time",
        &[
            ("'00:00'", "\"PT0S\""),
            ("'24:00'", "\"PT24H\""),
            ("'23:59:59.999999'", "\"PT23H59M59.999999S\""),
        ],
    ),
    (
        "timetz",
        &[
            ("'24:00:00-08'", "\"24:00:00-08\""),
            ("'12:34:56.70+05:30:15'", "\"12:34:56.7+05:30:15\""),
            ("'00:00+00'", "\"00:00:00+00\""),
            ("'01:02:03-15:59'", "\"01:02:03-15:59\""),
        ],
    ),
    (
        "timestamp",
        &[
            ("'4713-01-01 00:00:00 BC'", "\"-4712-01-01T00:00:00Z\""),
            (
                "'2024-02-29 23:59:59.999999'",
                "\"2024-02-29T23:59:59.999999Z\"",
            ),
            (
                "'294276-12-31 23:59:59.999999'",
                "!out of range for a 64-bit timestamp in microseconds",
            ),
            (
                "'294246-12-31 23:59:59.999999'",
                "\"+294246-12-31T23:59:59.999999Z\"",
            ),
            ("'infinity'", INFINITE),
            ("'-infinity'", INFINITE),
        ],
    ),
    (
        "timestamptz",
        &[
            ("'1969-12-31 23:59:59.5+00'", "\"1969-12-31T23:59:59.5Z\""),
            ("'2024-02-29 23:00-05:30'", "\"2024-03-01T04:30:00Z\""),
            ("'0044-03-15 12:00+00 BC'", "\"-0043-03-15T12:00:00Z\""),
            ("'infinity'", INFINITE),
            ("null", "null"),
        ],
    ),
    (
        "interval",
        &[
            (
                "'1 year 2 mons -3 days 04:05:06.7'",
                "\"P1Y2M-3DT4H5M6.7S\"",
            ),
            ("'0'", "\"PT0S\""),
            ("'-0.5 sec'", "\"PT-0.5S\""),
            (
                "'-1 year -2 mons +3 days -04:05:06.000007'",
                "\"P-1Y-2M3DT-4H-5M-6.000007S\"",
            ),
            ("'178000000 years'", "\"P178000000Y\""),
            ("'1 day -00:00:00.000001'", "\"P1DT-0.000001S\""),
        ],
    ),
    (
        "json",
        &[(
            "'{\"a\" : [1, 2.50, \"\\u0000 æ\"]}'",
            "{\"a\" : [1, 2.50, \"\\u0000 æ\"]}",
        )],
    ),
    (
        "jsonb",
        &[
            ("'{\"b\":1,\"a\": \"æ\\n\"}'", "{\"a\": \"æ\\n\", \"b\": 1}"),
            ("'null'", "null"),
        ],
    ),
    (
        "jsonpath",
        &[("'$.a[*] ? (@ > 1)'", "\"$.\\\"a\\\"[*]?(@ > 1)\"")],
    ),
    (
        "xml",
        &[
            ("'<a>æ</a>'", "\"<a>æ</a>\""),
            (
                "XMLPARSE(DOCUMENT '<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><a/>')",
                "\"<?xml version=\\\"1.0\\\" standalone=\\\"yes\\\"?><a/>\"",
            ),
        ],
    ),
    (
        "point",
        &[("'(1.5,-2)'", "[1.5,-2]"), ("'(1e300,-0)'", "[1e300,-0]")],
    ),
    (
        "line",
        &[("'{1,-2,3}'", "{\"a\":1.0,\"b\":-2.0,\"c\":3.0}")],
    ),
    ("lseg", &[("'[(0,1),(2,3)]'", "[[0.0,1.0],[2.0,3.0]]")]),
    ("box", &[("'(0,1),(2,3)'", "[[2.0,3.0],[0.0,1.0]]")]),
    (
        "path",
        &[
            (
                "'[(0,1),(2,3)]'",
                "{\"closed\":false,\"points\":[[0.0,1.0],[2.0,3.0]]}",
            ),
            (
                "'((0,1),(2,3))'",
                "{\"closed\":true,\"points\":[[0.0,1.0],[2.0,3.0]]}",
            ),
        ],
    ),
    (
        "polygon",
        &[(
            "'((0,1),(2,nan),(inf,3))'",
            "[[0.0,1.0],[2.0,\"NaN\"],[\"Infinity\",3.0]]",
        )],
    ),
    (
        "circle",
        &[("'<(0,1),2>'", "{\"center\":[0.0,1.0],\"radius\":2.0}")],
    ),
    ("bit(10)", &[("B'1010101011'", "\"1010101011\"")]),
    ("varbit", &[("''", "\"\""), ("B'101'", "\"101\"")]),
    (
        "inet",
        &[
            ("'::ffff:1.2.3.4'", "\"::ffff:1.2.3.4\""),
            ("'::1:2'", "\"::0.1.0.2\""),
            ("'::102'", "\"::102\""),
            ("'1::'", "\"1::\""),
            ("'::'", "\"::\""),
            ("'2001:db8:0:0:1:0:0:1/64'", "\"2001:db8::1:0:0:1/64\""),
            ("'1.2.3.4/24'", "\"1.2.3.4/24\""),
            ("'1.2.3.4'", "\"1.2.3.4\""),
        ],
    ),
    (
        "cidr",
        &[
            ("'10.0.0.0/8'", "\"10.0.0.0/8\""),
            ("'::/0'", "\"::/0\""),
            ("'1.2.3.4'", "\"1.2.3.4/32\""),
        ],
    ),
    (
        "macaddr",
        &[("'08:00:2b:01:02:ff'", "\"08:00:2b:01:02:ff\"")],
    ),
    (
        "macaddr8",
        &[("'08:00:2b:01:02:03:04:ff'", "\"08:00:2b:01:02:03:04:ff\"")],
    ),
    (
        "money",
        &[
            ("'-92233720368547758.08'", "\"-92233720368547758.08\""),
            ("'1234567.89'", "\"1234567.89\""),
            ("'-0.05'", "\"-0.05\""),
            ("'0'", "\"0.00\""),
        ],
    ),
    (
        "tsvector",
        &[
            (
                "$$'a b':1A,2B,3C,4 'c\\\\d' 'it''s':16383$$",
                "\"'a b':1A,2B,3C,4 'c\\\\\\\\d' 'it''s':16383\"",
            ),
            ("''", "\"\""),
        ],
    ),
    ("oid", &[("4294967295", "4294967295")]),
    (
        "xid8",
        &[("'18446744073709551615'", "18446744073709551615")],
    ),
    ("tid", &[("'(4294967295,65535)'", "\"(4294967295,65535)\"")]),
    (
        "pg_lsn",
        &[("'16/B374D848'", "\"16/B374D848\""), ("'0/0'", "\"0/0\"")],
    ),
    (
        "pg_snapshot",
        &[
            ("'10:20:10,14,15'", "\"10:20:10,14,15\""),
            ("'10:20:'", "\"10:20:\""),
        ],
    ),
    ("mood", &[("'so so'", "\"so so\"")]),
    ("price", &[("1.5", "\"1.500\"")]),
    (
        "hstore",
        &[
            (
                "'a=>1, \"b \\\"q\\\\\\\\\"=>NULL, c=>\"\"'",
                "{\"a\":\"1\",\"c\":\"\",\"b \\\"q\\\\\\\\\":null}",
            ),
            ("''", "{}"),
        ],
    ),
    (
        "ltree",
        &[("'Top.Science'", "\"Top.Science\""), ("''", "\"\"")],
    ),
    (
        "int4[]",
        &[
            ("'{}'", "[]"),
            ("'{1,NULL,-3}'", "[1,null,-3]"),
            ("'[0:1][2:3]={{1,2},{3,4}}'", "[[1,2],[3,4]]"),
            ("'[5:5]={7}'", "[7]"),
        ],
    ),
    (
        "text[]",
        &[
            (
                "ARRAY['', 'NULL', NULL, 'a\"b\\c', '{x,y}', ' z ', 'æ']",
                "[\"\",\"NULL\",null,\"a\\\"b\\\\c\",\"{x,y}\",\" z \",\"æ\"]",
            ),
            ("'{{{a}},{{b}}}'", "[[[\"a\"]],[[\"b\"]]]"),
        ],
    ),
    (
        "numeric(6,2)[]",
        &[
            ("'{1.5,NULL}'", "[\"1.50\",null]"),
            ("'{nan}'", "!not a finite number"),
        ],
    ),
    (
        "float8[]",
        &[("'{nan,-inf,0.5}'", "[\"NaN\",\"-Infinity\",0.5]")],
    ),
    (
        "box[]",
        &[(
            "'{(1,2),(0,0);(3,4),(1,1)}'",
            "[[[1.0,2.0],[0.0,0.0]],[[3.0,4.0],[1.0,1.0]]]",
        )],
    ),
    (
        "bytea[]",
        &[("ARRAY['\\x00ff10'::bytea, '']", "[\"AP8Q\",\"\"]")],
    ),
    (
        "timestamptz[]",
        &[
            ("'{2024-01-01 00:00+00}'", "[\"2024-01-01T00:00:00Z\"]"),
            ("'{infinity}'", INFINITE),
        ],
    ),
    (
        "jsonb[]",
        &[("ARRAY['{\"a\":[1]}'::jsonb]", "[{\"a\": [1]}]")],
    ),
    ("mood[]", &[("'{ok,\"so so\"}'", "[\"ok\",\"so so\"]")]),
    ("tags", &[("'{a,b}'", "[\"a\",\"b\"]")]),
    (
        "pair",
        &[
            ("ROW(1, NULL)", "{\"number\":1,\"the word\":null}"),
            ("ROW(NULL, '')", "{\"number\":null,\"the word\":\"\"}"),
            (
                "ROW(2, 'a\"b\\c, (d)')",
                "{\"number\":2,\"the word\":\"a\\\"b\\\\c, (d)\"}",
            ),
        ],
    ),
    (
        "deep",
        &[(
            "ROW(ARRAY[ROW(1, 'x y'), ROW(NULL, '{\"q\"}')]::pair[], '2024-01-01 00:00+00', 2, '{a}')",
            "{\"pairs\":[{\"number\":1,\"the word\":\"x y\"},{\"number\":null,\"the word\":\"{\\\"q\\\"}\"}],\"at\":\"2024-01-01T00:00:00Z\",\"price\":\"2.000\",\"tags\":[\"a\"]}",
        )],
    ),
    (
        "int4range",
        &[
            ("'[1,5)'", "{\"lower\":1,\"upper\":5,\"bounds\":\"[)\"}"),
            (
                "'empty'",
                "{\"lower\":null,\"upper\":null,\"bounds\":\"empty\"}",
            ),
            ("'(,)'", "{\"lower\":null,\"upper\":null,\"bounds\":\"()\"}"),
        ],
    ),
    (
        "tstzrange",
        &[(
            "'(2024-01-01 00:00+00,]'",
            "{\"lower\":\"2024-01-01T00:00:00Z\",\"upper\":null,\"bounds\":\"()\"}",
        )],
    ),
    (
        "floats",
        &[(
            "'(0.5,2]'",
            "{\"lower\":0.5,\"upper\":2.0,\"bounds\":\"(]\"}",
        )],
    ),
    (
        "words",
        &[(
            "words('', 'a\"b\\c,)]', '[]')",
            "{\"lower\":\"\",\"upper\":\"a\\\"b\\\\c,)]\",\"bounds\":\"[]\"}",
        )],
    ),
    (
        "int4multirange",
        &[
            ("'{}'", "[]"),
            (
                "'{[1,3),[5,)}'",
                "[{\"lower\":1,\"upper\":3,\"bounds\":\"[)\"},{\"lower\":5,\"upper\":null,\"bounds\":\"[)\"}]",
            ),
        ],
    ),
    (
        "int4range[]",
        &[(
            "ARRAY['[1,5)'::int4range, NULL]",
            "[{\"lower\":1,\"upper\":5,\"bounds\":\"[)\"},null]",
        )],
    ),
];

#[test]
fn edge_values_are_the_same_in_both_forms() {
    let mut connection = CLUSTER.database("edges");
    connection.execute(TYPES).unwrap();
    let mut wrong = Vec::new();
    for (declared, edges) in EDGES {
        let decoder = decoder(&mut connection, declared, TypeOptions::default()).unwrap();
        assert!(decoder.has_binary_form(), "{declared}");
        for (sql, expected) in *edges {
            let query = format!("SELECT ({sql})::{declared}");
            let text = column(&mut connection, &decoder, &query, false);
            let binary = column(&mut connection, &decoder, &query, true);
            assert_eq!(text, binary, "{declared}: {sql}");
            let told = match &text[0] {
                Ok(json) => json.clone(),
                Err(misfit) => format!("!{misfit}"),
            };
            if *expected != "…" && told != *expected {
                wrong.push(format!("{declared}: {sql}\n  {told}\n  {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Types with an expression over the number `g` that gives a value of each.
const MANY: &[(&str, &str)] = &[
    (
        "numeric",
        "(random() - 0.5)::numeric * power(10::numeric, (g % 60) - 30)",
    ),
    (
        "numeric",
        "round((random() * 1e15)::numeric * power(10::numeric, g % 90 - 20), g % 50)",
    ),
    ("numeric(30,10)", "((random() - 0.5) * 1e18)::numeric"),
    (
        "numeric(60,30)",
        "((random() - 0.5) * 1e18)::numeric * 1e8 / 7",
    ),
    ("float4", "(random() - 0.5) * power(10, g % 70 - 35)"),
    (
        "float8",
        "(random() - 0.5) * power(10::float8, g % 600 - 300)",
    ),
    ("date", "date '2000-01-01' + (g * 7919 % 2000000 - 700000)"),
    (
        "timestamptz",
        "timestamptz '2000-01-01' + (random() - 0.4) * interval '5000 years'",
    ),
    (
        "timetz",
        "('00:00'::time + random() * interval '1 day') AT TIME ZONE make_interval(mins => g % 900)",
    ),
    (
        "interval",
        "make_interval(g % 50 - 25, g % 23 - 11, 0, g % 61 - 30, g % 100 - 50, 0, random() * 1000 - 500)",
    ),
    ("inet", "'::'::inet + (g::int8 * 2654435761)"),
    (
        "inet",
        "host(set_masklen('2001:db8::'::inet + (g::int8 << (g % 30)), g % 129))::inet",
    ),
    (
        "cidr",
        "network(set_masklen('0.0.0.0'::inet + (g::int8 * 104729), g % 33))",
    ),
    ("bytea", "decode(md5(g::text), 'hex')"),
    (
        "text[]",
        "ARRAY[chr(g % 120 + 1), repeat('\\', g % 4), repeat('\"', g % 3), NULL]",
    ),
    ("money", "((random() - 0.5) * 1e14)::numeric::money"),
    (
        "circle",
        "circle(point(random() * 1e10, random()), random())",
    ),
    (
        "tsvector",
        "to_tsvector('simple', md5(g::text) || ' it''s a ' || md5(g::text))",
    ),
    ("uuid", "md5(g::text)::uuid"),
];

#[test]
fn many_values_are_the_same_in_both_forms() {
    let mut connection = CLUSTER.database("many");
    for (declared, sql) in MANY {
        let decoder = decoder(&mut connection, declared, TypeOptions::default()).unwrap();
        let insert = format!("INSERT INTO one SELECT {sql} FROM generate_series(1, 2000) g");
        connection
            .execute(&insert)
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
        let text = column(&mut connection, &decoder, "SELECT v FROM one", false);
        let binary = column(&mut connection, &decoder, "SELECT v FROM one", true);
        assert_eq!(text.len(), 2000, "{declared}");
        for (text, binary) in text.iter().zip(&binary) {
            assert!(text.is_ok(), "{declared}: {text:?}");
            assert_eq!(text, binary, "{declared}: {sql}");
        }
    }
}

#[test]
fn other_styles_of_the_session_give_the_same_values() {
    let mut connection = CLUSTER.database("styles");
    for (declared, setting, sql) in [
        ("bytea", "bytea_output = 'escape'", "'\\x005c27ff41'"),
        (
            "interval",
            "IntervalStyle = 'iso_8601'",
            "'1 year -2 days 03:04:05.5'",
        ),
    ] {
        let decoder = decoder(&mut connection, declared, TypeOptions::default()).unwrap();
        connection.execute(&format!("SET {setting}")).unwrap();
        let query = format!("SELECT ({sql})::{declared}");
        let text = column(&mut connection, &decoder, &query, false);
        assert_eq!(text, column(&mut connection, &decoder, &query, true));
        assert!(text[0].is_ok());
    }
}

#[test]
fn numerics_as_text_hold_what_no_decimal_does() {
    let mut connection = CLUSTER.database("as_text");
    let options = TypeOptions {
        numeric_as_text: true,
    };
    let decoder = decoder(&mut connection, "numeric(10,2)", options).unwrap();
    for value in ["NaN", "Infinity", "-Infinity", "1.50", "-0.001"] {
        let query = format!("SELECT '{value}'::numeric");
        for binary in [false, true] {
            let read = column(&mut connection, &decoder, &query, binary);
            assert_eq!(read, [Ok(format!("\"{value}\""))]);
        }
    }
}

#[test]
fn types_without_a_documented_binary_form_are_read_as_text() {
    let mut connection = CLUSTER.database("text_forms");
    for (declared, sql, expected) in [
        ("regclass", "'pg_class'", "\"pg_class\""),
        (
            "tsquery",
            "'fat & (rat | !cat)'",
            "\"'fat' & ( 'rat' | !'cat' )\"",
        ),
        (
            "aclitem",
            "'postgres=r/postgres'",
            "\"postgres=r/postgres\"",
        ),
        ("int2vector", "'1 2'", "\"1 2\""),
        ("regtype[]", "'{integer,text}'", "[\"integer\",\"text\"]"),
    ] {
        let decoder = decoder(&mut connection, declared, TypeOptions::default()).unwrap();
        assert!(!decoder.has_binary_form(), "{declared}");
        let query = format!("SELECT ({sql})::{declared}");
        let read = column(&mut connection, &decoder, &query, false);
        assert_eq!(read, [Ok(expected.to_owned())], "{declared}");
    }
}

#[test]
fn a_domain_is_its_base_type() {
    let mut connection = CLUSTER.database("domains");
    connection.execute(TYPES).unwrap();
    let decoder = decoder(&mut connection, "price", TypeOptions::default()).unwrap();
    assert!(matches!(
        decoder.postgres_type(),
        PostgresType::SizedNumeric { .. }
    ));
    assert_eq!(decoder.field_type().to_string(), "Decimal(8, 3)");
}
