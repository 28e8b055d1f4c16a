use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    #[dozer(column = "the_name_of_the_station_as_it_is_painted_on_the_board")]
    name: String,
}

fn main() {}
