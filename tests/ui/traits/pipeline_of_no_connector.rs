// A pipeline reads from a source.
use connector_core::pipeline::Pipeline;

#[derive(Debug)]
struct Weather;

fn copy(weather: Weather) -> Pipeline {
    Pipeline::from(weather)
}

fn main() {}
