//! Where the command prints: results on stdout, everything else on stderr.

use std::io::{self, IsTerminal, Write};

use connector_core::{Error, ErrorKind, Result};

use crate::log::{self, Level, LogFormat};

/// What the two outputs and the input are connected to.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Terminal {
    /// The width of the terminal behind stdout, in characters; `None`: no terminal.
    pub(crate) stdout: Option<u16>,
    /// Whether stderr is a terminal.
    pub(crate) stderr: bool,
    /// Whether a person can be asked.
    pub(crate) stdin: bool,
    /// Whether stderr may be coloured.
    pub(crate) colour: bool,
}

/// The two outputs, and how messages are printed.
pub(crate) struct Console<'a> {
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
    pub(crate) terminal: Terminal,
    level: Level,
    format: LogFormat,
    /// Whether stdout is a sink's: results are then printed on stderr.
    stdout_is_taken: bool,
}

impl Terminal {
    /// What this process is connected to.
    pub(crate) fn of_process() -> Self {
        let stderr = io::stderr().is_terminal();
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            stdout: io::stdout().is_terminal().then(|| {
                console::Term::stdout()
                    .size_checked()
                    .map_or(80, |(_, width)| width)
            }),
            stderr,
            stdin: io::stdin().is_terminal(),
            colour: stderr && !no_colour,
        }
    }
}

impl<'a> Console<'a> {
    pub(crate) fn new(
        out: &'a mut dyn Write,
        err: &'a mut dyn Write,
        terminal: Terminal,
        level: Level,
        format: LogFormat,
    ) -> Self {
        Self {
            out,
            err,
            terminal,
            level,
            format,
            stdout_is_taken: false,
        }
    }

    /// From now on results are printed on stderr: stdout is a sink's.
    pub(crate) fn give_stdout_away(&mut self) {
        self.stdout_is_taken = true;
        self.terminal.stdout = None;
    }

    /// Prints a result.
    ///
    /// # Errors
    /// When stdout cannot be written. A reader that has seen enough (`| head`) is no error.
    pub(crate) fn print(&mut self, text: &str) -> Result<()> {
        if self.stdout_is_taken {
            self.complain(text);
            return Ok(());
        }
        let written = self
            .out
            .write_all(text.as_bytes())
            .and_then(|()| self.out.flush());
        match written {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::new(
                ErrorKind::Sink,
                format!("cannot write to stdout: {error}"),
            )),
            _ => Ok(()),
        }
    }

    /// Whether messages of this level are printed.
    pub(crate) fn logs(&self, level: Level) -> bool {
        level <= self.level
    }

    /// Whether messages are JSON.
    pub(crate) fn logs_json(&self) -> bool {
        self.format == LogFormat::Json
    }

    /// Prints a message on stderr.
    pub(crate) fn log(&mut self, level: Level, connection: Option<&str>, message: &str) {
        if self.logs(level) {
            let line = log::line(
                level,
                connection,
                message,
                self.format,
                self.terminal.colour,
            );
            self.complain(&line);
        }
    }

    /// Prints an error on stderr.
    pub(crate) fn error(&mut self, error: &Error) {
        if error.kind() == ErrorKind::Closed {
            self.log(Level::Info, None, &format!("{error}: the run ends"));
            return;
        }
        self.failure(Level::Error, error);
    }

    /// Prints an error that the command goes on with.
    pub(crate) fn warn(&mut self, error: &Error) {
        if self.logs(Level::Warn) {
            self.failure(Level::Warn, error);
        }
    }

    fn failure(&mut self, level: Level, error: &Error) {
        let text = log::error(level, error, self.format, self.terminal.colour);
        self.complain(&text);
    }

    /// Asks a person; only `y` and `yes` are a yes.
    pub(crate) fn ask(&mut self, question: &str) -> bool {
        self.complain(&format!("{question} [y/N] "));
        let mut answer = String::new();
        let read = io::stdin().read_line(&mut answer);
        read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
    }

    /// There is nowhere to tell that stderr cannot be written.
    pub(crate) fn complain(&mut self, text: &str) {
        let _ = self.err.write_all(text.as_bytes());
        let _ = self.err.flush();
    }
}
