//! Serde through the text form.

/// Implements `Serialize` and `Deserialize` as the text of `Display` and `FromStr`.
macro_rules! serde_as_text {
    ($type:ty, $expected:literal) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct TextForm;

                impl serde::de::Visitor<'_> for TextForm {
                    type Value = $type;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str($expected)
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$type, E> {
                        text.parse().map_err(E::custom)
                    }
                }

                deserializer.deserialize_str(TextForm)
            }
        }
    };
}

/// Writes the digits of a fraction of a second after their point, as many as are needed, none for zero.
pub(super) fn write_fraction(f: &mut std::fmt::Formatter<'_>, nanos: u32) -> std::fmt::Result {
    if nanos == 0 {
        return Ok(());
    }
    let mut digits = nanos;
    let mut width = 9;
    while digits.is_multiple_of(10) {
        digits /= 10;
        width -= 1;
    }
    write!(f, ".{digits:0width$}")
}

pub(super) use serde_as_text;
