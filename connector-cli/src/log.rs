//! Lines on stderr: how grave they are, and how they are printed.

use clap::ValueEnum;
use connector_core::{Error, Timestamp};
use serde_json::{Map, Value, json};

use crate::exit;

/// How grave a line is; a level prints itself and those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Level {
    /// What made the command fail.
    Error,
    /// What a person should know.
    Warn,
    /// What goes on.
    Info,
    /// Each checkpoint and each rejected row.
    Debug,
}

/// How lines are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The parts of an error, outermost first.
pub(crate) struct Told {
    pub(crate) message: String,
    pub(crate) causes: Vec<String>,
    pub(crate) help: Option<String>,
}

impl Told {
    pub(crate) fn of(error: &Error) -> Self {
        let help = error.help().map(str::to_owned);
        let mut message = error.to_string();
        if let Some(help) = &help
            && let Some(alone) = message.strip_suffix(&format!("\nhelp: {help}"))
        {
            message.truncate(alone.len());
        }
        let mut causes = Vec::new();
        let mut cause = std::error::Error::source(error);
        while let Some(error) = cause {
            causes.push(error.to_string());
            cause = error.source();
        }
        Self {
            message,
            causes,
            help,
        }
    }
}

/// One line for a message; `connection` is named in front of it.
pub(crate) fn line(
    level: Level,
    connection: Option<&str>,
    message: &str,
    format: LogFormat,
    colour: bool,
) -> String {
    if format == LogFormat::Json {
        let mut object = stamped(level, message);
        if let Some(connection) = connection {
            object.insert("connection".to_owned(), json!(connection));
        }
        return format!("{}\n", Value::Object(object));
    }
    let place = connection.map_or_else(String::new, |name| format!("{}: ", printable(name)));
    let message = printable_list(message);
    match level {
        Level::Info => format!("{place}{message}\n"),
        _ => format!("{} {place}{message}\n", label(level, colour)),
    }
}

/// An error with its causes and what to do next.
pub(crate) fn error(level: Level, error: &Error, format: LogFormat, colour: bool) -> String {
    let told = Told::of(error);
    if format == LogFormat::Json {
        let mut object = stamped(level, &told.message);
        object.insert("kind".to_owned(), json!(exit::word(error.kind())));
        object.insert("causes".to_owned(), json!(told.causes));
        object.insert("help".to_owned(), json!(told.help));
        return format!("{}\n", Value::Object(object));
    }
    let line = |word: &str, text: &str| format!("{word} {}\n", printable_list(text));
    let mut text = line(&label(level, colour), &told.message);
    text.extend(told.causes.iter().map(|cause| line("caused by:", cause)));
    let help = if colour {
        "\u{1b}[1;36mhelp:\u{1b}[0m"
    } else {
        "help:"
    };
    text.extend(told.help.iter().map(|told| line(help, told)));
    text
}

fn stamped(level: Level, message: &str) -> Map<String, Value> {
    let level = match level {
        Level::Error => "error",
        Level::Warn => "warn",
        Level::Info => "info",
        Level::Debug => "debug",
    };
    let mut object = Map::new();
    object.insert("time".to_owned(), json!(Timestamp::now().to_string()));
    object.insert("level".to_owned(), json!(level));
    object.insert("message".to_owned(), json!(message));
    object
}

fn label(level: Level, colour: bool) -> String {
    let (word, code) = match level {
        Level::Error => ("error:", "1;31"),
        Level::Warn => ("warning:", "1;33"),
        Level::Info => ("info:", "1"),
        Level::Debug => ("debug:", "2"),
    };
    if colour {
        format!("\u{1b}[{code}m{word}\u{1b}[0m")
    } else {
        word.to_owned()
    }
}

/// Text from outside on one line, without what a terminal would obey.
pub(crate) fn printable(text: &str) -> String {
    let obeyed = |c: char| {
        c.is_control()
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
    };
    if !text.chars().any(obeyed) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if obeyed(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// How the items of a list begin in the message of an error.
const ITEM: &str = "\n  ";

/// As [`printable`], an item of a list to a line.
fn printable_list(message: &str) -> String {
    let lines: Vec<String> = message.split(ITEM).map(printable).collect();
    lines.join(ITEM)
}

#[cfg(test)]
mod tests {
    use super::*;
    use connector_core::ErrorKind;

    #[derive(Debug)]
    struct Outer(std::io::Error);

    impl std::fmt::Display for Outer {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("the page could not be read")
        }
    }

    impl std::error::Error for Outer {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn an_error_ends_with_its_causes_and_then_the_help() {
        let cause = Outer(std::io::Error::other("connection refused"));
        let told = Error::source(cause)
            .with_context("connection `weather`")
            .with_help("start the server");
        assert_eq!(
            error(Level::Error, &told, LogFormat::Text, false),
            "error: connection `weather`: the page could not be read\n\
             caused by: connection refused\n\
             help: start the server\n"
        );
    }

    #[test]
    fn an_error_in_json_is_one_line_with_its_kind() {
        let told = Error::new(ErrorKind::Drift, "two\nlines").with_help("migrate");
        let line = error(Level::Error, &told, LogFormat::Json, true);
        let object: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line.matches('\n').count(), 1);
        assert_eq!(object["kind"], "drift");
        assert_eq!(object["message"], "two\nlines");
        assert_eq!(object["help"], "migrate");
    }

    #[test]
    fn a_name_cannot_steer_the_terminal() {
        let line = line(
            Level::Info,
            Some("a\u{1b}[2Jb"),
            "x\u{7}\nerror: not so",
            LogFormat::Text,
            false,
        );
        assert_eq!(line, "a\\u{1b}[2Jb: x\\u{7}\\nerror: not so\n");
    }
}
