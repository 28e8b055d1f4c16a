//! A source of rows pushed by the program itself.
