//! Certificates for TLS, made for one run.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType};
use tempfile::TempDir;

/// An authority that signs certificates, and the directory of their files.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    directory: TempDir,
    pub(crate) certificate: String,
}

/// A certificate and its key: PEM texts and their files.
pub(crate) struct Issued {
    pub(crate) certificate: String,
    pub(crate) key: String,
    pub(crate) certificate_file: PathBuf,
    pub(crate) key_file: PathBuf,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut parameters = CertificateParams::new([]).expect("no names");
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let issuer = CertifiedIssuer::self_signed(parameters, key).expect("an authority");
        let directory = tempfile::tempdir().expect("a directory");
        let certificate = issuer.pem();
        std::fs::write(directory.path().join("authority.crt"), &certificate).expect("a file");
        Self {
            issuer,
            directory,
            certificate,
        }
    }

    /// The file of the authority's own certificate.
    pub(crate) fn file(&self) -> PathBuf {
        self.directory.path().join("authority.crt")
    }

    /// Signs a certificate for `common_name`, valid for these host names and addresses.
    pub(crate) fn issue(&self, common_name: &str, hosts: &[&str]) -> Issued {
        let mut parameters = CertificateParams::new([]).expect("no names");
        parameters
            .distinguished_name
            .push(DnType::CommonName, common_name);
        for host in hosts {
            parameters.subject_alt_names.push(match host.parse() {
                Ok(address) => SanType::IpAddress(address),
                Err(_) => SanType::DnsName((*host).try_into().expect("a host name")),
            });
        }
        let key = KeyPair::generate().expect("a key");
        let certificate = parameters.signed_by(&key, &self.issuer).expect("signed");
        let (certificate, key) = (certificate.pem(), key.serialize_pem());
        let write = |suffix: &str, text: &str| {
            let path = self
                .directory
                .path()
                .join(format!("{common_name}.{suffix}"));
            std::fs::write(&path, text).expect("a file");
            path
        };
        Issued {
            certificate_file: write("crt", &certificate),
            key_file: write("key", &key),
            certificate,
            key,
        }
    }
}

/// A path as a URL's parameter.
pub(crate) fn parameter(path: &Path) -> String {
    path.display().to_string()
}
