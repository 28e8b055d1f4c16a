//! What core makes of streams: the rules of the protocol, the policies, the flow.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on fails, and a script panics where it is told to"
)]

mod broken;
mod flow;
mod messages;
mod policies;
mod replay;
mod resume;
mod retry;
mod script;
mod together;
