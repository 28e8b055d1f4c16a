//! Batches of changes as Arrow record batches, without copying.
