//! What a program knows by tag: connectors and sinks add themselves, nothing lists them all.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::config::{ConfigKey, ConnectorConfig, TaggedNode, tag};
use crate::connector::Connector;
use crate::error::Result;
use crate::sink::{Sink, SinkConfig};

/// Makes the sink of a configuration, as often as it is called.
pub(crate) type SinkMaker = Box<dyn Fn() -> Result<Box<dyn Sink>> + Send + Sync>;

type Open<T> = fn(&TaggedNode) -> Result<Box<T>>;

/// The connectors and sinks that a program can be configured with.
///
/// ```
/// use connector_core::registry::Registry;
/// use connector_core::sink::{Jsonl, Null};
///
/// let registry = Registry::new().sink::<Null>().sink::<Jsonl>();
/// assert_eq!(registry.sinks().map(|entry| entry.tag.as_str()).collect::<Vec<_>>(), ["Jsonl", "Null"]);
/// ```
#[derive(Debug, Default)]
pub struct Registry {
    connectors: BTreeMap<String, Entry<dyn Connector>>,
    sinks: BTreeMap<String, Entry<dyn Sink>>,
}

/// One connector or sink of a [`Registry`].
pub struct Entry<T: ?Sized> {
    /// The tag, without the `!`.
    pub tag: String,
    /// What it is.
    pub description: &'static str,
    /// Its settings.
    pub keys: Vec<ConfigKey>,
    /// The JSON Schema of its settings.
    pub json_schema: Value,
    open: Open<T>,
}

impl Registry {
    /// A registry that knows nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a connector under its tag.
    #[must_use]
    pub fn connector<C: ConnectorConfig + Connector + 'static>(mut self) -> Self {
        let entry = entry::<C, dyn Connector>(|node| Ok(Box::new(node.read::<C>()?)));
        self.connectors.insert(entry.tag.clone(), entry);
        self
    }

    /// Adds a sink under its tag.
    #[must_use]
    pub fn sink<C: SinkConfig>(mut self) -> Self {
        let entry = entry::<C, dyn Sink>(|node| {
            let sink = node.read::<C>()?.sink();
            sink.map_err(|error| node.place(error))
        });
        self.sinks.insert(entry.tag.clone(), entry);
        self
    }

    /// The connectors, by tag.
    pub fn connectors(&self) -> impl Iterator<Item = &Entry<dyn Connector>> {
        self.connectors.values()
    }

    /// The sinks, by tag.
    pub fn sinks(&self) -> impl Iterator<Item = &Entry<dyn Sink>> {
        self.sinks.values()
    }

    /// The connector that a configuration names, with its settings.
    ///
    /// # Errors
    /// When nothing is registered under the tag, or the settings are wrong: with file, line and column.
    pub fn open_connector(&self, node: &TaggedNode) -> Result<Box<dyn Connector>> {
        open("connector", &self.connectors, node)
    }

    /// The sink that a configuration names, with its settings, not opened yet.
    ///
    /// # Errors
    /// When nothing is registered under the tag, or the settings are wrong: with file, line and column.
    pub fn open_sink(&self, node: &TaggedNode) -> Result<Box<dyn Sink>> {
        open("sink", &self.sinks, node)
    }

    /// As [`open_sink`](Self::open_sink), to be called once for each connection. The settings are checked now.
    pub(crate) fn sink_maker(&self, node: &TaggedNode) -> Result<SinkMaker> {
        self.open_sink(node)?;
        let known = node.tag().and_then(|tag| self.sinks.get(tag));
        let open = known
            .map(|entry| entry.open)
            .ok_or_else(|| node.unknown("sink", &[]))?;
        let node = node.clone();
        Ok(Box::new(move || open(&node)))
    }
}

fn entry<C: ConnectorConfig, T: ?Sized>(open: Open<T>) -> Entry<T> {
    Entry {
        tag: tag(C::NAME),
        description: C::DESCRIPTION,
        keys: C::keys(),
        json_schema: C::json_schema(),
        open,
    }
}

fn open<T: ?Sized>(
    kind: &str,
    known: &BTreeMap<String, Entry<T>>,
    node: &TaggedNode,
) -> Result<Box<T>> {
    match node.tag().and_then(|tag| known.get(tag)) {
        Some(entry) => (entry.open)(node),
        None => Err(node.unknown(kind, &known.keys().map(String::as_str).collect::<Vec<_>>())),
    }
}

impl<T: ?Sized> fmt::Debug for Entry<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("tag", &self.tag)
            .finish_non_exhaustive()
    }
}
