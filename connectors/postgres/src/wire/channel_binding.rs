//! What ties a SCRAM login to its TLS connection: the hash of the server's certificate (RFC 5929).

use ring::digest::{Algorithm, SHA256, SHA384, SHA512, digest};

use super::transport::Transport;

/// `tls-server-end-point`: nothing without TLS, or where the certificate's signature has no hash that stands for it.
pub(super) fn tls_server_end_point(transport: &Transport) -> Option<Vec<u8>> {
    let certificate = transport.tls()?.peer_certificates()?.first()?;
    let algorithm = hash_of(signature_algorithm(certificate)?)?;
    Some(digest(algorithm, certificate).as_ref().to_vec())
}

/// The hash of a signature algorithm; MD5 and SHA-1 are replaced by SHA-256.
fn hash_of(algorithm: &[u8]) -> Option<&'static Algorithm> {
    // 1.2.840.113549.1.1.x: RSA.
    const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
    // 1.2.840.10045.4.3.x: ECDSA with SHA-2.
    const ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03];
    match algorithm.split_last()? {
        (4 | 5 | 11, RSA) | (2, ECDSA) => Some(&SHA256),
        (12, RSA) | (3, ECDSA) => Some(&SHA384),
        (13, RSA) | (4, ECDSA) => Some(&SHA512),
        _ => None,
    }
}

/// The object identifier of the algorithm that signed a certificate:
/// `SEQUENCE { tbsCertificate SEQUENCE, signatureAlgorithm SEQUENCE { OBJECT IDENTIFIER, … }, … }`.
fn signature_algorithm(certificate: &[u8]) -> Option<&[u8]> {
    const SEQUENCE: u8 = 0x30;
    const OBJECT_IDENTIFIER: u8 = 0x06;
    let (certificate, _) = element(SEQUENCE, certificate)?;
    let (_, rest) = element(SEQUENCE, certificate)?;
    let (algorithm, _) = element(SEQUENCE, rest)?;
    element(OBJECT_IDENTIFIER, algorithm).map(|(identifier, _)| identifier)
}

/// The content of the DER element that stands first, and what follows it.
fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&[found, length], rest) = der.split_first_chunk::<2>()?;
    if found != tag {
        return None;
    }
    let (length, rest) = match length {
        short @ 0..=0x7f => (usize::from(short), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            let length = digits
                .iter()
                .fold(0, |sum, digit| sum << 8 | usize::from(*digit));
            (length, rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_algorithm_of_a_real_certificate_is_found() {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
        let parameters = rcgen::CertificateParams::new(vec!["db".to_owned(); 40]).unwrap();
        let certificate = parameters.self_signed(&key).unwrap();
        let algorithm = signature_algorithm(certificate.der()).unwrap();
        assert_eq!(hash_of(algorithm), Some(&SHA384));
    }

    #[test]
    fn ed25519_has_no_hash_that_stands_for_it() {
        assert_eq!(hash_of(&[0x2b, 0x65, 0x70]), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(der: Vec<u8>) {
            let _ = signature_algorithm(&der);
        }
    }
}
