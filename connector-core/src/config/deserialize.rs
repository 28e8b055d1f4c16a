//! A tree read into a type, with every error at its place.

use std::cell::RefCell;
use std::fmt;

use serde::de::{self, DeserializeOwned, Deserializer, Error as _, Unexpected, Visitor};

use super::access::{Entries, Items, Place, Variant};
use super::failure::Failure;
use super::node::{Key, Node, Origin, Value};
use super::scalar::{Scalar, Typed};
use super::{path, secret, spanned};
use crate::Result;
use crate::suggest::did_you_mean;

/// Reads a value. `path` names the keys that lead to it; the node's own tag has been read by whoever chose `T`.
pub(super) fn read<T: DeserializeOwned>(node: &Node, origin: &Origin, path: &str) -> Result<T> {
    let reader = NodeDeserializer {
        node,
        origin,
        path: Path::Root(path),
        tag_is_read: true,
        secret: false,
        first: &RefCell::new(None),
    };
    T::deserialize(reader).map_err(|failure| reader.locate(failure).into_error(origin))
}

/// The keys that lead to a value, as a chain through the stack.
#[derive(Clone, Copy)]
pub(super) enum Path<'a> {
    Root(&'a str),
    Key(&'a Path<'a>, &'a str),
    Index(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(path) => f.write_str(path),
            Self::Key(Path::Root(""), key) => f.write_str(key),
            Self::Key(parent, key) => write!(f, "{parent}.{key}"),
            Self::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

#[derive(Clone, Copy)]
pub(super) struct NodeDeserializer<'a> {
    pub(super) node: &'a Node,
    pub(super) origin: &'a Origin,
    pub(super) path: Path<'a>,
    /// The node's tag has chosen something already and is not in the way.
    pub(super) tag_is_read: bool,
    /// Inside a `Secret`: no text of the file is shown.
    pub(super) secret: bool,
    /// The first error inside a `Secret`, whose own `Deserialize` would replace it by a vaguer one.
    pub(super) first: &'a RefCell<Option<Failure>>,
}

type Outcome<T> = std::result::Result<T, Failure>;

impl<'a> NodeDeserializer<'a> {
    pub(super) fn locate(&self, failure: Failure) -> Failure {
        let hidden = self.secret || self.node.is_substituted();
        self.kept(failure.at(self.node, hidden, || self.path.to_string()))
    }

    pub(super) fn fail(&self, message: impl Into<String>, help: Option<String>) -> Failure {
        self.kept(Failure::placed(
            self.node.position,
            self.path.to_string(),
            message,
            help,
        ))
    }

    /// Inside a `Secret` the first error waits until the `Secret` itself is left.
    fn kept(&self, failure: Failure) -> Failure {
        if !self.secret {
            return failure;
        }
        self.first.borrow_mut().get_or_insert(failure);
        Failure::custom("the secret is not valid")
    }

    /// Refuses a tag that nothing asked for: silently dropped, it would mislead.
    fn no_tag(&self) -> Outcome<()> {
        match &self.node.tag {
            Some(tag) if !self.tag_is_read => Err(self.fail(
                format!("unexpected tag `!{tag}`"),
                Some("remove the tag".into()),
            )),
            Some(_) | None => Ok(()),
        }
    }

    fn scalar(&self, expected: &dyn de::Expected) -> Outcome<&'a Scalar> {
        self.no_tag()?;
        match &self.node.value {
            Value::Scalar(scalar) => Ok(scalar),
            Value::Sequence(_) => Err(Failure::invalid_type(Unexpected::Seq, expected)),
            Value::Mapping(_) => Err(Failure::invalid_type(Unexpected::Map, expected)),
        }
        .map_err(|failure| self.locate(failure))
    }

    pub(super) fn mismatch(&self, expected: &dyn de::Expected) -> Failure {
        let found = match &self.node.value {
            Value::Scalar(_) => Unexpected::Unit,
            Value::Sequence(_) => Unexpected::Seq,
            Value::Mapping(_) => Unexpected::Map,
        };
        self.locate(Failure::invalid_type(found, expected))
    }

    fn text(&self, expected: &dyn de::Expected) -> Outcome<&'a str> {
        let scalar = self.scalar(expected)?;
        if scalar.is_null() {
            Err(self.mismatch(expected))
        } else {
            Ok(&scalar.text)
        }
    }

    /// Refuses keys that no field takes, all of them at once, whether or not the type itself would ignore them.
    fn only_known(&self, entries: &[(Key, Node)], known: &[&str]) -> Outcome<()> {
        let unknown: Vec<&Key> = entries
            .iter()
            .map(|(key, _)| key)
            .filter(|key| !known.contains(&key.text.as_str()))
            .collect();
        let meant = |key: &Key| did_you_mean(&key.text, known.iter().copied());
        let (first, message, help) = match unknown.as_slice() {
            [] => return Ok(()),
            [one] => (*one, format!("unknown key `{}`", one.text), meant(one)),
            several @ [first, ..] => {
                let names: Vec<&str> = several.iter().map(|key| key.text.as_str()).collect();
                let helps: Vec<String> = several
                    .iter()
                    .map(|key| format!("`{}`: {}", key.text, meant(key)))
                    .collect();
                (
                    *first,
                    format!("unknown keys `{}`", names.join("`, `")),
                    helps.join("; "),
                )
            }
        };
        let path = self.path.to_string();
        Err(self.kept(Failure::placed(first.position, path, message, Some(help))))
    }

    fn number<'de, V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        match self.scalar(&visitor)?.typed_for_number() {
            typed @ (Typed::Unsigned(_) | Typed::Signed(_) | Typed::Float(_)) => {
                self.visit(typed, "", visitor)
            }
            Typed::Null | Typed::Bool(_) | Typed::Text => Err(self.mismatch(&visitor)),
        }
    }

    fn visit<'de, V: Visitor<'de>>(
        self,
        typed: Typed,
        text: &str,
        visitor: V,
    ) -> Outcome<V::Value> {
        typed
            .visit(text, visitor)
            .map_err(|failure| self.locate(failure))
    }

    fn sequence<'de, V: Visitor<'de>>(self, items: &[Node], visitor: V) -> Outcome<V::Value> {
        let mut access = Items::new(&self, items);
        let value = visitor
            .visit_seq(&mut access)
            .map_err(|failure| self.locate(failure))?;
        match access.left() {
            0 => Ok(value),
            more => {
                let message = format!("the list has {} items, {more} too many", items.len());
                Err(self.fail(message, None))
            }
        }
    }

    fn mapping<'de, V: Visitor<'de>>(
        self,
        entries: &[(Key, Node)],
        visitor: V,
    ) -> Outcome<V::Value> {
        let mut access = Entries::new(&self, entries);
        visitor
            .visit_map(&mut access)
            .map_err(|failure| self.locate(failure))
    }

    /// A value handed to a type of ours together with its place.
    fn with_place<'de, V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        let access = Place::new(self);
        visitor
            .visit_seq(access)
            .map_err(|failure| self.locate(failure))
    }

    fn reference<'de, V: Visitor<'de>>(mut self, visitor: V) -> Outcome<V::Value> {
        match self.node.tag.as_deref() {
            Some("Ref") => {
                self.tag_is_read = true;
                self.with_place(visitor)
            }
            Some(tag) => {
                let help = Some("write `!Ref` and the name".into());
                Err(self.fail(format!("expected `!Ref`, found the tag `!{tag}`"), help))
            }
            None => match &self.node.value {
                Value::Scalar(scalar) if !scalar.is_null() => {
                    let hidden = self.secret || scalar.substituted;
                    let name = if hidden { "name" } else { &scalar.text };
                    let message = "a reference needs the tag `!Ref`";
                    Err(self.fail(message, Some(format!("write `!Ref {name}`"))))
                }
                _ => Err(self.mismatch(&"a reference: `!Ref` and a name")),
            },
        }
    }
}

macro_rules! numbers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
            self.number(visitor)
        }
    )*};
}

macro_rules! texts {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
            let text = self.text(&visitor)?;
            visitor.visit_str(text).map_err(|failure| self.locate(failure))
        }
    )*};
}

impl<'de> Deserializer<'de> for NodeDeserializer<'_> {
    type Error = Failure;

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64
    }

    // A plain `123` or `true` is text where text is asked for: no one has to know when YAML needs quotes.
    texts! { deserialize_char deserialize_str deserialize_string deserialize_identifier }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        self.no_tag()?;
        match &self.node.value {
            Value::Scalar(scalar) => self.visit(scalar.typed(), &scalar.text, visitor),
            Value::Sequence(items) => self.sequence(items, visitor),
            Value::Mapping(entries) => self.mapping(entries, visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        match self.scalar(&visitor)?.typed_for_number() {
            typed @ Typed::Bool(_) => self.visit(typed, "", visitor),
            _ => Err(self.mismatch(&visitor)),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        let text = self.text(&visitor)?;
        visitor
            .visit_bytes(text.as_bytes())
            .map_err(|failure| self.locate(failure))
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        let tagged = self.node.tag.is_some() && !self.tag_is_read;
        if self.node.is_null() && !tagged {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
        .map_err(|failure| self.locate(failure))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        self.no_tag()?;
        if self.node.is_null() {
            visitor.visit_unit().map_err(|failure| self.locate(failure))
        } else {
            Err(self.mismatch(&visitor))
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Outcome<V::Value> {
        match &self.node.value {
            Value::Mapping(entries) if entries.is_empty() => {
                self.no_tag()?;
                visitor.visit_unit().map_err(|failure| self.locate(failure))
            }
            _ => self.deserialize_unit(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        visitor: V,
    ) -> Outcome<V::Value> {
        match name {
            spanned::REFERENCE => self.reference(visitor),
            spanned::SPANNED => self.with_place(visitor),
            path::NEWTYPE => {
                let text = self.text(&"a path")?;
                let Some(base) = self.origin.base_dir.to_str() else {
                    return Err(self.fail("the path of this file's directory is not UTF-8", None));
                };
                let access = de::value::SeqDeserializer::new([base, text].into_iter());
                visitor
                    .visit_seq(access)
                    .map_err(|failure| self.locate(failure))
            }
            secret::NEWTYPE => {
                self.secret = true;
                self.first.take();
                visitor.visit_newtype_struct(self).map_err(|failure| {
                    let first = self.first.take().unwrap_or(failure);
                    first.at(self.node, true, || self.path.to_string())
                })
            }
            _ => visitor
                .visit_newtype_struct(self)
                .map_err(|failure| self.locate(failure)),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        self.no_tag()?;
        match &self.node.value {
            Value::Sequence(items) => self.sequence(items, visitor),
            // `columns:` with every item commented out is an empty list.
            Value::Scalar(scalar) if scalar.is_null() => self.sequence(&[], visitor),
            Value::Scalar(_) | Value::Mapping(_) => Err(self.mismatch(&visitor)),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Outcome<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Outcome<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        self.no_tag()?;
        match &self.node.value {
            Value::Mapping(entries) => self.mapping(entries, visitor),
            Value::Scalar(scalar) if scalar.is_null() => self.mapping(&[], visitor),
            Value::Scalar(_) | Value::Sequence(_) => Err(self.mismatch(&visitor)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        keys: &'static [&'static str],
        visitor: V,
    ) -> Outcome<V::Value> {
        if let Value::Mapping(entries) = &self.node.value {
            self.no_tag()?;
            self.only_known(entries, keys)?;
        }
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Outcome<V::Value> {
        let tag = self.node.tag.as_deref().filter(|_| !self.tag_is_read);
        let (name, tagged) = match (tag, &self.node.value) {
            (Some(tag), _) => (tag, true),
            // `null` may be a variant's name, so the text decides and not its type.
            (None, Value::Scalar(scalar)) if !scalar.text.is_empty() => (&*scalar.text, false),
            (None, _) => {
                let names = variants.join("`, `");
                return Err(self.mismatch(&format!("one of `{names}`").as_str()));
            }
        };
        visitor
            .visit_enum(Variant::new(self, name, tagged))
            .map_err(|failure| self.locate(failure))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        visitor.visit_unit()
    }
}
