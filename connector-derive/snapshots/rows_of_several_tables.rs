pub enum Tables {
    Stations(Station),
    Readings(Reading),
}

// expands to

///The old image of a row of [`Tables`]: what its table's tracking type tells.
#[allow(private_interfaces)]
pub enum TablesOld {
    ///Of [`Stations`](Tables::Stations).
    Stations(<Station as ::connector_core::__private::SourceRow>::Old),
    ///Of [`Readings`](Tables::Readings).
    Readings(<Reading as ::connector_core::__private::SourceRow>::Old),
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
        <Station as __dozer::DozerSource>::TABLE.is_some(),
        "variant `Stations` wraps an enum of rows\nhelp: wrap each of its row structs in a variant here",
    );
    const _: () = __dozer::table_is_new(
        "Stations",
        <Station as __dozer::DozerSource>::TABLE,
        &[],
    );
    const _: () = __dozer::check(
        <Reading as __dozer::DozerSource>::TABLE.is_some(),
        "variant `Readings` wraps an enum of rows\nhelp: wrap each of its row structs in a variant here",
    );
    const _: () = __dozer::table_is_new(
        "Readings",
        <Reading as __dozer::DozerSource>::TABLE,
        &[("Stations", <Station as __dozer::DozerSource>::TABLE)],
    );
    #[automatically_derived]
    impl __dozer::RowImage for Tables
    where
        for<'__any> Station: __dozer::DozerSource,
        for<'__any> Reading: __dozer::DozerSource,
    {
        #[inline]
        fn table(&self) -> usize {
            match self {
                Self::Stations(_) => 0usize,
                Self::Readings(_) => 1usize,
            }
        }
        #[inline]
        fn append(
            &self,
            __row: &mut __dozer::RowWriter<'_>,
        ) -> ::core::result::Result<(), __dozer::Rejected> {
            match self {
                Self::Stations(__image) => __dozer::RowImage::append(__image, __row),
                Self::Readings(__image) => __dozer::RowImage::append(__image, __row),
            }
        }
        #[inline]
        fn text_bytes(&self) -> __dozer::Option<usize> {
            match self {
                Self::Stations(__image) => __dozer::RowImage::text_bytes(__image),
                Self::Readings(__image) => __dozer::RowImage::text_bytes(__image),
            }
        }
        #[inline]
        fn append_all<'__rows>(
            __rows: impl ::core::iter::Iterator<
                Item = &'__rows Self,
            > + ::core::clone::Clone,
            __into: &mut __dozer::RowsWriter<'_>,
        )
        where
            Self: '__rows,
        {
            #[allow(unreachable_patterns)]
            match ::core::iter::Iterator::next(
                &mut ::core::clone::Clone::clone(&__rows),
            ) {
                __dozer::Some(Self::Stations(_)) => {
                    __dozer::append_variant(
                        __rows,
                        |__row| match __row {
                            Self::Stations(__image) => __dozer::Some(__image),
                            _ => __dozer::None,
                        },
                        __into,
                    )
                }
                __dozer::Some(Self::Readings(_)) => {
                    __dozer::append_variant(
                        __rows,
                        |__row| match __row {
                            Self::Readings(__image) => __dozer::Some(__image),
                            _ => __dozer::None,
                        },
                        __into,
                    )
                }
                __dozer::None => {}
            }
        }
    }
    #[automatically_derived]
    impl __dozer::RowImage for TablesOld
    where
        for<'__any> Station: __dozer::DozerSource,
        for<'__any> Reading: __dozer::DozerSource,
    {
        #[inline]
        fn table(&self) -> usize {
            match self {
                Self::Stations(_) => 0usize,
                Self::Readings(_) => 1usize,
            }
        }
        #[inline]
        fn append(
            &self,
            __row: &mut __dozer::RowWriter<'_>,
        ) -> ::core::result::Result<(), __dozer::Rejected> {
            match self {
                Self::Stations(__image) => __dozer::RowImage::append(__image, __row),
                Self::Readings(__image) => __dozer::RowImage::append(__image, __row),
            }
        }
    }
    #[automatically_derived]
    impl __dozer::SourceRow for Tables
    where
        for<'__any> Station: __dozer::DozerSource,
        for<'__any> Reading: __dozer::DozerSource,
    {
        type Old = TablesOld;
        type Tracking = __dozer::OfEachTable;
        #[inline]
        fn declared_tables() -> __dozer::Vec<__dozer::TableInfo> {
            <Self as __dozer::DozerSource>::tables()
        }
    }
    #[automatically_derived]
    impl __dozer::OldAmong<Tables> for TablesOld
    where
        for<'__any> Station: __dozer::DozerSource,
        for<'__any> Reading: __dozer::DozerSource,
    {
        #[inline]
        fn told(__event: __dozer::Event<Tables, Self>) -> __dozer::Event<Tables> {
            __event
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<Station> for Tables
    where
        for<'__any> Station: __dozer::DozerSource,
        for<'__any> Reading: __dozer::DozerSource,
    {
        #[inline]
        fn from(__row: Station) -> Self {
            Self::Stations(__row)
        }
    }
    #[automatically_derived]
    impl __dozer::Holds<Station> for Tables
    where
        for<'__any> Station: __dozer::DozerSource,
        for<'__any> Reading: __dozer::DozerSource,
    {
        #[inline]
        fn hold(__row: Station) -> Self {
            Self::Stations(__row)
        }
        #[inline]
        fn hold_old(__old: <Station as __dozer::SourceRow>::Old) -> Self::Old {
            TablesOld::Stations(__old)
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<Reading> for Tables
    where
        for<'__any> Station: __dozer::DozerSource,
        for<'__any> Reading: __dozer::DozerSource,
    {
        #[inline]
        fn from(__row: Reading) -> Self {
            Self::Readings(__row)
        }
    }
    #[automatically_derived]
    impl __dozer::Holds<Reading> for Tables
    where
        for<'__any> Station: __dozer::DozerSource,
        for<'__any> Reading: __dozer::DozerSource,
    {
        #[inline]
        fn hold(__row: Reading) -> Self {
            Self::Readings(__row)
        }
        #[inline]
        fn hold_old(__old: <Reading as __dozer::SourceRow>::Old) -> Self::Old {
            TablesOld::Readings(__old)
        }
    }
    #[automatically_derived]
    impl __dozer::DozerSource for Tables
    where
        for<'__any> Station: __dozer::DozerSource,
        for<'__any> Reading: __dozer::DozerSource,
    {
        type Types = (
            <Station as __dozer::DozerSource>::Types,
            (<Reading as __dozer::DozerSource>::Types, __dozer::AnyTypes),
        );
        type Shape = __dozer::SeveralTables;
        const TABLE: ::core::option::Option<&'static str> = ::core::option::Option::None;
        #[inline]
        fn tables() -> __dozer::Vec<__dozer::TableInfo> {
            let mut __tables = __dozer::Vec::new();
            __tables.append(&mut <Station as __dozer::DozerSource>::tables());
            __tables.append(&mut <Reading as __dozer::DozerSource>::tables());
            __tables
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for TablesOld
    where
        for<'__any> Station: __dozer::DozerSource,
        for<'__any> Reading: __dozer::DozerSource,
        for<'__any> <Station as __dozer::SourceRow>::Old: ::core::fmt::Debug,
        for<'__any> <Reading as __dozer::SourceRow>::Old: ::core::fmt::Debug,
    {
        #[inline]
        fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            match self {
                Self::Stations(__row) => {
                    __f.debug_tuple("Stations").field(__row).finish()
                }
                Self::Readings(__row) => {
                    __f.debug_tuple("Readings").field(__row).finish()
                }
            }
        }
    }
    #[automatically_derived]
    impl ::core::clone::Clone for TablesOld
    where
        for<'__any> Station: __dozer::DozerSource,
        for<'__any> Reading: __dozer::DozerSource,
        for<'__any> <Station as __dozer::SourceRow>::Old: ::core::clone::Clone,
        for<'__any> <Reading as __dozer::SourceRow>::Old: ::core::clone::Clone,
    {
        #[inline]
        fn clone(&self) -> Self {
            match self {
                Self::Stations(__row) => {
                    Self::Stations(::core::clone::Clone::clone(__row))
                }
                Self::Readings(__row) => {
                    Self::Readings(::core::clone::Clone::clone(__row))
                }
            }
        }
    }
    #[automatically_derived]
    impl ::core::cmp::PartialEq for TablesOld
    where
        for<'__any> Station: __dozer::DozerSource,
        for<'__any> Reading: __dozer::DozerSource,
        for<'__any> <Station as __dozer::SourceRow>::Old: ::core::cmp::PartialEq,
        for<'__any> <Reading as __dozer::SourceRow>::Old: ::core::cmp::PartialEq,
    {
        #[inline]
        fn eq(&self, __other: &Self) -> bool {
            match (self, __other) {
                (Self::Stations(__row), Self::Stations(__same)) => __row == __same,
                (Self::Readings(__row), Self::Readings(__same)) => __row == __same,
                #[allow(unreachable_patterns)]
                _ => false,
            }
        }
    }
    #[automatically_derived]
    impl ::core::cmp::Eq for TablesOld
    where
        for<'__any> Station: __dozer::DozerSource,
        for<'__any> Reading: __dozer::DozerSource,
        for<'__any> <Station as __dozer::SourceRow>::Old: ::core::cmp::Eq,
        for<'__any> <Reading as __dozer::SourceRow>::Old: ::core::cmp::Eq,
    {}
};
