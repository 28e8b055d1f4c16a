//! What a check found.

use std::fmt;

use connector_core::{Error, ErrorKind};

/// What a check came to where nothing is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// It holds; what was tried, counted.
    Passed {
        /// How many.
        count: usize,
        /// Of what.
        of: &'static str,
    },
    /// It asks for what the source does not do.
    NotApplicable {
        /// Why, as the rest of "not applicable, because …".
        because: String,
    },
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "what a check ends with is its outcome"
)]
impl Done {
    pub(crate) fn passed(count: usize, of: &'static str) -> Outcome {
        Ok(Self::Passed { count, of })
    }

    pub(crate) fn not_applicable(because: impl Into<String>) -> Outcome {
        Ok(Self::NotApplicable {
            because: because.into(),
        })
    }
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed { count, of } => write!(f, "passed: {count} {of}"),
            Self::NotApplicable { because } => write!(f, "not applicable, because {because}"),
        }
    }
}

/// What is wrong with a connector, in a sentence or more.
#[derive(Clone, PartialEq, Eq)]
pub struct Failure(String, Option<ErrorKind>);

/// What a check gives.
pub(crate) type Outcome = Result<Done, Failure>;

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into(), None)
    }

    /// The same failure, with where or when it was found before it.
    pub(crate) fn within(self, place: impl fmt::Display) -> Self {
        Self(format!("{place}: {}", self.0), self.1)
    }

    /// The kind of the error that a connector gave, where it is one.
    pub fn kind(&self) -> Option<ErrorKind> {
        self.1
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The message itself: an `unwrap` in a test prints it.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error.to_string(), Some(error.kind()))
    }
}

/// Fails with a message where a condition does not hold.
macro_rules! ensure {
    ($holds:expr, $($message:tt)+) => {
        if !$holds {
            return Err($crate::outcome::Failure::new(format!($($message)+)));
        }
    };
}

pub(crate) use ensure;
