//! Conformance, compile-fail, crash and end-to-end tests.
