//! The replication slot, which makes the server keep what was not confirmed, and the publication, which says what is told.

mod lag;
mod made;
mod name;
mod publish;
mod state;
mod watch;

pub(crate) use lag::LagLimits;
pub(crate) use made::MadeSlot;
pub(crate) use name::{check_name, derived};
pub(crate) use publish::{create_publication, drop_publication, publish};
pub(crate) use state::{RELEASED_WITHIN, SlotState, create, drop_slot};
pub(crate) use watch::{LagWatch, Watched};
