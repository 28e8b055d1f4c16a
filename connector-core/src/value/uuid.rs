//! From `uuid::Uuid`.

use uuid::Uuid;

use super::Value;

impl From<Uuid> for Value<'_> {
    fn from(id: Uuid) -> Self {
        Self::Uuid(id.into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::FieldType;
    use crate::value::Field;

    #[test]
    fn a_uuid_becomes_the_text_that_its_own_crate_prints() {
        let id = Uuid::from_u128(0x0123_4567_89ab_cdef_fedc_ba98_7654_3210);
        let text = Field::cast(FieldType::String, id.into());
        assert_eq!(text, Ok(Field::String(id.to_string())));
        let number = Field::cast(FieldType::U128, id.into());
        assert_eq!(number, Ok(Field::U128(id.as_u128())));
    }
}
