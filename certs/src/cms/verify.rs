//! Reading a message and checking what it proves: content, content type, signer certificate, signature.
//!
//! Says nothing about trust: the certificates come back for the chain to be built elsewhere.

use super::asn1::{Element, INTEGER, OCTET_STRING, SEQUENCE, SET};
use super::attributes::Attributes;
use super::certificate::Certificate;
use super::signature::{DigestAlgorithm, SignatureAlgorithm};
use super::{CmsError, MAXIMUM_BYTES, MAXIMUM_CERTIFICATES, identifiers};
use der::asn1::ObjectIdentifier;
use openssl::hash::{MessageDigest, hash};
use time::OffsetDateTime;

/// Where the signed content is.
#[derive(Clone, Copy, Debug)]
pub enum Content<'a> {
    /// Outside the message: these bytes, one segment after another.
    Detached(&'a [&'a [u8]]),
    /// Inside the message.
    Embedded,
}

/// How the signed attributes name the signer's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningCertificate {
    /// They do not: the certificate could be exchanged for another of the same key.
    Absent,
    /// By the SHA-1 attribute of RFC 2634, which matches.
    Version1,
    /// By the attribute of RFC 5035, which matches.
    Version2,
}

/// What a message proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The signer's certificate, DER.
    pub signer_certificate: Vec<u8>,
    /// The other certificates in the message, DER, in its order.
    pub certificates: Vec<Vec<u8>>,
    /// The digest algorithm of the content.
    pub digest_algorithm: DigestAlgorithm,
    /// The algorithm of the signature.
    pub signature_algorithm: SignatureAlgorithm,
    /// How the signed attributes name the certificate.
    pub signing_certificate: SigningCertificate,
    /// The time that the signer claims.
    pub signing_time: Option<OffsetDateTime>,
    /// The RFC 3161 token over the signature value, not yet verified.
    pub timestamp_token: Option<Vec<u8>>,
    /// The signature value: what the time-stamp token stamps.
    pub signature: Vec<u8>,
    /// The type of the content.
    pub content_type: ObjectIdentifier,
    /// The content, when the message carries it.
    pub content: Option<Vec<u8>>,
}

/// Verifies a ContentInfo DER with one signer.
///
/// # Errors
/// The first thing that does not hold, see [`CmsError`].
pub fn verify(content_info: &[u8], content: Content<'_>) -> Result<Verified, CmsError> {
    let message = Message::parse(content_info)?;
    let embedded = [message.content.unwrap_or_default()];
    let segments: &[&[u8]] = match (content, message.content) {
        (Content::Detached(segments), None) => segments,
        (Content::Embedded, Some(_)) => &embedded,
        (Content::Detached(_), Some(_)) | (Content::Embedded, None) => {
            return Err(CmsError::ContentPlace);
        }
    };
    let signer = Signer::parse(message.signer)?;
    let certificate = signer.certificate(&message.certificates)?;
    let attributes = Attributes::new(signer.signed_attributes);
    let content_type = attributes.required(identifiers::CONTENT_TYPE)?.identifier()?;
    if content_type != message.content_type {
        return Err(CmsError::ContentType { attribute: content_type, message: message.content_type });
    }
    let expected = attributes.required(identifiers::MESSAGE_DIGEST)?.expect(OCTET_STRING)?.value;
    if signer.digest_algorithm.digest(segments)? != expected {
        return Err(CmsError::ContentChanged);
    }
    let signing_certificate = signing_certificate(&attributes, certificate.der)?;
    let signature_algorithm = SignatureAlgorithm::parse(signer.signature_algorithm, signer.digest_algorithm)?;
    let to_be_signed = super::asn1::element(SET, signer.signed_attributes);
    signature_algorithm.verify(&certificate, &to_be_signed, signer.signature)?;
    let others = message.certificates.iter().filter(|other| other.der != certificate.der);
    Ok(Verified {
        signer_certificate: certificate.der.to_vec(),
        certificates: others.map(|other| other.der.to_vec()).collect(),
        digest_algorithm: signer.digest_algorithm,
        signature_algorithm,
        signing_certificate,
        signing_time: attributes.optional(identifiers::SIGNING_TIME)?.map(Element::time).transpose()?,
        timestamp_token: signer.timestamp_token()?,
        signature: signer.signature.to_vec(),
        content_type,
        content: message.content.map(<[u8]>::to_vec),
    })
}

struct Message<'a> {
    content_type: ObjectIdentifier,
    content: Option<&'a [u8]>,
    certificates: Vec<Certificate<'a>>,
    signer: Element<'a>,
}

impl<'a> Message<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, CmsError> {
        if bytes.len() > MAXIMUM_BYTES {
            return Err(CmsError::TooLarge { limit: MAXIMUM_BYTES });
        }
        let mut outer = Element::only(bytes)?.expect(SEQUENCE)?.children();
        let content_type = outer.any()?.identifier()?;
        if content_type != identifiers::SIGNED_DATA {
            return Err(CmsError::NotSignedData { content_type });
        }
        let mut parts = Element::only(outer.required(0xa0)?.value)?.expect(SEQUENCE)?.children();
        parts.required(INTEGER)?;
        parts.required(SET)?;
        let mut encapsulated = parts.required(SEQUENCE)?.children();
        let content_type = encapsulated.any()?.identifier()?;
        let content = match encapsulated.optional(0xa0)? {
            Some(wrapper) => Some(Element::only(wrapper.value)?.expect(OCTET_STRING)?.value),
            None => None,
        };
        let certificates = certificates(parts.optional(0xa0)?)?;
        parts.optional(0xa1)?;
        let mut signers = parts.required(SET)?.children();
        parts.finish()?;
        let mut all = Vec::new();
        while !signers.is_empty() {
            all.push(signers.required(SEQUENCE)?);
        }
        let [signer] = all.as_slice() else {
            return Err(CmsError::SignerCount { count: all.len() });
        };
        Ok(Self { content_type, content, certificates, signer: *signer })
    }
}

/// The X.509 certificates of CertificateSet; other kinds (RFC 5652 section 10.2.2) are passed over.
fn certificates(set: Option<Element<'_>>) -> Result<Vec<Certificate<'_>>, CmsError> {
    let (Some(set), mut found) = (set, Vec::new()) else {
        return Ok(Vec::new());
    };
    let mut list = set.children();
    while !list.is_empty() {
        let element = list.any()?;
        if found.len() == MAXIMUM_CERTIFICATES {
            return Err(CmsError::TooLarge { limit: MAXIMUM_CERTIFICATES });
        }
        if element.tag == SEQUENCE {
            found.push(Certificate::parse(element.raw)?);
        }
    }
    Ok(found)
}

struct Signer<'a> {
    identifier: Element<'a>,
    digest_algorithm: DigestAlgorithm,
    signed_attributes: &'a [u8],
    signature_algorithm: Element<'a>,
    signature: &'a [u8],
    unsigned_attributes: &'a [u8],
}

impl<'a> Signer<'a> {
    fn parse(element: Element<'a>) -> Result<Self, CmsError> {
        let mut parts = element.children();
        parts.required(INTEGER)?;
        let identifier = parts.any()?;
        let digest_algorithm = DigestAlgorithm::parse(parts.required(SEQUENCE)?)?;
        let signed_attributes = parts.optional(0xa0)?.ok_or(CmsError::NoSignedAttributes)?.value;
        let signature_algorithm = parts.required(SEQUENCE)?;
        let signature = parts.required(OCTET_STRING)?.value;
        let unsigned_attributes = parts.optional(0xa1)?.map_or(&[][..], |element| element.value);
        parts.finish()?;
        Ok(Self { identifier, digest_algorithm, signed_attributes, signature_algorithm, signature, unsigned_attributes })
    }

    fn certificate(&self, certificates: &[Certificate<'a>]) -> Result<Certificate<'a>, CmsError> {
        for certificate in certificates {
            let named = match self.identifier.tag {
                SEQUENCE => self.identifier.value == [certificate.issuer, certificate.serial].concat(),
                0x80 => certificate.key_identifier()? == Some(self.identifier.value),
                found => {
                    return Err(super::DerFault::Unexpected { expected: SEQUENCE, found }.into());
                }
            };
            if named {
                return Ok(*certificate);
            }
        }
        Err(CmsError::SignerCertificateMissing)
    }

    fn timestamp_token(&self) -> Result<Option<Vec<u8>>, CmsError> {
        let tokens = Attributes::new(self.unsigned_attributes).all(identifiers::SIGNATURE_TIME_STAMP)?;
        Ok(tokens.first().map(|token| token.raw.to_vec()))
    }
}

fn signing_certificate(attributes: &Attributes<'_>, certificate: &[u8]) -> Result<SigningCertificate, CmsError> {
    if let Some(value) = attributes.optional(identifiers::SIGNING_CERTIFICATE_V2)? {
        let mut parts = first_identifier(value)?;
        let algorithm = match parts.optional(SEQUENCE)? {
            Some(algorithm) => DigestAlgorithm::parse(algorithm)?,
            None => DigestAlgorithm::Sha256,
        };
        let matches = parts.required(OCTET_STRING)?.value == algorithm.digest(&[certificate])?;
        return if matches { Ok(SigningCertificate::Version2) } else { Err(CmsError::CertificateMismatch) };
    }
    if let Some(value) = attributes.optional(identifiers::SIGNING_CERTIFICATE)? {
        let digest = hash(MessageDigest::sha1(), certificate).map_err(|_| CmsError::CertificateMismatch)?;
        let matches = first_identifier(value)?.required(OCTET_STRING)?.value == &*digest;
        return if matches { Ok(SigningCertificate::Version1) } else { Err(CmsError::CertificateMismatch) };
    }
    Ok(SigningCertificate::Absent)
}

/// The parts of the first ESSCertID: it names the signer's certificate (RFC 5035 section 3).
fn first_identifier(value: Element<'_>) -> Result<super::asn1::Elements<'_>, CmsError> {
    Ok(value.expect(SEQUENCE)?.children().required(SEQUENCE)?.children().required(SEQUENCE)?.children())
}
