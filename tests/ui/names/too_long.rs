// A name has an end: no known system takes more than 255 bytes.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    #[dozer(column = "the_name_of_the_station_as_it_is_painted_on_the_board_at_its_entrance_in_the_language_of_the_country_that_the_station_is_in_or_the_name_that_the_operator_of_the_station_gave_it_when_it_was_built_if_there_is_no_board_at_the_entrance_or_the_board_cannot_be_read_any_more")]
    name: String,
}

fn main() {}
