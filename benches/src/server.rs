//! A Postgres server that a group has started, as the process of a side finds it.

use std::path::Path as Directory;
use std::time::{Duration, Instant};

use connector_postgres::Settings;
use connector_postgres::wire::{Connection, Mode};

use crate::cluster::{Cluster, SUPERUSER};
use crate::measure::{Took, Watch};
use crate::{Result, measure};

const FILE: &str = "server.url";
/// How long the sessions of a run may take to end.
const ENDED_WITHIN: Duration = Duration::from_secs(20);

/// Where the server is, and a session in it that is not measured.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) session: Connection,
    /// Its main process, whose children the sessions are.
    process: u32,
}

impl Server {
    /// Leaves word of a server to the sides. It has nothing left to write of what was prepared.
    pub(crate) fn note(directory: &Directory, cluster: &Cluster, database: &str) -> Result<()> {
        cluster.connect("postgres").execute("CHECKPOINT")?;
        let url = cluster.url(SUPERUSER, database);
        Ok(std::fs::write(directory.join(FILE), url)?)
    }

    /// The server that the group left word of.
    pub(crate) fn find(directory: &Directory) -> Result<Self> {
        let url = std::fs::read_to_string(directory.join(FILE))?;
        let mut session = Connection::open(&Settings::from_url(&url)?, Mode::Query)?;
        let rows = session
            .query("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1) AS process")?;
        let process = rows.one()?.parse("process")?;
        Ok(Self {
            url,
            session,
            process,
        })
    }

    pub(crate) fn connect(&self, mode: Mode) -> Result<Connection> {
        Ok(Connection::open(&Settings::from_url(&self.url)?, mode)?)
    }

    /// Measures from here on; the sessions that end meanwhile are in the processors' time.
    pub(crate) fn watch(&mut self) -> Result<ServerWatch> {
        self.wait_for_the_end()?;
        Ok(ServerWatch {
            before: measure::children_cpu_seconds(self.process)?,
            watch: Watch::start(),
        })
    }

    /// Waits until no other session is left.
    pub(crate) fn wait_for_the_end(&mut self) -> Result<()> {
        let start = Instant::now();
        let others = "SELECT 1 FROM pg_stat_activity
                       WHERE backend_type IN ('client backend', 'walsender') AND pid <> pg_backend_pid()";
        while !self.session.query(others)?.is_empty() {
            if start.elapsed() > ENDED_WITHIN {
                return Err("a session did not end".into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// What it took until [`ServerWatch::stop`], with what the sessions took that have ended since.
    pub(crate) fn took(&mut self, stopped: Stopped) -> Result<Took> {
        self.wait_for_the_end()?;
        // The main process hears of an end a moment after the list does.
        std::thread::sleep(Duration::from_millis(50));
        let server = measure::children_cpu_seconds(self.process)? - stopped.before;
        Ok(Took {
            cpu_seconds: stopped.took.cpu_seconds + server,
            ..stopped.took
        })
    }
}

/// Measures from its start.
#[derive(Debug)]
pub(crate) struct ServerWatch {
    watch: Watch,
    before: f64,
}

/// What was measured, but for the sessions that are still there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopped {
    took: Took,
    before: f64,
}

impl ServerWatch {
    pub(crate) fn stop(&self) -> Stopped {
        Stopped {
            took: self.watch.stop(),
            before: self.before,
        }
    }
}
