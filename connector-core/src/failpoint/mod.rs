//! Named places where a test breaks a run off: beside every step that stores something.
//!
//! Without the feature `failpoints` a place is nothing. With it, a program that asks for it
//! (`arm_from_environment`) does there what the environment says, and a test of one thread breaks off at the
//! n-th place that it comes to (`broken_at`); any other program passes.

#[cfg(feature = "failpoints")]
mod armed;
#[cfg(feature = "failpoints")]
mod broken;
#[cfg(feature = "failpoints")]
mod names;

#[cfg(feature = "failpoints")]
pub use armed::{MET, PLAN, TRACE, arm_from_environment};
#[cfg(feature = "failpoints")]
pub use broken::broken_at;
#[cfg(feature = "failpoints")]
pub use names::NAMES;

/// Passes a place by its name, `<what>.<step>.<before or after>`.
///
/// # Errors
/// Where a test asked for a full disk at this place.
#[cfg(not(feature = "failpoints"))]
#[inline(always)]
#[allow(
    clippy::inline_always,
    reason = "a build without the feature must not pay for a call"
)]
pub fn pass(_: &'static str) -> std::io::Result<()> {
    Ok(())
}

/// Passes a place by its name, `<what>.<step>.<before or after>`.
///
/// # Errors
/// Where a test asked for a full disk at this place, or broke off here.
#[cfg(feature = "failpoints")]
pub fn pass(name: &'static str) -> std::io::Result<()> {
    broken::pass(name)?;
    armed::pass(name)
}
