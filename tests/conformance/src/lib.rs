//! The suite that every connector is held to, in one line of its author's tests.
//!
//! ```
//! # // The harness makes a test of each check; here they are only compiled.
//! use connector_conformance::{Capabilities, Change, Fixture, suite};
//! use connector_core::prelude::*;
//! # use std::sync::{Arc, Mutex};
//! # #[derive(Debug, Clone, DozerSource)]
//! # struct Reading { #[dozer(primary_key)] station: String, celsius: Option<f64> }
//! # #[derive(Debug, Clone, Default)]
//! # struct Weather(Arc<Mutex<Vec<Reading>>>);
//! # impl Weather { fn push(&self, row: Reading) { self.0.lock().unwrap().push(row); } }
//! # impl Source for Weather {
//! #     fn get_tables(&self) -> Result<Vec<TableInfo>> { Ok(Reading::tables()) }
//! #     fn changes(&self, _: &ChangeRequest) -> Result<impl ChangeStream> {
//! #         Ok(std::iter::empty::<Result<Event<Reading>>>())
//! #     }
//! # }
//!
//! struct Stations(Weather);
//!
//! impl Fixture for Stations {
//!     type Connector = Weather;
//!
//!     fn capabilities() -> Capabilities {
//!         Capabilities::rows::<Reading>()                 // one table, always the same
//!     }
//!
//!     fn open(_: &[TableInfo]) -> Self {
//!         Self(Weather::default())                        // a fresh source, empty
//!     }
//!
//!     fn connector(&self) -> Weather {
//!         self.0.clone()
//!     }
//!
//!     fn apply(&self, transaction: &[Change]) {
//!         for reading in transaction.iter().filter_map(Change::inserted) {
//!             self.0.push(reading);
//!         }
//!     }
//! }
//!
//! suite!(Stations);                                       // one `#[test]` for each check
//! ```
//!
//! `CHECKS.md` lists the checks. One that asks for what the source does not do says on stderr "not applicable, because …".
//! [`Subject`] holds a connector without a fixture to the positions of its stream.

mod bench;
mod checks;
mod fixture;
pub mod fuzz;
mod list;
pub mod live;
mod outcome;
mod process;
mod reading;
mod replay;
mod rows;
pub mod run;
mod samples;
mod state;
mod subject;
mod typed;

pub use fixture::{Capabilities, Capability, Change, Fixture, Interruption, Row, Settings};
pub use list::{CHECKS, Check, Group};
pub use outcome::{Done, Failure};
pub use reading::Patience;
pub use samples::sample;
pub use subject::{Memory, MemorySink, Subject};
pub use typed::typed;

/// One `#[test]` for each check of the suite, for a [`Fixture`].
#[macro_export]
macro_rules! suite {
    ($fixture:ty) => {
        $crate::__each_check!($crate::__tests!([$fixture]));
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tests {
    ([$fixture:ty] $($group:ident $name:ident $description:literal;)*) => {
        $(
            #[test]
            fn $name() {
                $crate::run::test::<$fixture>(stringify!($name));
            }
        )*
    };
}
