struct Line {
    number: i64,
    text: Option<String>,
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
    impl __dozer::Columns for Line {
        const COLUMNS: &'static [__dozer::DeclaredColumn] = &[
            __dozer::column(
                "number",
                <i64 as __dozer::ColumnValue>::FIELD_TYPE,
                <i64 as __dozer::ColumnValue>::NULLABLE,
                <i64 as __dozer::ColumnValue>::MAY_BE_LEFT_OUT,
                0,
                "",
            ),
            __dozer::column(
                "text",
                <Option<String> as __dozer::ColumnValue>::FIELD_TYPE,
                <Option<String> as __dozer::ColumnValue>::NULLABLE,
                <Option<String> as __dozer::ColumnValue>::MAY_BE_LEFT_OUT,
                0,
                "",
            ),
        ];
    }
    #[automatically_derived]
    impl __dozer::RowImage for Line {
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
            <i64 as __dozer::ColumnValue>::show(__fields, |__row| &__row.number);
            <Option<
                String,
            > as __dozer::ColumnValue>::show(__fields, |__row| &__row.text);
        }
    }
    #[automatically_derived]
    impl __dozer::SourceRow for Line {
        type Old = __dozer::NoOldRow;
        type Tracking = __dozer::Nothing;
        #[inline]
        fn declared_tables() -> __dozer::Vec<__dozer::TableInfo> {
            <Self as __dozer::DozerSource>::tables()
        }
    }
    #[automatically_derived]
    impl __dozer::DozerSource for Line {
        type Types = __dozer::AnyTypes;
        type Shape = __dozer::OwnedRow;
        const TABLE: __dozer::Option<&'static str> = __dozer::Some("line");
        #[inline]
        fn tables() -> __dozer::Vec<__dozer::TableInfo> {
            __dozer::table(
                "line",
                __dozer::None,
                __dozer::ReplicationChangesTrackingType::Nothing,
                "",
                <Self as __dozer::Columns>::COLUMNS,
            )
        }
    }
    #[automatically_derived]
    impl<'__row> __dozer::FromRow<'__row> for Line
    where
        for<'__any> i64: __dozer::FromValue<'__row>,
        for<'__any> Option<String>: __dozer::FromValue<'__row>,
    {
        #[inline]
        fn from_row(
            __row: &mut __dozer::RowReader<'__row>,
        ) -> __dozer::Result<Self, __dozer::Rejected> {
            __dozer::Ok(Self {
                number: match <i64 as __dozer::FromValue<'__row>>::read_from(__row) {
                    __dozer::Ok(__value) => __value,
                    __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                },
                text: match <Option<
                    String,
                > as __dozer::FromValue<'__row>>::read_from(__row) {
                    __dozer::Ok(__value) => __value,
                    __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                },
            })
        }
    }
};
