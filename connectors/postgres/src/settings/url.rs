//! `postgres://user:password@host:port/database?name=value`, read without ever repeating what may be a password.

use std::path::PathBuf;

use connector_core::{Error, Result, Secret, did_you_mean};

use super::resolve::Said;

/// What may follow the `?`; the names are Postgres's own.
const PARAMETERS: [&str; 14] = [
    "host",
    "port",
    "user",
    "password",
    "dbname",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "application_name",
    "connect_timeout",
    "read_timeout",
    "keepalives",
    "keepalives_idle",
];

/// Reads a URL.
pub(super) fn parse(url: &str) -> Result<Said> {
    let rest = url
        .strip_prefix("postgres://")
        .or_else(|| url.strip_prefix("postgresql://"))
        .ok_or_else(|| wrong("it does not begin with `postgres://`", SHAPE))?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    // Part of a password must not be taken for a host or a parameter, nor be told as one.
    if rest.contains(['@', '#']) {
        return Err(wrong(
            "there is an `@` or a `#` after the host",
            "write special characters of the user, the password and the parameters as percent signs: \
             `/` is `%2F`, `?` is `%3F`, `#` is `%23`, `@` is `%40`",
        ));
    }
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (rest, None),
    };
    let mut said = Said::default();
    authority_into(authority, &mut said)?;
    match path.strip_prefix('/').unwrap_or(path) {
        "" => {}
        database if database.contains('/') => {
            return Err(wrong("there is a second `/` after the host", SHAPE));
        }
        database => said.database = Some(decode(database)?),
    }
    for parameter in query.into_iter().flat_map(|query| query.split('&')) {
        if !parameter.is_empty() {
            parameter_into(parameter, &mut said)?;
        }
    }
    Ok(said)
}

const SHAPE: &str = "write `postgres://user:password@host:port/database?sslmode=verify-full`";

fn wrong(what: &str, help: &str) -> Error {
    Error::config(format!("`url` is not valid: {what}"))
        .with_help(help)
        .with_key("url")
}

fn authority_into(authority: &str, said: &mut Said) -> Result<()> {
    let (login, place) = match authority.rsplit_once('@') {
        Some((login, place)) => (Some(login), place),
        None => (None, authority),
    };
    if let Some(login) = login {
        let (user, password) = match login.split_once(':') {
            Some((user, password)) => (user, Some(password)),
            None => (login, None),
        };
        if !user.is_empty() {
            said.user = Some(decode(user)?);
        }
        if let Some(password) = password {
            said.password = Some(Secret::new(decode(password)?));
        }
    }
    let (host, port) = if let Some(rest) = place.strip_prefix('[') {
        let (host, after) = rest
            .split_once(']')
            .ok_or_else(|| wrong("the `]` after the IPv6 address is missing", SHAPE))?;
        match (after.is_empty(), after.strip_prefix(':')) {
            (true, _) => (host, None),
            (false, Some(port)) => (host, Some(port)),
            (false, None) => return Err(wrong("there is text between `]` and the port", SHAPE)),
        }
    } else {
        match place.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (place, None),
        }
    };
    if host.contains(',') {
        return Err(wrong(
            "it names several hosts",
            "name one: a position in the log of changes belongs to one server",
        ));
    }
    if port.is_some_and(|port| port.contains(':')) {
        return Err(wrong(
            "there is a second `:` after the host",
            "write an IPv6 address in brackets: `[::1]:5432`",
        ));
    }
    if !host.is_empty() {
        said.host = Some(decode(host)?);
    }
    if let Some(port) = port.filter(|port| !port.is_empty()) {
        said.port = Some(number("port", port)?);
    }
    Ok(())
}

fn parameter_into(parameter: &str, said: &mut Said) -> Result<()> {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    let Some(name) = PARAMETERS.into_iter().find(|known| *known == name) else {
        let is_a_word = name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        return Err(if is_a_word && name.len() <= 40 {
            wrong(
                &format!("unknown parameter `{name}`"),
                &did_you_mean(name, PARAMETERS),
            )
        } else {
            wrong(
                "unknown parameter (not shown)",
                &did_you_mean("", PARAMETERS),
            )
        });
    };
    let value = decode(value)?;
    if value.is_empty() {
        return Err(wrong(
            &format!("the parameter `{name}` has no value"),
            &format!("write `{name}=…` or leave it out"),
        ));
    }
    let fresh = match name {
        "host" => said.host.replace(value).is_none(),
        "port" => said.port.replace(number(name, &value)?).is_none(),
        "user" => said.user.replace(value).is_none(),
        "password" => said.password.replace(Secret::new(value)).is_none(),
        "dbname" => said.database.replace(value).is_none(),
        "sslmode" => {
            let mode: Result<_> = value.parse();
            let mode = mode.map_err(|error| error.with_key("url"))?;
            said.ssl_mode.replace(mode).is_none()
        }
        "sslrootcert" => said
            .root_certificate
            .replace(PathBuf::from(value))
            .is_none(),
        "sslcert" => said.certificate.replace(PathBuf::from(value)).is_none(),
        "sslkey" => said.key.replace(PathBuf::from(value)).is_none(),
        "application_name" => said.application_name.replace(value).is_none(),
        "connect_timeout" => said
            .connect_timeout
            .replace(number(name, &value)?)
            .is_none(),
        "read_timeout" => said.read_timeout.replace(number(name, &value)?).is_none(),
        "keepalives" => said
            .keepalives
            .replace(number::<u8>(name, &value)? != 0)
            .is_none(),
        _ => said
            .keepalives_idle
            .replace(number(name, &value)?)
            .is_none(),
    };
    if fresh {
        Ok(())
    } else {
        Err(wrong(
            &format!("it says `{name}` twice"),
            "leave one of them out",
        ))
    }
}

fn number<T: std::str::FromStr>(name: &str, text: &str) -> Result<T> {
    text.parse().map_err(|_| {
        wrong(
            &format!("`{name}` is not a number, or too large"),
            "a password with `:`, `/`, `?`, `#` or `@` needs percent signs: `/` is `%2F`",
        )
    })
}

/// Replaces `%40` and the like.
fn decode(text: &str) -> Result<String> {
    const HELP: &str = "write a percent sign as `%25`";
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let decoded = digit().zip(digit()).map(|(high, low)| high * 16 + low);
        let decoded = decoded.and_then(|byte| u8::try_from(byte).ok());
        bytes.push(decoded.ok_or_else(|| wrong("a `%` is not followed by two digits", HELP))?);
    }
    if bytes.contains(&0) {
        return Err(wrong("it contains a zero byte", HELP));
    }
    String::from_utf8(bytes).map_err(|_| wrong("the percent signs do not make UTF-8 text", HELP))
}

#[cfg(test)]
mod tests;
