// A cast takes the raw value of the driver.
use connector_core::{ColumnTypes, Misfit};

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("BOOLEAN", field = Boolean, cast = boolean)]
    Boolean,
}

fn boolean(raw: i64) -> Result<bool, Misfit> {
    Ok(raw != 0)
}

fn main() {}
