//! Opens a PKCS#12 file (RFC 7292): one private key, its certificate, and what stands above that.
//!
//! Every part is decrypted here, one after the other, so that nothing is stretched before its rounds are known and taken from the budget
//! of the file. The integrity check is wanted. Refused: enveloped content, too many parts, a key that is larger than any that is kept.

use der::{Decode, Encode};
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;
use x509_cert::Certificate;
use zeroize::Zeroizing;

use super::ImportFault;
use super::ber::{Element, OCTETS, SEQUENCE, TAGGED, TAGGED_OCTETS};
use super::stretch::Stretcher;
use crate::key_file::{KeyFileError, LooseKey};
use crate::public_key::PublicKey;

/// The largest file that is opened, bytes.
pub const MOST_BYTES: usize = 256 * 1024;
/// Parts and bags of a file.
const MOST_PARTS: usize = 64;
/// The largest key in PKCS#8, bytes: RSA of 4096 bits takes 2,400.
const KEY_BYTES: usize = 4096;

/// 1.2.840.113549.1.7.1 and 6.
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
const ENCRYPTED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x06];
/// 1.2.840.113549.1.12.10.1: the kinds of bags (RFC 7292 section 4.2).
const BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01];
/// 1.2.840.113549.1.9.22.1: x509Certificate.
const X509_CERTIFICATE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x16, 0x01];

/// What a file held. The key is in memory alone.
pub struct KeyWithCertificate {
    /// The private key.
    pub key: LooseKey,
    /// Its certificate, DER.
    pub certificate: Vec<u8>,
    /// The other certificates of the file, DER, as they came.
    pub others: Vec<Vec<u8>>,
}

/// Opens the file. May take a second or two.
///
/// # Errors
/// [`ImportFault::Passphrase`] for a wrong one, [`ImportFault::Integrity`], [`ImportFault::OldEncryption`], [`ImportFault::TooManyRounds`], [`ImportFault::NoKey`],
/// [`ImportFault::NoCertificate`], [`ImportFault::OtherKey`], [`ImportFault::WeakKey`], [`ImportFault::Unreadable`].
pub fn open(file: &[u8], passphrase: &str) -> Result<KeyWithCertificate, ImportFault> {
    if file.len() > MOST_BYTES {
        return Err(ImportFault::TooLarge);
    }
    let (safe, mac) = outer(file).ok_or(ImportFault::Unreadable)?;
    if passphrase.contains('\0') {
        return Err(ImportFault::Passphrase);
    }
    let mut contents = Contents { stretcher: Stretcher::new(passphrase), parts: 0, key: None, certificates: Vec::new() };
    if !contents.stretcher.protects(&safe, &mac)? {
        return Err(ImportFault::Passphrase);
    }
    contents.read(&safe)?;
    let Contents { key, certificates, .. } = contents;
    let key = key.ok_or(ImportFault::NoKey)?;
    let at = certificates.iter().position(|one| X509::from_der(one).and_then(|one| one.public_key()).is_ok_and(|own| own.public_eq(&key)));
    let at = at.ok_or(if certificates.is_empty() { ImportFault::NoCertificate } else { ImportFault::OtherKey })?;
    let certificate = certificates[at].clone();
    let key = LooseKey::of(key).map_err(loose_fault)?;
    let public_key = PublicKey::from_spki(&spki(&certificate)?).map_err(ImportFault::WeakKey)?;
    if !key.belongs_to(&public_key).map_err(loose_fault)? {
        return Err(ImportFault::OtherKey);
    }
    Ok(KeyWithCertificate { key, others: certificates.into_iter().filter(|one| *one != certificate).collect(), certificate })
}

/// The content of a PFX and its integrity check.
fn outer(file: &[u8]) -> Option<(Vec<u8>, Element<'_>)> {
    let parts = Element::only(file)?.children(SEQUENCE)?;
    let [_version, content, mac] = parts.as_slice() else { return None };
    let (DATA, content) = content_info(content)? else { return None };
    Some((content.octets(OCTETS)?, *mac))
}

/// A `ContentInfo`: its type, and what lies in it.
fn content_info<'a>(element: &Element<'a>) -> Option<(&'a [u8], Element<'a>)> {
    match element.children(SEQUENCE)?.as_slice() {
        [kind, content] => Some((kind.identifier()?, content.child(TAGGED)?)),
        _ => None,
    }
}

/// What has been found so far.
struct Contents {
    stretcher: Stretcher,
    parts: usize,
    key: Option<PKey<Private>>,
    certificates: Vec<Vec<u8>>,
}

impl Contents {
    /// An `AuthenticatedSafe`: contents, encrypted or not.
    fn read(&mut self, safe: &[u8]) -> Result<(), ImportFault> {
        let parts = Element::only(safe).and_then(|all| all.children(SEQUENCE)).ok_or(ImportFault::Unreadable)?;
        for part in parts {
            self.count()?;
            let (kind, content) = content_info(&part).ok_or(ImportFault::Unreadable)?;
            let bags = match kind {
                DATA => Zeroizing::new(content.octets(OCTETS).ok_or(ImportFault::Unreadable)?),
                ENCRYPTED_DATA => {
                    let (algorithm, encrypted) = encrypted_data(&content).ok_or(ImportFault::Unreadable)?;
                    self.stretcher.decrypt(&algorithm, &encrypted)?
                }
                _ => return Err(ImportFault::Unreadable),
            };
            self.bags(&Element::only(&bags).ok_or(ImportFault::Unreadable)?)?;
        }
        Ok(())
    }

    fn count(&mut self) -> Result<(), ImportFault> {
        self.parts += 1;
        if self.parts > MOST_PARTS { Err(ImportFault::TooLarge) } else { Ok(()) }
    }

    /// `SafeContents`. Bags may lie in bags: each is counted, so that ends.
    fn bags(&mut self, bags: &Element<'_>) -> Result<(), ImportFault> {
        for bag in bags.children(SEQUENCE).ok_or(ImportFault::Unreadable)? {
            self.count()?;
            let (kind, value) = bag_of(&bag).ok_or(ImportFault::Unreadable)?;
            match kind.strip_prefix(BAG) {
                // Of several keys the first counts.
                Some([1 | 2]) if self.key.is_some() => {}
                Some([1]) => self.key = Some(read_key(value.whole)?),
                Some([2]) => {
                    let (algorithm, encrypted) = encrypted_key(&value).ok_or(ImportFault::Unreadable)?;
                    self.key = Some(read_key(&self.stretcher.decrypt(&algorithm, &encrypted)?)?);
                }
                Some([3]) => self.certificates.extend(certificate_bag(&value).ok_or(ImportFault::Unreadable)?),
                Some([6]) => self.bags(&value)?,
                _ => {}
            }
        }
        Ok(())
    }
}

/// A `SafeBag`; its attributes say nothing that is needed.
fn bag_of<'a>(bag: &Element<'a>) -> Option<(&'a [u8], Element<'a>)> {
    let parts = bag.children(SEQUENCE)?;
    let [kind, value, ..] = parts.as_slice() else { return None };
    Some((kind.identifier()?, value.child(TAGGED)?))
}

/// An `EncryptedData` (RFC 5652 section 8) that holds data.
fn encrypted_data<'a>(element: &Element<'a>) -> Option<(Element<'a>, Vec<u8>)> {
    let parts = element.children(SEQUENCE)?;
    let [_version, info, ..] = parts.as_slice() else { return None };
    let info = info.children(SEQUENCE)?;
    let [kind, algorithm, content] = info.as_slice() else { return None };
    (kind.identifier()? == DATA).then_some(())?;
    Some((*algorithm, content.octets(TAGGED_OCTETS)?))
}

/// An `EncryptedPrivateKeyInfo` (RFC 5208 section 6).
fn encrypted_key<'a>(element: &Element<'a>) -> Option<(Element<'a>, Vec<u8>)> {
    let parts = element.children(SEQUENCE)?;
    let [algorithm, content] = parts.as_slice() else { return None };
    Some((*algorithm, content.octets(OCTETS)?))
}

/// A `CertBag`; one of another kind than X.509 holds none.
fn certificate_bag(bag: &Element<'_>) -> Option<Option<Vec<u8>>> {
    let parts = bag.children(SEQUENCE)?;
    let [kind, value] = parts.as_slice() else { return None };
    match kind.identifier()? {
        X509_CERTIFICATE => Some(Some(value.child(TAGGED)?.octets(OCTETS)?)),
        _ => Some(None),
    }
}

fn read_key(pkcs8: &[u8]) -> Result<PKey<Private>, ImportFault> {
    if pkcs8.len() > KEY_BYTES {
        return Err(ImportFault::TooLarge);
    }
    PKey::private_key_from_pkcs8(pkcs8).map_err(|_| ImportFault::Unreadable)
}

fn spki(certificate: &[u8]) -> Result<Vec<u8>, ImportFault> {
    Ok(Certificate::from_der(certificate)?.tbs_certificate.subject_public_key_info.to_der()?)
}

fn loose_fault(error: KeyFileError) -> ImportFault {
    match error {
        KeyFileError::OtherKey => ImportFault::OtherKey,
        KeyFileError::PublicKey(weak) => ImportFault::WeakKey(weak),
        KeyFileError::Refused(refused) => ImportFault::Library(refused),
    }
}
