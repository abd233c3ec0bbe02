//! What opens a holder's private half: a password that was checked, or a signatory's code.

use certs::{
    archive::HolderKey,
    keystore::{Keystore, opener::OpenerKey},
};
use sha2::{Digest as _, Sha256};

use super::ArchiveError;
use crate::platform::{
    id::{AccountId, HolderId, Id as _, SignatoryId},
    password::Strength,
    secret::Secret,
};

/// A holder's password as argon2id made it, or the digest of a code of at least 100 random bits; fit to travel to the keystore's thread.
#[derive(Clone)]
pub struct Lock {
    holder: HolderId,
    salt: Vec<u8>,
    prk: Secret<[u8; 32]>,
    strength: Strength,
}

impl Lock {
    /// A person's password.
    pub fn of_person(account: AccountId, salt: &[u8], prk: &Secret<[u8; 32]>, strength: Strength) -> Self {
        Self { holder: account.into(), salt: salt.to_vec(), prk: prk.clone(), strength }
    }

    /// A signatory's code: random, so that one digest is enough.
    pub fn of_code(signatory: SignatoryId, code: &Secret<String>) -> Self {
        let mut digest = Sha256::new_with_prefix(b"segl/signatory-code/v1|");
        digest.update(code.reveal().as_bytes());
        Self { holder: signatory.into(), salt: Vec::new(), prk: Secret::new(digest.finalize().into()), strength: Strength::Long }
    }

    /// Whose it is.
    pub fn holder(&self) -> HolderId {
        self.holder
    }

    /// Whether anything may be sealed under it.
    pub(super) fn may_seal(&self) -> bool {
        self.strength == Strength::Long
    }

    pub(super) fn seal(&self, keystore: &dyn Keystore, key: &HolderKey) -> Result<Vec<u8>, ArchiveError> {
        if !self.may_seal() {
            return Err(ArchiveError::FourDigits);
        }
        Ok(key.seal_under(&self.opener_key(keystore)?, &self.context())?)
    }

    pub(super) fn open(&self, keystore: &dyn Keystore, sealed: &[u8]) -> Result<HolderKey, ArchiveError> {
        Ok(HolderKey::open_under(&self.opener_key(keystore)?, sealed, &self.context())?)
    }

    /// As for signing keys: HKDF(prk | keystore.hmac("pepper", holder | salt), "seal"); the context tells the two apart.
    fn opener_key(&self, keystore: &dyn Keystore) -> Result<OpenerKey, ArchiveError> {
        let pepper = keystore.hmac("pepper", &[self.holder.uuid().as_bytes(), self.salt.as_slice()].concat())?;
        Ok(OpenerKey::derive(self.prk.reveal(), &pepper)?)
    }

    fn context(&self) -> Vec<u8> {
        [b"segl/holder-key/v1|".as_slice(), self.holder.uuid().as_bytes()].concat()
    }
}
