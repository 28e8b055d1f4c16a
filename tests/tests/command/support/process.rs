//! The command as a process that never outlives its test.

use std::fmt;
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The longest wait for anything.
const PATIENCE: Duration = Duration::from_mins(1);

/// So many lines of a command are shown where its test fails.
const TOLD: usize = 60;

/// Asks until there is an answer; fails with what was awaited when there is none for too long.
pub(crate) fn until<T>(awaited: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(
            start.elapsed() < PATIENCE,
            "waited {PATIENCE:?} in vain for {awaited}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// What a command printed, and its exit code; none when a signal ended it.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    /// With the directory of the test as `DIR`.
    pub(crate) err: String,
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "code {:?}\nstdout:\n{}\nstderr:\n{}",
            self.code, self.out, self.err
        )
    }
}

impl Ran {
    /// Stdout, which must be one JSON document and nothing else.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("stdout is not JSON: {error}: {self}"))
    }

    /// Fails unless the command ended with this code, and each of these texts is on stderr.
    pub(crate) fn refused(&self, code: i32, texts: &[&str]) {
        assert_eq!(self.code, Some(code), "{self}");
        for text in texts {
            assert!(self.err.contains(text), "{text:?} is not told: {self}");
        }
        assert_eq!(self.out, "", "a failed run prints no result: {self}");
    }
}

/// A command that goes on; it is killed when the test is over, however it ends.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    arguments: String,
    output: TempDir,
}

impl Running {
    /// Starts `dozer <arguments>` in a directory, whose `dozer.yaml` is the configuration.
    pub(crate) fn start(directory: &Path, arguments: &str, variables: &[(&str, &str)]) -> Self {
        let output = TempDir::new().unwrap();
        let file = |name| File::create(output.path().join(name)).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_dozer-under-test"))
            .args(arguments.split_whitespace())
            .envs(variables.iter().copied())
            .current_dir(directory)
            .stdin(Stdio::null())
            .stdout(file("out"))
            .stderr(file("err"))
            .spawn()
            .unwrap();
        Self {
            child,
            arguments: arguments.to_owned(),
            output,
        }
    }

    /// What it has printed on stderr so far.
    pub(crate) fn err(&self) -> String {
        self.printed("err")
    }

    fn printed(&self, name: &str) -> String {
        let bytes = std::fs::read(self.output.path().join(name)).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    /// Waits until stderr holds these words. A command that ends before fails the test.
    pub(crate) fn wait_for(&mut self, words: &str) {
        let awaited = format!("{words:?} from `dozer {}`", self.arguments);
        until(&awaited, || {
            let ended = self.child.try_wait().unwrap();
            let err = self.err();
            let found = err.contains(words);
            assert!(
                found || ended.is_none(),
                "ended with {ended:?} before {awaited}:\n{err}"
            );
            found.then_some(())
        });
    }

    /// Sends a signal, by the name that `kill` knows.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.unwrap().success(), "SIG{name} was not sent");
    }

    /// The memory that it has taken and holds now, in bytes; nothing once it has ended.
    ///
    /// The pages of the program's own file are not in it: how many of them are resident is up to the machine, and those of
    /// a debug build are more than all that a run holds.
    pub(crate) fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let of = |name: &str| -> Option<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
            Some(kilobytes * 1024)
        };
        Some(of("RssAnon:")? + of("RssShmem:")?)
    }

    /// How it has ended, if it has.
    pub(crate) fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Waits for its end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let awaited = format!("the end of `dozer {}`", self.arguments);
        until(&awaited, || self.child.try_wait().unwrap())
    }

    /// Waits for its end, and gives what it printed; `directory` is the test's.
    pub(crate) fn finish(mut self, directory: &Path) -> Ran {
        let code = self.ended().code();
        let placed = |text: String| text.replace(&directory.display().to_string(), "DIR");
        Ran {
            code,
            out: self.printed("out"),
            err: placed(self.err()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let err = std::fs::read(self.output.path().join("err")).unwrap_or_default();
            let err = String::from_utf8_lossy(&err);
            let skipped = err.lines().count().saturating_sub(TOLD);
            eprintln!(
                "`dozer {}` printed on stderr ({skipped} lines before these):",
                self.arguments
            );
            (err.lines().skip(skipped)).for_each(|line| eprintln!("  {line}"));
        }
        // Of a process that has ended, neither does anything.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
