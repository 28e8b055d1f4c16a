//! Which letters of a file are still open: nothing that came later is known of their rows.

use std::collections::HashMap;
use std::sync::Arc;

use super::key;
use super::letter::{Letter, Line};
use crate::types::SourceSchema;

/// The open letters of each source, by the key of the row.
#[derive(Debug, Default)]
pub(super) struct OpenLetters {
    sources: HashMap<String, HashMap<Vec<u8>, Opened>>,
}

/// An open letter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opened {
    /// The number of its line in the file, where the file was read.
    pub(super) line: usize,
    pub(super) position: (u64, u64),
}

impl OpenLetters {
    /// Reads the lines of a file in their order.
    pub(super) fn read<'l>(
        lines: impl Iterator<Item = &'l Line>,
        schemas: &[Arc<SourceSchema>],
    ) -> Self {
        let mut open = Self::default();
        for (number, line) in lines.enumerate() {
            match line {
                Line::Letter(letter) => {
                    let schema = schemas.iter().find(|schema| schema.name == letter.source);
                    if let Some(schema) = schema {
                        open.add(letter, schema, number);
                    }
                }
                Line::Later(later) => match (&later.source, later.than) {
                    (None, _) => open.sources.clear(),
                    (Some(source), None) => open.close_all(source),
                    (Some(source), Some(than)) => {
                        if let Some(letters) = open.sources.get_mut(source) {
                            letters.retain(|_, opened| opened.position != than);
                        }
                    }
                },
                Line::Other => {}
            }
        }
        open
    }

    /// Takes a letter: it is later than those of the same row before it. Rows without a key are not told apart.
    pub(super) fn add(&mut self, letter: &Letter, schema: &SourceSchema, line: usize) {
        if schema.schema.primary_index.is_empty() {
            return;
        }
        let letters = self.sources.entry(letter.source.clone()).or_default();
        let key = key::of_letter(letter, schema);
        if letter.is_new() {
            let position = letter.position();
            letters.insert(key, Opened { line, position });
        } else {
            letters.remove(&key);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sources.values().all(HashMap::is_empty)
    }

    pub(super) fn of_source(&mut self, source: &str) -> Option<&mut HashMap<Vec<u8>, Opened>> {
        (self.sources.get_mut(source)).filter(|letters| !letters.is_empty())
    }

    pub(super) fn close_all(&mut self, source: &str) {
        self.sources.remove(source);
    }

    pub(super) fn clear(&mut self) {
        self.sources.clear();
    }

    /// The numbers of the lines of all open letters.
    pub(super) fn lines(&self) -> impl Iterator<Item = usize> + '_ {
        let letters = self.sources.values().flat_map(HashMap::values);
        letters.map(|opened| opened.line)
    }
}
