//! TPC-H's `lineitem`, as its own generator makes it.

use tpchgen::generators::LineItemGenerator;

use super::{Cell, Column, Kind, Table, column};

/// 16 columns: whole numbers, decimals, days, short and longer text.
pub(crate) const LINEITEM: Table = Table {
    name: "lineitem",
    columns,
    key: &["l_orderkey", "l_linenumber"],
    rows,
};

fn columns() -> Vec<Column> {
    let of = |names: &[&str], declared, kind| {
        let columns = names
            .iter()
            .map(|name| column(format!("l_{name}"), declared, kind));
        columns.collect::<Vec<_>>()
    };
    [
        of(
            &["orderkey", "partkey", "suppkey", "linenumber"],
            "BIGINT",
            Kind::Integer,
        ),
        of(
            &["quantity", "extendedprice", "discount", "tax"],
            "DECIMAL(15, 2)",
            Kind::Number,
        ),
        of(&["returnflag", "linestatus"], "CHAR(1)", Kind::Text),
        of(
            &["shipdate", "commitdate", "receiptdate"],
            "DATE",
            Kind::Text,
        ),
        of(&["shipinstruct", "shipmode"], "VARCHAR(25)", Kind::Text),
        of(&["comment"], "VARCHAR(44)", Kind::Text),
    ]
    .concat()
}

fn rows(scale: f64, take: &mut super::Take<'_>) -> crate::Result<()> {
    for item in LineItemGenerator::new(scale, 1, 1) {
        let days = [item.l_shipdate, item.l_commitdate, item.l_receiptdate];
        let [ship, commit, receipt] = days.map(|day| day.to_string());
        take(&[
            Cell::Integer(item.l_orderkey),
            Cell::Integer(item.l_partkey),
            Cell::Integer(item.l_suppkey),
            Cell::Integer(item.l_linenumber.into()),
            Cell::Hundredths(item.l_quantity * 100),
            Cell::Hundredths(item.l_extendedprice.0),
            Cell::Hundredths(item.l_discount.0),
            Cell::Hundredths(item.l_tax.0),
            Cell::Text(item.l_returnflag),
            Cell::Text(item.l_linestatus),
            Cell::Text(&ship),
            Cell::Text(&commit),
            Cell::Text(&receipt),
            Cell::Text(item.l_shipinstruct),
            Cell::Text(item.l_shipmode),
            Cell::Text(item.l_comment),
        ])?;
    }
    Ok(())
}
