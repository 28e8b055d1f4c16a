//! Snapshots: they replace what was there in one step, or leave it as it is.

use connector_core::sink::Sink as _;
use connector_core::{Checkpoint, FieldType, Phase, Value};

use crate::given::{Delete, Held, Insert, UpdateAfter, UpdateBefore, schema, settings, target};

const COLUMNS: &[(&str, FieldType)] = &[("id", FieldType::Int), ("note", FieldType::Text)];

fn row(id: i64, note: &str) -> Vec<Value<'_>> {
    vec![Value::Int(id), Value::Text(note)]
}

fn made_anew(held: &mut Held) -> String {
    held.ask("SELECT count(*) FROM pg_class WHERE relname LIKE '\\_dozer\\_new%' AND relkind = 'r'")
}

#[test]
fn a_snapshot_replaces_what_was_there_at_its_commit_and_not_before() {
    let tables = [schema("t", COLUMNS, &[0]), schema("bag", COLUMNS, &[])];
    let mut held = Held::new("sink_snapshot", &tables);
    held.start_snapshot();
    held.read(0, &[row(1, "a"), row(2, "b")]);
    held.read(1, &[row(1, "x"), row(1, "x")]);
    held.read(0, &[row(3, "c")]);
    assert!(held.table("t").is_empty());
    held.commit();
    assert_eq!(held.table("t"), ["(1,a)", "(2,b)", "(3,c)"]);
    assert_eq!(held.table("bag"), ["(1,x)", "(1,x)"]);

    held.start_snapshot();
    held.read(0, &[row(7, "new")]);
    assert_eq!(held.table("t").len(), 3);
    held.commit();
    assert_eq!(held.table("t"), ["(7,new)"]);
    assert!(held.table("bag").is_empty());
    assert_eq!(made_anew(&mut held), "0");
    // The table has its key again.
    assert_eq!(
        held.ask("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass AND indisprimary"),
        "1"
    );
}

#[test]
fn a_broken_snapshot_leaves_what_was_there_and_the_next_run_takes_another() {
    let mut held = Held::new("sink_broken", &[schema("t", COLUMNS, &[0])]);
    held.snapshot(&[row(1, "a")]);
    held.start_snapshot();
    held.read(0, &[row(2, "b")]);
    assert_eq!(made_anew(&mut held), "1");
    let (mut held, stored) = held.reopened();
    assert_eq!(stored.unwrap().phase, Phase::Snapshot);
    assert_eq!(held.table("t"), ["(1,a)"]);
    held.snapshot(&[row(3, "c")]);
    assert_eq!(held.table("t"), ["(3,c)"]);
    assert_eq!(made_anew(&mut held), "0");
}

#[test]
fn what_a_broken_snapshot_left_is_removed_when_the_sink_is_opened() {
    let mut held = Held::new("sink_left", &[schema("t", COLUMNS, &[0])]);
    held.start_snapshot();
    held.read(0, &[row(2, "b")]);
    // The process dies: its session ends.
    held.sink = settings("sink_left").writer().unwrap();
    crate::given::lines(
        &mut held.looks,
        "SELECT pg_terminate_backend(pid)::text AS line FROM pg_stat_activity WHERE datname = 'sink_left' AND pid <> pg_backend_pid()",
    );
    while held.ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = 'sink_left')") != "0" {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!(made_anew(&mut held), "1");
    let schemas = held.schemas.clone();
    held.sink.open(&target(&schemas)).unwrap();
    assert_eq!(made_anew(&mut held), "0");
}

#[test]
fn changes_may_follow_a_snapshot_before_its_commit() {
    let mut held = Held::new("sink_followed", &[schema("t", COLUMNS, &[0])]);
    held.start_snapshot();
    held.read(0, &[row(1, "a"), row(2, "b")]);
    held.write(&[
        (UpdateBefore, row(1, "a")),
        (UpdateAfter, row(1, "changed")),
        (Delete, row(2, "b")),
        (Insert, row(3, "c")),
    ]);
    // Until the commit, whoever reads the table waits.
    held.commit();
    assert_eq!(held.table("t"), ["(1,changed)", "(3,c)"]);
}

#[test]
fn what_others_have_hung_on_a_table_stays_there() {
    let mut held = Held::new("sink_kept", &[schema("t", COLUMNS, &[0])]);
    held.snapshot(&[row(1, "a")]);
    held.looks
        .execute("CREATE VIEW seen AS SELECT note FROM t; CREATE INDEX by_note ON t(note); GRANT SELECT ON t TO PUBLIC")
        .unwrap();
    let before = held.ask("SELECT 't'::regclass::oid");
    held.snapshot(&[row(2, "b"), row(3, "c")]);
    assert_eq!(held.ask("SELECT 't'::regclass::oid"), before);
    assert_eq!(
        held.ask("SELECT string_agg(note, ' ' ORDER BY note) FROM seen"),
        "b c"
    );
    assert_eq!(
        held.ask("SELECT (relacl IS NOT NULL)::text FROM pg_class WHERE relname = 't'"),
        "true"
    );
    // Rows that others refer to.
    held.looks
        .execute("CREATE TABLE refers(id bigint REFERENCES t DEFERRABLE INITIALLY DEFERRED)")
        .unwrap();
    held.snapshot(&[row(4, "d")]);
    assert_eq!(held.table("t"), ["(4,d)"]);
    assert_eq!(made_anew(&mut held), "0");
}

#[test]
fn columns_at_the_end_are_added_where_the_run_asks_for_it() {
    let mut held = Held::new("sink_widened", &[schema("t", COLUMNS, &[0])]);
    held.snapshot(&[row(1, "a")]);
    let wider: Vec<_> = COLUMNS
        .iter()
        .copied()
        .chain([("more", FieldType::UInt)])
        .collect();
    let wider = schema("t", &wider, &[0]);
    let mut open = target(std::slice::from_ref(&wider));
    open.widened = vec!["t".to_owned()];
    assert!(held.sink.open(&open).unwrap().is_some());
    held.schemas = vec![wider];
    held.change(&[(
        Insert,
        vec![Value::Int(2), Value::Text("b"), Value::UInt(5)],
    )]);
    assert_eq!(held.table("t"), ["(1,a,)", "(2,b,5)"]);
}

#[test]
fn a_table_with_other_columns_is_not_written_until_a_snapshot_makes_it_anew() {
    let mut held = Held::new("sink_unfit", &[schema("t", COLUMNS, &[0])]);
    held.snapshot(&[row(1, "a")]);
    for sql in [
        "ALTER TABLE t ALTER note TYPE bytea USING note::bytea",
        "ALTER TABLE t ADD extra int",
        "DROP TABLE t",
    ] {
        held.looks.execute(sql).unwrap();
        let (again, stored) = held.reopened();
        held = again;
        assert!(stored.is_some());
        let error = held.try_write(&[(Insert, row(2, "b"))]).unwrap_err();
        assert!(
            error.to_string().contains("table `t` of the sink"),
            "{error}"
        );
        assert!(error.help().unwrap().contains("dozer app reset"));
        held.snapshot(&[row(3, "c")]);
        assert_eq!(held.table("t"), ["(3,c)"]);
    }
}

#[test]
fn a_snapshot_with_a_key_twice_is_refused_and_the_old_rows_stay() {
    let mut held = Held::new("sink_twice", &[schema("t", COLUMNS, &[0])]);
    held.snapshot(&[row(1, "a")]);
    held.start_snapshot();
    held.read(0, &[row(2, "b"), row(2, "c")]);
    let error = held.sink.commit(&Checkpoint::after(9)).unwrap_err();
    assert!(error.to_string().contains("is duplicated"), "{error}");
    let (mut held, _) = held.reopened();
    assert_eq!(held.table("t"), ["(1,a)"]);
}

#[test]
fn a_reset_forgets_the_position_and_keeps_the_rows() {
    let mut held = Held::new("sink_reset", &[schema("t", COLUMNS, &[0])]);
    held.snapshot(&[row(1, "a")]);
    held.start_snapshot();
    held.read(0, &[row(2, "b")]);
    held.sink.reset().unwrap();
    let (mut held, stored) = held.reopened();
    assert_eq!(stored, Some(Checkpoint::snapshot(0)));
    assert_eq!(held.table("t"), ["(1,a)"]);
}
