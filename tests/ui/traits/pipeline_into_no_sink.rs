// A pipeline writes into a sink.
use connector_core::pipeline::Pipeline;
use connector_core::sink::Jsonl;

fn write(pipeline: Pipeline, settings: Jsonl) -> Pipeline {
    pipeline.into(settings)
}

fn main() {}
