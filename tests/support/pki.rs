//! Certificates as anybody reads them: where they say that their status stands.

use openssl::{hash::MessageDigest, nid::Nid, x509::X509};
use segl::platform::moment::Moment;

use crate::world::World;

/// A certificate, read.
#[derive(Clone, Debug)]
pub struct Certificate(pub X509);

impl Certificate {
    /// Of DER.
    ///
    /// # Panics
    /// When it is none.
    pub fn of(der: &[u8]) -> Self {
        Self(X509::from_der(der).expect("a certificate"))
    }

    /// Of PEM.
    ///
    /// # Panics
    /// When it is none.
    pub fn of_pem(pem: &str) -> Self {
        Self(X509::from_pem(pem.as_bytes()).expect("a certificate"))
    }

    /// The subject's attributes in their order, as `CN=..., ...`.
    ///
    /// # Panics
    /// When one is not text.
    pub fn subject_line(&self) -> String {
        let part = |entry: &openssl::x509::X509NameEntryRef| {
            format!("{}={}", entry.object().nid().short_name().unwrap_or("?"), entry.data().to_string().unwrap())
        };
        self.0.subject_name().entries().map(part).collect::<Vec<_>>().join(", ")
    }

    /// The SubjectPublicKeyInfo, DER.
    ///
    /// # Panics
    /// When openssl cannot write it.
    pub fn spki(&self) -> Vec<u8> {
        self.0.public_key().unwrap().public_key_to_der().unwrap()
    }

    /// The last valid moment.
    ///
    /// # Panics
    /// When openssl cannot reckon with it.
    pub fn not_after(&self) -> Moment {
        let span = openssl::asn1::Asn1Time::from_unix(0).unwrap().diff(self.0.not_after()).unwrap();
        Moment::from_millis((i64::from(span.days) * 86_400 + i64::from(span.secs)) * 1000)
    }

    /// The signer's certificate of the last signature of a PDF.
    ///
    /// # Panics
    /// When there is none.
    pub fn of_signer(pdf: &[u8]) -> Self {
        let reports = certs::pades::verify(pdf).expect("a PDF");
        match &reports.last().expect("a signature").integrity {
            Ok(certs::pades::Integrity::Signature { message, .. }) => Self::of(&message.signer_certificate),
            other => panic!("no intact signature: {other:?}"),
        }
    }

    /// DER.
    ///
    /// # Panics
    /// When openssl cannot write it.
    pub fn der(&self) -> Vec<u8> {
        self.0.to_der().unwrap()
    }

    /// PEM.
    ///
    /// # Panics
    /// When openssl cannot write it.
    pub fn pem(&self) -> Vec<u8> {
        self.0.to_pem().unwrap()
    }

    /// The serial number in capital hexadecimal.
    ///
    /// # Panics
    /// When openssl cannot write it.
    pub fn serial(&self) -> String {
        self.0.serial_number().to_bn().unwrap().to_hex_str().unwrap().to_string()
    }

    /// Whether a hexadecimal serial number is this one's, however written.
    pub fn has_serial(&self, text: &str) -> bool {
        let plain = |text: &str| text.trim_start_matches('0').to_ascii_uppercase();
        plain(&self.serial()) == plain(text)
    }

    /// SHA-256 over the certificate.
    ///
    /// # Panics
    /// When openssl cannot hash it.
    pub fn fingerprint(&self) -> Vec<u8> {
        self.0.digest(MessageDigest::sha256()).unwrap().to_vec()
    }

    /// Where its CRL is.
    ///
    /// # Panics
    /// When it does not say.
    pub fn crl_url(&self) -> String {
        let points = self.0.crl_distribution_points().expect("CRL distribution points");
        let name = points.get(0).and_then(|point| point.distpoint()).and_then(|name| name.fullname()).expect("a full name");
        name.get(0).and_then(|name| name.uri()).expect("an address").to_owned()
    }

    /// Where its OCSP responder is.
    ///
    /// # Panics
    /// When it does not say.
    pub fn ocsp_url(&self) -> String {
        self.access(Nid::AD_OCSP)
    }

    /// Where its issuer's certificate is.
    ///
    /// # Panics
    /// When it does not say.
    pub fn issuer_url(&self) -> String {
        self.access(Nid::AD_CA_ISSUERS)
    }

    fn access(&self, method: Nid) -> String {
        let all = self.0.authority_info().expect("authority information");
        let found = all.iter().find(|access| access.method().nid() == method).expect("this kind of access");
        found.location().uri().expect("an address").to_owned()
    }

    /// A part of the subject; empty when it is not there.
    ///
    /// # Panics
    /// When it is not text.
    pub fn subject(&self, part: Nid) -> String {
        self.0.subject_name().entries_by_nid(part).next().map(|entry| entry.data().to_string().unwrap()).unwrap_or_default()
    }
}

/// What is needed to judge a certificate of a world: the chain above it and the lists, fetched where the certificates say.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The root.
    pub root: Certificate,
    /// The issuing authority.
    pub issuing: Certificate,
    /// The list on which the certificate would stand, DER.
    pub crl: Vec<u8>,
    /// The root's list, DER.
    pub root_crl: Vec<u8>,
}

impl Surroundings {
    /// Follows the addresses in the certificate, and those in its issuer's.
    ///
    /// # Errors
    /// When something is not there.
    pub async fn of(world: &World, certificate: &Certificate) -> anyhow::Result<Self> {
        let issuing = Certificate::of(&world.fetch(&certificate.issuer_url()).await?);
        let root = Certificate::of(&world.fetch(&issuing.issuer_url()).await?);
        let crl = world.fetch(&certificate.crl_url()).await?;
        let root_crl = world.fetch(&issuing.crl_url()).await?;
        Ok(Self { root, issuing, crl, root_crl })
    }

    /// Whether the certificate stands on the list.
    ///
    /// # Panics
    /// When the list is none.
    pub fn lists(&self, certificate: &Certificate) -> bool {
        let list = openssl::x509::X509Crl::from_der(&self.crl).expect("a CRL");
        matches!(list.get_by_cert(&certificate.0), openssl::x509::CrlStatus::Revoked(_))
    }
}
