use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::{error, from, tagged};
use crate::config::{ByteSize, ConfigPath, Ref, Spanned};

#[derive(Debug, PartialEq, Deserialize)]
struct Server {
    host: String,
    #[serde(default)]
    port: u16,
    #[serde(default)]
    mode: Mode,
    #[serde(default)]
    tls: Option<bool>,
    #[serde(default)]
    replicas: Vec<Server>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
enum Mode {
    #[default]
    Follow,
    Poll {
        seconds: u32,
    },
    Every(u32),
    Between(u8, u8),
}

fn server(yaml: &str) -> Server {
    from(yaml).unwrap()
}

#[test]
fn a_struct_is_read_with_its_defaults() {
    let expected = Server {
        host: "h".into(),
        port: 0,
        mode: Mode::Follow,
        tls: None,
        replicas: Vec::new(),
    };
    assert_eq!(server("host: h"), expected);
    assert_eq!(server("host: h\nreplicas:\ntls: ~\n"), expected);
}

#[test]
fn plain_numbers_and_booleans_are_text_where_text_is_asked_for() {
    for word in ["12", "1.10", "true", "no", "0x1f", "2024-01-01"] {
        assert_eq!(from::<String>(word).unwrap(), word);
    }
}

#[test]
fn variants_are_tags_or_plain_names() {
    assert_eq!(server("{host: h, mode: Follow}").mode, Mode::Follow);
    assert_eq!(server("{host: h, mode: !Follow }").mode, Mode::Follow);
    assert_eq!(
        server("host: h\nmode: !Poll\n  seconds: 3\n").mode,
        Mode::Poll { seconds: 3 }
    );
    assert_eq!(server("host: h\nmode: !Every 5\n").mode, Mode::Every(5));
    assert_eq!(
        server("host: h\nmode: !Between [1, 2]\n").mode,
        Mode::Between(1, 2)
    );
}

#[test]
fn numbers_of_every_width_are_read() {
    assert_eq!(
        from::<i128>("-170141183460469231731687303715884105728").unwrap(),
        i128::MIN
    );
    assert_eq!(
        from::<u128>("340282366920938463463374607431768211455").unwrap(),
        u128::MAX
    );
    assert_eq!(from::<i64>("-9223372036854775808").unwrap(), i64::MIN);
    assert_eq!(from::<f64>("3").unwrap().to_bits(), 3.0_f64.to_bits());
    let map: BTreeMap<u8, bool> = from("{1: true, 2: false}").unwrap();
    assert_eq!(map, BTreeMap::from([(1, true), (2, false)]));
}

#[test]
fn an_unknown_key_is_told_at_the_key_even_where_the_type_ignores_it() {
    assert_eq!(
        error::<Server>("host: h\nprot: 1\n"),
        "a.yaml:2:1: unknown key `prot`\nhelp: did you mean `port`?"
    );
    assert_eq!(
        error::<Server>("host: h\nreplicas:\n- host: i\n  password: x\n"),
        "a.yaml:4:3: replicas[0]: unknown key `password`\n\
         help: known: host, port, mode, tls, replicas"
    );
}

#[test]
fn all_unknown_keys_of_a_mapping_are_told_together() {
    assert_eq!(
        error::<Server>("hots: h\nprot: 1\n"),
        "a.yaml:1:1: unknown keys `hots`, `prot`\n\
         help: `hots`: did you mean `host`?; `prot`: did you mean `port`?"
    );
}

#[test]
fn a_missing_key_is_told_at_the_start_of_its_mapping() {
    assert_eq!(
        error::<Server>("host: h\nreplicas:\n- host: i\n- port: 1\n"),
        "a.yaml:4:3: replicas[1]: missing key `host`\nhelp: add `host: …` to this mapping"
    );
    assert_eq!(
        error::<Server>(""),
        "a.yaml:1:1: missing key `host`\nhelp: add `host: …` to this mapping"
    );
}

#[test]
fn a_wrong_type_says_what_was_found_and_what_is_expected() {
    let port = |value: &str| error::<Server>(&format!("host: h\nport: {value}\n"));
    let expected = "a.yaml:2:7: port: expected a whole number from 0 to 65535";
    assert_eq!(port("high"), format!("{expected}, found the text `high`"));
    assert_eq!(
        port("70000"),
        format!("{expected}, found the number `70000`")
    );
    assert_eq!(port("1.5"), format!("{expected}, found the number `1.5`"));
    assert_eq!(
        port("true"),
        format!("{expected}, found the boolean `true`")
    );
    assert_eq!(port("~"), format!("{expected}, found nothing"));
    assert_eq!(port("[1]"), format!("{expected}, found a list"));
    assert_eq!(port("{a: 1}"), format!("{expected}, found a mapping"));
    assert_eq!(
        port("'12'"),
        format!(
            "{expected}, found the text `12`\n\
             help: remove the quotes: text in quotes is never a number or a boolean"
        )
    );
    assert_eq!(
        error::<Server>("host: [a]"),
        "a.yaml:1:7: host: expected text, found a list"
    );
    assert_eq!(
        error::<Server>("host:\n"),
        "a.yaml:1:5: host: expected text, found nothing"
    );
    assert_eq!(
        error::<Server>("{host: h, tls: 'yes'}"),
        "a.yaml:1:16: tls: expected `true` or `false`, found the text `yes`"
    );
    assert_eq!(
        error::<Server>("{host: h, replicas: x}"),
        "a.yaml:1:21: replicas: expected a list, found the text `x`"
    );
    assert_eq!(
        error::<Server>("[a]"),
        "a.yaml:1:1: expected a mapping, found a list"
    );
    assert_eq!(
        error::<std::num::NonZeroU16>("0"),
        "a.yaml:1:1: expected a whole number from 1 to 65535, found the number `0`"
    );
    assert_eq!(
        error::<i8>("'-1'"),
        "a.yaml:1:1: expected a whole number from -128 to 127, found the text `-1`\n\
         help: remove the quotes: text in quotes is never a number or a boolean"
    );
    assert_eq!(
        error::<f64>("x"),
        "a.yaml:1:1: expected a number, found the text `x`"
    );
    let long = "x".repeat(50);
    assert_eq!(
        error::<u8>(&long),
        format!(
            "a.yaml:1:1: expected a whole number from 0 to 255, found the text `{}…`",
            "x".repeat(40)
        )
    );
}

#[test]
fn a_list_of_a_fixed_length_has_that_length() {
    assert_eq!(
        error::<(u8, u8)>("[1]"),
        "a.yaml:1:1: expected a list of 2 items, found 1"
    );
    assert_eq!(
        error::<(u8, u8)>("[1, 2, 3]"),
        "a.yaml:1:1: the list has 3 items, 1 too many"
    );
}

#[test]
fn a_wrong_variant_is_told_with_the_nearest() {
    let mode = |value: &str| error::<Server>(&format!("host: h\nmode: {value}\n"));
    assert_eq!(
        mode("!Pol {seconds: 1}"),
        "a.yaml:2:7: mode: unknown tag `!Pol`\nhelp: did you mean `!Poll`?"
    );
    assert_eq!(
        mode("!Whenever 1"),
        "a.yaml:2:7: mode: unknown tag `!Whenever`\nhelp: known: !Follow, !Poll, !Every, !Between"
    );
    assert_eq!(
        mode("folow"),
        "a.yaml:2:7: mode: unknown value `folow`\nhelp: did you mean `Follow`?"
    );
    assert_eq!(
        mode("Every"),
        "a.yaml:2:7: mode: this variant needs a tag and a value\nhelp: write `!Every` and the value"
    );
    assert_eq!(
        mode("!Follow 1"),
        "a.yaml:2:7: mode: `!Follow` takes no value, found the number\n\
         help: remove what follows the tag"
    );
    assert_eq!(
        mode("{Poll: {seconds: 1}}"),
        "a.yaml:2:7: mode: expected one of `Follow`, `Poll`, `Every`, `Between`, found a mapping"
    );
    assert_eq!(
        mode("!Poll {second: 1}"),
        "a.yaml:2:14: mode: unknown key `second`\nhelp: did you mean `seconds`?"
    );
    assert_eq!(
        mode("!Poll {seconds: x}"),
        "a.yaml:2:23: mode.seconds: expected a whole number from 0 to 4294967295, \
         found the text `x`"
    );
}

#[test]
fn a_tag_that_nothing_asked_for_is_an_error() {
    assert_eq!(
        error::<Server>("host: !Upper h\n"),
        "a.yaml:1:7: host: unexpected tag `!Upper`\nhelp: remove the tag"
    );
    assert_eq!(
        error::<Server>("host: h\nreplicas:\n- !Server\n  host: i\n"),
        "a.yaml:3:3: replicas[0]: unexpected tag `!Server`\nhelp: remove the tag"
    );
    assert_eq!(
        error::<Server>("host: h\ntls: !Maybe\n"),
        "a.yaml:2:6: tls: unexpected tag `!Maybe`\nhelp: remove the tag"
    );
}

#[test]
fn the_words_of_a_type_of_its_own_come_with_the_place() {
    assert_eq!(
        error::<BTreeMap<String, std::net::IpAddr>>("a: 127.0.0.1\nb: nowhere\n"),
        "a.yaml:2:4: b: invalid IP address syntax"
    );
    assert_eq!(
        error::<BTreeMap<String, ByteSize>>("memory: 64MIP\n"),
        "a.yaml:1:9: memory: `MIP` is not a unit of bytes\nhelp: did you mean `MiB`?"
    );
    assert_eq!(
        error::<ByteSize>("-1"),
        "a.yaml:1:1: expected a size in bytes, as `64MiB`, found the number `-1`"
    );
}

#[test]
fn a_relative_path_starts_at_the_directory_of_the_file() {
    let path: ConfigPath = from("data/x.db").unwrap();
    assert_eq!(path.as_path(), Path::new("/base/data/x.db"));
    let path: ConfigPath = from("/data/x.db").unwrap();
    assert_eq!(path.as_path(), Path::new("/data/x.db"));
    let path: ConfigPath = serde_json::from_str("\"data/x.db\"").unwrap();
    assert_eq!(path.as_path(), Path::new("data/x.db"));
    assert_eq!(error::<ConfigPath>("''"), "a.yaml:1:1: the path is empty");
    assert_eq!(
        error::<ConfigPath>("[a]"),
        "a.yaml:1:1: expected a path, found a list"
    );
}

#[test]
fn a_spanned_value_knows_its_place() {
    let map: BTreeMap<String, Spanned<u8>> = from("a: 1\nb:   2\n").unwrap();
    let position = map["b"].position().unwrap();
    assert_eq!((*map["b"], position.line, position.column), (2, 2, 6));
    assert_eq!(format!("{:?}", map["b"]), "2 at 2:6");
    let elsewhere: Spanned<u8> = serde_json::from_str("2").unwrap();
    assert_eq!((*elsewhere, elsewhere.position()), (2, None));
    assert_eq!(
        error::<BTreeMap<String, Spanned<u8>>>("a: 300\n"),
        "a.yaml:1:4: a: expected a whole number from 0 to 255, found the number `300`"
    );
}

#[test]
fn a_reference_has_its_tag() {
    let reference: Ref = from("!Ref nyc").unwrap();
    assert_eq!(reference.name().as_str(), "nyc");
    let reference: Ref = serde_json::from_str("\"nyc\"").unwrap();
    assert_eq!(reference.name().as_str(), "nyc");
    assert_eq!(
        error::<Ref>("nyc"),
        "a.yaml:1:1: a reference needs the tag `!Ref`\nhelp: write `!Ref nyc`"
    );
    assert_eq!(
        error::<Ref>("!Reff nyc"),
        "a.yaml:1:1: expected `!Ref`, found the tag `!Reff`\nhelp: write `!Ref` and the name"
    );
    assert_eq!(
        error::<Ref>("!Ref [a]"),
        "a.yaml:1:1: expected text, found a list"
    );
    assert_eq!(
        error::<Ref>("{a: 1}"),
        "a.yaml:1:1: expected a reference: `!Ref` and a name, found a mapping"
    );
}

#[test]
fn tagged_settings_are_read_by_whoever_knows_the_tag() {
    let node = tagged("!Server\nhost: h\n");
    assert_eq!(node.tag(), Some("Server"));
    assert_eq!(node.read::<Server>().unwrap().host, "h");
    assert_eq!(
        tagged("!Server {port: x, host: h}")
            .read::<Server>()
            .unwrap_err()
            .to_string(),
        "a.yaml:1:16: connections[0].config.port: expected a whole number from 0 to 65535, \
         found the text `x`"
    );
}

#[test]
fn a_tag_alone_is_an_empty_mapping() {
    #[derive(Debug, Deserialize)]
    struct Nothing {}
    #[derive(Debug, Deserialize)]
    struct Unit;
    tagged("!Null").read::<Nothing>().unwrap();
    tagged("!Null").read::<Unit>().unwrap();
    tagged("!Null {}").read::<Unit>().unwrap();
    assert_eq!(
        tagged("!Server").read::<Server>().unwrap_err().to_string(),
        "a.yaml:1:1: connections[0].config: missing key `host`\n\
         help: add `host: …` to this mapping"
    );
    assert_eq!(
        tagged("!Outer folow")
            .read::<Mode>()
            .unwrap_err()
            .to_string(),
        "a.yaml:1:1: connections[0].config: unknown value `folow`\nhelp: did you mean `Follow`?"
    );
    assert_eq!(
        tagged("!Null {path: x}")
            .read::<Nothing>()
            .unwrap_err()
            .to_string(),
        "a.yaml:1:8: connections[0].config: unknown key `path`\nhelp: none is known"
    );
}

#[test]
fn an_unknown_tag_is_told_with_the_nearest_and_a_missing_one_with_all() {
    let known = ["Sqlite", "Postgres"];
    assert_eq!(
        tagged("!Sqlit {path: x}")
            .unknown("connector", &known)
            .to_string(),
        "a.yaml:1:1: connections[0].config: unknown connector `!Sqlit`\n\
         help: did you mean `!Sqlite`?"
    );
    assert_eq!(
        tagged("!Kafka").unknown("connector", &known).to_string(),
        "a.yaml:1:1: connections[0].config: unknown connector `!Kafka`\n\
         help: known: !Sqlite, !Postgres"
    );
    assert_eq!(
        tagged("{path: x}").unknown("connector", &known).to_string(),
        "a.yaml:1:1: connections[0].config: the tag that names the connector is missing\n\
         help: write one of these before the settings: `!Sqlite`, `!Postgres`"
    );
}
