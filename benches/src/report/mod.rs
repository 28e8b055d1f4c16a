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
    let mut page = format!(
        "# Measured\n\nWritten by the benchmark; its `README.md` says how to read it.\n\n{}\n![Ratios](ratios.svg)\n",
        table(reached)
    );
    if reached.iter().any(|path| !path.one_more.is_empty()) {
        std::fs::write(directory.join("one-more.svg"), chart::one_more(reached))?;
        page.push_str("\n![What one more costs](one-more.svg)\n");
    }
    std::fs::write(directory.join("README.md"), page)?;
    Ok(())
}
