//! Changes that another process makes while the command runs: all arrive, in order, and never a part of a transaction.

use serde_json::Value;

use crate::support::{BOTH, Lines, Place, Writer, ask, bag, dump, json_rows, rows_of, shop, until};

/// With a key, without one, and with one of two columns in a table without rowid.
const TABLES: [&str; 3] = ["account", "entry", "stock"];

const SCHEMA: &str = "
    CREATE TABLE account(id INTEGER PRIMARY KEY, owner TEXT NOT NULL, amount INTEGER NOT NULL, rate REAL);
    CREATE TABLE entry(tx INTEGER NOT NULL, n INTEGER, note TEXT);
    CREATE TABLE stock(place TEXT, item INTEGER, count INTEGER, PRIMARY KEY(place, item)) WITHOUT ROWID;
    INSERT INTO account VALUES(1, 'ada', 500, 1.5), (2, 'grace', 500, NULL), (3, 'edith', 0, 0.125);
    INSERT INTO entry VALUES(0, 1, 'first'), (0, 1, 'first'), (0, NULL, NULL);
    INSERT INTO stock VALUES('oslo', 1, 10), ('oslo', 2, 20), ('bergen', 1, 30);
";

/// The rows of a large transaction.
const MANY: u64 = 10_000;

/// `count` entries of transaction `tx`, half of them in `stock`.
fn inserts(tx: u64, count: u64) -> String {
    format!(
        "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {count})
         INSERT INTO entry SELECT {tx}, n, 'é ' || n FROM c;
         WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {count})
         INSERT INTO stock SELECT 'tx{tx}', n, {tx} FROM c;"
    )
}

/// Transactions of one row and of many. Each keeps the sum of all accounts, and leaves as many entries as stock of
/// its number: none or all.
fn transactions() -> Vec<String> {
    let mut all = Vec::new();
    for tx in 1..=20 {
        let count = if tx % 10 == 0 { MANY / 2 } else { tx % 3 + 1 };
        all.push(inserts(tx, count));
        all.push(
            "UPDATE account SET amount = amount + CASE id WHEN 1 THEN -7 ELSE 7 END WHERE id < 3;"
                .to_owned(),
        );
        all.push(format!(
            "UPDATE account SET owner = owner || {tx}, rate = rate + 0.25 WHERE id = 3;"
        ));
    }
    // A key moves; a row goes and comes back under its key; a row of two equal ones goes.
    all.push("UPDATE account SET id = 4 WHERE id = 3;".to_owned());
    all.push(
        "DELETE FROM account WHERE id = 4; INSERT INTO account VALUES(4, 'back', 0, 2.5);"
            .to_owned(),
    );
    all.push("DELETE FROM entry WHERE rowid = 1;".to_owned());
    all.push("UPDATE stock SET place = 'x', item = item + 100 WHERE place = 'oslo';".to_owned());
    all.push("INSERT OR REPLACE INTO stock VALUES('bergen', 1, 31);".to_owned());
    // Large updates and deletes.
    all.push("UPDATE entry SET note = NULL WHERE tx = 10; UPDATE stock SET count = -1 WHERE place = 'tx10';".to_owned());
    all.push("DELETE FROM entry WHERE tx = 20; DELETE FROM stock WHERE place = 'tx20';".to_owned());
    all
}

/// What the sink shows at one moment: whole transactions only.
fn whole_transactions_only(place: &Place) {
    let copy = place.file("copy.db");
    let sum = ask(&copy, "SELECT sum(amount) FROM account");
    assert_eq!(sum, ["1000"], "a part of a transfer is visible");
    let parts = ask(
        &copy,
        "WITH
           e AS (SELECT tx, count(*) AS c, count(note) AS notes FROM entry WHERE tx > 0 GROUP BY tx),
           s AS (SELECT CAST(substr(place, 3) AS INTEGER) AS tx, count(*) AS c, min(count) = -1 AS changed,
                   min(count) <> max(count) AS torn FROM stock WHERE place LIKE 'tx%' GROUP BY place)
         SELECT tx, e.c, s.c, notes, changed, torn FROM e FULL JOIN s USING (tx)
         WHERE e.c IS NOT s.c OR torn OR (notes <> 0 AND changed) OR (notes = 0 AND NOT changed)
            OR e.c <> CASE WHEN tx % 10 = 0 THEN 5000 ELSE tx % 3 + 1 END",
    );
    assert_eq!(parts, [""; 0], "a part of a transaction is visible");
}

fn followed(journal: &str) {
    let place = Place::with(&shop(", capture: triggers", &TABLES, BOTH));
    place.sqlite(
        "source.db",
        &format!("PRAGMA journal_mode = {journal}; {SCHEMA}"),
    );
    let (source, copy) = (place.file("source.db"), place.file("copy.db"));
    place.done("migrate");
    let mut running = place.start("app run");
    running.wait_for("shop: snapshot done at ");
    assert_eq!(dump(&copy, &TABLES), dump(&source, &TABLES));

    let mut writer = Writer::start(&source);
    let all = transactions();
    let transaction = |sql: &String| format!("BEGIN IMMEDIATE; {sql} COMMIT;\n");
    let feed = std::thread::spawn(move || {
        for sql in &all {
            writer.write(&transaction(sql));
        }
        writer
    });
    let mut polls = 0;
    let mut look = || {
        whole_transactions_only(&place);
        polls += 1;
    };
    while !feed.is_finished() {
        look();
    }
    let mut writer = feed.join().unwrap();
    until("the end of the writer", || {
        look();
        writer.has_ended().then_some(())
    });
    let expected = dump(&source, &TABLES);
    until("the sink to hold what the source holds", || {
        look();
        (dump(&copy, &TABLES) == expected).then_some(())
    });
    assert!(polls > 1);

    running.signal("INT");
    let ran = running.finish(place.path());
    assert_eq!(ran.code, Some(130), "{ran}");
    told_in_order(&place);
    nothing_is_left_to_do(&place);
}

/// The files of JSON lines tell the whole history in order, with the old rows.
fn told_in_order(place: &Place) {
    let lines = Lines::read(&place.file("out"), &TABLES);
    lines.positions_are_right();
    for table in TABLES {
        let source = rows_of(&place.file("source.db"), table);
        assert_eq!(lines.folded(table), source, "{table}");
    }
    let inserted = lines.of("entry").iter().filter(|line| line.op == "c");
    let inserted: Vec<u64> = inserted
        .map(|line| line.after.as_ref().unwrap()["tx"].as_u64().unwrap())
        .collect();
    assert!(inserted.is_sorted(), "transactions came in another order");
    let moved = lines.of("account").iter().find(|line| {
        let id = |row: &Option<serde_json::Map<String, Value>>| row.as_ref()?.get("id")?.as_i64();
        id(&line.before) == Some(3) && id(&line.after) == Some(4)
    });
    let moved = moved.expect("the update of a key is told as one");
    let owner = &moved.before.as_ref().unwrap()["owner"];
    assert_eq!(owner, "edith1234567891011121314151617181920");
    let updates = lines.of("entry").iter().filter(|line| line.op == "u");
    let old = updates.map(|line| line.before.clone().unwrap());
    let notes = old.filter(|row| row["note"] == Value::String(format!("é {}", row["n"])));
    assert_eq!(notes.count() as u64, MANY / 2);
}

/// The checkpoint is stored: a further run changes nothing.
fn nothing_is_left_to_do(place: &Place) {
    let status = place.done("app status --format json").json();
    let status = &status["connections"][0];
    assert_eq!(status["checkpoint"]["complete"], true, "{status}");
    assert_eq!(status["checkpoint"]["phase"], "changes", "{status}");
    assert_eq!(status["lag"], 0, "{status}");
    let held = || {
        let lines = TABLES.map(|table| place.read(&format!("out/{table}.jsonl")));
        (lines, dump(&place.file("copy.db"), &TABLES))
    };
    let before = held();
    let ran = place.done("app run --once --format json").json();
    assert_eq!(ran["connections"][0]["rows"], 0, "{ran}");
    assert!(held() == before, "a run without changes changed a sink");
}

#[test]
fn in_a_file_with_a_write_ahead_log_whole_transactions_arrive_in_order() {
    followed("WAL");
}

#[test]
fn in_a_file_with_a_rollback_journal_whole_transactions_arrive_in_order() {
    followed("DELETE");
}

#[test]
fn what_a_rollback_takes_back_never_arrives() {
    let place = Place::with(&shop(", capture: triggers", &["account"], BOTH));
    place.sqlite("source.db", SCHEMA);
    place.done("app run --once");
    place.sqlite(
        "source.db",
        "BEGIN; UPDATE account SET amount = 1; ROLLBACK;
         BEGIN; SAVEPOINT a; DELETE FROM account; ROLLBACK TO a;
         INSERT INTO account VALUES(9, 'kept', 9, NULL); COMMIT;",
    );
    let ran = place.done("app run --once --format json").json();
    assert_eq!(ran["connections"][0]["rows"], 1, "{ran}");
    let lines = Lines::read(&place.file("out"), &["account"]);
    let rows = json_rows(&place.file("source.db"), "SELECT * FROM account");
    assert_eq!(lines.folded("account"), bag(rows));
}
