//! The table and both wire forms, without a server.

use super::*;

#[test]
fn every_column_type_holds_at_its_boundaries() {
    connector_core::boundaries::check::<PostgresType>().unwrap();
}
