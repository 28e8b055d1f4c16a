enum Tables {
    Stations(Station),
    Readings { reading: Reading },
}

// expands to

::core::compile_error! {
    "variant `Readings` does not wrap one row struct\nhelp: write `Readings(Reading)`"
}
#[doc(hidden)]
#[allow(
    deprecated,
    private_bounds,
    private_interfaces,
    single_use_lifetimes,
    unused_lifetimes,
    unused_qualifications,
    clippy::all,
    clippy::pedantic,
)]
const _: () = {
    use ::connector_core::__private as __dozer;
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
        type Old = Self;
        type Tracking = __dozer::AtRunTime;
    }
    impl __dozer::DozerSource for Tables {
        type Types = __dozer::AnyTypes;
        type Shape = __dozer::OwnedRow;
        const TABLE: ::core::option::Option<&'static str> = ::core::option::Option::None;
        fn tables() -> __dozer::Vec<__dozer::TableInfo> {
            __dozer::Vec::new()
        }
    }
    impl ::core::convert::From<Station> for Tables
    where
        for<'__any> Station: __dozer::SourceRow,
    {
        fn from(__row: Station) -> Self {
            Self::Stations(__row)
        }
    }
    impl __dozer::Holds<Station> for Tables
    where
        for<'__any> Station: __dozer::SourceRow,
    {
        fn hold(__row: Station) -> Self {
            Self::Stations(__row)
        }
        fn hold_old(_: <Station as __dozer::SourceRow>::Old) -> Self {
            ::core::unreachable!()
        }
    }
};
