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

fn main() {}
