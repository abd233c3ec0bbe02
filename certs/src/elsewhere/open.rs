//! Opens a PKCS#12 file (RFC 7292): one private key, its certificate, and what stands above that.

use der::{Decode, Encode};
use openssl::pkcs12::Pkcs12;
use openssl::x509::X509;
use x509_cert::Certificate;

use super::{ImportFault, scan};
use crate::key_file::{KeyFileError, LooseKey};
use crate::public_key::PublicKey;

/// The largest file that is opened, bytes.
pub const MOST_BYTES: usize = 256 * 1024;
/// `PKCS12_R_MAC_VERIFY_FAILURE` of OpenSSL's `pkcs12err.h`.
const MAC_DOES_NOT_VERIFY: &str = "mac verify failure";

/// What a file held. The key is in memory alone.
pub struct KeyWithCertificate {
    /// The private key.
    pub key: LooseKey,
    /// Its certificate, DER.
    pub certificate: Vec<u8>,
    /// The other certificates of the file, DER, as they came.
    pub others: Vec<Vec<u8>>,
}

/// Opens the file. May take seconds.
///
/// # Errors
/// [`ImportFault::Passphrase`] for a wrong one, [`ImportFault::OldEncryption`], [`ImportFault::TooManyRounds`], [`ImportFault::NoKey`],
/// [`ImportFault::NoCertificate`], [`ImportFault::OtherKey`], [`ImportFault::WeakKey`], [`ImportFault::Unreadable`].
pub fn open(file: &[u8], passphrase: &str) -> Result<KeyWithCertificate, ImportFault> {
    if file.len() > MOST_BYTES {
        return Err(ImportFault::TooLarge);
    }
    scan::scan(file)?;
    if passphrase.contains('\0') {
        return Err(ImportFault::Passphrase);
    }
    let parsed = Pkcs12::from_der(file).map_err(|_| ImportFault::Unreadable)?.parse2(passphrase).map_err(|error| {
        let wrong = error.errors().iter().any(|one| one.reason().is_some_and(|reason| reason == MAC_DOES_NOT_VERIFY));
        if wrong { ImportFault::Passphrase } else { ImportFault::Unreadable }
    })?;
    let others: Vec<X509> = parsed.ca.into_iter().flatten().collect();
    let (Some(key), certificate) = (parsed.pkey, parsed.cert) else { return Err(ImportFault::NoKey) };
    // OpenSSL gives a certificate only when it is the key's.
    let certificate = certificate.ok_or(if others.is_empty() { ImportFault::NoCertificate } else { ImportFault::OtherKey })?;
    let key = LooseKey::of(key).map_err(loose_fault)?;
    let certificate = certificate.to_der()?;
    let public_key = PublicKey::from_spki(&spki(&certificate)?).map_err(ImportFault::WeakKey)?;
    if !key.belongs_to(&public_key).map_err(loose_fault)? {
        return Err(ImportFault::OtherKey);
    }
    let others = others.iter().map(|one| one.to_der()).collect::<Result<Vec<_>, _>>()?;
    Ok(KeyWithCertificate { key, others: others.into_iter().filter(|one| *one != certificate).collect(), certificate })
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
