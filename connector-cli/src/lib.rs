//! The `dozer` command line.
