//! TLS as the ssl mode asks for it: the files, the checks of the server's certificate, the handshake.

use std::io;
use std::path::Path;
use std::sync::Arc;

use connector_core::Error;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::server::ParsedCertificate;
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore, SignatureScheme,
    StreamOwned,
};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};

use super::error::{PgError, Result};
use super::socket::{Socket, is_timeout};
use super::transport::Transport;
use crate::settings::{Host, Settings, SslMode};

/// Shakes hands over a socket on which the server has agreed to TLS.
pub(super) fn handshake(
    settings: &Settings,
    config: ClientConfig,
    mut socket: Socket,
) -> Result<Transport> {
    let Host::Name(name) = settings.host() else {
        return Err(PgError::protocol("TLS over a Unix socket"));
    };
    let server_name = ServerName::try_from(name.clone()).map_err(|_| {
        PgError::Settings(
            Error::config("`host` is not a name that a certificate can have").with_key("host"),
        )
    })?;
    let mut connection = ClientConnection::new(Arc::new(config), server_name)
        .map_err(|error| refused(settings, &io::Error::other(error)))?;
    while connection.is_handshaking() {
        match connection.complete_io(&mut socket) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if is_timeout(&error) => {
                return Err(PgError::Timeout {
                    doing: "shaking hands for TLS",
                    after: settings.connect_timeout(),
                });
            }
            Err(error) => return Err(refused(settings, &error)),
        }
    }
    Ok(Transport::Tls(Box::new(StreamOwned::new(
        connection, socket,
    ))))
}

fn refused(settings: &Settings, error: &io::Error) -> PgError {
    let tls = error.get_ref().and_then(|cause| cause.downcast_ref());
    let message = match tls {
        Some(tls @ rustls::Error::InvalidCertificate(_)) => {
            format!(
                "the certificate of `{}` is not to be trusted: {tls}",
                settings.server()
            )
        }
        Some(tls) => format!("TLS with `{}` failed: {tls}", settings.server()),
        None => format!("TLS with `{}` failed: {error}", settings.server()),
    };
    let help = match (tls, settings.ssl_mode()) {
        (Some(rustls::Error::InvalidCertificate(certificate)), SslMode::VerifyFull)
            if is_about_the_name(certificate) =>
        {
            "set the host to a name that the certificate lists as a subject alternative name, or the ssl mode to \
             `verify-ca`"
        }
        (Some(rustls::Error::InvalidCertificate(_)), _) => {
            "set the root certificate (`ssl_root_certificate`, `sslrootcert` in a URL) to the authority that signed it"
        }
        (Some(rustls::Error::AlertReceived(_)), _) => {
            "the server refused: it may want a client certificate (`ssl_certificate` and `ssl_key`), or another one"
        }
        _ => {
            "check the server's `ssl_min_protocol_version` (TLS 1.2 and 1.3 are spoken here) and what stands between"
        }
    };
    PgError::Tls {
        message,
        help: help.to_owned(),
        transient: tls.is_none(),
    }
}

fn is_about_the_name(error: &rustls::CertificateError) -> bool {
    use rustls::CertificateError as Bad;
    matches!(
        error,
        Bad::NotValidForName | Bad::NotValidForNameContext { .. }
    )
}

/// What the settings ask for, with the certificates of their files.
pub(super) fn config(settings: &Settings) -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mode = settings.ssl_mode();
    let verifier = Verifier {
        roots: if mode.verifies() {
            Some(Roots::load(settings.root_certificate())?)
        } else {
            None
        },
        checks_name: mode == SslMode::VerifyFull,
        provider: Arc::clone(&provider),
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| PgError::Settings(Error::config(error.to_string())))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let Some(identity) = settings.identity() else {
        return Ok(builder.with_no_client_auth());
    };
    let chain = certificates("ssl_certificate", &identity.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&identity.key).map_err(|error| {
        unreadable(
            "ssl_key",
            "the key of the client certificate",
            &identity.key,
            &error.to_string(),
        )
        .with_help("it must be a PEM file with one private key that is not encrypted")
    });
    builder
        .with_client_auth_cert(chain, key.map_err(PgError::Settings)?)
        .map_err(|error| {
            let problem = unreadable(
                "ssl_certificate",
                "the client certificate",
                &identity.certificate,
                &error.to_string(),
            );
            PgError::Settings(problem.with_help("check that the key belongs to the certificate"))
        })
}

fn unreadable(key: &str, what: &str, path: &Path, why: &str) -> Error {
    Error::config(format!("{what} `{}` cannot be used: {why}", path.display())).with_key(key)
}

fn certificates(key: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let problem = |why: &str| {
        let error = unreadable(key, "the certificate file", path, why);
        PgError::Settings(error.with_help("it must be a PEM file with one certificate or more"))
    };
    let read: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| problem(&error.to_string()))?;
    if read.is_empty() {
        return Err(problem("there is no certificate in it"));
    }
    Ok(read)
}

/// The authorities that are trusted.
#[derive(Debug)]
struct Roots {
    store: RootCertStore,
    /// The certificates of the person's own file: a server's own certificate in it is trusted as such.
    named: Vec<CertificateDer<'static>>,
}

impl Roots {
    fn load(path: Option<&Path>) -> Result<Self> {
        let mut store = RootCertStore::empty();
        let named = match path {
            Some(path) => certificates("ssl_root_certificate", path)?,
            None => Vec::new(),
        };
        let found = match path {
            Some(_) => named.clone(),
            None => rustls_native_certs::load_native_certs().certs,
        };
        let (taken, _) = store.add_parsable_certificates(found);
        if taken == 0 {
            let error =
                Error::config("there is no authority to check the server's certificate with");
            let error = error.with_key("ssl_root_certificate").with_help(
                "set `ssl_root_certificate` (`sslrootcert` in a URL) to a PEM file of the authority",
            );
            return Err(PgError::Settings(error));
        }
        Ok(Self { store, named })
    }
}

/// Checks as much of a certificate as the ssl mode asks for, and always that the server holds its key.
#[derive(Debug)]
struct Verifier {
    roots: Option<Roots>,
    checks_name: bool,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(roots) = &self.roots else {
            return Ok(ServerCertVerified::assertion());
        };
        let parsed = ParsedCertificate::try_from(certificate)?;
        // A self-signed certificate is usually marked as an authority, which a server's own may not be in a chain.
        if !roots.named.iter().any(|named| named == certificate) {
            verify_server_cert_signed_by_trust_anchor(
                &parsed,
                &roots.store,
                intermediates,
                now,
                self.provider.signature_verification_algorithms.all,
            )?;
        }
        if self.checks_name {
            verify_server_name(&parsed, server_name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
