#[dozer(tracking = "full_changes", types = SqliteType, crate = ::platform::connector)]
struct Station {
    #[dozer(primary_key)]
    id: u64,
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
    use ::platform::connector::__private as __dozer;
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
    impl __dozer::Columns for Station {
        const COLUMNS: &'static [__dozer::DeclaredColumn] = &[
            __dozer::column(
                "id",
                <u64 as __dozer::ColumnValue>::FIELD_TYPE,
                <u64 as __dozer::ColumnValue>::NULLABLE,
                <u64 as __dozer::ColumnValue>::MAY_BE_LEFT_OUT,
                1,
                "",
            ),
        ];
    }
    #[automatically_derived]
    impl __dozer::RowImage for Station {
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
            <u64 as __dozer::ColumnValue>::show(__fields, |__row| &__row.id);
        }
    }
    #[automatically_derived]
    impl __dozer::SourceRow for Station {
        type Old = Self;
        type Tracking = __dozer::FullChanges;
        #[inline]
        fn declared_tables() -> __dozer::Vec<__dozer::TableInfo> {
            <Self as __dozer::DozerSource>::tables()
        }
    }
    #[automatically_derived]
    impl __dozer::DozerSource for Station {
        type Types = SqliteType;
        type Shape = __dozer::OwnedRow;
        const TABLE: __dozer::Option<&'static str> = __dozer::Some("station");
        #[inline]
        fn tables() -> __dozer::Vec<__dozer::TableInfo> {
            __dozer::table(
                "station",
                __dozer::None,
                __dozer::ReplicationChangesTrackingType::FullChanges,
                "",
                <Self as __dozer::Columns>::COLUMNS,
            )
        }
    }
    #[automatically_derived]
    impl<'__row> __dozer::FromRow<'__row> for Station
    where
        for<'__any> u64: __dozer::FromValue<'__row>,
    {
        #[inline]
        fn from_row(
            __row: &mut __dozer::RowReader<'__row>,
        ) -> __dozer::Result<Self, __dozer::Rejected> {
            __dozer::Ok(Self {
                id: match <u64 as __dozer::FromValue<'__row>>::read_from(__row) {
                    __dozer::Ok(__value) => __value,
                    __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                },
            })
        }
    }
};
