//! What every connector is held to: it is stopped and resumed at every position, and broken off before and after
//! every step that stores something; each time the sink must hold what the source holds.
//!
//! ```
//! use connector_core::prelude::*;
//! use connector_events::Events;
//! use connector_tests::Subject;
//!
//! #[derive(Debug, Clone, PartialEq, DozerSource)]
//! #[dozer(tracking = "only_pk")]
//! struct Station { #[dozer(primary_key)] name: String, height: Option<f64> }
//!
//! let events = Events::<Station>::default();
//! events.push(["oslo", "bergen"].map(|name| Event::insert(Station { name: name.into(), height: None })));
//! events.push([Event::delete(StationKey { name: "oslo".into() })]);
//!
//! let subject = Subject::new(events);
//! assert_eq!(subject.resumes_at_every_position()?, 3);
//! assert!(subject.survives_every_break()? > 10);
//! # Ok::<(), Error>(())
//! ```

mod breaks;
mod memory;
mod positions;

use std::sync::Arc;

use connector_core::TableInfo;
use connector_core::connector::Connector;

pub use memory::{Memory, MemorySink};

/// A connector under test. Its source must not change while a test goes on.
#[derive(Debug, Clone)]
pub struct Subject {
    connector: Arc<dyn Connector>,
    tables: Option<Vec<TableInfo>>,
}

impl Subject {
    /// All tables of a connector.
    pub fn new(connector: impl Connector + 'static) -> Self {
        Self {
            connector: Arc::new(connector),
            tables: None,
        }
    }

    /// These tables only.
    #[must_use]
    pub fn tables(self, tables: Vec<TableInfo>) -> Self {
        Self {
            tables: Some(tables),
            ..self
        }
    }
}

/// The code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
