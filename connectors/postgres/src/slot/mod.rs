//! The replication slot, which makes the server keep what was not confirmed, and the publication, which says what is told.

mod made;
mod name;
mod publish;
mod state;

pub(crate) use made::MadeSlot;
pub(crate) use name::derived;
pub(crate) use publish::{create_publication, drop_publication, publish};
pub(crate) use state::{RELEASED_WITHIN, SlotState, create, drop_slot};
