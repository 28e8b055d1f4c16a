//! `money` has as many decimals as the locale of its amounts.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use connector_core::ingest::Until;
use connector_core::{FieldType, Operation, Source as _};
use connector_postgres::Postgres;

use crate::cluster::{Cluster, Options, SUPERUSER};
use crate::read::Reading;

/// Compiles a locale whose amounts have so many decimals. What it does not say is as in the locale `C`.
fn locale(directory: &Path, name: &str, decimals: u8) {
    let source = directory.join(format!("{name}.src"));
    let text = format!(
        "LC_MONETARY\nint_curr_symbol \"XTS \"\ncurrency_symbol \"X\"\nmon_decimal_point \",\"\nmon_thousands_sep \".\"\n\
         mon_grouping 3;3\npositive_sign \"\"\nnegative_sign \"-\"\nint_frac_digits {decimals}\nfrac_digits {decimals}\n\
         p_cs_precedes 0\np_sep_by_space 1\nn_cs_precedes 0\nn_sep_by_space 1\np_sign_posn 1\nn_sign_posn 1\n\
         END LC_MONETARY\n"
    );
    fs::write(&source, text).unwrap();
    let compiled = directory.join(name);
    // The warnings about what it does not say make its exit code.
    let ran = Command::new("localedef")
        .args([
            "--no-archive",
            "--force",
            "--charmap=ANSI_X3.4-1968",
            "--inputfile",
        ])
        .args([&source, &compiled])
        .output()
        .expect("localedef, of the C library's programs");
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(compiled.join("LC_MONETARY").exists(), "{said}");
}

/// Reads amounts from a database whose `lc_monetary` is this: by the snapshot and as changes.
fn amounts(cluster: &Cluster, database: &str, locale: &str, text_only: bool) -> Vec<String> {
    cluster
        .database(database)
        .execute(&format!(
            "ALTER DATABASE {database} SET lc_monetary = '{locale}'"
        ))
        .unwrap();
    // A session of a person, with the locale of the database.
    let mut connection = cluster.connect(database);
    connection
        .execute("SELECT set_config('lc_monetary', reset_val, false) FROM pg_settings WHERE name = 'lc_monetary'")
        .unwrap();
    let column = if text_only {
        ", searched tsquery DEFAULT 'a'"
    } else {
        ""
    };
    connection
        .execute(&format!(
            "CREATE TABLE t (n int PRIMARY KEY, v money, list money[] DEFAULT '{{}}'{column});
             INSERT INTO t SELECT n, v::numeric::money, ARRAY[v::numeric::money, NULL]
               FROM unnest('{{1234567.89,-5,0.5,0,-0.001}}'::numeric[]) WITH ORDINALITY amounts(v, n);
             INSERT INTO t (n, v) VALUES (9, ('x' || repeat('f', 16))::bit(64)::bigint::text::money)"
        ))
        .unwrap_or_else(|error| panic!("{error}"));
    let expected: Vec<String> = connection
        .query("SELECT v::numeric::text AS v FROM t ORDER BY n")
        .unwrap()
        .iter()
        .map(|row| row.text("v").unwrap().to_owned())
        .collect();
    let mut source = Postgres::new(cluster.url(SUPERUSER, database));
    source.named(&format!("tests/{database}"));
    let mut reading = Reading::start(&source, database, &["t"], Until::Stopped);
    let mut copied: Vec<_> = reading.snapshot();
    copied.sort_by_key(|row| format!("{:?}", row[0]));
    connection
        .execute("INSERT INTO t SELECT n + 10, v, list FROM t ORDER BY n")
        .unwrap();
    for row in &copied {
        let Operation::Insert { new } = reading.change() else {
            panic!("an insert")
        };
        assert_eq!(new.values[1..], row[1..]);
    }
    let read: Vec<String> = copied
        .iter()
        .map(|row| row[1].as_value().preview())
        .collect();
    assert_eq!(read, expected);
    read
}

#[test]
fn money_has_the_decimals_of_the_servers_locale() {
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    for (name, decimals) in [("whole", 0), ("cents", 2), ("mills", 3), ("fours", 4)] {
        locale(directory.path(), name, decimals);
    }
    let cluster = Cluster::start(&Options {
        locales: Some(directory.path().to_owned()),
        conf: "lc_monetary = 'whole'".to_owned(),
        ..Options::default()
    });
    for text_only in [false, true] {
        let read = |locale: &str| amounts(&cluster, locale, locale, text_only);
        assert_eq!(read("whole"), ["1234568", "-5", "1", "0", "0", "-1"]);
        assert_eq!(read("cents")[..3], ["1234567.89", "-5.00", "0.50"]);
        assert_eq!(
            read("mills")[..5],
            ["1234567.890", "-5.000", "0.500", "0.000", "-0.001"]
        );
    }

    // The server's own setting, and one that no field type is declared for.
    let source = |database: &str| Postgres::new(cluster.url(SUPERUSER, database));
    let field_type = |database: &str| {
        let tables = source(database).get_tables().unwrap();
        tables[0].columns[0].mapping.clone()
    };
    let mut connection = cluster.database("default");
    connection.execute("CREATE TABLE t (v money)").unwrap();
    let whole = FieldType::Decimal(connector_core::DecimalSize::new(19, 0));
    assert_eq!(
        field_type("default"),
        connector_core::ColumnMapping::Field(whole)
    );
    connection
        .execute("ALTER DATABASE \"default\" SET lc_monetary = 'fours'")
        .unwrap();
    let connector_core::ColumnMapping::Unsupported(why) = field_type("default") else {
        panic!("it is supported")
    };
    assert!(why.contains("4 decimals") && why.contains("view"), "{why}");
}
