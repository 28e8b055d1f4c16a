//! A source without rows, whose tables have every field type, key and tracking type.

use connector_core::prelude::*;
use connector_core::{
    DecimalSize, FieldType, ReplicationChangesTrackingType as Tracking, Result, TimeUnit,
};

/// Every field type, as columns.
#[derive(Debug, Clone, Deserialize, ConnectorConfig)]
#[connector(name = "everything")]
pub(crate) struct Everything {}

#[derive(Debug, Clone, DozerSource)]
struct Row {
    id: i64,
}

/// What the compiler would obey, refuse or warn of in a comment or a string.
const ODD: &str = "a\u{202e}b \"c\" \\ */ // {} 'd' `e` \t[f]";

/// The tables that a row struct declares in all their parts.
pub(crate) fn tables() -> Vec<TableInfo> {
    let types = FieldType::ALL.into_iter().chain([
        FieldType::Decimal(DecimalSize::new(76, -76)),
        FieldType::Decimal(DecimalSize::new(5, 7)),
        FieldType::Timestamp(TimeUnit::Second),
        FieldType::Timestamp(TimeUnit::Nano),
        FieldType::Duration(TimeUnit::Milli),
    ]);
    let column = |(place, typ): (usize, FieldType)| {
        ColumnInfo::new(format!("{} {place}", typ.kind_name()), typ).nullable(place % 2 == 1)
    };
    let columns: Vec<ColumnInfo> = types.enumerate().map(column).collect();
    let key = |typ| ColumnInfo::new("k", typ).key(1);
    let mut tables = vec![
        TableInfo::new("everything", columns).with_description("All types.\n\nEach of them once."),
        TableInfo::new(
            "links",
            vec![
                ColumnInfo::new("b", FieldType::String).key(2),
                ColumnInfo::new("note", FieldType::Text).with_description("As it was said."),
                ColumnInfo::new("type", FieldType::UInt).key(1),
            ],
        )
        .with_tracking(Tracking::OnlyPK),
        TableInfo::new("user", vec![key(FieldType::Int)]).with_tracking(Tracking::OnlyPK),
        TableInfo::new("user_key", vec![key(FieldType::Int8)]).with_tracking(Tracking::OnlyPK),
    ];
    for typ in FieldType::ALL {
        if !matches!(typ, FieldType::Float | FieldType::Json | FieldType::Point) {
            let table = TableInfo::new(format!("key of {typ}"), vec![key(typ)]);
            tables.push(table.with_tracking(Tracking::OnlyPK));
        }
    }
    for schema in ["hr", "Sales & more"] {
        let table = TableInfo::new("user", vec![key(FieldType::U128)]).with_schema(schema);
        tables.push(table.with_tracking(Tracking::FullChanges));
    }
    tables
}

impl Source for Everything {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        let mut tables = tables();
        let name = ODD.replace('\t', "");
        let (longest, longer) = ("x".repeat(255), "x".repeat(256));
        // The last five are what no row struct can declare.
        let names = [&*name, &longest, "y", &longer, " y", "Y", "", "z\u{7}"];
        let column = |name: &str| ColumnInfo::new(name, FieldType::Int).with_description(ODD);
        let odd = TableInfo::new(&name, names.map(column).into());
        tables.push(odd.with_description(ODD));
        Ok(tables)
    }

    fn changes(&self, _request: &ChangeRequest) -> Result<impl ChangeStream> {
        Ok(std::iter::empty::<Result<Event<Row>>>())
    }
}
