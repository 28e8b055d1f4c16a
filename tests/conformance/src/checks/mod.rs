//! The checks, by what they are about.

mod changes;
mod discovery;
mod failures;
mod flow;
mod histories;
mod names;
mod positions;
mod rows;
mod settings;
mod traces;
mod validation;

pub(crate) use changes::*;
pub(crate) use discovery::*;
pub(crate) use failures::*;
pub(crate) use flow::*;
pub(crate) use histories::*;
pub(crate) use names::*;
pub(crate) use positions::*;
pub(crate) use rows::*;
pub(crate) use settings::*;
pub(crate) use traces::*;
pub(crate) use validation::*;

/// Ends a check that needs what the source does not do.
macro_rules! needs {
    ($context:expr, $($capability:ident),+) => {
        if let Some(because) = $context.lacks(&[$($crate::fixture::Capability::$capability),+]) {
            return $crate::outcome::Done::not_applicable(because);
        }
    };
}

pub(crate) use needs;
