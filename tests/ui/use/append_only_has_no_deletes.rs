use connector_core::{DozerSource, Event};

#[derive(DozerSource)]
struct Log {
    line: String,
}

#[derive(DozerSource)]
#[dozer(tracking = "only_pk")]
struct Station {
    #[dozer(primary_key)]
    id: u64,
    name: String,
}

#[derive(DozerSource)]
enum Tables {
    Stations(Station),
}

fn events(log: Log, station: Station) {
    let _ = Event::<Log>::update_same_key(log);
    let _ = Event::<Station>::delete(station);
    let _ = Event::<Log>::insert(Log { line: String::new() }).among::<Tables>();
}

fn main() {}
