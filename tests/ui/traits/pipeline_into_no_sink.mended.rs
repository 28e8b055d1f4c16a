use connector_core::Result;
use connector_core::pipeline::Pipeline;
use connector_core::sink::{Jsonl, SinkConfig};

fn write(pipeline: Pipeline, settings: Jsonl) -> Result<Pipeline> {
    Ok(pipeline.into(settings.sink()?))
}

fn main() {}
