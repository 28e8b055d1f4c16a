//! What the environment says of tests that strike at random.

/// The number that the environment gives this name.
pub(crate) fn from_environment(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{name} is a number, not {text:?}")))
}

/// The seed of a test, which it prints when it fails: `DOZER_SEED` repeats the same choices, as far as timing lets it.
#[derive(Debug)]
pub(crate) struct Seed(pub(crate) u64);

impl Seed {
    pub(crate) fn of_test(default: u64) -> Self {
        Self(from_environment("DOZER_SEED").unwrap_or(default))
    }
}

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the seed was {}: DOZER_SEED={} repeats it", self.0, self.0);
        }
    }
}
