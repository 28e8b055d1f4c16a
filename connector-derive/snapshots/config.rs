/// Readings of a weather service.
#[connector(name = "weather")]
struct Weather {
    /// Where the service is.
    url: String,
    token: Secret<String>,
    #[serde(default)]
    retries: u32,
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
    impl __dozer::ConnectorConfig for Weather {
        const NAME: &'static str = "weather";
        const DESCRIPTION: &'static str = "Readings of a weather service.";
        fn keys() -> __dozer::Vec<__dozer::ConfigKey> {
            let mut __keys = __dozer::Vec::with_capacity(3usize);
            __keys
                .push(
                    __dozer::ConfigKey::of::<
                        String,
                    >(
                        "url",
                        "Where the service is.",
                        !<String as __dozer::ConfigValue>::OPTIONAL,
                    ),
                );
            __keys
                .push(
                    __dozer::ConfigKey::of::<
                        Secret<String>,
                    >("token", "", !<Secret<String> as __dozer::ConfigValue>::OPTIONAL),
                );
            __keys.push(__dozer::ConfigKey::of::<u32>("retries", "", false));
            __keys
        }
    }
};
