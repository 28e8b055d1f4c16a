//! What is missing is told with the SQL to run, and running it mends it.

use connector_core::validation::Finding;
use connector_core::{ByteSize, Source as _};
use connector_postgres::Postgres;

use crate::cluster::{Cluster, Options, SUPERUSER, Stop};
use crate::{own, source_as};

fn findings(source: &Postgres) -> Vec<Finding> {
    let tables = source.get_tables().unwrap();
    let table = tables.iter().find(|table| table.table_name == "t").unwrap();
    source.validate_table(table).unwrap()
}

/// The SQL of a fix: from its first word in capitals to the semicolon.
fn sql(fix: &str) -> String {
    let start = ["ALTER ", "GRANT ", "CREATE "]
        .iter()
        .filter_map(|word| fix.find(word))
        .min();
    let rest = &fix[start.unwrap_or_else(|| panic!("no SQL in {fix}"))..];
    rest[..=rest.find(';').unwrap_or_else(|| panic!("no SQL in {fix}"))].to_owned()
}

/// There is a finding that says `said`; running what it names mends it.
fn mended(database: &str, source: &Postgres, said: &str) {
    let found = findings(source);
    let finding = found.iter().find(|finding| finding.message.contains(said));
    let finding = finding.unwrap_or_else(|| panic!("{said}: {found:?}"));
    let fix = sql(finding.fix.as_deref().unwrap());
    own()
        .connect(database)
        .execute(&fix)
        .unwrap_or_else(|error| panic!("{fix}: {error}"));
    let left = findings(source);
    assert!(
        !left.iter().any(|finding| finding.message.contains(said)),
        "{fix} left {left:?}"
    );
}

#[test]
fn missing_rights_are_granted_by_what_is_printed() {
    let mut connection = own().database("rights");
    connection
        .execute(
            "DROP ROLE IF EXISTS \"Reader\"; CREATE ROLE \"Reader\" LOGIN;
             CREATE SCHEMA apart; CREATE TABLE apart.t (id int PRIMARY KEY, a text, b text)",
        )
        .unwrap();
    let source = source_as("Reader", "rights");
    mended("rights", &source, "may not use schema `apart`");
    mended("rights", &source, "may not read it");
    connection
        .execute(
            "REVOKE ALL ON apart.t FROM \"Reader\"; GRANT SELECT (id, a) ON apart.t TO \"Reader\"",
        )
        .unwrap();
    let found = findings(&source);
    assert!(
        found
            .iter()
            .any(|finding| finding.column.as_deref() == Some("b")),
        "{found:?}"
    );
    mended("rights", &source, "may not read the column");
    connection
        .execute("ALTER TABLE apart.t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON apart.t USING (id > 5)")
        .unwrap();
    // Nobody asked: rows that are hidden are an error, and no gap.
    let snapshots = source
        .clone()
        .with_capture(connector_postgres::Capture::None);
    let error = connector_core::TypedSource::rows::<Row>(&snapshots)
        .unwrap()
        .next()
        .unwrap()
        .unwrap_err();
    assert!(
        format!("{error:?}").contains("row-level security"),
        "{error:?}"
    );
    mended("rights", &source, "row-level security");
    let error = source.validate().unwrap_err();
    assert!(error.message().contains("may not replicate"), "{error}");
    own()
        .connect("rights")
        .execute(&sql(error.help().unwrap()))
        .unwrap();
    source.validate().unwrap();
}

#[derive(Debug, connector_core::DozerSource)]
#[dozer(schema = "apart", table = "t")]
struct Row {
    #[dozer(primary_key)]
    id: i64,
}

#[test]
fn tables_are_made_fit_by_what_is_printed() {
    let mut connection = own().database("fit");
    connection
        .execute("CREATE UNLOGGED TABLE t (id int, a text)")
        .unwrap();
    let source = source_as(SUPERUSER, "fit");
    mended("fit", &source, "it is unlogged");
    mended("fit", &source, "it has no primary key");
    connection
        .execute("ALTER TABLE t REPLICA IDENTITY NOTHING")
        .unwrap();
    mended("fit", &source, "its replica identity is `nothing`");
    connection
        .execute(
            "ALTER TABLE t ALTER id SET NOT NULL; CREATE UNIQUE INDEX i ON t (id);
             ALTER TABLE t REPLICA IDENTITY USING INDEX i; DROP INDEX i; ALTER TABLE t ADD PRIMARY KEY (id)",
        )
        .unwrap();
    mended(
        "fit",
        &source,
        "the index of its replica identity was dropped",
    );
    let own = findings(&source);
    assert!(
        own.iter()
            .any(|finding| finding.message.contains("not published yet")),
        "{own:?}"
    );
    let tables = source.get_tables().unwrap();
    let done = source.prepare(&tables).unwrap();
    assert!(done.concat().contains("created publication"), "{done:?}");
    assert_eq!(findings(&source), []);
    assert!(
        source
            .clean()
            .unwrap()
            .concat()
            .contains("dropped publication")
    );
}

#[test]
fn a_publication_of_others_is_mended_by_what_is_printed() {
    let mut connection = own().database("published");
    connection
        .execute(
            "CREATE TABLE t (id int PRIMARY KEY, a text); CREATE TABLE other (id int PRIMARY KEY)",
        )
        .unwrap();
    let source = source_as(SUPERUSER, "published").with_slot("theirs", "The publication");
    mended("published", &source, "does not have it");
    connection
        .execute("DROP PUBLICATION \"The publication\"; CREATE PUBLICATION \"The publication\" FOR TABLE other WITH (publish = 'insert')")
        .unwrap();
    mended("published", &source, "does not have it");
    mended("published", &source, "does not publish updates");
    assert_eq!(findings(&source), []);
    connection
        .execute("ALTER PUBLICATION \"The publication\" SET TABLE t (id) WHERE (id > 5)")
        .unwrap();
    let found = findings(&source);
    let said: Vec<&str> = found
        .iter()
        .map(|finding| finding.message.as_str())
        .collect();
    assert!(
        said.iter()
            .any(|said| said.contains("leaves the column out")),
        "{said:?}"
    );
    assert!(
        said.iter()
            .any(|said| said.contains("only the rows for which (id > 5)")),
        "{said:?}"
    );
    assert!(source.clean().unwrap().is_empty(), "what others made stays");
}

#[test]
fn a_partition_in_the_list_of_a_publication_is_no_table_of_it() {
    let mut connection = own().database("listed");
    connection
        .execute(
            "CREATE TABLE t (id int PRIMARY KEY);
             CREATE TABLE whole (id int PRIMARY KEY) PARTITION BY RANGE (id);
             CREATE TABLE whole_1 PARTITION OF whole FOR VALUES FROM (0) TO (9);
             CREATE TABLE piece (id int PRIMARY KEY) PARTITION BY RANGE (id);
             CREATE TABLE piece_1 PARTITION OF piece FOR VALUES FROM (0) TO (9);
             CREATE PUBLICATION p FOR TABLE t, whole, whole_1, piece_1 WITH (publish_via_partition_root = true);
             CREATE PUBLICATION q FOR TABLE t, whole WITH (publish_via_partition_root = true);
             CREATE PUBLICATION plain FOR TABLE t;
             CREATE PUBLICATION under_partitions FOR TABLE t, whole;
             CREATE PUBLICATION partition FOR TABLE t, piece_1",
        )
        .unwrap();
    for (publication, expected) in [
        ("p", &["piece"][..]),
        ("q", &["piece"]),
        // Its changes are told, but as those of its partitions.
        ("under_partitions", &["piece", "whole"]),
        ("partition", &["piece", "whole"]),
        ("plain", &["piece", "whole"]),
    ] {
        let source = source_as(SUPERUSER, "listed").with_slot("listed", publication);
        let tables = source.get_tables().unwrap();
        let found = source.validate_tables(&tables).unwrap();
        let missing: Vec<&str> = (found.iter())
            .filter(|finding| finding.message.contains("does not have it"))
            .map(|finding| finding.table.as_str())
            .collect();
        assert_eq!(missing, expected, "{publication}: {found:?}");
    }
}

#[test]
fn a_server_is_made_fit_by_what_is_printed() {
    let cluster = Cluster::start(&Options {
        conf: "wal_level = replica\nmax_replication_slots = 1".to_owned(),
        ..Options::default()
    });
    let source = Postgres::new(cluster.url(SUPERUSER, "postgres"));
    let mend = |said: &str| {
        let error = source.validate().unwrap_err();
        assert!(error.message().contains(said), "{error}");
        cluster
            .connect("postgres")
            .execute(&sql(error.help().unwrap()))
            .unwrap();
        cluster.restart(Stop::Fast);
    };
    mend("`wal_level` is `replica`");
    source.validate().unwrap();
    cluster
        .connect("postgres")
        .execute("SELECT pg_create_physical_replication_slot('taken')")
        .unwrap();
    mend("all of the server's 1 replication slots are in use");
    source.validate().unwrap();
}

#[test]
fn log_that_nobody_reads_is_warned_of() {
    let mut connection = own().database("lag");
    connection
        .execute("CREATE TABLE t (id int PRIMARY KEY); CREATE PUBLICATION p FOR TABLE t")
        .unwrap();
    connection
        .execute("SELECT pg_create_logical_replication_slot('lagging', 'pgoutput')")
        .unwrap();
    connection
        .execute("INSERT INTO t SELECT generate_series(1, 100000)")
        .unwrap();
    let source = source_as(SUPERUSER, "lag").with_slot("lagging", "p");
    assert_eq!(findings(&source), [], "the limit is far");
    let found = findings(&source.with_slot_lag_warning(ByteSize::new(1 << 20)));
    let [finding] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert!(
        !finding.is_error() && finding.message.contains("`lagging`"),
        "{finding:?}"
    );
    assert!(
        finding
            .fix
            .as_ref()
            .unwrap()
            .contains("max_slot_wal_keep_size")
    );
    connection
        .execute("SELECT pg_drop_replication_slot('lagging')")
        .unwrap();
}
