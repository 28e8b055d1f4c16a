//! What a run does, as it goes on: bars on a terminal, plain lines elsewhere.

mod display;
mod state;

pub(crate) use display::follow;
pub(crate) use state::Progress;
