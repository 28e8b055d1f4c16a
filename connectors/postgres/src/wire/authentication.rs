//! The login: what the server asks for, and what is given to it.

use bytes::BytesMut;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{
    ChannelBinding, SCRAM_SHA_256, SCRAM_SHA_256_PLUS, ScramSha256,
};
use postgres_protocol::message::frontend;

use super::body::Body;
use super::channel_binding::tls_server_end_point;
use super::error::{PgError, Result};
use super::link::Link;
use crate::Settings;

const DOING: &str = "logging in";

/// Answers the server until it says that the login is done.
pub(super) fn log_in(link: &mut Link, settings: &Settings) -> Result<()> {
    loop {
        let frame = link.receive(DOING)?;
        match frame.tag {
            b'E' => return Err(link.server_error(&frame)),
            b'R' => {}
            // The server knows newer minor versions or options of the protocol: none were asked for.
            b'v' => continue,
            tag => return Err(unexpected(tag)),
        }
        let mut body = Body::new(link.body(&frame));
        match body.int32()? {
            0 => return Ok(()),
            3 => {
                if !link.transport().is_private() {
                    return Err(PgError::Login {
                        message: "the server asks for the password in clear text, over a connection without TLS".into(),
                        help: "set the ssl mode to `require` or better, or use `scram-sha-256` in the server's `pg_hba.conf`".into(),
                    });
                }
                let password = password(settings)?;
                link.send(|out| frontend::password_message(password.as_bytes(), out))?;
            }
            5 => {
                let salt = body.take(4)?.first_chunk().copied().unwrap_or_default();
                let password = password(settings)?.as_bytes();
                let hash = md5_hash(settings.user().as_bytes(), password, salt);
                link.send(|out| frontend::password_message(hash.as_bytes(), out))?;
            }
            10 => {
                let mechanisms = body.rest().to_vec();
                scram(link, settings, &mechanisms)?;
            }
            other => {
                let method = match other {
                    2 => "Kerberos",
                    7 | 8 => "GSSAPI",
                    9 => "SSPI",
                    6 => "SCM credentials",
                    _ => "a method that is not known here",
                };
                return Err(PgError::Login {
                    message: format!("the server asks to log in by {method}"),
                    help: "use `scram-sha-256`, `md5` or `cert` in the server's `pg_hba.conf`"
                        .into(),
                });
            }
        }
    }
}

fn unexpected(tag: u8) -> PgError {
    PgError::Protocol(format!(
        "message `{}` during the login",
        char::from(tag).escape_default()
    ))
}

fn password(settings: &Settings) -> Result<&str> {
    settings.password().ok_or_else(|| PgError::Login {
        message: format!("the server asks user `{}` for a password", settings.user()),
        help: "add `password: ${…}`, or put it into the `url`".into(),
    })
}

/// SCRAM-SHA-256, with channel binding where both sides have it. The server proves that it knows the password, too.
fn scram(link: &mut Link, settings: &Settings, mechanisms: &[u8]) -> Result<()> {
    let offered = |name: &str| {
        mechanisms
            .split(|b| *b == 0)
            .any(|one| one == name.as_bytes())
    };
    let binding = tls_server_end_point(link.transport());
    let (mechanism, binding) = match binding {
        Some(hash) if offered(SCRAM_SHA_256_PLUS) => (
            SCRAM_SHA_256_PLUS,
            ChannelBinding::tls_server_end_point(hash),
        ),
        _ if !offered(SCRAM_SHA_256) => {
            return Err(PgError::Login {
                message: "the server offers no way to log in that is known here".into(),
                help: "use `scram-sha-256` in the server's `pg_hba.conf`".into(),
            });
        }
        // A server that has channel binding learns from this that someone hid its offer.
        Some(_) => (SCRAM_SHA_256, ChannelBinding::unrequested()),
        None => (SCRAM_SHA_256, ChannelBinding::unsupported()),
    };
    let mut scram = ScramSha256::new(password(settings)?.as_bytes(), binding);
    link.send(|out| frontend::sasl_initial_response(mechanism, scram.message(), out))?;
    let challenge = step(link, 11)?;
    scram
        .update(&challenge)
        .map_err(|error| not_proved(&error))?;
    link.send(|out: &mut BytesMut| frontend::sasl_response(scram.message(), out))?;
    let proof = step(link, 12)?;
    scram.finish(&proof).map_err(|error| not_proved(&error))
}

fn step(link: &mut Link, expected: i32) -> Result<Vec<u8>> {
    let frame = link.receive(DOING)?;
    match frame.tag {
        b'E' => return Err(link.server_error(&frame)),
        b'R' => {}
        tag => return Err(unexpected(tag)),
    }
    let mut body = Body::new(link.body(&frame));
    if body.int32()? != expected {
        // Above all, the server may not skip its own proof.
        return Err(PgError::protocol("a step of the login is missing"));
    }
    Ok(body.rest().to_vec())
}

fn not_proved(error: &std::io::Error) -> PgError {
    PgError::Login {
        message: format!("the server's part of the login is not valid: {error}"),
        help: "something between may pose as the server: check the host, and use `verify-full`"
            .into(),
    }
}
