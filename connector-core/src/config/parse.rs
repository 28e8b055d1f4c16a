//! YAML text into a tree of nodes, with bounds on depth and on what aliases expand to.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Tag};

use super::node::{Key, Node, Origin, Position, Value};
use super::scalar::Scalar;
use crate::{Error, Result};

/// How deep values may nest; a configuration needs about ten levels.
const DEPTH: usize = 64;
/// What all aliases of a document may expand to, in bytes: a few lines of aliases of aliases could fill the memory.
const EXPANSION: usize = 1 << 20;

/// Reads the one document of a file. An empty file is a null.
pub(super) fn parse(text: &str, origin: &Origin) -> Result<Node> {
    let mut builder = Builder {
        origin,
        text,
        open: Vec::new(),
        anchors: HashMap::new(),
        expanded: 0,
        documents: 0,
        root: None,
    };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| builder.syntax(&error))?;
        builder.take(event, position(span.start))?;
    }
    let start = Position { line: 1, column: 1 };
    Ok(builder.root.unwrap_or_else(|| Node {
        tag: None,
        value: null(),
        position: start,
    }))
}

struct Builder<'a> {
    origin: &'a Origin,
    text: &'a str,
    open: Vec<Collection>,
    anchors: HashMap<usize, Node>,
    expanded: usize,
    documents: usize,
    root: Option<Node>,
}

/// A list or a mapping whose end has not been read.
struct Collection {
    tag: Option<String>,
    position: Position,
    anchor: usize,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping {
        entries: Vec<(Key, Node)>,
        key: Option<Key>,
        seen: HashMap<String, Position>,
    },
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, at: Position) -> Result<()> {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    let error = self
                        .origin
                        .error(at, "", "a second YAML document starts here");
                    return Err(error.with_help("keep one document per file: remove the `---`"));
                }
            }
            Event::Alias(anchor) => {
                let node = self.expand(anchor, at)?;
                return self.place(node);
            }
            Event::Scalar(text, style, anchor, tag) => {
                let (tag, forced_text) = self.tag(tag.as_deref(), at)?;
                let scalar = Scalar {
                    text: text.into_owned(),
                    plain: style == ScalarStyle::Plain && !forced_text,
                    substituted: false,
                };
                let node = Node {
                    tag,
                    value: Value::Scalar(scalar),
                    position: at,
                };
                return self.finish(node, anchor);
            }
            Event::SequenceStart(anchor, tag) => {
                self.start(anchor, tag.as_deref(), at, Content::Sequence(Vec::new()))?;
            }
            Event::MappingStart(anchor, tag) => {
                let content = Content::Mapping {
                    entries: Vec::new(),
                    key: None,
                    seen: HashMap::new(),
                };
                self.start(anchor, tag.as_deref(), at, content)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(done) = self.open.pop() {
                    let value = match done.content {
                        Content::Sequence(items) => Value::Sequence(items),
                        Content::Mapping { entries, .. } => Value::Mapping(entries),
                    };
                    let node = Node {
                        tag: done.tag,
                        value,
                        position: done.position,
                    };
                    return self.finish(node, done.anchor);
                }
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn start(
        &mut self,
        anchor: usize,
        tag: Option<&Tag>,
        position: Position,
        content: Content,
    ) -> Result<()> {
        if self.open.len() == DEPTH {
            let message = format!("values nest deeper than {DEPTH} levels");
            return Err(self.origin.error(position, "", message));
        }
        let (tag, _) = self.tag(tag, position)?;
        self.open.push(Collection {
            tag,
            position,
            anchor,
            content,
        });
        Ok(())
    }

    fn finish(&mut self, node: Node, anchor: usize) -> Result<()> {
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        self.place(node)
    }

    /// Puts a complete value where it belongs: into the open collection, or at the root.
    fn place(&mut self, node: Node) -> Result<()> {
        let Some(collection) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut collection.content {
            Content::Sequence(items) => items.push(node),
            Content::Mapping { entries, key, seen } => {
                if let Some(key) = key.take() {
                    entries.push((key, node));
                } else {
                    let name = key_of(node, self.origin)?;
                    if let Some(first) = seen.insert(name.text.clone(), name.position) {
                        let message = format!(
                            "duplicate key `{}`, first on line {}",
                            name.text, first.line
                        );
                        let error = self.origin.error(name.position, "", message);
                        return Err(error.with_help("remove one of the two"));
                    }
                    *key = Some(name);
                }
            }
        }
        Ok(())
    }

    fn expand(&mut self, anchor: usize, at: Position) -> Result<Node> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(self
                .origin
                .error(at, "", "this alias stands inside the value it repeats"));
        };
        self.expanded += size(node);
        if self.expanded > EXPANSION {
            let message = format!("the aliases of this file expand to more than {EXPANSION} bytes");
            return Err(self.origin.error(at, "", message));
        }
        if self.open.len() + depth(node) > DEPTH {
            let message = format!("values nest deeper than {DEPTH} levels");
            return Err(self.origin.error(at, "", message));
        }
        Ok(node.clone())
    }

    /// The application's tag, and whether the tag says that a scalar is text.
    fn tag(&self, tag: Option<&Tag>, at: Position) -> Result<(Option<String>, bool)> {
        let Some(tag) = tag else {
            return Ok((None, false));
        };
        match (tag.handle.as_str(), tag.suffix.as_str()) {
            ("!", "") | ("", "!") => Ok((None, true)),
            ("!", name) => Ok((Some(name.to_owned()), false)),
            (_, "str") if tag.is_yaml_core_schema() => Ok((None, true)),
            (_, "null" | "bool" | "int" | "float" | "map" | "seq") if tag.is_yaml_core_schema() => {
                Ok((None, false))
            }
            (handle, suffix) => {
                let error = self
                    .origin
                    .error(at, "", format!("unknown tag `{handle}{suffix}`"));
                Err(error.with_help("a tag here is one `!` and a name: `!Sqlite`"))
            }
        }
    }

    /// Says what the scanner says, and never shows the line: it may hold a password.
    fn syntax(&self, error: &ScanError) -> Error {
        let at = position(*error.marker());
        let found = self
            .origin
            .error(at, "", format!("this is not YAML: {}", error.info()));
        let line = self
            .text
            .lines()
            .nth(at.line.saturating_sub(1))
            .unwrap_or_default();
        if line.contains("${") || line.contains("{{") {
            found.with_help("put quotes around a value with `${…}` or `{{…}}` in it")
        } else if line.starts_with('\t') {
            found.with_help("indent with blanks: YAML takes no tabs there")
        } else {
            found
        }
    }
}

fn key_of(node: Node, origin: &Origin) -> Result<Key> {
    let at = node.position;
    match node.value {
        Value::Scalar(_) if node.tag.is_some() => {
            Err(origin.error(at, "", "a key cannot have a tag"))
        }
        Value::Scalar(scalar) if scalar.plain && scalar.text == "<<" => Err(origin
            .error(at, "", "merge keys (`<<`) are not part of YAML 1.2")
            .with_help("write the keys out")),
        Value::Scalar(scalar) if scalar.text.is_empty() => {
            Err(origin.error(at, "", "a key is empty"))
        }
        Value::Scalar(scalar) => Ok(Key {
            text: scalar.text,
            position: at,
        }),
        // What `{{NAME}}` without quotes is to YAML.
        Value::Mapping(entries) if matches!(entries.as_slice(), [(_, value)] if value.is_null()) => {
            Err(origin
                .error(at, "", "YAML reads `{{` without quotes as two mappings")
                .with_help("put quotes around it: `\"{{NAME}}\"`"))
        }
        Value::Sequence(_) | Value::Mapping(_) => {
            Err(origin.error(at, "", "a key must be text, not a list or a mapping"))
        }
    }
}

fn null() -> Value {
    Value::Scalar(Scalar {
        text: String::new(),
        plain: true,
        substituted: false,
    })
}

fn position(marker: Marker) -> Position {
    Position {
        line: marker.line(),
        column: marker.col() + 1,
    }
}

fn size(node: &Node) -> usize {
    size_of::<Node>()
        + match &node.value {
            Value::Scalar(scalar) => scalar.text.len(),
            Value::Sequence(items) => items.iter().map(size).sum(),
            Value::Mapping(entries) => entries
                .iter()
                .map(|(key, node)| size_of::<Key>() + key.text.len() + size(node))
                .sum(),
        }
}

fn depth(node: &Node) -> usize {
    match &node.value {
        Value::Scalar(_) => 0,
        Value::Sequence(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Mapping(entries) => {
            1 + entries
                .iter()
                .map(|(_, node)| depth(node))
                .max()
                .unwrap_or(0)
        }
    }
}
