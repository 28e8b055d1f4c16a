//! End-to-end, compile-fail and kill tests; the suite that a connector is held to is `connector-conformance`.

/// The code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
