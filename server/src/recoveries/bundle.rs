//! Opened keys as files that mail programs take in: one PKCS#12 for each key, all under one fresh password.

use certs::archive::EncryptionCertificate;

use super::RecoveryError;
use crate::{
    archives::{ArchiveError, Opened},
    authorities,
    certificates::{self, Certificate},
    platform::{ground::Ground, moment::Moment, random, secret::Secret},
};

/// Groups of a password or code: 100 random bits.
pub(super) const GROUPS: usize = 5;

/// One key.
pub struct KeyFile {
    /// The serial number of its certificate, hexadecimal.
    pub serial: String,
    /// From when mail was encrypted to it.
    pub not_before: Moment,
    /// Until when.
    pub not_after: Moment,
    /// The PKCS#12.
    pub content: Vec<u8>,
}

impl KeyFile {
    /// What a browser calls it.
    pub fn file_name(&self) -> String {
        format!("segl-{}.p12", self.serial)
    }
}

/// Keys and the password that opens them: shown once. Prints nothing.
pub struct Bundle {
    /// 100 random bits.
    pub password: Secret<String>,
    /// The keys, the oldest first.
    pub files: Vec<KeyFile>,
}

impl Bundle {
    /// The serial numbers, for the audit.
    pub(super) fn serials(&self) -> String {
        self.files.iter().map(|file| file.serial.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// Packs the keys of certificates that were handed out.
pub(super) async fn of(ground: &Ground, opened: Vec<Opened>, name: &str) -> Result<Bundle, RecoveryError> {
    let password = Secret::new(random::code(ground.random(), GROUPS));
    let mut files = Vec::with_capacity(opened.len());
    for one in opened {
        let found = certificates::read::by_id(&mut ground.database.read().await?, one.certificate).await?;
        let Some((certificate, der)) = found.and_then(|found| found.der.clone().map(|der| (found, der))) else { continue };
        let chain = authorities::chain_of(ground, certificate.authority).await?;
        files.push(pack(ground, one, (certificate, der), chain, (name.to_owned(), password.clone())).await?);
    }
    files.sort_by_key(|file| file.not_before);
    Ok(Bundle { password, files })
}

async fn pack(
    ground: &Ground,
    opened: Opened,
    (certificate, der): (Certificate, Vec<u8>),
    chain: Vec<Vec<u8>>,
    (name, password): (String, Secret<String>),
) -> Result<KeyFile, RecoveryError> {
    // Deriving the file's keys takes tens of milliseconds: off the event loop.
    let content = ground
        .with_keystore(move |_| {
            let proof = EncryptionCertificate::check(&der)?;
            opened.key.pkcs12(&proof, &chain, &name, password.reveal())
        })
        .await
        .map_err(ArchiveError::from)?;
    let serial = certificate.serial.to_string();
    Ok(KeyFile { serial, not_before: certificate.not_before, not_after: certificate.not_after, content })
}
