//! A private Postgres server: its own directory, port and Unix socket.
//!
//! A small shell holds the reading end of a pipe whose writing end only the test process has. However that process ends
//! (done, panicked, Ctrl-C, `kill -9`), the pipe closes, and the shell stops the server and removes its directory.

#![allow(
    dead_code,
    reason = "each test program uses the part of this that it needs"
)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use connector_postgres::wire::{Connection, Mode};
use connector_postgres::{Settings, identifier, literal};

/// The superuser; it has no password and is let in by address or socket.
pub(crate) const SUPERUSER: &str = "postgres";

/// How a cluster is set up, beyond what every one has: `wal_level = logical`, loopback and a Unix socket, no `fsync`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    /// Lines of `postgresql.conf`.
    pub(crate) conf: String,
    /// Lines of `pg_hba.conf` that come before "the superuser and replication are trusted".
    pub(crate) hba: String,
    /// A directory of compiled locales, beside the system's.
    pub(crate) locales: Option<PathBuf>,
    /// `ssl = on` with this certificate and key, and the authority of client certificates: PEM.
    pub(crate) tls: Option<ServerTls>,
}

/// PEM texts for the server.
#[derive(Debug, Clone)]
pub(crate) struct ServerTls {
    pub(crate) certificate: String,
    pub(crate) key: String,
    pub(crate) client_authority: String,
}

/// How a server is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Sessions are ended, everything is written.
    Fast,
    /// As a crash: the log is replayed at the next start.
    Immediate,
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Cluster {
    superuser: Settings,
    /// Its URL where the server is not ours.
    given: Option<String>,
    /// Nothing where the server is not ours.
    own: Option<Own>,
}

/// A server of this process.
#[derive(Debug)]
struct Own {
    // Ends first: its pipe is what the watchdog waits for.
    watchdog: Watchdog,
    directory: TempDir,
    locales: Option<PathBuf>,
    port: u16,
    options: Options,
}

impl Cluster {
    /// The server that `DOZER_TEST_POSTGRES_URL` names, with a superuser and `wal_level = logical`; else one of our own.
    /// For tests that need no more of a server than its databases.
    pub(crate) fn given_or_start() -> Self {
        Self::given().unwrap_or_else(|| Self::start(&Options::default()))
    }

    /// The server that `DOZER_TEST_POSTGRES_URL` names, if it does.
    pub(crate) fn given() -> Option<Self> {
        let url = std::env::var("DOZER_TEST_POSTGRES_URL").ok()?;
        Some(Self {
            superuser: Settings::from_url(&url).expect("the given server's settings"),
            given: Some(url),
            own: None,
        })
    }

    /// Whether the server is not ours.
    pub(crate) fn is_given(&self) -> bool {
        self.given.is_some()
    }

    /// A URL for the superuser and a database.
    pub(crate) fn superuser_url(&self, database: &str) -> String {
        let Some(given) = &self.given else {
            return self.url(SUPERUSER, database);
        };
        let (place, parameters) = given.split_once('?').unwrap_or((given, ""));
        let (scheme, place) = place.split_once("://").expect("a URL");
        let server = place.split('/').next().unwrap_or_default();
        format!("{scheme}://{server}/{database}?{parameters}")
    }

    /// Makes and starts a server; takes one or two seconds.
    pub(crate) fn start(options: &Options) -> Self {
        Self::of(options, |login, root| {
            let mut initdb = login.run("initdb");
            initdb.args([
                "--no-sync",
                "--no-instructions",
                "--encoding=UTF8",
                "--locale=C",
            ]);
            initdb.args(["--auth=trust", "--username", SUPERUSER, "--pgdata"]);
            done(initdb.arg(root.join("data")).current_dir(root));
        })
    }

    /// A standby that follows this server.
    pub(crate) fn standby(&self) -> Self {
        self.base_backup(&["--write-recovery-conf"])
    }

    /// A backup of this server, restored: it has no replication slots.
    pub(crate) fn restored(&self) -> Self {
        self.base_backup(&[])
    }

    fn base_backup(&self, arguments: &[&str]) -> Self {
        Self::of(&self.own().options, |login, root| {
            let mut backup = login.run("pg_basebackup");
            backup.args(["--no-sync", "--checkpoint=fast", "--username", SUPERUSER]);
            backup.args(["--port", &self.port().to_string(), "--host"]);
            backup.arg(self.socket_directory()).args(arguments);
            done((backup.arg("--pgdata").arg(root.join("data"))).current_dir(root));
        })
    }

    /// A copy of this server's files, with its replication slots. It is stopped for that, and started again.
    pub(crate) fn copy(&self) -> Self {
        self.stop(Stop::Fast);
        let copy = Self::of(&self.own().options, |login, root| {
            let mut copy = Command::new("cp");
            login.wear(&mut copy);
            copy.arg("-a").arg(self.root().join("data"));
            done(copy.arg(root.join("data")).current_dir(root));
        });
        self.start_again();
        copy
    }

    /// Gives this server, which is stopped, the replication slots of another, as failover tools do.
    pub(crate) fn take_slots(&self, other: &Self) {
        let mut copy = Command::new("cp");
        Login::of_server().wear(&mut copy);
        copy.arg("-a").arg(other.root().join("data/pg_replslot"));
        done(copy.arg(self.root().join("data")).current_dir(self.root()));
    }

    /// One of the server's programs, for the superuser over the Unix socket.
    pub(crate) fn program(&self, name: &str) -> Command {
        let mut command = Login::of_server().run(name);
        command.current_dir(self.root()).env("PGUSER", SUPERUSER);
        command.env("PGHOST", self.socket_directory());
        command.env("PGPORT", self.port().to_string());
        command
    }

    /// Makes a standby a server of its own, on another timeline.
    pub(crate) fn promote(&self) {
        assert!(self.control(&["promote"]), "{}", self.log());
    }

    /// A server in a directory where `fill` makes `data`.
    fn of(options: &Options, fill: impl FnOnce(Login, &Path)) -> Self {
        let directory = tempfile::Builder::new()
            .prefix("dozer-pg-")
            .tempdir()
            .expect("a temporary directory");
        let root = directory.path();
        let login = Login::of_server();
        login.give(root);
        let watchdog = Watchdog::of(root, &login);
        fill(login, root);
        // Another process may take the port before the server does: then it is another port's turn.
        for _ in 0..5 {
            let port = free_port();
            configure(root, port, options, &login);
            if pg_ctl(root, options.locales.as_deref(), &["start"]) {
                let url = format!("postgres://{SUPERUSER}@127.0.0.1:{port}/postgres");
                return Self {
                    superuser: Settings::from_url(&url).expect("settings"),
                    given: None,
                    own: Some(Own {
                        watchdog,
                        directory,
                        locales: options.locales.clone(),
                        port,
                        options: options.clone(),
                    }),
                };
            }
        }
        panic!("the server does not start: {}", log_of(root));
    }

    fn own(&self) -> &Own {
        self.own.as_ref().expect("a server of our own")
    }

    fn control(&self, arguments: &[&str]) -> bool {
        pg_ctl(self.root(), self.own().locales.as_deref(), arguments)
    }

    fn root(&self) -> &Path {
        self.own().directory.path()
    }

    /// The port on 127.0.0.1, and of the socket.
    pub(crate) fn port(&self) -> u16 {
        self.own().port
    }

    /// The directory of the Unix socket.
    pub(crate) fn socket_directory(&self) -> &Path {
        self.root()
    }

    /// A URL for a login over TCP: `login` is `user` or `user:password`, `rest` the database and the parameters.
    pub(crate) fn url(&self, login: &str, rest: &str) -> String {
        format!("postgres://{login}@127.0.0.1:{}/{rest}", self.port())
    }

    /// The superuser's settings for a database, over TCP.
    pub(crate) fn settings(&self, database: &str) -> Settings {
        self.superuser.clone().with_database(database)
    }

    /// A superuser's connection to a database, over TCP.
    pub(crate) fn connect(&self, database: &str) -> Connection {
        Connection::open(&self.settings(database), Mode::Query).expect("a connection")
    }

    /// Makes an empty database of this name, in place of one that is there, and connects to it.
    pub(crate) fn database(&self, name: &str) -> Connection {
        let mut connection = self.connect("postgres");
        let name_quoted = identifier(name);
        // What an earlier run of the tests left on a server that stays.
        let slots = format!(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active AND database = {}",
            literal(name)
        );
        for sql in [
            slots,
            format!("DROP DATABASE IF EXISTS {name_quoted}"),
            format!("CREATE DATABASE {name_quoted}"),
        ] {
            connection.execute(&sql).expect("a database");
        }
        self.connect(name)
    }

    /// Stops the server and starts it again.
    pub(crate) fn restart(&self, stop: Stop) {
        self.stop(stop);
        self.start_again();
    }

    /// Stops the server.
    pub(crate) fn stop(&self, stop: Stop) {
        let mode = match stop {
            Stop::Fast => "--mode=fast",
            Stop::Immediate => "--mode=immediate",
        };
        assert!(self.control(&["stop", mode]), "{}", self.log());
    }

    /// Kills the server's main process with SIGKILL; the others end by themselves.
    pub(crate) fn kill(&self) {
        let id = main_process(self.root()).expect("the server runs");
        let killed = Command::new("kill").args(["-KILL", &id]).status();
        assert!(killed.expect("kill runs").success());
    }

    /// Starts the server after [`stop`](Self::stop) or [`kill`](Self::kill).
    pub(crate) fn start_again(&self) {
        // After a kill the shared memory is in use until the last of the processes has noticed.
        let end = Instant::now() + Duration::from_secs(20);
        while !self.control(&["start"]) {
            assert!(Instant::now() < end, "{}", self.log());
            sleep(Duration::from_millis(100));
        }
    }

    /// Adds lines to `postgresql.conf` and has the server read it; what needs a restart takes effect at the next.
    pub(crate) fn configure(&self, lines: &str) {
        let path = self.root().join("data/postgresql.conf");
        let mut conf = fs::read_to_string(&path).expect("the configuration");
        conf.push_str(lines);
        conf.push('\n');
        fs::write(&path, conf).expect("the configuration");
        assert!(self.control(&["reload"]));
    }

    /// Writes a file that lives as long as the server; gives its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.root().join(name);
        fs::write(&path, text).expect("a file");
        path.display().to_string()
    }

    /// What the server wrote into its log.
    pub(crate) fn log(&self) -> String {
        log_of(self.root())
    }
}

/// Runs a program that has to succeed.
fn done(command: &mut Command) {
    let ran = command.output().expect("the program is there");
    assert!(
        ran.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&ran.stderr)
    );
}

fn log_of(root: &Path) -> String {
    fs::read_to_string(root.join("log")).unwrap_or_default()
}

fn main_process(root: &Path) -> Option<String> {
    let file = fs::read_to_string(root.join("data/postmaster.pid")).ok()?;
    file.lines().next().map(str::to_owned)
}

fn pg_ctl(root: &Path, locales: Option<&Path>, arguments: &[&str]) -> bool {
    let done = Login::of_server()
        .run("pg_ctl")
        .envs(locales.map(|locales| ("LOCPATH", locales)))
        .args(arguments)
        .args(["--wait", "--timeout=60", "--silent", "--pgdata"])
        .arg(root.join("data"))
        .arg("--log")
        .arg(root.join("log"))
        .current_dir(root)
        // The server inherits these: a pipe would stay open as long as it runs.
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Ctrl-C is for the tests; the watchdog then stops the server.
        .process_group(0)
        .status();
    done.expect("pg_ctl runs").success()
}

fn configure(root: &Path, port: u16, options: &Options, login: &Login) {
    let data = root.join("data");
    let mut conf = format!(
        "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{}'\n\
         wal_level = logical\nmax_replication_slots = 32\nmax_wal_senders = 32\n\
         fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nshared_buffers = 64MB\n\
         log_min_messages = warning\n",
        root.display()
    );
    if let Some(tls) = &options.tls {
        for (name, text) in [
            ("server.crt", &tls.certificate),
            ("server.key", &tls.key),
            ("authority.crt", &tls.client_authority),
        ] {
            let path = data.join(name);
            fs::write(&path, text).expect("a certificate");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("its rights");
            login.give(&path);
        }
        conf.push_str("ssl = on\nssl_ca_file = 'authority.crt'\n");
    }
    writeln!(conf, "{}", options.conf).expect("a string");
    fs::write(data.join("postgresql.conf"), conf).expect("the configuration");
    let hba = format!(
        "{}\nlocal all {SUPERUSER} trust\nhost all {SUPERUSER} 127.0.0.1/32 trust\n\
         local replication {SUPERUSER} trust\nhost replication {SUPERUSER} 127.0.0.1/32 trust\n",
        options.hba
    );
    fs::write(data.join("pg_hba.conf"), hba).expect("the access rules");
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// Whom the server runs as: this user, or `postgres` where this is root, which the server refuses.
#[derive(Debug, Clone, Copy)]
struct Login(Option<(u32, u32)>);

impl Login {
    fn of_server() -> Self {
        let is_root = fs::metadata("/proc/self").is_ok_and(|me| {
            use std::os::unix::fs::MetadataExt as _;
            me.uid() == 0
        });
        if !is_root {
            return Self(None);
        }
        let users = fs::read_to_string("/etc/passwd").expect("the users");
        let ids = users.lines().find_map(|line| {
            let mut fields = line.strip_prefix("postgres:")?.split(':').skip(1);
            Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        });
        Self(Some(
            ids.expect("a user `postgres`, since the server refuses root"),
        ))
    }

    fn run(self, program: &str) -> Command {
        let mut command = Command::new(binaries().join(program));
        self.wear(&mut command);
        command
    }

    fn wear(self, command: &mut Command) {
        if let Self(Some((user, group))) = self {
            command.uid(user).gid(group);
        }
    }

    fn give(self, path: &Path) {
        if let Self(Some((user, group))) = self {
            chown(path, Some(user), Some(group)).expect("the owner changes");
        }
    }
}

/// The directory of the newest server's programs.
pub(crate) fn binaries() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let newest = versions
        .filter_map(Result::ok)
        .filter(|version| version.path().join("bin/initdb").exists())
        .max_by_key(|version| version.file_name().to_string_lossy().parse::<u32>().ok());
    newest.map_or_else(PathBuf::new, |version| version.path().join("bin"))
}

/// Stops the server when the test process ends.
#[derive(Debug)]
struct Watchdog {
    shell: Child,
}

impl Watchdog {
    fn of(root: &Path, login: &Login) -> Self {
        const SCRIPT: &str = "read -r never\n\
            id=$(head -n 1 \"$1/data/postmaster.pid\" 2>/dev/null) && kill -QUIT \"$id\" 2>/dev/null\n\
            for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 \"$id\" 2>/dev/null || break; sleep 0.1; done\n\
            rm -rf \"$1\"";
        let mut command = Command::new("sh");
        login.wear(&mut command);
        let shell = command
            .args([
                OsStr::new("-c"),
                OsStr::new(SCRIPT),
                OsStr::new("watchdog"),
                root.as_os_str(),
            ])
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        Self {
            shell: shell.expect("a shell"),
        }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _: io::Result<_> = self.shell.wait();
    }
}
