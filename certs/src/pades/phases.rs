//! The later phases: a digest that can wait for its approval outside the process, and the finished revision.

use super::PdfError;
use sha2::{Digest, Sha256};
use std::ops::Range;

const MAGIC: &[u8] = b"segl pades digested 1\n";

/// A revision that waits for its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digested {
    pub(super) original_bytes: usize,
    pub(super) original_sha256: [u8; 32],
    pub(super) sha256: [u8; 32],
    /// The hexadecimal string for the message, with its brackets, within the increment.
    pub(super) contents: Range<usize>,
    pub(super) field_name: String,
    pub(super) increment: Vec<u8>,
}

/// A finished revision: the bytes to append to the original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    original_bytes: usize,
    original_sha256: [u8; 32],
    field_name: String,
    increment: Vec<u8>,
}

impl Digested {
    /// SHA-256 of all bytes of the signed document but the place of the message: the message digest of the CMS attributes.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        self.sha256
    }

    /// SHA-256 of the original document.
    #[must_use]
    pub fn original_sha256(&self) -> [u8; 32] {
        self.original_sha256
    }

    /// The name of the new field.
    #[must_use]
    pub fn field_name(&self) -> &str {
        &self.field_name
    }

    /// The room for the CMS message, in bytes.
    #[must_use]
    pub fn contents_bytes(&self) -> usize {
        (self.contents.len().saturating_sub(2)) / 2
    }

    /// The bytes to append, with an empty place for the message.
    #[must_use]
    pub fn increment(&self) -> &[u8] {
        &self.increment
    }

    /// Puts the CMS message, ContentInfo DER, into its place.
    ///
    /// # Errors
    /// [`PdfError::ContentsOverflow`] when it is longer than the place.
    pub fn embed(self, cms: &[u8]) -> Result<Signed, PdfError> {
        let reserved_bytes = self.contents_bytes();
        if cms.len() > reserved_bytes {
            return Err(PdfError::ContentsOverflow { needed_bytes: cms.len(), reserved_bytes });
        }
        let mut increment = self.increment;
        let digits = hex::encode(cms);
        let start = self.contents.start + 1;
        let place = increment.get_mut(start..start + digits.len()).ok_or(PdfError::Paused)?;
        place.copy_from_slice(digits.as_bytes());
        Ok(Signed { original_bytes: self.original_bytes, original_sha256: self.original_sha256, field_name: self.field_name, increment })
    }

    /// A form that can be stored while the signer thinks. It holds no secret.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        for number in [self.original_bytes, self.contents.start, self.contents.end, self.field_name.len()] {
            bytes.extend((number as u64).to_be_bytes());
        }
        bytes.extend(self.original_sha256);
        bytes.extend(self.sha256);
        bytes.extend_from_slice(self.field_name.as_bytes());
        bytes.extend_from_slice(&self.increment);
        let check = Sha256::digest(&bytes);
        bytes.extend_from_slice(&check);
        bytes
    }

    /// Reads what [`Self::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`PdfError::Paused`] when it is damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PdfError> {
        Self::parse(bytes).ok_or(PdfError::Paused)
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (body, check) = bytes.split_last_chunk::<32>()?;
        if Sha256::digest(body)[..] != check[..] {
            return None;
        }
        let mut rest = body.strip_prefix(MAGIC)?;
        let mut number = || -> Option<usize> {
            let (head, tail) = rest.split_first_chunk::<8>()?;
            rest = tail;
            usize::try_from(u64::from_be_bytes(*head)).ok()
        };
        let (original_bytes, start, end, name_bytes) = (number()?, number()?, number()?, number()?);
        let (original_sha256, rest) = rest.split_first_chunk::<32>()?;
        let (sha256, rest) = rest.split_first_chunk::<32>()?;
        let (name, increment) = rest.split_at_checked(name_bytes)?;
        let place = increment.get(start..end)?.strip_prefix(b"<")?.strip_suffix(b">")?;
        if !place.iter().all(|digit| *digit == b'0') {
            return None;
        }
        Some(Self {
            original_bytes,
            original_sha256: *original_sha256,
            sha256: *sha256,
            contents: start..end,
            field_name: String::from_utf8(name.to_vec()).ok()?,
            increment: increment.to_vec(),
        })
    }
}

impl Signed {
    /// The bytes to append to the original.
    #[must_use]
    pub fn increment(&self) -> &[u8] {
        &self.increment
    }

    /// The name of the new field.
    #[must_use]
    pub fn field_name(&self) -> &str {
        &self.field_name
    }

    /// The signed document.
    ///
    /// # Errors
    /// [`PdfError::Paused`] when `original` is not the document that was reserved.
    pub fn append_to(&self, original: &[u8]) -> Result<Vec<u8>, PdfError> {
        let is_same = original.len() == self.original_bytes && Sha256::digest(original)[..] == self.original_sha256[..];
        if is_same { Ok([original, &self.increment].concat()) } else { Err(PdfError::Paused) }
    }
}
