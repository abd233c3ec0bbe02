//! Signed attributes (RFC 5652 section 5.3): what a signature covers instead of the content itself.

use super::CmsError;
use super::asn1::{self, Element, Elements, OCTET_STRING, SEQUENCE, SET};
use super::certificate::Certificate;
use super::identifiers;
use super::signed::Signer;
use der::asn1::ObjectIdentifier;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

/// The signed attributes of one signature, as the DER SET OF that is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedAttributes {
    der: Vec<u8>,
}

impl SignedAttributes {
    /// Content type, message digest and signing-certificate-v2 (RFC 5035 section 3) for a signer that hashes with SHA-256.
    ///
    /// `signer_certificate` is DER. `signing_time` stays `None` in PAdES (EN 319 142-1 section 5.3: the time is in `/M`).
    ///
    /// # Errors
    /// [`CmsError::Certificate`] when the certificate is not DER.
    pub fn new(
        content_type: ObjectIdentifier,
        content_digest_sha256: [u8; 32],
        signer_certificate: &[u8],
        signing_time: Option<OffsetDateTime>,
    ) -> Result<Self, CmsError> {
        let signing_certificate = of_certificate(&Certificate::parse(signer_certificate)?);
        Ok(Self::over(content_type, content_digest_sha256, signing_certificate, signing_time))
    }

    /// The same for a signer of whom much is encoded already.
    pub(crate) fn by(signer: &Signer, content_type: ObjectIdentifier, content_digest_sha256: [u8; 32]) -> Self {
        Self::over(content_type, content_digest_sha256, signer.signing_certificate.clone(), None)
    }

    fn over(
        content_type: ObjectIdentifier,
        content_digest_sha256: [u8; 32],
        signing_certificate: Vec<u8>,
        signing_time: Option<OffsetDateTime>,
    ) -> Self {
        let mut attributes = vec![
            attribute(identifiers::CONTENT_TYPE, &asn1::identifier(content_type)),
            attribute(identifiers::MESSAGE_DIGEST, &asn1::element(OCTET_STRING, &content_digest_sha256)),
            signing_certificate,
        ];
        attributes.extend(signing_time.map(|at| attribute(identifiers::SIGNING_TIME, &asn1::time(at))));
        Self { der: asn1::element(SET, &asn1::ordered(attributes)) }
    }

    /// Reads back what [`Self::to_be_signed`] gave.
    ///
    /// # Errors
    /// [`CmsError::Malformed`], or [`CmsError::Attribute`] without content type and message digest.
    pub fn from_der(der: &[u8]) -> Result<Self, CmsError> {
        let set = Element::only(der)?.expect(SET)?;
        let attributes = Attributes::new(set.value);
        attributes.required(identifiers::CONTENT_TYPE)?.identifier()?;
        attributes.required(identifiers::MESSAGE_DIGEST)?.expect(OCTET_STRING)?;
        Ok(Self { der: der.to_vec() })
    }

    /// The bytes that the key signs: DER with the SET OF tag (RFC 5652 section 5.4).
    #[must_use]
    pub fn to_be_signed(&self) -> Vec<u8> {
        self.der.clone()
    }

    /// SHA-256 of [`Self::to_be_signed`].
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(&self.der).into()
    }

    /// The type of the content that is signed.
    ///
    /// # Errors
    /// [`CmsError::Attribute`] when it is missing.
    pub fn content_type(&self) -> Result<ObjectIdentifier, CmsError> {
        let set = Element::only(&self.der)?;
        Ok(Attributes::new(set.value).required(identifiers::CONTENT_TYPE)?.identifier()?)
    }

    /// The content octets of the SET OF, to stand under the tag `[0]` in SignerInfo.
    pub(crate) fn content(&self) -> Result<&[u8], CmsError> {
        Ok(Element::only(&self.der)?.value)
    }
}

pub(crate) fn attribute(kind: ObjectIdentifier, value: &[u8]) -> Vec<u8> {
    asn1::sequence(&[&asn1::identifier(kind), &asn1::element(SET, value)])
}

/// The attribute signing-certificate-v2 with one ESSCertIDv2: SHA-256 is the default and left out; issuer and serial are given.
pub(super) fn of_certificate(certificate: &Certificate<'_>) -> Vec<u8> {
    let issuer_name = asn1::sequence(&[&asn1::element(0xa4, certificate.issuer)]);
    let issuer_serial = asn1::sequence(&[&issuer_name, certificate.serial]);
    let digest = asn1::element(OCTET_STRING, &Sha256::digest(certificate.der));
    let identifier = asn1::sequence(&[&digest, &issuer_serial]);
    attribute(identifiers::SIGNING_CERTIFICATE_V2, &asn1::sequence(&[&asn1::sequence(&[&identifier])]))
}

/// A SET OF Attribute, signed or unsigned, as it was read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attributes<'a> {
    content: &'a [u8],
}

impl<'a> Attributes<'a> {
    pub fn new(content: &'a [u8]) -> Self {
        Self { content }
    }

    /// The first value of each attribute of this kind.
    pub fn all(&self, kind: ObjectIdentifier) -> Result<Vec<Element<'a>>, CmsError> {
        let (mut list, mut found) = (Elements::new(self.content), Vec::new());
        while !list.is_empty() {
            let mut parts = list.required(SEQUENCE)?.children();
            let identifier = parts.any()?.identifier()?;
            let mut values = parts.required(SET)?.children();
            if identifier == kind {
                found.push(values.any()?);
                values.finish().map_err(|_| CmsError::Attribute { attribute: kind })?;
            }
        }
        Ok(found)
    }

    /// The value of an attribute that may be there once.
    pub fn optional(&self, kind: ObjectIdentifier) -> Result<Option<Element<'a>>, CmsError> {
        match self.all(kind)?.as_slice() {
            [] => Ok(None),
            [value] => Ok(Some(*value)),
            [_, ..] => Err(CmsError::Attribute { attribute: kind }),
        }
    }

    pub fn required(&self, kind: ObjectIdentifier) -> Result<Element<'a>, CmsError> {
        self.optional(kind)?.ok_or(CmsError::Attribute { attribute: kind })
    }
}
