enum Tables {
    Stations(Station),
    Readings { reading: Reading },
}

// expands to

::core::compile_error! {
    "variant `Readings` does not wrap one row struct\nhelp: write `Readings(Reading)`"
}
///The old image of a row of [`Tables`]: what its table's tracking type tells.
#[allow(private_interfaces)]
enum TablesOld {
    ///Of [`Stations`](Tables::Stations).
    Stations(<Station as ::connector_core::__private::SourceRow>::Old),
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
    impl __dozer::RowImage for TablesOld {
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
    #[automatically_derived]
    impl ::core::fmt::Debug for TablesOld
    where
        for<'__any> <Station as __dozer::SourceRow>::Old: ::core::fmt::Debug,
    {
        #[inline]
        fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            match self {
                Self::Stations(__row) => {
                    __f.debug_tuple("Stations").field(__row).finish()
                }
            }
        }
    }
    #[automatically_derived]
    impl ::core::clone::Clone for TablesOld
    where
        for<'__any> <Station as __dozer::SourceRow>::Old: ::core::clone::Clone,
    {
        #[inline]
        fn clone(&self) -> Self {
            match self {
                Self::Stations(__row) => {
                    Self::Stations(::core::clone::Clone::clone(__row))
                }
            }
        }
    }
    #[automatically_derived]
    impl ::core::cmp::PartialEq for TablesOld
    where
        for<'__any> <Station as __dozer::SourceRow>::Old: ::core::cmp::PartialEq,
    {
        #[inline]
        fn eq(&self, __other: &Self) -> bool {
            match (self, __other) {
                (Self::Stations(__row), Self::Stations(__same)) => __row == __same,
                #[allow(unreachable_patterns)]
                _ => false,
            }
        }
    }
    #[automatically_derived]
    impl ::core::cmp::Eq for TablesOld
    where
        for<'__any> <Station as __dozer::SourceRow>::Old: ::core::cmp::Eq,
    {}
    #[automatically_derived]
    impl ::core::convert::From<Station> for Tables {
        #[inline]
        fn from(__row: Station) -> Self {
            Self::Stations(__row)
        }
    }
    #[automatically_derived]
    impl __dozer::Holds<Station> for Tables {
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
    impl __dozer::OldAmong<Tables> for TablesOld {
        #[inline]
        fn told(__event: __dozer::Event<Tables, Self>) -> __dozer::Event<Tables> {
            __event
        }
    }
    impl __dozer::RowImage for Tables {
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
    impl<'__row> __dozer::FromRow<'__row> for Tables {
        fn from_row(
            _: &mut __dozer::RowReader<'__row>,
        ) -> ::core::result::Result<Self, __dozer::Rejected> {
            ::core::result::Result::Err(__dozer::Rejected)
        }
    }
    impl __dozer::Columns for Tables {
        const COLUMNS: &'static [__dozer::DeclaredColumn] = &[];
    }
    impl __dozer::SourceRow for Tables {
        type Old = TablesOld;
        type Tracking = __dozer::AtRunTime;
    }
    impl __dozer::DozerSource for Tables {
        type Types = __dozer::AnyTypes;
        type Shape = __dozer::OwnedRow;
        const TABLE: __dozer::Option<&'static str> = __dozer::None;
        fn tables() -> __dozer::Vec<__dozer::TableInfo> {
            __dozer::Vec::new()
        }
    }
};
