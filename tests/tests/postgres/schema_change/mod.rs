//! `connector-core/SCHEMA_CHANGES.md`, cell by cell: each change of a table, of either source, under each policy, into every sink
//! at once, through the command; between two runs and below one.

mod held;
mod origin;

use origin::Application;

/// The schema is not the one that is stored or locked.
const DRIFT: i32 = 6;
/// Changes may be missing.
const LOST: i32 = 7;
/// The table is not there.
const INVALID: i32 = 3;

const SQLITE: &str = "CREATE TABLE person(id INTEGER PRIMARY KEY, name VARCHAR(10), n INTEGER, price DECIMAL(10, 2));
    INSERT INTO person VALUES(1, 'ada', 1, '1.25'), (2, 'grace', 2, '2.75'), (3, 'mary', NULL, NULL);";

const POSTGRES: &str =
    "CREATE TABLE person(id int PRIMARY KEY, name varchar(10), n int, price numeric(10, 2));
    INSERT INTO person VALUES(1, 'ada', 1, 1.5), (2, 'grace', 2, 2.5), (3, 'mary', NULL, NULL);";

/// What becomes of a change.
#[derive(Clone, Copy)]
enum Outcome {
    /// The run goes on with it.
    TakenOn,
    /// The run goes on without the column, and says so once.
    PassedOver(&'static str),
    /// The run stops with this code and these words; nothing has changed in any sink. What follows is the way out, after which a run
    /// stores all there is.
    Refused(i32, &'static [&'static str], &'static [Step]),
}

/// A step of the way out.
#[derive(Clone, Copy)]
enum Step {
    Policy(&'static str),
    Table(&'static str),
    Sql(&'static str),
    Dozer(&'static str),
}

use Outcome::{PassedOver, Refused, TakenOn};
use Step::{Dozer, Policy, Sql, Table};

const ANEW: &[Step] = &[Dozer("migrate"), Dozer("app reset --connection shop")];
const EVOLVE: &[Step] = &[Policy("evolve")];

/// A change of the table, and rows that are changed afterwards, among them one with the id 1000.
struct Case {
    name: &'static str,
    postgres: bool,
    change: &'static str,
    rows: &'static str,
    /// Under `evolve`, `freeze` and `ignore`: between two runs, and below one.
    outcomes: [(&'static str, Outcome, Outcome); 3],
}

impl Case {
    fn check(&self) {
        for (policy, between, below) in self.outcomes {
            self.under(policy, between, false);
            self.under(policy, below, true);
        }
    }

    fn under(&self, policy: &str, outcome: Outcome, below: bool) {
        let when = if below { "below" } else { "between" };
        let name = format!("sc_{}_{policy}_{when}", self.name);
        let schema = if self.postgres { POSTGRES } else { SQLITE };
        let mut application = Application::stored(self.postgres, &name, policy, schema);
        let running = below.then(|| application.follow());
        let before = application.held();
        application.sql(self.change);
        application.sql(self.rows);
        let ran = match (running, outcome) {
            (Some(running), Refused(..)) => running.finish(application.place.path()),
            (Some(running), _) => application.stop_at(running, "1000"),
            (None, _) => application.place.run("app run --once"),
        };
        match outcome {
            TakenOn => {
                let expected = if below { Some(130) } else { Some(0) };
                assert_eq!(ran.code, expected, "{name}: {ran}");
                application.has_printed(&ran, "1000");
                application.holds_all("after it was taken on", |_, _| {});
                let checked = application.place.done("migrate --check");
                assert!(checked.out.contains("no differences"), "{name}: {checked}");
                application.place.done("app verify");
            }
            PassedOver(column) => {
                assert!(ran.err.contains("passed over"), "{name}: {ran}");
                application.has_printed(&ran, "1000");
                application.holds_all("without the column", |_, row| drop(row.remove(column)));
            }
            Refused(code, texts, way_out) => {
                assert_eq!(ran.code, Some(code), "{name}: {ran}");
                for text in texts.iter().chain(&["help: "]) {
                    assert!(
                        ran.err.contains(text),
                        "{name}: {text:?} is not told: {ran}"
                    );
                }
                assert_eq!(application.held(), before, "{name}: a sink was changed");
                Self::leave(&mut application, way_out);
            }
        }
        // Where a run goes on, so does the next.
        let table = application.table;
        application.sql(&format!("UPDATE {table} SET name = 'again' WHERE id = 1"));
        application.place.done("app run --once");
    }

    /// Follows the way out: the next run stores all.
    fn leave(application: &mut Application, way_out: &[Step]) {
        for step in way_out {
            match *step {
                Policy(policy) => application.configure(policy),
                Table(table) => {
                    application.table = table;
                    application.configure("ignore");
                }
                Sql(sql) => application.sql(sql),
                Dozer(command) => drop(application.place.done(command)),
            }
        }
        application.place.done("app run --once");
        application.holds_all("after the way out", |_, _| {});
        application.place.done("app verify");
    }
}

#[test]
fn a_nullable_column_that_is_added_to_a_sqlite_table_does_as_the_policy_says_in_every_sink() {
    const NEW: &[&str] = &["`more` (`TEXT`, nullable)", "`evolve`"];
    Case {
        name: "sqlite_added",
        postgres: false,
        change: "ALTER TABLE person ADD COLUMN more TEXT",
        rows: "UPDATE person SET more = 'early' WHERE id = 1; DELETE FROM person WHERE id = 2;
            INSERT INTO person(id, name, more) VALUES(1000, 'new', 'm'); UPDATE person SET more = 'x' WHERE id = 3",
        outcomes: [
            ("evolve", TakenOn, TakenOn),
            (
                "freeze",
                Refused(DRIFT, &["column `more`: is new, `Text`"], ANEW),
                Refused(DRIFT, NEW, EVOLVE),
            ),
            ("ignore", PassedOver("more"), PassedOver("more")),
        ],
    }
    .check();
}

#[test]
fn a_nullable_column_that_is_added_to_a_postgres_table_does_as_the_policy_says_in_every_sink() {
    const NEW: &[&str] = &["`more` (`text`, nullable)", "`evolve`"];
    Case {
        name: "postgres_added",
        postgres: true,
        change: "ALTER TABLE person ADD COLUMN more text",
        rows: "UPDATE person SET more = 'early' WHERE id = 1; DELETE FROM person WHERE id = 2;
            INSERT INTO person(id, name, more) VALUES(1000, 'new', 'm'); UPDATE person SET more = 'x' WHERE id = 3",
        outcomes: [
            ("evolve", TakenOn, TakenOn),
            (
                "freeze",
                Refused(DRIFT, &["column `more`: is new, `Text`"], EVOLVE),
                Refused(DRIFT, NEW, EVOLVE),
            ),
            ("ignore", PassedOver("more"), PassedOver("more")),
        ],
    }
    .check();
}

#[test]
fn wider_types_of_a_postgres_table_are_taken_on_by_every_sink_where_it_is_asked_for() {
    const LOCKED: &[&str] = &["column `n`: was declared `integer`, now `bigint`"];
    const BELOW: &[&str] = &[
        "column `name` of table `public.person` was given the wider type `text`",
        "`evolve`",
    ];
    Case {
        name: "postgres_wider",
        postgres: true,
        change: "ALTER TABLE person ALTER n TYPE bigint, ALTER name TYPE text, ALTER price TYPE numeric(12, 2)",
        rows: "UPDATE person SET n = 6000000000 WHERE id = 1; DELETE FROM person WHERE id = 2;
            INSERT INTO person VALUES(1000, 'longer than ten characters', 5000000000, 9999999999.99);
            UPDATE person SET price = 1234567890.12 WHERE id = 3",
        outcomes: [
            ("evolve", TakenOn, TakenOn),
            ("freeze", Refused(DRIFT, LOCKED, EVOLVE), Refused(DRIFT, BELOW, EVOLVE)),
            ("ignore", Refused(DRIFT, LOCKED, EVOLVE), Refused(DRIFT, BELOW, EVOLVE)),
        ],
    }
    .check();
}

#[test]
fn a_sqlite_table_that_is_rebuilt_with_a_wider_type_needs_a_new_snapshot_under_every_policy() {
    const LOCKED: &[&str] = &["column `n`: was `Int`, now `Text`"];
    const BELOW: &[&str] = &["table `person`"];
    Case {
        name: "sqlite_wider",
        postgres: false,
        change: "BEGIN; CREATE TABLE new(id INTEGER PRIMARY KEY, name VARCHAR(10), n TEXT, price DECIMAL(10, 2));
            INSERT INTO new SELECT * FROM person; DROP TABLE person; ALTER TABLE new RENAME TO person; COMMIT",
        rows: "UPDATE person SET n = '007' WHERE id = 1; DELETE FROM person WHERE id = 2;
            INSERT INTO person VALUES(1000, 'new', '1e3', '3.25')",
        outcomes: [
            ("evolve", Refused(DRIFT, LOCKED, ANEW), Refused(LOST, BELOW, ANEW)),
            ("freeze", Refused(DRIFT, LOCKED, ANEW), Refused(LOST, BELOW, ANEW)),
            ("ignore", Refused(DRIFT, LOCKED, ANEW), Refused(LOST, BELOW, ANEW)),
        ],
    }
    .check();
}

#[test]
fn a_column_that_is_dropped_from_a_postgres_table_needs_a_new_snapshot_under_every_policy() {
    const LOCKED: &[&str] = &["column `n`: is gone"];
    const BELOW: &[&str] = &["column `n` of table `public.person` was dropped"];
    Case {
        name: "postgres_dropped",
        postgres: true,
        change: "ALTER TABLE person DROP COLUMN n",
        rows: "UPDATE person SET price = 7 WHERE id = 1; DELETE FROM person WHERE id = 2;
            INSERT INTO person VALUES(1000, 'new', 3.5)",
        outcomes: [
            (
                "evolve",
                Refused(DRIFT, LOCKED, ANEW),
                Refused(DRIFT, BELOW, ANEW),
            ),
            (
                "freeze",
                Refused(DRIFT, LOCKED, ANEW),
                Refused(DRIFT, BELOW, ANEW),
            ),
            (
                "ignore",
                Refused(DRIFT, LOCKED, ANEW),
                Refused(DRIFT, BELOW, ANEW),
            ),
        ],
    }
    .check();
}

#[test]
fn a_renamed_postgres_table_is_named_under_every_policy() {
    const GONE: &[&str] = &["no table `person`"];
    const BELOW: &[&str] = &["table `public.person` was renamed to `public.people`"];
    const WAY_OUT: &[Step] = &[
        Table("people"),
        Dozer("migrate"),
        Dozer("app reset --connection shop"),
    ];
    Case {
        name: "postgres_renamed",
        postgres: true,
        change: "ALTER TABLE person RENAME TO people",
        rows: "UPDATE people SET n = 7 WHERE id = 1; DELETE FROM people WHERE id = 2;
            INSERT INTO people VALUES(1000, 'new', 3, 3.5)",
        outcomes: [
            (
                "evolve",
                Refused(INVALID, GONE, WAY_OUT),
                Refused(DRIFT, BELOW, WAY_OUT),
            ),
            (
                "freeze",
                Refused(INVALID, GONE, WAY_OUT),
                Refused(DRIFT, BELOW, WAY_OUT),
            ),
            (
                "ignore",
                Refused(INVALID, GONE, WAY_OUT),
                Refused(DRIFT, BELOW, WAY_OUT),
            ),
        ],
    }
    .check();
}

#[test]
fn a_renamed_sqlite_table_is_named_under_every_policy_and_loses_nothing_where_it_is_named_back() {
    const GONE: &[&str] = &[
        "table `person` was renamed to `people`",
        "table_name: people",
    ];
    const BELOW: &[&str] = &[
        "table `person` was renamed to `people`",
        "table_name: people",
    ];
    const BACK: &[Step] = &[Sql("ALTER TABLE people RENAME TO person")];
    const WAY_OUT: &[Step] = &[
        Table("people"),
        Dozer("migrate"),
        Dozer("app reset --connection shop"),
    ];
    Case {
        name: "sqlite_renamed",
        postgres: false,
        change: "ALTER TABLE person RENAME TO people",
        rows: "UPDATE people SET n = 7 WHERE id = 1; DELETE FROM people WHERE id = 2;
            INSERT INTO people VALUES(1000, 'new', 3, '3.25')",
        outcomes: [
            (
                "evolve",
                Refused(INVALID, GONE, BACK),
                Refused(DRIFT, BELOW, BACK),
            ),
            (
                "freeze",
                Refused(INVALID, GONE, BACK),
                Refused(DRIFT, BELOW, WAY_OUT),
            ),
            (
                "ignore",
                Refused(INVALID, GONE, WAY_OUT),
                Refused(DRIFT, BELOW, BACK),
            ),
        ],
    }
    .check();
}

#[test]
fn sqlite_drops_no_captured_column_and_without_the_capture_a_new_snapshot_is_needed() {
    for policy in ["evolve", "freeze", "ignore"] {
        let name = format!("sc_sqlite_dropped_{policy}");
        let mut application = Application::stored(false, &name, policy, SQLITE);
        let running = application.follow();
        let refused = std::process::Command::new("sqlite3")
            .arg(application.place.file("source.db"))
            .arg("ALTER TABLE person DROP COLUMN n")
            .output()
            .unwrap();
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(said.contains("error in trigger _dozer_"), "{said}");
        application.sql("INSERT INTO person VALUES(1000, 'new', 3, '3.25')");
        application.stop_at(running, "1000");
        application.holds_all("after nothing was dropped", |_, _| {});
        application
            .place
            .done("connector clean --yes --connection shop");
        application.sql("ALTER TABLE person DROP COLUMN n");
        let ran = application.place.run("app run --once");
        assert_eq!(ran.code, Some(DRIFT), "{ran}");
        assert!(ran.err.contains("column `n`: is gone"), "{ran}");
        for step in ["migrate", "app reset --connection shop", "app run --once"] {
            application.place.done(step);
        }
        application.holds_all("after the way out", |_, _| {});
        application.place.done("app verify");
    }
}
