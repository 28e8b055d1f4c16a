//! Tables: with borders on a terminal, plain columns elsewhere, so that lines can be searched.

use comfy_table::{ContentArrangement, presets};

use crate::log::printable;

/// A table of text.
#[derive(Debug)]
pub(crate) struct Table {
    header: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(header: &'static [&'static str]) -> Self {
        Self {
            header,
            rows: Vec::new(),
        }
    }

    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table's text. `width`: of the terminal; `None` gives one line for each row, and `-` for what is empty.
    pub(crate) fn render(&self, width: Option<u16>) -> String {
        let mut table = comfy_table::Table::new();
        if let Some(width) = width {
            table
                .load_style(presets::UTF8_FULL_CONDENSED)
                .set_content_arrangement(ContentArrangement::Dynamic)
                .set_width(width);
        } else {
            table
                .load_style(presets::NOTHING)
                .set_content_arrangement(ContentArrangement::Disabled);
        }
        table.set_header(self.header.iter().copied());
        for row in &self.rows {
            table.add_row(row.iter().map(|cell| match width {
                None if cell.is_empty() => "-".to_owned(),
                _ => printable(cell),
            }));
        }
        if width.is_none() {
            for column in table.column_iter_mut() {
                column.set_padding((0, 2));
            }
        }
        format!("{}\n", table.trim_fmt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&["column", "note"]);
        table.row(["id".to_owned(), String::new()]);
        table.row(["name".to_owned(), "two\nlines".to_owned()]);
        table
    }

    #[test]
    fn without_a_terminal_each_row_is_one_plain_line_whatever_is_in_it() {
        assert_eq!(
            table().render(None),
            "column  note\nid      -\nname    two\\nlines\n"
        );
    }

    #[test]
    fn on_a_terminal_no_line_is_wider_than_it() {
        let mut table = table();
        table.row([
            "x".to_owned(),
            "a long text with many words in it ".repeat(5),
        ]);
        let text = table.render(Some(40));
        assert!(text.contains('│'));
        assert!(
            text.lines().all(|line| line.chars().count() <= 40),
            "{text}"
        );
    }
}
