use connector_core::DozerSource;

#[derive(Debug, DozerSource)]
#[dozer(tabel = "rows", tracking = "only_pk")]
struct Row<T> {
    #[dozer(primary_key)]
    id: T,
}

fn uses(row: Row<u8>) -> RowKey<u8> {
    let _ = Row::<u8>::tables();
    let _ = connector_core::RowImage::table(&row);
    let _ = connector_core::Event::<Row<u8>>::delete(RowKey { id: 1 });
    RowKey { id: row.id }
}

#[derive(DozerSource)]
struct Right {
    id: u8,
}

#[derive(DozerSource)]
#[dozer(tables = "all")]
enum Tables {
    Right(Right),
    Row(Row<u8>),
}

fn uses_tables(row: Row<u8>) -> connector_core::Event<Tables> {
    let _ = Tables::from(Right { id: 1 });
    connector_core::Event::insert(row).among()
}

fn main() {}
