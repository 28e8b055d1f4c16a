//! What the deserializer hands to visitors: items, entries, variants, and values with their place.

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::deserialize::{NodeDeserializer, Path};
use super::failure::Failure;
use super::node::{Key, Node, Value};
use super::scalar::{Scalar, Typed};

type Outcome<T> = std::result::Result<T, Failure>;

pub(super) struct Items<'a> {
    parent: &'a NodeDeserializer<'a>,
    rest: std::slice::Iter<'a, Node>,
    index: usize,
}

impl<'a> Items<'a> {
    pub(super) fn new(parent: &'a NodeDeserializer<'a>, items: &'a [Node]) -> Self {
        Self {
            parent,
            rest: items.iter(),
            index: 0,
        }
    }

    /// How many items no one has read.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }
}

impl<'de> SeqAccess<'de> for &mut Items<'_> {
    type Error = Failure;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Outcome<Option<T::Value>> {
        let Some(node) = self.rest.next() else {
            return Ok(None);
        };
        let path = Path::Index(&self.parent.path, self.index);
        self.index += 1;
        let reader = NodeDeserializer {
            node,
            path,
            tag_is_read: false,
            ..*self.parent
        };
        seed.deserialize(reader)
            .map(Some)
            .map_err(|failure| reader.locate(failure))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

pub(super) struct Entries<'a> {
    parent: &'a NodeDeserializer<'a>,
    rest: std::slice::Iter<'a, (Key, Node)>,
    value: Option<(&'a Key, &'a Node)>,
}

impl<'a> Entries<'a> {
    pub(super) fn new(parent: &'a NodeDeserializer<'a>, entries: &'a [(Key, Node)]) -> Self {
        Self {
            parent,
            rest: entries.iter(),
            value: None,
        }
    }
}

fn key_node(key: &Key) -> Node {
    let scalar = Scalar {
        text: key.text.clone(),
        plain: true,
        substituted: false,
    };
    Node {
        tag: None,
        value: Value::Scalar(scalar),
        position: key.position,
    }
}

impl<'de> MapAccess<'de> for &mut Entries<'_> {
    type Error = Failure;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Outcome<Option<K::Value>> {
        let Some((key, node)) = self.rest.next() else {
            return Ok(None);
        };
        self.value = Some((key, node));
        let read = seed.deserialize(KeyDeserializer(&key.text));
        read.map(Some)
            .map_err(|failure| failure.at(&key_node(key), false, || self.parent.path.to_string()))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Outcome<V::Value> {
        let Some((key, node)) = self.value.take() else {
            return Err(Failure::custom("a value was read before its key"));
        };
        let path = Path::Key(&self.parent.path, &key.text);
        let reader = NodeDeserializer {
            node,
            path,
            tag_is_read: false,
            ..*self.parent
        };
        seed.deserialize(reader)
            .map_err(|failure| reader.locate(failure))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// A key: text, or a number where the map's keys are numbers. Its errors get their place from the entry.
struct KeyDeserializer<'a>(&'a str);

impl KeyDeserializer<'_> {
    fn typed<'de, V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        let scalar = Scalar {
            text: self.0.into(),
            plain: true,
            substituted: false,
        };
        match scalar.typed() {
            Typed::Null => visitor.visit_str(self.0),
            typed => typed.visit(self.0, visitor),
        }
    }
}

macro_rules! typed {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
            self.typed(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for KeyDeserializer<'_> {
    type Error = Failure;

    typed! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_i128 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_u128 deserialize_f32 deserialize_f64
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        visitor.visit_str(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Outcome<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Outcome<V::Value> {
        self.0
            .into_deserializer()
            .deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier
        ignored_any
    }
}

/// A value after its place: line, column, whether it may not be shown, the value.
pub(super) struct Place<'a> {
    reader: NodeDeserializer<'a>,
    step: u8,
}

impl<'a> Place<'a> {
    pub(super) fn new(reader: NodeDeserializer<'a>) -> Self {
        Self { reader, step: 0 }
    }
}

impl<'de> SeqAccess<'de> for Place<'_> {
    type Error = Failure;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Outcome<Option<T::Value>> {
        let position = self.reader.node.position;
        let step = self.step;
        self.step += 1;
        match step {
            0 => seed.deserialize(position.line.into_deserializer()),
            1 => seed.deserialize(position.column.into_deserializer()),
            2 => {
                let hidden = self.reader.secret || self.reader.node.is_substituted();
                seed.deserialize(hidden.into_deserializer())
            }
            3 => seed.deserialize(self.reader),
            _ => return Ok(None),
        }
        .map(Some)
    }
}

/// One variant of an enum: `!Name value`, or a plain name.
pub(super) struct Variant<'a> {
    reader: NodeDeserializer<'a>,
    chosen: &'a str,
    tagged: bool,
}

impl<'a> Variant<'a> {
    pub(super) fn new(reader: NodeDeserializer<'a>, chosen: &'a str, tagged: bool) -> Self {
        Self {
            reader,
            chosen,
            tagged,
        }
    }

    /// The value behind the tag; a plain name has none.
    fn content(&self) -> Outcome<NodeDeserializer<'a>> {
        if self.tagged {
            return Ok(NodeDeserializer {
                tag_is_read: true,
                ..self.reader
            });
        }
        let hidden = self.reader.secret || self.reader.node.is_substituted();
        let name = if hidden { "Name" } else { self.chosen };
        let help = format!("write `!{name}` and the value");
        Err(self
            .reader
            .fail("this variant needs a tag and a value", Some(help)))
    }
}

impl<'de> EnumAccess<'de> for Variant<'_> {
    type Error = Failure;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Outcome<(V::Value, Self)> {
        let name = IntoDeserializer::<Failure>::into_deserializer(self.chosen);
        // A tag is the person's own text even where the value behind it came from the environment.
        let variant = seed.deserialize(name).map_err(|failure| {
            if self.tagged {
                failure.at(self.reader.node, false, || self.reader.path.to_string())
            } else {
                self.reader.locate(failure)
            }
        })?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = Failure;

    fn unit_variant(self) -> Outcome<()> {
        if self.tagged && !self.reader.node.is_null() {
            let kind = self.reader.node.kind();
            let message = format!("`!{}` takes no value, found {kind}", self.chosen);
            return Err(self
                .reader
                .fail(message, Some("remove what follows the tag".into())));
        }
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Outcome<T::Value> {
        seed.deserialize(self.content()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Outcome<V::Value> {
        self.content()?.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        keys: &'static [&'static str],
        visitor: V,
    ) -> Outcome<V::Value> {
        self.content()?.deserialize_struct("", keys, visitor)
    }
}
