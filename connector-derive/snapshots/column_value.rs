struct Celsius(f64);

// expands to

#[doc(hidden)]
#[allow(
    deprecated,
    private_bounds,
    private_interfaces,
    single_use_lifetimes,
    unused_imports,
    unused_lifetimes,
    unused_qualifications,
    clippy::all,
    clippy::pedantic,
)]
const _: () = {
    use ::connector_core::__private as __dozer;
    #[automatically_derived]
    impl __dozer::ColumnValue for Celsius {
        const FIELD_TYPE: __dozer::FieldType = <f64 as __dozer::ColumnValue>::FIELD_TYPE;
        const NULLABLE: bool = <f64 as __dozer::ColumnValue>::NULLABLE;
        #[inline]
        fn with_value<__R>(
            &self,
            __take: impl ::core::ops::FnOnce(__dozer::Value<'_>) -> __R,
        ) -> __R {
            <f64 as __dozer::ColumnValue>::with_value(&self.0, __take)
        }
        #[inline]
        fn text_bytes(&self) -> ::core::option::Option<usize> {
            <f64 as __dozer::ColumnValue>::text_bytes(&self.0)
        }
        #[inline]
        fn push_all_into<'__v>(
            __values: impl ::core::iter::Iterator<
                Item = ::core::option::Option<&'__v Self>,
            >,
            __rows: &mut __dozer::RowsWriter<'_>,
        )
        where
            Self: '__v,
        {
            <f64 as __dozer::ColumnValue>::push_all_into(
                ::core::iter::Iterator::map(
                    __values,
                    |__value| ::core::option::Option::map(__value, |__value| &__value.0),
                ),
                __rows,
            );
        }
    }
    #[automatically_derived]
    impl<'__row> __dozer::FromValue<'__row> for Celsius
    where
        for<'__any> f64: __dozer::FromValue<'__row>,
    {
        #[inline]
        fn from_value(
            __value: __dozer::Value<'__row>,
        ) -> ::core::result::Result<Self, __dozer::Misfit> {
            ::core::result::Result::Ok(Self {
                0: <f64 as __dozer::FromValue<'__row>>::from_value(__value)?,
            })
        }
    }
};
