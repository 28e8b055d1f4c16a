/// A reading taken by one station.
#[dozer(table = "readings", schema = "weather", tracking = "only_pk")]
pub struct Reading {
    #[dozer(primary_key)]
    pub station: String,
    temperature: Option<f64>,
    humidity: Option<f64>,
    /// When it was taken.
    #[dozer(primary_key)]
    pub taken_at: Timestamp,
}

// expands to

///The primary key of a [`Reading`], as an update or a delete tells it.
pub struct ReadingKey {
    ///The key column `station`.
    pub station: String,
    ///When it was taken.
    pub taken_at: Timestamp,
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
        __dozer::can_be_key(<String as __dozer::ColumnValue>::FIELD_TYPE),
        "primary key column `station` is a float, a point or JSON\nhelp: choose an exact type, such as an integer, a decimal or text",
    );
    const _: () = __dozer::check(
        !<String as __dozer::ColumnValue>::NULLABLE,
        "primary key column `station` is nullable\nhelp: take the `Option` off its type",
    );
    const _: () = __dozer::check(
        !<String as __dozer::ColumnValue>::MAY_BE_LEFT_OUT,
        "primary key column `station` may be left out\nhelp: take the `Sent` off its type; a key is always sent",
    );
    const _: () = __dozer::check(
        __dozer::can_be_key(<Timestamp as __dozer::ColumnValue>::FIELD_TYPE),
        "primary key column `taken_at` is a float, a point or JSON\nhelp: choose an exact type, such as an integer, a decimal or text",
    );
    const _: () = __dozer::check(
        !<Timestamp as __dozer::ColumnValue>::NULLABLE,
        "primary key column `taken_at` is nullable\nhelp: take the `Option` off its type",
    );
    const _: () = __dozer::check(
        !<Timestamp as __dozer::ColumnValue>::MAY_BE_LEFT_OUT,
        "primary key column `taken_at` may be left out\nhelp: take the `Sent` off its type; a key is always sent",
    );
    #[automatically_derived]
    impl __dozer::Columns for Reading {
        const COLUMNS: &'static [__dozer::DeclaredColumn] = &[
            __dozer::column(
                "station",
                <String as __dozer::ColumnValue>::FIELD_TYPE,
                <String as __dozer::ColumnValue>::NULLABLE,
                <String as __dozer::ColumnValue>::MAY_BE_LEFT_OUT,
                1,
                "",
            ),
            __dozer::column(
                "temperature",
                <Option<f64> as __dozer::ColumnValue>::FIELD_TYPE,
                <Option<f64> as __dozer::ColumnValue>::NULLABLE,
                <Option<f64> as __dozer::ColumnValue>::MAY_BE_LEFT_OUT,
                0,
                "",
            ),
            __dozer::column(
                "humidity",
                <Option<f64> as __dozer::ColumnValue>::FIELD_TYPE,
                <Option<f64> as __dozer::ColumnValue>::NULLABLE,
                <Option<f64> as __dozer::ColumnValue>::MAY_BE_LEFT_OUT,
                0,
                "",
            ),
            __dozer::column(
                "taken_at",
                <Timestamp as __dozer::ColumnValue>::FIELD_TYPE,
                <Timestamp as __dozer::ColumnValue>::NULLABLE,
                <Timestamp as __dozer::ColumnValue>::MAY_BE_LEFT_OUT,
                2,
                "When it was taken.",
            ),
        ];
    }
    #[automatically_derived]
    impl __dozer::RowImage for Reading {
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
            <String as __dozer::ColumnValue>::show(__fields, |__row| &__row.station);
            <Option<
                f64,
            > as __dozer::ColumnValue>::show(__fields, |__row| &__row.temperature);
            <Option<
                f64,
            > as __dozer::ColumnValue>::show(__fields, |__row| &__row.humidity);
            <Timestamp as __dozer::ColumnValue>::show(__fields, |__row| &__row.taken_at);
        }
    }
    #[automatically_derived]
    impl __dozer::SourceRow for Reading {
        type Old = ReadingKey;
        type Tracking = __dozer::OnlyPk;
        #[inline]
        fn declared_tables() -> __dozer::Vec<__dozer::TableInfo> {
            <Self as __dozer::DozerSource>::tables()
        }
    }
    #[automatically_derived]
    impl __dozer::KeyOf<Reading> for ReadingKey {
        #[inline]
        fn told(__event: __dozer::Event<Reading, Self>) -> __dozer::Event<Reading> {
            __event
        }
    }
    #[automatically_derived]
    impl __dozer::DozerSource for Reading {
        type Types = __dozer::AnyTypes;
        type Shape = __dozer::OwnedRow;
        const TABLE: __dozer::Option<&'static str> = __dozer::Some("weather.readings");
        #[inline]
        fn tables() -> __dozer::Vec<__dozer::TableInfo> {
            __dozer::table(
                "readings",
                __dozer::Some("weather"),
                __dozer::ReplicationChangesTrackingType::OnlyPK,
                "A reading taken by one station.",
                <Self as __dozer::Columns>::COLUMNS,
            )
        }
    }
    #[automatically_derived]
    impl<'__row> __dozer::FromRow<'__row> for Reading
    where
        for<'__any> String: __dozer::FromValue<'__row>,
        for<'__any> Option<f64>: __dozer::FromValue<'__row>,
        for<'__any> Timestamp: __dozer::FromValue<'__row>,
    {
        #[inline]
        fn from_row(
            __row: &mut __dozer::RowReader<'__row>,
        ) -> __dozer::Result<Self, __dozer::Rejected> {
            __dozer::Ok(Self {
                station: match <String as __dozer::FromValue<'__row>>::read_from(__row) {
                    __dozer::Ok(__value) => __value,
                    __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                },
                temperature: match <Option<
                    f64,
                > as __dozer::FromValue<'__row>>::read_from(__row) {
                    __dozer::Ok(__value) => __value,
                    __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                },
                humidity: match <Option<
                    f64,
                > as __dozer::FromValue<'__row>>::read_from(__row) {
                    __dozer::Ok(__value) => __value,
                    __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                },
                taken_at: match <Timestamp as __dozer::FromValue<
                    '__row,
                >>::read_from(__row) {
                    __dozer::Ok(__value) => __value,
                    __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                },
            })
        }
    }
    #[automatically_derived]
    impl __dozer::RowImage for ReadingKey {
        #[inline]
        fn table(&self) -> usize {
            0
        }
        #[inline]
        fn append(
            &self,
            __row: &mut __dozer::RowWriter<'_>,
        ) -> __dozer::Result<(), __dozer::Rejected> {
            <String as __dozer::ColumnValue>::push_into(&self.station, __row);
            __dozer::push_unsent(__row, 2usize);
            <Timestamp as __dozer::ColumnValue>::push_into(&self.taken_at, __row);
            __row.outcome()
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for ReadingKey
    where
        for<'__any> String: ::core::fmt::Debug,
        for<'__any> Timestamp: ::core::fmt::Debug,
    {
        #[inline]
        fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            __f.debug_struct("ReadingKey")
                .field("station", &self.station)
                .field("taken_at", &self.taken_at)
                .finish()
        }
    }
    #[automatically_derived]
    impl ::core::clone::Clone for ReadingKey
    where
        for<'__any> String: ::core::clone::Clone,
        for<'__any> Timestamp: ::core::clone::Clone,
    {
        #[inline]
        fn clone(&self) -> Self {
            Self {
                station: ::core::clone::Clone::clone(&self.station),
                taken_at: ::core::clone::Clone::clone(&self.taken_at),
            }
        }
    }
    #[automatically_derived]
    impl ::core::cmp::PartialEq for ReadingKey
    where
        for<'__any> String: ::core::cmp::PartialEq,
        for<'__any> Timestamp: ::core::cmp::PartialEq,
    {
        #[inline]
        fn eq(&self, __other: &Self) -> bool {
            self.station == __other.station && self.taken_at == __other.taken_at
        }
    }
    #[automatically_derived]
    impl ::core::cmp::Eq for ReadingKey
    where
        for<'__any> String: ::core::cmp::Eq,
        for<'__any> Timestamp: ::core::cmp::Eq,
    {}
    #[automatically_derived]
    impl ::core::convert::From<&Reading> for ReadingKey
    where
        for<'__any> String: ::core::clone::Clone,
        for<'__any> Timestamp: ::core::clone::Clone,
    {
        #[inline]
        fn from(__row: &Reading) -> Self {
            Self {
                station: ::core::clone::Clone::clone(&__row.station),
                taken_at: ::core::clone::Clone::clone(&__row.taken_at),
            }
        }
    }
    #[automatically_derived]
    impl<'__row> __dozer::FromRow<'__row> for ReadingKey
    where
        for<'__any> String: __dozer::FromValue<'__row>,
        for<'__any> Timestamp: __dozer::FromValue<'__row>,
    {
        #[inline]
        fn from_row(
            __row: &mut __dozer::RowReader<'__row>,
        ) -> __dozer::Result<Self, __dozer::Rejected> {
            __dozer::Ok(Self {
                station: match <String as __dozer::FromValue<'__row>>::read_from(__row) {
                    __dozer::Ok(__value) => __value,
                    __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                },
                taken_at: {
                    __dozer::pass_over(__row, 2usize);
                    match <Timestamp as __dozer::FromValue<'__row>>::read_from(__row) {
                        __dozer::Ok(__value) => __value,
                        __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                    }
                },
            })
        }
    }
};
