// The settings of a sink open the sink; they are not the sink.
use connector_core::prelude::*;
use connector_core::sink::{Sink, SinkConfig};

#[derive(Debug, Clone, Deserialize, ConnectorConfig)]
#[connector(name = "csv")]
struct Csv {
    file: String,
}

impl SinkConfig for Csv {
    fn sink(&self) -> Result<Box<dyn Sink>> {
        Ok(Box::new(self.clone()))
    }
}

fn main() {}
