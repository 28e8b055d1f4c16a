//! Compiles a crate and says what it took.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use crate::project::Project;

/// A way to compile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Check,
    Debug,
    Release,
}

impl Step {
    pub(crate) const ALL: [Self; 3] = [Self::Check, Self::Debug, Self::Release];

    /// What a person would type.
    pub(crate) fn command(self) -> &'static str {
        match self {
            Self::Check => "cargo check",
            Self::Debug => "cargo build",
            Self::Release => "cargo build --release",
        }
    }
}

/// What compiling a crate took, and what came of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    /// Processor time, user and system.
    pub(crate) seconds: f64,
    /// Bytes of object code in the `rlib`; none after a check.
    pub(crate) code: f64,
    /// Bytes of metadata.
    pub(crate) metadata: f64,
}

impl Measured {
    pub(crate) fn above(self, bare: Self) -> Self {
        Self {
            seconds: self.seconds - bare.seconds,
            code: self.code - bare.code,
            metadata: self.metadata - bare.metadata,
        }
    }

    /// The sizes do not change from round to round.
    pub(crate) fn median(taken: &[Self]) -> Self {
        let mut sorted = taken.to_vec();
        sorted.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
        sorted[sorted.len() / 2]
    }
}

/// Builds the dependencies, and whatever else is not measured.
pub(crate) fn warm(project: &Project, step: Step) -> io::Result<()> {
    compile(project, step, &["--workspace"])
}

/// Compiles one crate anew.
pub(crate) fn measure(project: &Project, name: &str, step: Step) -> io::Result<Measured> {
    let source = fs::File::options()
        .append(true)
        .open(project.source_file(name))?;
    source.set_modified(SystemTime::now())?;
    let before = children_seconds()?;
    compile(project, step, &["--package", &format!("cost_{name}")])?;
    let seconds = children_seconds()? - before;
    let profile = if step == Step::Release {
        "release"
    } else {
        "debug"
    };
    let built = project.place.join("target").join(profile);
    let (code, metadata) = match step {
        Step::Check => (0, metadata_of_check(&built.join("deps"), name)?),
        Step::Debug | Step::Release => parts(&built.join(format!("libcost_{name}.rlib")))?,
    };
    #[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
    Ok(Measured {
        seconds,
        code: code as f64,
        metadata: metadata as f64,
    })
}

fn compile(project: &Project, step: Step, what: &[&str]) -> io::Result<()> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args(step.command().split_whitespace().skip(1))
        .args(["--quiet", "--offline"])
        .args(what);
    command.current_dir(&project.place).stdin(Stdio::null());
    command
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_TARGET_DIR", project.place.join("target"));
    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER"] {
        command.env_remove(variable);
    }
    let status = command.status()?;
    if status.success() {
        Ok(())
    } else {
        Err(io::Error::other(format!("`{}` failed", step.command())))
    }
}

/// The processor time of all children that have ended, in seconds, as Linux counts it.
fn children_seconds() -> io::Result<f64> {
    /// The kernel's unit of these numbers, whatever its own clock is.
    const TICKS_PER_SECOND: f64 = 100.0;
    let line = fs::read_to_string("/proc/self/stat")?;
    // The second field, a name in parentheses, may hold blanks. `cutime` and `cstime` are fields 16 and 17.
    let after_name = line.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let ticks = after_name
        .split(' ')
        .skip(13)
        .take(2)
        .map(str::parse::<f64>);
    let ticks = ticks.sum::<Result<f64, _>>().map_err(io::Error::other)?;
    Ok(ticks / TICKS_PER_SECOND)
}

fn metadata_of_check(deps: &Path, name: &str) -> io::Result<usize> {
    let start = format!("libcost_{name}-");
    let mut found: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in fs::read_dir(deps)? {
        let path = entry?.path();
        let file = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let is_metadata = path
            .extension()
            .is_some_and(|extension| extension == "rmeta");
        if file.starts_with(&start) && is_metadata {
            found.push((fs::metadata(&path)?.modified()?, path));
        }
    }
    let newest = found
        .into_iter()
        .max()
        .ok_or_else(|| io::Error::other("no metadata was written"))?;
    Ok(usize::try_from(fs::metadata(newest.1)?.len()).unwrap_or(usize::MAX))
}

/// The bytes of object code and of metadata in an `rlib`, which is an `ar` archive.
fn parts(rlib: &Path) -> io::Result<(usize, usize)> {
    const HEADER: usize = 60;
    let bytes = fs::read(rlib)?;
    let (mut code, mut metadata) = (0, 0);
    let mut at = b"!<arch>\n".len();
    while let Some(header) = bytes.get(at..at + HEADER) {
        let name = String::from_utf8_lossy(&header[..16]).trim().to_owned();
        let size = String::from_utf8_lossy(&header[48..58])
            .trim()
            .parse::<usize>()
            .map_err(io::Error::other)?;
        match name.as_str() {
            "lib.rmeta/" => metadata += size,
            // The tables of symbols and of long names.
            "/" | "//" => {}
            _ => code += size,
        }
        // Members begin at even places.
        at += HEADER + size.next_multiple_of(2);
    }
    Ok((code, metadata))
}
