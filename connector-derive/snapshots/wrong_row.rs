#[dozer(tabel = "readings", tracking = "only_pk")]
struct Reading {
    #[dozer(primary_key)]
    station: String,
    temperature: f64,
}

// expands to

::core::compile_error! {
    "`tabel` is not a key of `#[dozer(…)]` on a row struct\nhelp: did you mean `table`?"
}
///The primary key of a [`Reading`], as an update or a delete tells it.
struct ReadingKey {
    ///The key column `station`.
    station: String,
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
    impl __dozer::RowImage for ReadingKey {
        fn table(&self) -> usize {
            0
        }
        fn append(
            &self,
            _: &mut __dozer::RowWriter<'_>,
        ) -> ::core::result::Result<(), __dozer::Rejected> {
            ::core::result::Result::Ok(())
        }
    }
    impl<'__row> __dozer::FromRow<'__row> for ReadingKey {
        fn from_row(
            _: &mut __dozer::RowReader<'__row>,
        ) -> ::core::result::Result<Self, __dozer::Rejected> {
            ::core::result::Result::Err(__dozer::Rejected)
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for ReadingKey
    where
        for<'__any> String: ::core::fmt::Debug,
    {
        #[inline]
        fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            __f.debug_struct("ReadingKey").field("station", &self.station).finish()
        }
    }
    #[automatically_derived]
    impl ::core::clone::Clone for ReadingKey
    where
        for<'__any> String: ::core::clone::Clone,
    {
        #[inline]
        fn clone(&self) -> Self {
            Self {
                station: ::core::clone::Clone::clone(&self.station),
            }
        }
    }
    #[automatically_derived]
    impl ::core::cmp::PartialEq for ReadingKey
    where
        for<'__any> String: ::core::cmp::PartialEq,
    {
        #[inline]
        fn eq(&self, __other: &Self) -> bool {
            self.station == __other.station
        }
    }
    #[automatically_derived]
    impl ::core::cmp::Eq for ReadingKey
    where
        for<'__any> String: ::core::cmp::Eq,
    {}
    #[automatically_derived]
    impl ::core::convert::From<&Reading> for ReadingKey
    where
        for<'__any> String: ::core::clone::Clone,
    {
        #[inline]
        fn from(__row: &Reading) -> Self {
            Self {
                station: ::core::clone::Clone::clone(&__row.station),
            }
        }
    }
    #[automatically_derived]
    impl __dozer::KeyOf<Reading> for ReadingKey {
        #[inline]
        fn told(__event: __dozer::Event<Reading, Self>) -> __dozer::Event<Reading> {
            __event
        }
    }
    impl __dozer::RowImage for Reading {
        fn table(&self) -> usize {
            0
        }
        fn append(
            &self,
            _: &mut __dozer::RowWriter<'_>,
        ) -> ::core::result::Result<(), __dozer::Rejected> {
            ::core::result::Result::Ok(())
        }
    }
    impl<'__row> __dozer::FromRow<'__row> for Reading {
        fn from_row(
            _: &mut __dozer::RowReader<'__row>,
        ) -> ::core::result::Result<Self, __dozer::Rejected> {
            ::core::result::Result::Err(__dozer::Rejected)
        }
    }
    impl __dozer::Columns for Reading {
        const COLUMNS: &'static [__dozer::DeclaredColumn] = &[];
    }
    impl __dozer::SourceRow for Reading {
        type Old = ReadingKey;
        type Tracking = __dozer::AtRunTime;
    }
    impl __dozer::DozerSource for Reading {
        type Types = __dozer::AnyTypes;
        type Shape = __dozer::OwnedRow;
        const TABLE: __dozer::Option<&'static str> = __dozer::Some("Reading");
        fn tables() -> __dozer::Vec<__dozer::TableInfo> {
            __dozer::Vec::new()
        }
    }
};
