//! The command line.

use std::path::{Path as Directory, PathBuf};
use std::process::ExitCode;

use clap::Parser;

use crate::measure::{self, Amount, Path, Reached, Which};
use crate::{Result, paths, report};

/// Measures what a row costs, as a ratio to what the driver alone costs in the same run.
#[derive(Debug, Parser)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
struct Arguments {
    /// What to measure: paths or groups of paths, such as `sqlite` or `sqlite-table-lineitem`. All, if none is named.
    wanted: Vec<String>,
    /// The scale of TPC-H `lineitem`: 1 is six million rows. The other tables have as many values.
    #[arg(long, default_value_t = 0.1)]
    scale: f64,
    /// How often each side is run; the median counts.
    #[arg(long, default_value_t = 5)]
    repeat: usize,
    /// Where the tables are made; a temporary directory, if not given.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Where to write the report: a page, its pictures and the figures as JSON.
    #[arg(long)]
    report: Option<PathBuf>,
    /// Print the figures as JSON, not as a table.
    #[arg(long)]
    json: bool,
    /// End with an error where a path does not reach what it is to reach.
    #[arg(long)]
    check: bool,
    /// End with an error where a ratio of instructions is more than 3 % above what was stored for it.
    #[arg(long)]
    held: bool,
    /// List the paths and end.
    #[arg(long)]
    list: bool,
    /// Run one side of one path, and print what it took.
    #[arg(long, value_enum, hide = true)]
    side: Option<Which>,
    /// Run one side of one path over so many rows.
    #[arg(long, hide = true)]
    rows: Option<u64>,
}

pub(crate) fn run() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let groups = paths::groups();
    if arguments.list {
        for group in &groups {
            for path in &group.paths {
                println!("{:10} {:28} {}", group.name, path.name, path.title);
            }
        }
        return Ok(ExitCode::SUCCESS);
    }
    let amount = Amount {
        scale: arguments.scale,
        rows: arguments.rows,
    };
    if let Some(side) = arguments.side {
        let name = arguments.wanted.first().ok_or("no path is named")?;
        let path = (groups.iter().flat_map(|group| &group.paths))
            .find(|path| path.name == *name)
            .ok_or_else(|| format!("there is no path `{name}`"))?;
        let data = arguments.data.ok_or("`--side` needs `--data`")?;
        measure::be_side(path, side, &data, amount)?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(unknown) =
        (arguments.wanted.iter()).find(|name| !groups.iter().any(|group| group.has(name)))
    {
        return Err(format!("there is no path or group `{unknown}`; `--list` has them").into());
    }
    let wanted = |name: &str, path: &Path| {
        let named = |wanted: &String| wanted == name || wanted == path.name;
        arguments.wanted.is_empty() || arguments.wanted.iter().any(named)
    };
    let temporary = tempfile::tempdir()?;
    let data = arguments.data.as_deref().unwrap_or(temporary.path());
    std::fs::create_dir_all(data)?;
    let mut reached = Vec::new();
    for group in &groups {
        let paths: Vec<&Path> = (group.paths.iter())
            .filter(|path| wanted(group.name, path))
            .collect();
        if paths.is_empty() {
            continue;
        }
        let directory = data.join(group.name);
        std::fs::create_dir_all(&directory)?;
        // What the group starts, such as a server, lives until its paths are done.
        let _ready = (group.prepare)(&directory, amount, &paths)?;
        measure::settle(&directory)?;
        for path in paths {
            eprintln!("measuring {} …", path.name);
            reached.push(measure::path(path, &directory, amount, arguments.repeat)?);
        }
    }
    show(&reached, arguments.report.as_deref(), arguments.json)?;
    let missed = reached.iter().filter(|path| path.missed());
    let missed: Vec<&str> = missed.map(|path| path.name.as_str()).collect();
    let worse = reached.iter().filter(|path| path.is_worse());
    let worse: Vec<&str> = worse.map(|path| path.name.as_str()).collect();
    if arguments.held && !worse.is_empty() {
        eprintln!("slower than it was: {}", worse.join(", "));
        return Ok(ExitCode::FAILURE);
    }
    if arguments.check && !missed.is_empty() {
        eprintln!("not reached: {}", missed.join(", "));
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn show(reached: &[Reached], directory: Option<&Directory>, json: bool) -> Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(reached)?);
    } else {
        print!("{}", report::table(reached));
    }
    if let Some(directory) = directory {
        report::write(directory, reached)?;
    }
    Ok(())
}
