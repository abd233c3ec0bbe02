//! The master key of a keystore: 32 octets from a file of mode 0600, from a passphrase by argon2id, or given by the caller.
//!
//! It wipes itself and prints nothing. A file that others may read is refused, not repaired.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use super::sealed::fill_random;

/// Memory for a passphrase: 64 MiB, three passes, one lane (RFC 9106 section 4, second recommended option, one lane instead of four).
const PASSPHRASE_MEMORY_KIB: u32 = 64 * 1024;
const PASSPHRASE_PASSES: u32 = 3;
/// Shorter passphrases are refused.
pub const LEAST_PASSPHRASE_CHARACTERS: usize = 16;

/// 32 octets that open a keystore. No `Debug`, no `Clone`.
pub struct MasterKey(Zeroizing<[u8; 32]>);

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// The system refused a file operation.
    #[error("the master key's file cannot be used ({operation})")]
    File {
        /// What was tried.
        operation: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Not 32 octets.
    #[error("a master key has 32 bytes; this has {octets}")]
    Length {
        /// Octets found; at most 33 are read.
        octets: usize,
    },
    /// Group or others may read or write the file.
    #[error("the master key's file is open to others (mode {mode:o}); run chmod 600 on it")]
    Mode {
        /// Permission bits found.
        mode: u32,
    },
    /// argon2 refused, for example for want of memory.
    #[error("the passphrase could not be hashed")]
    Passphrase(argon2::Error),
    /// The system gave no randomness.
    #[error("no randomness for a new master key")]
    Randomness(#[from] openssl::error::ErrorStack),
    /// Too short to resist guessing.
    #[error("a keystore passphrase has at least {LEAST_PASSPHRASE_CHARACTERS} characters")]
    ShortPassphrase,
}

impl MasterKey {
    /// Takes over 32 octets that the caller obtained elsewhere, such as a systemd credential.
    ///
    /// # Errors
    /// [`MasterKeyError::Length`].
    pub fn from_octets(octets: &[u8]) -> Result<Self, MasterKeyError> {
        let key = <[u8; 32]>::try_from(octets).map_err(|_| MasterKeyError::Length { octets: octets.len() })?;
        Ok(Self(Zeroizing::new(key)))
    }

    /// Reads the 32 octets of a file that only its owner may touch.
    ///
    /// # Errors
    /// [`MasterKeyError::Mode`] when others may, [`MasterKeyError::Length`], [`MasterKeyError::File`].
    pub fn read(path: &Path) -> Result<Self, MasterKeyError> {
        Self::from_octets(&read_private(path, 33)?)
    }

    /// Makes a new random key and writes it to a file that must not exist yet, mode 0600, synced.
    ///
    /// # Errors
    /// [`MasterKeyError::File`], also when the file exists.
    pub fn create(path: &Path) -> Result<Self, MasterKeyError> {
        let mut octets = Zeroizing::new([0u8; 32]);
        fill_random(octets.as_mut_slice())?;
        write_private(path, octets.as_slice())?;
        Ok(Self(octets))
    }

    /// Derives the key from a passphrase and the 16-octet salt in `salt_path`, by argon2id. The salt file is made on first use.
    ///
    /// # Errors
    /// [`MasterKeyError::ShortPassphrase`], [`MasterKeyError::File`], [`MasterKeyError::Mode`].
    pub fn from_passphrase(passphrase: &str, salt_path: &Path) -> Result<Self, MasterKeyError> {
        if passphrase.chars().count() < LEAST_PASSPHRASE_CHARACTERS {
            return Err(MasterKeyError::ShortPassphrase);
        }
        let salt = match read_private(salt_path, 17) {
            Err(MasterKeyError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                let mut salt = Zeroizing::new(vec![0u8; 16]);
                fill_random(&mut salt)?;
                write_private(salt_path, &salt)?;
                salt
            }
            found => found?,
        };
        Self::stretch(passphrase, &salt)
    }

    /// The same with a salt that is kept elsewhere, of 16 octets.
    ///
    /// # Errors
    /// [`MasterKeyError::ShortPassphrase`], [`MasterKeyError::Passphrase`].
    pub fn stretch(passphrase: &str, salt: &[u8]) -> Result<Self, MasterKeyError> {
        if passphrase.chars().count() < LEAST_PASSPHRASE_CHARACTERS {
            return Err(MasterKeyError::ShortPassphrase);
        }
        let parameters = Params::new(PASSPHRASE_MEMORY_KIB, PASSPHRASE_PASSES, 1, Some(32)).map_err(MasterKeyError::Passphrase)?;
        let mut octets = Zeroizing::new([0u8; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
            .hash_password_into(passphrase.as_bytes(), salt, octets.as_mut_slice())
            .map_err(MasterKeyError::Passphrase)?;
        Ok(Self(octets))
    }

    pub(super) fn expose(&self) -> &[u8] {
        self.0.as_slice()
    }
}

fn read_private(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, MasterKeyError> {
    let file = File::open(path).map_err(|source| file_error("open", source))?;
    let metadata = file.metadata().map_err(|source| file_error("look at it", source))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(MasterKeyError::Mode { mode });
    }
    let mut octets = Zeroizing::new(Vec::with_capacity(64));
    file.take(limit).read_to_end(&mut octets).map_err(|source| file_error("read", source))?;
    Ok(octets)
}

fn write_private(path: &Path, octets: &[u8]) -> Result<(), MasterKeyError> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|source| file_error("create", source))?;
    file.write_all(octets).and_then(|()| file.sync_all()).map_err(|source| file_error("write", source))
}

fn file_error(operation: &'static str, source: io::Error) -> MasterKeyError {
    MasterKeyError::File { operation, source }
}
