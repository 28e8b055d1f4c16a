#[dozer(tracking = "only_pk")]
struct Measured<K: Clone, V, const N: usize = 4>
where
    V: Send,
{
    #[dozer(primary_key)]
    key: K,
    value: Option<V>,
    digest: [u8; N],
}

// expands to

///The primary key of a [`Measured`], as an update or a delete tells it.
struct MeasuredKey<K: Clone> {
    ///The key column `key`.
    key: K,
}
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
    impl<K: Clone, V, const N: usize> __dozer::Columns for Measured<K, V, N>
    where
        V: Send,
        K: __dozer::ColumnValue,
        Option<V>: __dozer::ColumnValue,
        [u8; N]: __dozer::ColumnValue,
    {
        const COLUMNS: &'static [__dozer::DeclaredColumn] = &[
            __dozer::column(
                "key",
                <K as __dozer::ColumnValue>::FIELD_TYPE,
                <K as __dozer::ColumnValue>::NULLABLE,
                <K as __dozer::ColumnValue>::MAY_BE_LEFT_OUT,
                1,
                "",
            ),
            __dozer::column(
                "value",
                <Option<V> as __dozer::ColumnValue>::FIELD_TYPE,
                <Option<V> as __dozer::ColumnValue>::NULLABLE,
                <Option<V> as __dozer::ColumnValue>::MAY_BE_LEFT_OUT,
                0,
                "",
            ),
            __dozer::column(
                "digest",
                <[u8; N] as __dozer::ColumnValue>::FIELD_TYPE,
                <[u8; N] as __dozer::ColumnValue>::NULLABLE,
                <[u8; N] as __dozer::ColumnValue>::MAY_BE_LEFT_OUT,
                0,
                "",
            ),
        ];
    }
    #[automatically_derived]
    impl<K: Clone, V, const N: usize> __dozer::RowImage for Measured<K, V, N>
    where
        V: Send,
        K: __dozer::ColumnValue,
        Option<V>: __dozer::ColumnValue,
        [u8; N]: __dozer::ColumnValue,
    {
        #[inline]
        fn table(&self) -> usize {
            0
        }
        #[inline]
        fn append(
            &self,
            __row: &mut __dozer::RowWriter<'_>,
        ) -> __dozer::Result<(), __dozer::Rejected> {
            __dozer::append(self, __row)
        }
        #[inline]
        fn fields<'__i>(__fields: &mut impl __dozer::Fields<'__i, Self>)
        where
            Self: '__i,
        {
            <K as __dozer::ColumnValue>::show(__fields, |__row| &__row.key);
            <Option<V> as __dozer::ColumnValue>::show(__fields, |__row| &__row.value);
            <[u8; N] as __dozer::ColumnValue>::show(__fields, |__row| &__row.digest);
        }
    }
    #[automatically_derived]
    impl<K: Clone, V, const N: usize> __dozer::SourceRow for Measured<K, V, N>
    where
        V: Send,
        K: __dozer::ColumnValue,
        Option<V>: __dozer::ColumnValue,
        [u8; N]: __dozer::ColumnValue,
    {
        type Old = MeasuredKey<K>;
        type Tracking = __dozer::OnlyPk;
    }
    #[automatically_derived]
    impl<K: Clone, V, const N: usize> __dozer::KeyOf<Measured<K, V, N>>
    for MeasuredKey<K>
    where
        V: Send,
        K: __dozer::ColumnValue,
        Option<V>: __dozer::ColumnValue,
        [u8; N]: __dozer::ColumnValue,
    {
        #[inline]
        fn told(
            __event: __dozer::Event<Measured<K, V, N>, Self>,
        ) -> __dozer::Event<Measured<K, V, N>> {
            __event
        }
    }
    #[automatically_derived]
    impl<K: Clone, V, const N: usize> __dozer::DozerSource for Measured<K, V, N>
    where
        V: Send,
        K: __dozer::ColumnValue,
        Option<V>: __dozer::ColumnValue,
        [u8; N]: __dozer::ColumnValue,
    {
        type Types = __dozer::AnyTypes;
        type Shape = __dozer::OwnedRow;
        const TABLE: __dozer::Option<&'static str> = __dozer::Some("measured");
        #[inline]
        fn tables() -> __dozer::Vec<__dozer::TableInfo> {
            __dozer::table(
                "measured",
                __dozer::None,
                __dozer::ReplicationChangesTrackingType::OnlyPK,
                "",
                <Self as __dozer::Columns>::COLUMNS,
            )
        }
    }
    #[automatically_derived]
    impl<'__row, K: Clone, V, const N: usize> __dozer::FromRow<'__row>
    for Measured<K, V, N>
    where
        V: Send,
        for<'__any> K: __dozer::FromValue<'__row>,
        for<'__any> Option<V>: __dozer::FromValue<'__row>,
        for<'__any> [u8; N]: __dozer::FromValue<'__row>,
    {
        #[inline]
        fn from_row(
            __row: &mut __dozer::RowReader<'__row>,
        ) -> __dozer::Result<Self, __dozer::Rejected> {
            __dozer::Ok(Self {
                key: match <K as __dozer::FromValue<'__row>>::read_from(__row) {
                    __dozer::Ok(__value) => __value,
                    __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                },
                value: match <Option<
                    V,
                > as __dozer::FromValue<'__row>>::read_from(__row) {
                    __dozer::Ok(__value) => __value,
                    __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                },
                digest: match <[u8; N] as __dozer::FromValue<'__row>>::read_from(__row) {
                    __dozer::Ok(__value) => __value,
                    __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                },
            })
        }
    }
    #[automatically_derived]
    impl<K: Clone> __dozer::RowImage for MeasuredKey<K>
    where
        K: __dozer::ColumnValue,
    {
        #[inline]
        fn table(&self) -> usize {
            0
        }
        #[inline]
        fn append(
            &self,
            __row: &mut __dozer::RowWriter<'_>,
        ) -> __dozer::Result<(), __dozer::Rejected> {
            <K as __dozer::ColumnValue>::push_into(&self.key, __row);
            __dozer::push_unsent(__row, 2usize);
            __row.outcome()
        }
    }
    #[automatically_derived]
    impl<K: Clone> ::core::fmt::Debug for MeasuredKey<K>
    where
        for<'__any> K: ::core::fmt::Debug,
    {
        #[inline]
        fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            __f.debug_struct("MeasuredKey").field("key", &self.key).finish()
        }
    }
    #[automatically_derived]
    impl<K: Clone> ::core::clone::Clone for MeasuredKey<K>
    where
        for<'__any> K: ::core::clone::Clone,
    {
        #[inline]
        fn clone(&self) -> Self {
            Self {
                key: ::core::clone::Clone::clone(&self.key),
            }
        }
    }
    #[automatically_derived]
    impl<K: Clone> ::core::cmp::PartialEq for MeasuredKey<K>
    where
        for<'__any> K: ::core::cmp::PartialEq,
    {
        #[inline]
        fn eq(&self, __other: &Self) -> bool {
            self.key == __other.key
        }
    }
    #[automatically_derived]
    impl<K: Clone> ::core::cmp::Eq for MeasuredKey<K>
    where
        for<'__any> K: ::core::cmp::Eq,
    {}
    #[automatically_derived]
    impl<K: Clone, V, const N: usize> ::core::convert::From<&Measured<K, V, N>>
    for MeasuredKey<K>
    where
        V: Send,
        for<'__any> K: ::core::clone::Clone,
    {
        #[inline]
        fn from(__row: &Measured<K, V, N>) -> Self {
            Self {
                key: ::core::clone::Clone::clone(&__row.key),
            }
        }
    }
    #[automatically_derived]
    impl<'__row, K: Clone> __dozer::FromRow<'__row> for MeasuredKey<K>
    where
        for<'__any> K: __dozer::FromValue<'__row>,
    {
        #[inline]
        fn from_row(
            __row: &mut __dozer::RowReader<'__row>,
        ) -> __dozer::Result<Self, __dozer::Rejected> {
            __dozer::Ok(Self {
                key: match <K as __dozer::FromValue<'__row>>::read_from(__row) {
                    __dozer::Ok(__value) => __value,
                    __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                },
            })
        }
    }
};
