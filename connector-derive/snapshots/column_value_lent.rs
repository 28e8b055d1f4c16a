struct Named<'a, T> {
    name: &'a T,
}

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
    impl<'a, T> __dozer::ColumnValue for Named<'a, T>
    where
        &'a T: __dozer::ColumnValue,
    {
        const FIELD_TYPE: __dozer::FieldType = <&'a T as __dozer::ColumnValue>::FIELD_TYPE;
        const NULLABLE: bool = <&'a T as __dozer::ColumnValue>::NULLABLE;
        #[inline]
        fn with_value<__R>(
            &self,
            __take: impl ::core::ops::FnOnce(__dozer::Value<'_>) -> __R,
        ) -> __R {
            <&'a T as __dozer::ColumnValue>::with_value(&self.name, __take)
        }
        #[inline]
        fn text_bytes(&self) -> ::core::option::Option<usize> {
            <&'a T as __dozer::ColumnValue>::text_bytes(&self.name)
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
            <&'a T as __dozer::ColumnValue>::push_all_into(
                ::core::iter::Iterator::map(
                    __values,
                    |__value| ::core::option::Option::map(
                        __value,
                        |__value| &__value.name,
                    ),
                ),
                __rows,
            );
        }
    }
    #[automatically_derived]
    impl<'a, T> __dozer::FromValue<'a> for Named<'a, T>
    where
        for<'__any> &'a T: __dozer::FromValue<'a>,
    {
        #[inline]
        fn from_value(
            __value: __dozer::Value<'a>,
        ) -> ::core::result::Result<Self, __dozer::Misfit> {
            ::core::result::Result::Ok(Self {
                name: <&'a T as __dozer::FromValue<'a>>::from_value(__value)?,
            })
        }
    }
};
