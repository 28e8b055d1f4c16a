mod app;
mod environment;
mod hostile;
mod secrets;
mod types;
mod yaml;

use serde::de::DeserializeOwned;

use super::TaggedNode;
use super::deserialize::read;
use super::environment::substitute;
use super::node::{Node, Origin};
use super::parse::parse;
use crate::Result;

/// The environment of every test.
fn environment(name: &str) -> Option<String> {
    let value = match name {
        "PORT" => "5432",
        "EMPTY" => "",
        "NULL" => "null",
        "SECRET" => "canary",
        "INJECTION" => "x\nport: 1 # !Ref [y, {z: 1}] ${PORT}",
        _ => return None,
    };
    Some(value.into())
}

fn origin() -> Origin {
    Origin {
        file: "a.yaml".into(),
        base_dir: "/base".into(),
    }
}

fn tree(text: &str) -> Result<Node> {
    let mut node = parse(text, &origin())?;
    substitute(&mut node, &origin(), &environment)?;
    Ok(node)
}

fn from<T: DeserializeOwned>(text: &str) -> Result<T> {
    read(&tree(text)?, &origin(), "")
}

/// What a person sees when this text is read as a `T`.
fn error<T: DeserializeOwned>(text: &str) -> String {
    from::<T>(text)
        .err()
        .expect("this text is wrong")
        .to_string()
}

fn tagged(text: &str) -> TaggedNode {
    TaggedNode::new(
        tree(text).unwrap(),
        origin().into(),
        "connections[0].config".into(),
    )
}
