#[dozer(tracking = "only_pk")]
struct Lent<'r> {
    #[dozer(primary_key)]
    name: &'r str,
    #[dozer(primary_key)]
    id: u64,
    body: Cow<'r, [u8]>,
}

// expands to

///The primary key of a [`Lent`], as an update or a delete tells it.
struct LentKey<'r> {
    ///The key column `name`.
    name: &'r str,
    ///The key column `id`.
    id: u64,
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
    const _: () = __dozer::check(
        __dozer::can_be_key(<&'static str as __dozer::ColumnValue>::FIELD_TYPE),
        "primary key column `name` is a float, a point or JSON\nhelp: choose an exact type, such as an integer, a decimal or text",
    );
    const _: () = __dozer::check(
        !<&'static str as __dozer::ColumnValue>::NULLABLE,
        "primary key column `name` is nullable\nhelp: take the `Option` off its type",
    );
    const _: () = __dozer::check(
        !<&'static str as __dozer::ColumnValue>::MAY_BE_LEFT_OUT,
        "primary key column `name` may be left out\nhelp: take the `Sent` off its type; a key is always sent",
    );
    const _: () = __dozer::check(
        __dozer::can_be_key(<u64 as __dozer::ColumnValue>::FIELD_TYPE),
        "primary key column `id` is a float, a point or JSON\nhelp: choose an exact type, such as an integer, a decimal or text",
    );
    const _: () = __dozer::check(
        !<u64 as __dozer::ColumnValue>::NULLABLE,
        "primary key column `id` is nullable\nhelp: take the `Option` off its type",
    );
    const _: () = __dozer::check(
        !<u64 as __dozer::ColumnValue>::MAY_BE_LEFT_OUT,
        "primary key column `id` may be left out\nhelp: take the `Sent` off its type; a key is always sent",
    );
    #[automatically_derived]
    impl<'r> __dozer::Columns for Lent<'r> {
        const COLUMNS: &'static [__dozer::DeclaredColumn] = &[
            __dozer::column(
                "name",
                <&'r str as __dozer::ColumnValue>::FIELD_TYPE,
                <&'r str as __dozer::ColumnValue>::NULLABLE,
                <&'r str as __dozer::ColumnValue>::MAY_BE_LEFT_OUT,
                1,
                "",
            ),
            __dozer::column(
                "id",
                <u64 as __dozer::ColumnValue>::FIELD_TYPE,
                <u64 as __dozer::ColumnValue>::NULLABLE,
                <u64 as __dozer::ColumnValue>::MAY_BE_LEFT_OUT,
                2,
                "",
            ),
            __dozer::column(
                "body",
                <Cow<'r, [u8]> as __dozer::ColumnValue>::FIELD_TYPE,
                <Cow<'r, [u8]> as __dozer::ColumnValue>::NULLABLE,
                <Cow<'r, [u8]> as __dozer::ColumnValue>::MAY_BE_LEFT_OUT,
                0,
                "",
            ),
        ];
    }
    #[automatically_derived]
    impl<'r> __dozer::RowImage for Lent<'r> {
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
            <&'r str as __dozer::ColumnValue>::show(__fields, |__row| &__row.name);
            <u64 as __dozer::ColumnValue>::show(__fields, |__row| &__row.id);
            <Cow<'r, [u8]> as __dozer::ColumnValue>::show(__fields, |__row| &__row.body);
        }
    }
    #[automatically_derived]
    impl<'r> __dozer::SourceRow for Lent<'r> {
        type Old = LentKey<'r>;
        type Tracking = __dozer::OnlyPk;
        #[inline]
        fn declared_tables() -> __dozer::Vec<__dozer::TableInfo> {
            <Self as __dozer::DozerSource>::tables()
        }
    }
    #[automatically_derived]
    impl<'r> __dozer::KeyOf<Lent<'r>> for LentKey<'r> {
        #[inline]
        fn told(__event: __dozer::Event<Lent<'r>, Self>) -> __dozer::Event<Lent<'r>> {
            __event
        }
    }
    #[automatically_derived]
    impl<'r> __dozer::DozerSource for Lent<'r> {
        type Types = __dozer::AnyTypes;
        type Shape = __dozer::LentRow;
        const TABLE: __dozer::Option<&'static str> = __dozer::Some("lent");
        #[inline]
        fn tables() -> __dozer::Vec<__dozer::TableInfo> {
            __dozer::table(
                "lent",
                __dozer::None,
                __dozer::ReplicationChangesTrackingType::OnlyPK,
                "",
                <Self as __dozer::Columns>::COLUMNS,
            )
        }
    }
    #[automatically_derived]
    impl<'r> __dozer::FromRow<'r> for Lent<'r>
    where
        for<'__any> &'r str: __dozer::FromValue<'r>,
        for<'__any> u64: __dozer::FromValue<'r>,
        for<'__any> Cow<'r, [u8]>: __dozer::FromValue<'r>,
    {
        #[inline]
        fn from_row(
            __row: &mut __dozer::RowReader<'r>,
        ) -> __dozer::Result<Self, __dozer::Rejected> {
            __dozer::Ok(Self {
                name: match <&'r str as __dozer::FromValue<'r>>::read_from(__row) {
                    __dozer::Ok(__value) => __value,
                    __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                },
                id: match <u64 as __dozer::FromValue<'r>>::read_from(__row) {
                    __dozer::Ok(__value) => __value,
                    __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                },
                body: match <Cow<'r, [u8]> as __dozer::FromValue<'r>>::read_from(__row) {
                    __dozer::Ok(__value) => __value,
                    __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                },
            })
        }
    }
    #[automatically_derived]
    impl<'r> __dozer::RowImage for LentKey<'r> {
        #[inline]
        fn table(&self) -> usize {
            0
        }
        #[inline]
        fn append(
            &self,
            __row: &mut __dozer::RowWriter<'_>,
        ) -> __dozer::Result<(), __dozer::Rejected> {
            <&'r str as __dozer::ColumnValue>::push_into(&self.name, __row);
            <u64 as __dozer::ColumnValue>::push_into(&self.id, __row);
            __dozer::push_unsent(__row, 1usize);
            __row.outcome()
        }
    }
    #[automatically_derived]
    impl<'r> ::core::fmt::Debug for LentKey<'r>
    where
        for<'__any> &'r str: ::core::fmt::Debug,
        for<'__any> u64: ::core::fmt::Debug,
    {
        #[inline]
        fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            __f.debug_struct("LentKey")
                .field("name", &self.name)
                .field("id", &self.id)
                .finish()
        }
    }
    #[automatically_derived]
    impl<'r> ::core::clone::Clone for LentKey<'r>
    where
        for<'__any> &'r str: ::core::clone::Clone,
        for<'__any> u64: ::core::clone::Clone,
    {
        #[inline]
        fn clone(&self) -> Self {
            Self {
                name: ::core::clone::Clone::clone(&self.name),
                id: ::core::clone::Clone::clone(&self.id),
            }
        }
    }
    #[automatically_derived]
    impl<'r> ::core::cmp::PartialEq for LentKey<'r>
    where
        for<'__any> &'r str: ::core::cmp::PartialEq,
        for<'__any> u64: ::core::cmp::PartialEq,
    {
        #[inline]
        fn eq(&self, __other: &Self) -> bool {
            self.name == __other.name && self.id == __other.id
        }
    }
    #[automatically_derived]
    impl<'r> ::core::cmp::Eq for LentKey<'r>
    where
        for<'__any> &'r str: ::core::cmp::Eq,
        for<'__any> u64: ::core::cmp::Eq,
    {}
    #[automatically_derived]
    impl<'r> ::core::convert::From<&Lent<'r>> for LentKey<'r>
    where
        for<'__any> &'r str: ::core::clone::Clone,
        for<'__any> u64: ::core::clone::Clone,
    {
        #[inline]
        fn from(__row: &Lent<'r>) -> Self {
            Self {
                name: ::core::clone::Clone::clone(&__row.name),
                id: ::core::clone::Clone::clone(&__row.id),
            }
        }
    }
    #[automatically_derived]
    impl<'r> __dozer::FromRow<'r> for LentKey<'r>
    where
        for<'__any> &'r str: __dozer::FromValue<'r>,
        for<'__any> u64: __dozer::FromValue<'r>,
    {
        #[inline]
        fn from_row(
            __row: &mut __dozer::RowReader<'r>,
        ) -> __dozer::Result<Self, __dozer::Rejected> {
            __dozer::Ok(Self {
                name: match <&'r str as __dozer::FromValue<'r>>::read_from(__row) {
                    __dozer::Ok(__value) => __value,
                    __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                },
                id: match <u64 as __dozer::FromValue<'r>>::read_from(__row) {
                    __dozer::Ok(__value) => __value,
                    __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                },
            })
        }
    }
};
