//! What CMS needs of a certificate, taken as raw slices so that issuer and serial are repeated to the bit.

use super::CmsError;
use super::asn1::{BOOLEAN, DerFault, Element, INTEGER, OCTET_STRING, SEQUENCE};
use super::identifiers;
use der::asn1::ObjectIdentifier;

/// Raw pieces of an X.509 certificate (RFC 5280 section 4.1).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Certificate<'a> {
    pub der: &'a [u8],
    /// The whole INTEGER element.
    pub serial: &'a [u8],
    /// The whole Name element.
    pub issuer: &'a [u8],
    /// The whole SubjectPublicKeyInfo element.
    pub public_key: &'a [u8],
    pub key_algorithm: ObjectIdentifier,
    extensions: Option<Element<'a>>,
}

/// One extension, its value without the OCTET STRING around it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extension<'a> {
    pub critical: bool,
    pub value: &'a [u8],
}

impl<'a> Certificate<'a> {
    pub fn parse(der: &'a [u8]) -> Result<Self, CmsError> {
        Self::read(der).map_err(CmsError::Certificate)
    }

    fn read(der: &'a [u8]) -> Result<Self, DerFault> {
        let mut body = Element::only(der)?.expect(SEQUENCE)?.children().required(SEQUENCE)?.children();
        body.optional(0xa0)?;
        let serial = body.required(INTEGER)?.raw;
        body.required(SEQUENCE)?;
        let issuer = body.required(SEQUENCE)?.raw;
        body.required(SEQUENCE)?;
        body.required(SEQUENCE)?;
        let public_key = body.required(SEQUENCE)?;
        let key_algorithm = public_key.children().required(SEQUENCE)?.children().any()?.identifier()?;
        body.optional(0x81)?;
        body.optional(0x82)?;
        let extensions = body.optional(0xa3)?;
        Ok(Self { der, serial, issuer, public_key: public_key.raw, key_algorithm, extensions })
    }

    pub fn extension(&self, wanted: ObjectIdentifier) -> Result<Option<Extension<'a>>, CmsError> {
        self.find(wanted).map_err(CmsError::Certificate)
    }

    fn find(&self, wanted: ObjectIdentifier) -> Result<Option<Extension<'a>>, DerFault> {
        let Some(wrapper) = self.extensions else {
            return Ok(None);
        };
        let mut list = wrapper.children().required(SEQUENCE)?.children();
        while !list.is_empty() {
            let mut parts = list.required(SEQUENCE)?.children();
            let identifier = parts.any()?.identifier()?;
            let critical = parts.optional(BOOLEAN)?.is_some_and(|flag| flag.value != [0]);
            let value = parts.required(OCTET_STRING)?.value;
            if identifier == wanted {
                return Ok(Some(Extension { critical, value }));
            }
        }
        Ok(None)
    }

    pub fn key_identifier(&self) -> Result<Option<&'a [u8]>, CmsError> {
        let Some(extension) = self.extension(identifiers::SUBJECT_KEY_IDENTIFIER)? else {
            return Ok(None);
        };
        Element::only(extension.value).map(|element| Some(element.value)).map_err(CmsError::Certificate)
    }
}
