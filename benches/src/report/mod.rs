//! What was measured, as text, as JSON and as pictures.

mod chart;
mod table;

use std::path::Path as Directory;

use crate::Result;
use crate::measure::Reached;

pub(crate) use table::table;

/// Writes the page, its pictures and the figures.
pub(crate) fn write(directory: &Directory, reached: &[Reached]) -> Result<()> {
    std::fs::create_dir_all(directory)?;
    std::fs::write(
        directory.join("figures.json"),
        serde_json::to_string_pretty(reached)? + "\n",
    )?;
    std::fs::write(directory.join("ratios.svg"), chart::ratios(reached))?;
    std::fs::write(
        directory.join("README.md"),
        format!(
            "# Measured\n\nWritten by the benchmark; `benches/README.md` says how to read it.\n\n{}\n![Ratios](ratios.svg)\n",
            table(reached)
        ),
    )?;
    Ok(())
}
