//! What the signatures of a document prove, each for itself, and what happened to the document after each.
//!
//! Says nothing about trust, revocation or policy. A fault of one signature is its verdict, not the end of the others.

use super::PdfError;
use super::changes::{self, ChangesAfter};
use super::form::{self, Field};
use super::mentions::Mentions;
use super::pdf::document::Document;
use super::pdf::object::{Object, Value};
use crate::cms::asn1::Elements;
use crate::cms::{self, CmsError, Content, Verified};
use crate::timestamp::{self, TimeStamp, TokenError};

/// The most signatures that are verified in one document.
pub const MAXIMUM_SIGNATURES: usize = 512;

/// One signature of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureReport {
    /// The full name of its field.
    pub field_name: String,
    /// The format that the signature says it has.
    pub format: Format,
    /// What the signer wrote beside the signed message. Covered by the signature, but only claimed.
    pub claims: Claims,
    /// How much of the document it covers; `None` when its byte range is faulty.
    pub coverage: Option<Coverage>,
    /// Whether what it covers is unchanged, and by whose key.
    pub integrity: Result<Integrity, SignatureFault>,
    /// What was appended later.
    pub changes: ChangesAfter,
}

/// `/SubFilter` (ISO 32000-2 section 12.8.3, EN 319 142-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `ETSI.CAdES.detached`: PAdES.
    Cades,
    /// `adbe.pkcs7.detached`: the older CMS signature.
    Pkcs7,
    /// `ETSI.RFC3161`: a document time stamp.
    TimeStamp,
    /// Any other, which is not verified.
    Unsupported,
}

/// What the signature dictionary says.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Claims {
    /// `/Name`.
    pub name: Option<String>,
    /// `/Reason`.
    pub reason: Option<String>,
    /// `/Location`.
    pub location: Option<String>,
    /// `/M`, as it is spelled.
    pub date: Option<String>,
}

/// How far a signature reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// To the last byte.
    WholeFile,
    /// To this byte; later revisions follow.
    Revision {
        /// The length of the signed revision.
        end: usize,
    },
}

/// A signature whose mathematics hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Integrity {
    /// A document time stamp.
    DocumentTimeStamp(Box<TimeStamp>),
    /// A person's or company's signature.
    Signature {
        /// The message: certificates, algorithms, claimed time.
        message: Box<Verified>,
        /// The time stamp over the signature, verified to stamp just this one.
        time_stamp: Option<Result<Box<TimeStamp>, TokenError>>,
    },
}

/// Why a signature proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// The byte range is not four numbers that leave out just the message (section 12.8.1).
    #[error("the byte range does not cover all but the signature itself")]
    ByteRange,
    /// The message is not in the file at the place that the byte range leaves out.
    #[error("the signature's message is not where its byte range leaves room")]
    ContentsPlace,
    /// Something other than zeros follows the message.
    #[error("there is something hidden after the signature's message")]
    ContentsPadding,
    /// The signed message does not verify.
    #[error("{0}")]
    Message(#[from] CmsError),
    /// The bytes that are covered are not a document that has this signature.
    #[error("the signed revision does not contain this signature")]
    NotInRevision,
    /// The document time stamp does not verify.
    #[error("{0}")]
    TimeStamp(#[from] TokenError),
    /// A format that is not verified.
    #[error("the signature has a format that is not verified here")]
    Unsupported,
}

impl SignatureReport {
    /// Whether what it covers is unchanged. Says nothing about later revisions or trust.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.integrity.is_ok()
    }
}

/// All signatures of a document, oldest first. A document without signatures gives an empty list.
///
/// # Errors
/// When the document cannot be read as far as its signatures, see [`PdfError`].
pub fn verify(pdf: &[u8]) -> Result<Vec<SignatureReport>, PdfError> {
    let document = Document::open(pdf)?;
    let fields = form::fields(&document)?;
    let signatures: Vec<_> = fields.iter().filter(|field| field.is_signature && field.value.is_some()).collect();
    if signatures.len() > MAXIMUM_SIGNATURES {
        return Err(PdfError::TooComplex);
    }
    let (mut reports, mentions) = (Vec::new(), Mentions::default());
    for field in signatures {
        reports.push(report(&document, field, &mentions)?);
    }
    reports.sort_by_key(|report| match report.coverage {
        Some(Coverage::Revision { end }) => end,
        Some(Coverage::WholeFile) => usize::MAX,
        // Where a signature without a byte range belongs nobody can say.
        None => 0,
    });
    Ok(reports)
}

fn report<'a>(document: &Document<'a>, field: &Field<'a>, mentions: &Mentions) -> Result<SignatureReport, PdfError> {
    let signature = field.value.as_ref().ok_or(PdfError::TooComplex)?;
    let claim =
        |name: &[u8]| -> Result<Option<String>, PdfError> { Ok(document.get(signature, name)?.map(|object| form::text(Some(&object)))) };
    let claims = Claims { name: claim(b"Name")?, reason: claim(b"Reason")?, location: claim(b"Location")?, date: claim(b"M")? };
    let format = match document.get(signature, b"SubFilter")?.as_ref().and_then(|object| object.item.value.name()) {
        Some(b"ETSI.CAdES.detached") => Format::Cades,
        Some(b"adbe.pkcs7.detached") => Format::Pkcs7,
        Some(b"ETSI.RFC3161") => Format::TimeStamp,
        Some(_) | None => Format::Unsupported,
    };
    let mut report = SignatureReport {
        field_name: field.name.clone(),
        format,
        claims,
        coverage: None,
        integrity: Err(SignatureFault::ByteRange),
        changes: ChangesAfter::Unknown,
    };
    match Covered::read(document, signature) {
        Ok(covered) => {
            let end = covered.end;
            let is_whole = end == document.bytes.len();
            report.coverage = Some(if is_whole { Coverage::WholeFile } else { Coverage::Revision { end } });
            report.integrity = covered.integrity(format);
            report.changes = match changes::after(document, end, field, mentions) {
                Some(changes) => changes,
                None => {
                    report.integrity = Err(SignatureFault::NotInRevision);
                    ChangesAfter::Unknown
                }
            };
        }
        Err(fault) => report.integrity = Err(fault),
    }
    Ok(report)
}

/// What a signature covers and what it left out.
struct Covered<'a> {
    before: &'a [u8],
    after: &'a [u8],
    end: usize,
    message: Vec<u8>,
}

impl<'a> Covered<'a> {
    fn read(document: &Document<'a>, signature: &Object<'a>) -> Result<Self, SignatureFault> {
        let bytes = document.bytes;
        let range = byte_range(document, signature).ok_or(SignatureFault::ByteRange)?;
        let [0, before, start, length] = range else {
            return Err(SignatureFault::ByteRange);
        };
        let end = start.checked_add(length).ok_or(SignatureFault::ByteRange)?;
        if before == 0 || start <= before || length == 0 || end > bytes.len() {
            return Err(SignatureFault::ByteRange);
        }
        // The message must be the very string that the dictionary of this signature has in the file.
        let contents = signature.dictionary().and_then(|dictionary| dictionary.get(b"Contents"));
        let contents = contents.filter(|_| signature.in_file()).ok_or(SignatureFault::ContentsPlace)?;
        let is_gap = contents.span == (before..start) && bytes.get(before) == Some(&b'<');
        let Value::Text(message) = &contents.value else {
            return Err(SignatureFault::ContentsPlace);
        };
        if !is_gap {
            return Err(SignatureFault::ContentsPlace);
        }
        Ok(Self { before: &bytes[..before], after: &bytes[start..end], end, message: message.clone() })
    }

    fn integrity(&self, format: Format) -> Result<Integrity, SignatureFault> {
        let message = Elements::new(&self.message).any().map_err(CmsError::Malformed)?.raw;
        if self.message[message.len()..].iter().any(|byte| *byte != 0) {
            return Err(SignatureFault::ContentsPadding);
        }
        let segments = [self.before, self.after];
        match format {
            Format::Cades | Format::Pkcs7 => {
                let verified = cms::verify(message, Content::Detached(&segments))?;
                let token = verified.timestamp_token.as_deref();
                let time_stamp = token.map(|token| timestamp::verify(token, &[&verified.signature]).map(Box::new));
                Ok(Integrity::Signature { message: Box::new(verified), time_stamp })
            }
            Format::TimeStamp => Ok(Integrity::DocumentTimeStamp(Box::new(timestamp::verify(message, &segments)?))),
            Format::Unsupported => Err(SignatureFault::Unsupported),
        }
    }
}

fn byte_range<'a>(document: &Document<'a>, signature: &Object<'a>) -> Option<[usize; 4]> {
    let range = document.get(signature, b"ByteRange").ok()??;
    let numbers = range.item.value.array()?.iter().map(|item| usize::try_from(item.value.integer()?).ok());
    numbers.collect::<Option<Vec<_>>>()?.try_into().ok()
}
