use connector_core::prelude::*;
use connector_core::sink::{NullSink, Sink, SinkConfig};

#[derive(Debug, Deserialize, ConnectorConfig)]
#[connector(name = "csv")]
struct Csv {
    file: String,
}

impl SinkConfig for Csv {
    fn sink(&self) -> Result<Box<dyn Sink>> {
        Ok(Box::new(NullSink::default()))
    }
}

fn main() {}
