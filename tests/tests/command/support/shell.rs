//! `sqlite3`, the command-line shell, as the other process.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use serde_json::{Map, Value};

use super::until;

/// How long the shell waits for a lock, in milliseconds.
const LOCK_WAIT: &str = ".timeout 30000";

/// No test takes the power away: commits need not wait for a disk that others keep busy.
const NO_SYNC: &str = "PRAGMA synchronous = OFF";

fn shell(database: &Path, options: &[&str]) -> Child {
    Command::new("sqlite3")
        .args(["-batch", "-bail", "-cmd", LOCK_WAIT, "-cmd", NO_SYNC])
        .args(options)
        .arg(database)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| {
            panic!("`sqlite3` cannot be started: {error}; install the package sqlite3")
        })
}

fn told(database: &Path, options: &[&str], sql: &str) -> String {
    let mut child = shell(database, options);
    let mut stdin = child.stdin.take().unwrap();
    let sql = sql.to_owned();
    // Beside reading, as neither side may wait for the other.
    let feed = std::thread::spawn(move || stdin.write_all(sql.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let written = feed.join().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "sqlite3 failed: {err}");
    written.unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Runs SQL; gives what is printed.
pub(crate) fn sqlite(database: &Path, sql: &str) -> String {
    told(database, &[], sql)
}

/// The rows of a query on a file that is only read, each as an object.
pub(crate) fn json_rows(database: &Path, sql: &str) -> Vec<Map<String, Value>> {
    let text = told(database, &["-readonly", "-json"], sql);
    if text.is_empty() {
        return Vec::new();
    }
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// The rows of a query on a file that is only read, one a line, columns divided by `|`.
pub(crate) fn ask(database: &Path, sql: &str) -> Vec<String> {
    let text = told(database, &["-readonly"], sql);
    text.lines().map(str::to_owned).collect()
}

/// All rows of these tables, every value as an SQL literal, sorted.
pub(crate) fn dump(database: &Path, tables: &[&str]) -> BTreeMap<String, Vec<String>> {
    let mut dumped = BTreeMap::new();
    for table in tables {
        let names = ask(
            database,
            &format!("SELECT name FROM pragma_table_info('{table}')"),
        );
        assert!(!names.is_empty(), "there is no table `{table}`");
        let quoted: Vec<String> = names
            .iter()
            .map(|name| format!("quote(\"{}\")", name.replace('"', "\"\"")))
            .collect();
        let sql = format!(
            "SELECT {} AS line FROM \"{table}\" ORDER BY line",
            quoted.join(" || ', ' || ")
        );
        dumped.insert((*table).to_owned(), ask(database, &sql));
    }
    dumped
}

/// A shell that is given statements one after the other; killed when the test is over, however it ends.
#[derive(Debug)]
pub(crate) struct Writer {
    child: Child,
    stdin: Option<ChildStdin>,
}

impl Writer {
    pub(crate) fn start(database: &Path) -> Self {
        let mut child = shell(database, &[]);
        let stdin = child.stdin.take();
        Self { child, stdin }
    }

    /// Gives it statements; blocks while it is busy with earlier ones.
    pub(crate) fn write(&mut self, sql: &str) {
        let stdin = self.stdin.as_mut().expect("the writer was told to end");
        if let Err(error) = stdin.write_all(sql.as_bytes()) {
            panic!(
                "the writer takes no statement: {error}: {}",
                self.complaint()
            );
        }
    }

    /// Lets it work off what it was given, and waits for its end.
    pub(crate) fn finish(mut self) {
        drop(self.stdin.take());
        let status = until("the end of a writer", || self.child.try_wait().unwrap());
        assert!(status.success(), "a writer failed: {}", self.complaint());
    }

    /// Whether it has ended; a failure fails the test.
    pub(crate) fn has_ended(&mut self) -> bool {
        drop(self.stdin.take());
        let Some(status) = self.child.try_wait().unwrap() else {
            return false;
        };
        assert!(status.success(), "a writer failed: {}", self.complaint());
        true
    }

    fn complaint(&mut self) -> String {
        let _ = self.child.kill();
        let stderr = self.child.stderr.take();
        stderr.map_or_else(String::new, |stderr| {
            std::io::read_to_string(stderr).unwrap_or_default()
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
