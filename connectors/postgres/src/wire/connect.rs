//! A socket to the server, with TLS where the ssl mode asks for it and the server has it.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::{Duration, Instant};

use bytes::BytesMut;
use postgres_protocol::message::frontend;
use socket2::{SockRef, TcpKeepalive};

use super::error::{PgError, Result};
use super::socket::{Socket, Wait, is_timeout};
use super::tls;
use super::transport::Transport;
use crate::settings::{Host, Settings, SslMode};

/// How often, and how many times, a silent connection is probed before it counts as dead.
const PROBE_EVERY: Duration = Duration::from_secs(10);
const PROBES: u32 = 3;
/// The longest silence before the first probe that systems take: nine hours.
const LONGEST_IDLE: Duration = Duration::from_secs(32_767);

/// Opens the transport. Every wait ends at `deadline`.
pub(super) fn connect(settings: &Settings, mode: SslMode, deadline: Instant) -> Result<Transport> {
    // Before anything is sent: a certificate that is missing is not the server's fault.
    let tls = match settings.host() {
        Host::Name(_) if mode != SslMode::Disable => Some(tls::config(settings)?),
        _ => None,
    };
    let mut socket = match settings.host() {
        Host::Name(name) => tcp(settings, name, deadline)?,
        Host::Socket(_) => unix(settings)?,
    };
    socket.set_wait(Wait::Until(deadline));
    let Some(config) = tls else {
        return Ok(Transport::Plain(socket));
    };
    if agrees_to_tls(settings, &mut socket)? {
        return tls::handshake(settings, config, socket);
    }
    if mode == SslMode::Prefer {
        return Ok(Transport::Plain(socket));
    }
    Err(PgError::Tls {
        message: format!("the server `{}` has no TLS, but `{mode}` asks for it", settings.server()),
        help: "set `ssl = on` and a certificate in the server's `postgresql.conf`, or the ssl mode to `prefer`".into(),
        transient: false,
    })
}

fn cannot_connect(settings: &Settings) -> impl Fn(io::Error) -> PgError {
    |cause| PgError::Connect {
        server: settings.server(),
        cause,
    }
}

fn tcp(settings: &Settings, name: &str, deadline: Instant) -> Result<Socket> {
    let failed = cannot_connect(settings);
    let addresses = (name, settings.port()).to_socket_addrs().map_err(&failed)?;
    let addresses: Vec<SocketAddr> = addresses.collect();
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for (index, address) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        // An address that does not answer leaves time for those after it.
        let others = u32::try_from(addresses.len() - index).unwrap_or(u32::MAX);
        match tcp_to(settings, address, left / others) {
            Ok(socket) => return Ok(socket),
            Err(error) => last = error,
        }
    }
    Err(failed(last))
}

fn tcp_to(settings: &Settings, address: &SocketAddr, limit: Duration) -> io::Result<Socket> {
    if limit.is_zero() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    let stream = TcpStream::connect_timeout(address, limit)?;
    stream.set_nodelay(true)?;
    if let Some(idle) = settings.keepalives_idle() {
        let idle = idle.min(LONGEST_IDLE);
        let probing = TcpKeepalive::new()
            .with_time(idle)
            .with_interval(PROBE_EVERY)
            .with_retries(PROBES);
        let options = SockRef::from(&stream);
        options.set_tcp_keepalive(&probing)?;
        // Probes are not sent while something sent waits for its receipt: this ends that wait.
        #[cfg(target_os = "linux")]
        options.set_tcp_user_timeout(Some(idle + PROBE_EVERY * PROBES))?;
    }
    Socket::tcp(stream)
}

#[cfg(unix)]
fn unix(settings: &Settings) -> Result<Socket> {
    use std::os::unix::net::UnixStream;
    UnixStream::connect(settings.socket_path())
        .and_then(Socket::unix)
        .map_err(cannot_connect(settings))
}

#[cfg(not(unix))]
fn unix(settings: &Settings) -> Result<Socket> {
    let cause = io::Error::new(
        io::ErrorKind::Unsupported,
        "this system has no Unix sockets",
    );
    Err(cannot_connect(settings)(cause))
}

/// Asks for TLS. One byte is read and no more: bytes that someone slipped in behind it must not pass for the server's
/// words once the connection is encrypted (CVE-2021-23222).
fn agrees_to_tls(settings: &Settings, socket: &mut Socket) -> Result<bool> {
    let mut request = BytesMut::new();
    frontend::ssl_request(&mut request);
    socket.write_all(&request).map_err(PgError::Lost)?;
    let mut answer = [0];
    socket.read_exact(&mut answer).map_err(|error| {
        if is_timeout(&error) {
            PgError::Timeout {
                doing: "asking for TLS",
                after: settings.connect_timeout(),
            }
        } else {
            PgError::Lost(error)
        }
    })?;
    match answer {
        [b'S'] => Ok(true),
        [b'N'] => Ok(false),
        // The words of an error at this point could be anybody's: they are not shown.
        [b'E'] => Err(PgError::Tls {
            message: format!(
                "the server `{}` answers the request for TLS with an error",
                settings.server()
            ),
            help: "look into the server's log; it may have too many connections".into(),
            transient: true,
        }),
        _ => Err(PgError::protocol(
            "the answer to the request for TLS is not one",
        )),
    }
}
