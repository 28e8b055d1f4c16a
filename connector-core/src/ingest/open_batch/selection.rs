//! What all batches of a run share: its tables, and what is asked of them.

use std::sync::Arc;

use crate::columns::OnMisfit;
use crate::source::SelectedTable;

/// The selected tables of a run among those of the source.
#[derive(Debug)]
pub(crate) struct Selection {
    tables: Arc<[SelectedTable]>,
    /// What is done with a value that does not fit, by selected table.
    on_misfit: Vec<OnMisfit>,
    /// For each table of the source, its place among the selected ones.
    by_place: Vec<Option<usize>>,
    /// The names of the source's tables.
    places: Arc<[String]>,
    /// Whether rows bring just the selected columns, in the selected order.
    projected: bool,
}

/// A selected table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Selected<'s> {
    pub(super) table: &'s SelectedTable,
    pub(super) on_misfit: OnMisfit,
    pub(super) projected: bool,
}

impl Selection {
    pub(crate) fn new(
        tables: Arc<[SelectedTable]>,
        places: Arc<[String]>,
        projected: bool,
        on_misfit: impl Fn(&str) -> OnMisfit,
    ) -> Self {
        let mut by_place = vec![None; places.len()];
        for (selected, table) in tables.iter().enumerate() {
            if let Some(entry) = by_place.get_mut(table.place) {
                *entry = Some(selected);
            }
        }
        let on_misfit = tables.iter().map(|table| on_misfit(&table.name));
        Self {
            on_misfit: on_misfit.collect(),
            tables,
            by_place,
            places,
            projected,
        }
    }

    /// The selected table at this place among them.
    pub(super) fn get(&self, selected: usize) -> Option<Selected<'_>> {
        Some(Selected {
            table: self.tables.get(selected)?,
            on_misfit: self.on_misfit.get(selected).copied()?,
            projected: self.projected,
        })
    }

    /// For each table of the source, its place among the selected ones.
    pub(super) fn by_place(&self) -> &[Option<usize>] {
        &self.by_place
    }

    /// The names of the source's tables.
    pub(super) fn places(&self) -> &[String] {
        &self.places
    }
}
