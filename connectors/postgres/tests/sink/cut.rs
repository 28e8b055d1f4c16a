//! A connection that is cut, before a commit and while it is answered.

use std::thread;

use connector_core::sink::Sink as _;
use connector_core::{Checkpoint, FieldType, Value};
use connector_postgres::PostgresSink;

use crate::cluster::{Cluster, Options, SUPERUSER, Stop};
use crate::given::{Insert, batch, lines, rows, schema, target};
use crate::proxy::{Moment, Proxy};

fn row(id: i64) -> Vec<Value<'static>> {
    vec![Value::Int(id), Value::Text("x")]
}

#[test]
fn a_commit_whose_answer_is_lost_is_done_once() {
    let cluster = Cluster::start(&Options::default());
    let mut looks = cluster.database("cut");
    let proxy = Proxy::to(cluster.port());
    let url = format!(
        "postgres://{SUPERUSER}@127.0.0.1:{}/cut?sslmode=disable",
        proxy.port()
    );
    let mut sink = PostgresSink::new(url).writer().unwrap();
    // Without a key nothing but the checkpoint keeps a row from being stored twice.
    let table = schema(
        "bag",
        &[("id", FieldType::Int), ("note", FieldType::Text)],
        &[],
    );
    let open = target(std::slice::from_ref(&table));
    assert_eq!(sink.open(&open).unwrap(), None);
    sink.start_snapshot(&Checkpoint::snapshot(1)).unwrap();
    sink.commit(&Checkpoint::after(1)).unwrap();
    let mut expected = 0;
    for (words, moment, stored) in [
        ("COMMIT\0", Moment::Before, false),
        ("COMMIT\0", Moment::After, true),
        // In the middle of the rows, and of the checkpoint.
        ("note of the batch", Moment::Before, false),
        ("note of the batch", Moment::After, false),
    ] {
        let lsn = 10 + expected;
        proxy.stall_at(words, 0, moment);
        let note = vec![Value::Int(1), Value::Text("note of the batch")];
        let changes = || {
            batch(
                Checkpoint::after(lsn),
                vec![rows(0, &table, lsn, &[(Insert, note.clone())])],
            )
        };
        let error = thread::scope(|scope| {
            let cutting = scope.spawn(|| {
                while !proxy.is_stalled() {
                    thread::sleep(std::time::Duration::from_millis(1));
                }
                // The server has time to do what it has heard.
                if stored {
                    let mut looks = cluster.connect("cut");
                    let sql = "SELECT checkpoint AS line FROM _dozer_sink";
                    while !lines(&mut looks, sql)[0].contains(&format!("\"lsn\":{lsn},")) {
                        thread::sleep(std::time::Duration::from_millis(1));
                    }
                }
                proxy.cut();
                proxy.stall(false);
            });
            let written = sink
                .write(&changes())
                .and_then(|()| sink.commit(&Checkpoint::after(lsn)));
            cutting.join().unwrap();
            written.unwrap_err()
        });
        assert!(error.is_transient() && error.was_reached(), "{error}");
        // As the next attempt does.
        let found = sink.open(&open).unwrap().unwrap();
        assert_eq!(found.lsn == lsn, stored, "{words:?} {moment:?}: {found:?}");
        if found.lsn != lsn {
            sink.write(&changes()).unwrap();
            sink.commit(&Checkpoint::after(lsn)).unwrap();
        }
        expected += 1;
        let count = lines(&mut looks, "SELECT count(*)::text AS line FROM bag");
        assert_eq!(count, [expected.to_string()]);
    }
}

#[test]
fn a_server_that_restarts_is_an_error_that_may_pass() {
    let cluster = Cluster::start(&Options::default());
    drop(cluster.database("restarted"));
    let url = cluster.url(SUPERUSER, "restarted");
    let mut sink = PostgresSink::new(url).writer().unwrap();
    let table = schema(
        "t",
        &[("id", FieldType::Int), ("note", FieldType::Text)],
        &[0],
    );
    let open = target(std::slice::from_ref(&table));
    sink.open(&open).unwrap();
    sink.start_snapshot(&Checkpoint::snapshot(1)).unwrap();
    let read = |lsn, id| {
        batch(
            Checkpoint::snapshot(lsn),
            vec![rows(0, &table, lsn, &[(Insert, row(id))])],
        )
    };
    sink.write(&read(1, 1)).unwrap();
    cluster.restart(Stop::Fast);
    let error = sink.commit(&Checkpoint::after(1)).unwrap_err();
    assert!(error.is_transient(), "{error}");
    assert_eq!(sink.open(&open).unwrap(), Some(Checkpoint::snapshot(1)));
    sink.start_snapshot(&Checkpoint::snapshot(2)).unwrap();
    sink.write(&read(2, 2)).unwrap();
    sink.commit(&Checkpoint::after(2)).unwrap();
    let mut looks = cluster.connect("restarted");
    assert_eq!(lines(&mut looks, "SELECT id::text AS line FROM t"), ["2"]);
}
