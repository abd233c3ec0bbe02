//! Who a certificate says it is for, in the words of its subject.

use openssl::{
    nid::Nid,
    x509::{X509, X509NameRef},
};
use x509_cert::{Certificate, der::Decode as _};

use crate::platform::text::readable;

/// The subject of a signer's certificate.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Signer {
    /// Common name.
    pub name: String,
    /// Organisation.
    pub organisation: Option<String>,
    /// organizationIdentifier, as `NTRDK-12345678`.
    pub organisation_identifier: Option<String>,
    /// The certificate's serial number, hexadecimal.
    pub certificate_serial: String,
    /// The issuer's common name.
    pub issuer: String,
}

/// Reads a certificate in DER; none when it is none.
pub fn read(certificate: &[u8]) -> Option<Signer> {
    let certificate = X509::from_der(certificate).ok()?;
    let identifier = openssl::asn1::Asn1Object::from_str("2.5.4.97").ok().map(|object| object.nid());
    Some(Signer {
        name: entry(certificate.subject_name(), Nid::COMMONNAME).unwrap_or_default(),
        organisation: entry(certificate.subject_name(), Nid::ORGANIZATIONNAME),
        organisation_identifier: identifier.and_then(|nid| entry(certificate.subject_name(), nid)),
        certificate_serial: certificate.serial_number().to_bn().ok()?.to_hex_str().ok()?.to_ascii_lowercase(),
        issuer: entry(certificate.issuer_name(), Nid::COMMONNAME).unwrap_or_default(),
    })
}

/// The whole subject of a certificate in DER, as text (RFC 4514), with nothing in it that hides.
pub fn subject(certificate: &[u8]) -> Option<String> {
    let subject = Certificate::from_der(certificate).ok()?.tbs_certificate.subject.to_string();
    Some(readable(&subject, 500))
}

fn entry(name: &X509NameRef, nid: Nid) -> Option<String> {
    let text = name.entries_by_nid(nid).next()?.data().to_string().ok()?;
    Some(readable(&text, 200))
}
