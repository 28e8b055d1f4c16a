#[dozer(rename_all = "camelCase", primary_key(order_number, customer))]
struct Order {
    customer: u32,
    order_number: u64,
    #[dozer(flatten)]
    address: Address,
    #[dozer(json)]
    lines: Vec<Line>,
    #[dozer(json)]
    remarks: Option<Remarks>,
    #[dozer(with = celsius)]
    storage: Temperature,
    #[dozer(with = celsius, default = Temperature::room)]
    transport: Temperature,
    #[dozer(default)]
    priority: u8,
    #[dozer(column = "total", field = Decimal(10, 2))]
    sum: Decimal,
    #[dozer(skip)]
    cached: Cache,
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
    use celsius as __with_0;
    const _: () = {
        use __with_0 as celsius;
        const _: () = __dozer::check(
            __dozer::can_be_key(<u32 as __dozer::ColumnValue>::FIELD_TYPE),
            "primary key column `customer` is a float, a point or JSON\nhelp: choose an exact type, such as an integer, a decimal or text",
        );
        const _: () = __dozer::check(
            !<u32 as __dozer::ColumnValue>::NULLABLE,
            "primary key column `customer` is nullable\nhelp: take the `Option` off its type",
        );
        const _: () = __dozer::check(
            !<u32 as __dozer::ColumnValue>::MAY_BE_LEFT_OUT,
            "primary key column `customer` may be left out\nhelp: take the `Sent` off its type; a key is always sent",
        );
        const _: () = __dozer::check(
            __dozer::can_be_key(<u64 as __dozer::ColumnValue>::FIELD_TYPE),
            "primary key column `orderNumber` is a float, a point or JSON\nhelp: choose an exact type, such as an integer, a decimal or text",
        );
        const _: () = __dozer::check(
            !<u64 as __dozer::ColumnValue>::NULLABLE,
            "primary key column `orderNumber` is nullable\nhelp: take the `Option` off its type",
        );
        const _: () = __dozer::check(
            !<u64 as __dozer::ColumnValue>::MAY_BE_LEFT_OUT,
            "primary key column `orderNumber` may be left out\nhelp: take the `Sent` off its type; a key is always sent",
        );
        const _: () = __dozer::check(
            __dozer::can_become(
                <Decimal as __dozer::ColumnValue>::FIELD_TYPE,
                __dozer::FieldType::Decimal(__dozer::DecimalSize::new(10, 2)),
            ),
            "field `sum` is `Decimal`, which does not become `Decimal`\nhelp: make it a `Decimal`, remove `field = Decimal(10, 2)`, or convert with `with = module`",
        );
        const _: () = __dozer::group_is_apart(
            "address",
            <Address as __dozer::Columns>::COLUMNS,
            &[
                ("customer", "customer"),
                ("order_number", "orderNumber"),
                ("lines", "lines"),
                ("remarks", "remarks"),
                ("storage", "storage"),
                ("transport", "transport"),
                ("priority", "priority"),
                ("sum", "total"),
            ],
            &[],
        );
        #[automatically_derived]
        impl __dozer::Columns for Order {
            const COLUMNS: &'static [__dozer::DeclaredColumn] = &[
                __dozer::column(
                    "customer",
                    <u32 as __dozer::ColumnValue>::FIELD_TYPE,
                    <u32 as __dozer::ColumnValue>::NULLABLE,
                    <u32 as __dozer::ColumnValue>::MAY_BE_LEFT_OUT,
                    2,
                    "",
                ),
                __dozer::column(
                    "orderNumber",
                    <u64 as __dozer::ColumnValue>::FIELD_TYPE,
                    <u64 as __dozer::ColumnValue>::NULLABLE,
                    <u64 as __dozer::ColumnValue>::MAY_BE_LEFT_OUT,
                    1,
                    "",
                ),
                __dozer::DeclaredColumn::Group(<Address as __dozer::Columns>::COLUMNS),
                __dozer::column("lines", __dozer::FieldType::Json, false, false, 0, ""),
                __dozer::column("remarks", __dozer::FieldType::Json, true, false, 0, ""),
                __dozer::column("storage", celsius::FIELD_TYPE, false, false, 0, ""),
                __dozer::column("transport", celsius::FIELD_TYPE, true, false, 0, ""),
                __dozer::column(
                    "priority",
                    <u8 as __dozer::ColumnValue>::FIELD_TYPE,
                    true,
                    <u8 as __dozer::ColumnValue>::MAY_BE_LEFT_OUT,
                    0,
                    "",
                ),
                __dozer::column(
                    "total",
                    __dozer::FieldType::Decimal(__dozer::DecimalSize::new(10, 2)),
                    <Decimal as __dozer::ColumnValue>::NULLABLE,
                    <Decimal as __dozer::ColumnValue>::MAY_BE_LEFT_OUT,
                    0,
                    "",
                ),
            ];
        }
        #[automatically_derived]
        impl __dozer::RowImage for Order {
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
                <u32 as __dozer::ColumnValue>::show(__fields, |__row| &__row.customer);
                <u64 as __dozer::ColumnValue>::show(
                    __fields,
                    |__row| &__row.order_number,
                );
                <Address as __dozer::Columns>::show(__fields, |__row| &__row.address);
                __dozer::Fields::written(
                    __fields,
                    |__of, __row| {
                        __dozer::push_json::<Vec<Line>>(&__of.lines, __row);
                    },
                );
                __dozer::Fields::written(
                    __fields,
                    |__of, __row| {
                        __dozer::push_optional_json::<Remarks>(&__of.remarks, __row);
                    },
                );
                __dozer::Fields::written(
                    __fields,
                    |__of, __row| {
                        __dozer::push(celsius::to_value(&__of.storage), __row);
                    },
                );
                __dozer::Fields::written(
                    __fields,
                    |__of, __row| {
                        __dozer::push(celsius::to_value(&__of.transport), __row);
                    },
                );
                <u8 as __dozer::ColumnValue>::show(__fields, |__row| &__row.priority);
                <Decimal as __dozer::ColumnValue>::show(__fields, |__row| &__row.sum);
            }
        }
        #[automatically_derived]
        impl __dozer::SourceRow for Order {
            type Old = __dozer::NoOldRow;
            type Tracking = __dozer::Nothing;
            #[inline]
            fn declared_tables() -> __dozer::Vec<__dozer::TableInfo> {
                <Self as __dozer::DozerSource>::tables()
            }
        }
        #[automatically_derived]
        impl __dozer::DozerSource for Order {
            type Types = __dozer::AnyTypes;
            type Shape = __dozer::OwnedRow;
            const TABLE: __dozer::Option<&'static str> = __dozer::Some("order");
            #[inline]
            fn tables() -> __dozer::Vec<__dozer::TableInfo> {
                __dozer::table(
                    "order",
                    __dozer::None,
                    __dozer::ReplicationChangesTrackingType::Nothing,
                    "",
                    <Self as __dozer::Columns>::COLUMNS,
                )
            }
        }
        #[automatically_derived]
        impl<'__row> __dozer::FromRow<'__row> for Order
        where
            for<'__any> u32: __dozer::FromValue<'__row>,
            for<'__any> u64: __dozer::FromValue<'__row>,
            for<'__any> Address: __dozer::FromRow<'__row>,
            for<'__any> Vec<Line>: __dozer::DeserializeOwned,
            for<'__any> Option<Remarks>: __dozer::DeserializeOwned,
            for<'__any> u8: __dozer::FromValue<'__row>,
            for<'__any> u8: ::core::default::Default,
            for<'__any> Decimal: __dozer::FromValue<'__row>,
            for<'__any> Cache: ::core::default::Default,
        {
            #[inline]
            fn from_row(
                __row: &mut __dozer::RowReader<'__row>,
            ) -> __dozer::Result<Self, __dozer::Rejected> {
                __dozer::Ok(Self {
                    customer: match <u32 as __dozer::FromValue<
                        '__row,
                    >>::read_from(__row) {
                        __dozer::Ok(__value) => __value,
                        __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                    },
                    order_number: match <u64 as __dozer::FromValue<
                        '__row,
                    >>::read_from(__row) {
                        __dozer::Ok(__value) => __value,
                        __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                    },
                    address: match <Address as __dozer::FromRow<
                        '__row,
                    >>::from_row(__row) {
                        __dozer::Ok(__value) => __value,
                        __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                    },
                    lines: match __dozer::read_json::<Vec<Line>>(__row) {
                        __dozer::Ok(__value) => __value,
                        __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                    },
                    remarks: match __dozer::read_optional_json::<Remarks>(__row) {
                        __dozer::Ok(__value) => __value,
                        __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                    },
                    storage: match __dozer::read_with::<
                        Temperature,
                    >(__row, celsius::from_value) {
                        __dozer::Ok(__value) => __value,
                        __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                    },
                    transport: match __dozer::read_with_or::<
                        Temperature,
                    >(__row, celsius::from_value, Temperature::room) {
                        __dozer::Ok(__value) => __value,
                        __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                    },
                    priority: match __dozer::read_or::<
                        u8,
                    >(__row, <u8 as ::core::default::Default>::default) {
                        __dozer::Ok(__value) => __value,
                        __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                    },
                    sum: match <Decimal as __dozer::FromValue<
                        '__row,
                    >>::read_from(__row) {
                        __dozer::Ok(__value) => __value,
                        __dozer::Err(__rejected) => return __dozer::Err(__rejected),
                    },
                    cached: <Cache as ::core::default::Default>::default(),
                })
            }
        }
    };
};
