use connector_core::{DozerSource, Event};

#[derive(DozerSource)]
#[dozer(table = "stations", tracking = "only_pk")]
struct Station<T> {
    #[dozer(primary_key)]
    id: T,
}

#[derive(DozerSource)]
enum Tables {
    Stations(Station<u8>),
}

fn moved(station: Station<u8>) -> [Event<Tables>; 2] {
    let gone = StationKey { id: station.id };
    [Event::<Station<u8>>::delete(gone).among(), Event::insert(station).among()]
}

fn main() {}
