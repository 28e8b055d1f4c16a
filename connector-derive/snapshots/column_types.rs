#[column_types(raw = ValueRef<'_>, ignore_case)]
enum SqliteType {
    #[column_type("INTEGER", "INT", field = Int)]
    Integer,
    #[column_type("DECIMAL(p, s)", "DECIMAL(p)", field = Decimal(p, s), cast = decimal)]
    Decimal { p: u8, s: Option<i8> },
    #[column_type("GEOMETRY", unsupported = "select ST_AsText instead")]
    Geometry,
    #[column_type(other, field = Text)]
    Other,
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
    const __CAST_1: __dozer::Cast<SqliteType> = {
        __dozer::check(
            __dozer::can_become(
                __dozer::cast_field_type(decimal),
                __dozer::FieldType::Decimal(::core::option::Option::None),
            ),
            "`decimal` does not give what becomes `Decimal`\nhelp: let it give a `Decimal`, or change `field`",
        );
        |_, __raw, __column| __dozer::append_cast(__raw, decimal, __column)
    };
    #[automatically_derived]
    impl __dozer::ColumnTypes for SqliteType {
        type Raw<'__row> = ValueRef<'__row>;
        const ENTRIES: &'static [__dozer::ColumnTypeEntry] = &[
            __dozer::ColumnTypeEntry {
                variant: "Integer",
                names: &["INTEGER", "INT"],
                field: ::core::result::Result::Ok("Int"),
                description: "",
            },
            __dozer::ColumnTypeEntry {
                variant: "Decimal",
                names: &["DECIMAL(p, s)", "DECIMAL(p)"],
                field: ::core::result::Result::Ok("Decimal(p, s)"),
                description: "",
            },
            __dozer::ColumnTypeEntry {
                variant: "Geometry",
                names: &["GEOMETRY"],
                field: ::core::result::Result::Err("select ST_AsText instead"),
                description: "",
            },
            __dozer::ColumnTypeEntry {
                variant: "Other",
                names: &[],
                field: ::core::result::Result::Ok("Text"),
                description: "",
            },
        ];
        fn from_name(__name: &str) -> ::core::option::Option<Self> {
            let __name = __dozer::TypeName::new(__name, true);
            if let ::core::option::Option::Some([]) = __name
                .parameters::<0usize>("INTEGER")
            {
                return ::core::option::Option::Some(Self::Integer {});
            }
            if let ::core::option::Option::Some([]) = __name.parameters::<0usize>("INT")
            {
                return ::core::option::Option::Some(Self::Integer {});
            }
            if let ::core::option::Option::Some([__parameter_0, __parameter_1]) = __name
                .parameters::<2usize>("DECIMAL()")
                && let ::core::option::Option::Some(__parameter_0) = __dozer::parameter::<
                    u8,
                >(__parameter_0)
                && let ::core::option::Option::Some(__parameter_1) = __dozer::parameter::<
                    i8,
                >(__parameter_1)
            {
                return ::core::option::Option::Some(Self::Decimal {
                    p: __parameter_0,
                    s: ::core::option::Option::Some(__parameter_1),
                });
            }
            if let ::core::option::Option::Some([__parameter_0]) = __name
                .parameters::<1usize>("DECIMAL()")
                && let ::core::option::Option::Some(__parameter_0) = __dozer::parameter::<
                    u8,
                >(__parameter_0)
            {
                return ::core::option::Option::Some(Self::Decimal {
                    p: __parameter_0,
                    s: ::core::option::Option::None,
                });
            }
            if let ::core::option::Option::Some([]) = __name
                .parameters::<0usize>("GEOMETRY")
            {
                return ::core::option::Option::Some(Self::Geometry {});
            }
            ::core::option::Option::Some(Self::Other {})
        }
        fn field_type(
            &self,
        ) -> ::core::result::Result<__dozer::FieldType, &'static str> {
            match self {
                Self::Integer { .. } => {
                    ::core::result::Result::Ok(__dozer::FieldType::Int)
                }
                Self::Decimal { p, s, .. } => __dozer::sized_decimal(*p, *s),
                Self::Geometry { .. } => {
                    ::core::result::Result::Err("select ST_AsText instead")
                }
                Self::Other { .. } => {
                    ::core::result::Result::Ok(__dozer::FieldType::Text)
                }
            }
        }
        fn cast(&self) -> __dozer::Cast<Self> {
            match self {
                Self::Integer { .. } => __dozer::append_raw::<Self>,
                Self::Decimal { .. } => __CAST_1,
                Self::Geometry { .. } => __dozer::append_raw::<Self>,
                Self::Other { .. } => __dozer::append_raw::<Self>,
            }
        }
    }
};
