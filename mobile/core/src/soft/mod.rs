//! Keys in a file, for phones without key hardware and for the desktop: `software-pin`.
//!
//! The file is useless without the PIN *and* the server's share (`crate::pin` has the argument). Where it lies is behind [`Shelf`];
//! [`FileShelf`] writes it atomically, readable by its owner alone. Between unlocking and locking the keys are in memory; locking wipes
//! them.
//!
//! The offline secret (for codes where no network reaches) cannot wait for the server's share. It lies masked by the PIN alone,
//! **without** anything that would tell whether a PIN was right: with a wrong PIN comes a wrong code, which the service counts. Whoever
//! has the file and one true code can try PINs against it; so that code never opens a signing key.

mod shelf;
mod stretch;
mod vault;

pub use shelf::{FileShelf, Shelf};
pub use stretch::{Cost, Stretched};

use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature as Ecdsa, SigningKey};
use rand_core::{CryptoRngCore, RngCore as _};

use crate::device_key::{CreatedKey, DeviceKey, DeviceKeyError, PhoneKeys, Protection, UserAuth};
use crate::pin::{Pin, ReplyKey};
use crate::plain;
use crate::public_key::{PublicKey, Signature};
use crate::sealed::{self, SharedSecret};
use crate::secret_bytes::Secret;
use vault::{Pair, Vault};

/// The random source that keys in a file draw from.
pub type Random = Box<dyn CryptoRngCore + Send + Sync>;

/// A new PIN, stretched and not in force yet.
pub struct NewPin {
    pin: Pin,
    stretched: Stretched,
}

impl NewPin {
    /// What its key does.
    #[must_use]
    pub fn stretched(&self) -> &Stretched {
        &self.stretched
    }
}

/// Characters of a label.
const LABEL_CHARACTERS: usize = 64;

/// The keys of one pairing in one file.
pub struct SoftKeys {
    shelf: Box<dyn Shelf>,
    random: Random,
    cost: Cost,
    unlocked: Option<Pair>,
}

impl SoftKeys {
    /// Keys on this shelf, there already or to be made. `random` is a cryptographic source, `cost` what stretching a new PIN costs.
    #[must_use]
    pub fn new(shelf: Box<dyn Shelf>, random: Random, cost: Cost) -> Self {
        Self { shelf, random, cost, unlocked: None }
    }

    /// Stretches the PIN with the file's salt: slow, by design. What comes of it proves the PIN and unlocks, so that one wait does for
    /// both.
    ///
    /// # Errors
    /// [`DeviceKeyError`]; a wrong PIN is none, for nothing here knows.
    pub fn stretch(&self, pin: &Pin) -> Result<Stretched, DeviceKeyError> {
        self.vault()?.stretch(pin)
    }

    /// Opens the keys and keeps them in memory until [`Self::lock`].
    ///
    /// # Errors
    /// [`DeviceKeyError`].
    pub fn unlock(&mut self, stretched: &Stretched, share: &Secret) -> Result<(), DeviceKeyError> {
        self.unlocked = Some(self.vault()?.open(stretched, share)?);
        Ok(())
    }

    /// Whether they are opened, in memory.
    #[must_use]
    pub fn is_unlocked(&self) -> bool {
        self.unlocked.is_some()
    }

    /// Forgets the opened keys.
    pub fn lock(&mut self) {
        self.unlocked = None;
    }

    /// Stretches a new PIN with a new salt. Nothing is written yet: first the server must hear of its key ([`crate::pin`], "Changing it").
    ///
    /// # Errors
    /// [`DeviceKeyError`].
    pub fn prepare_pin(&mut self, new: Pin) -> Result<NewPin, DeviceKeyError> {
        let mut salt = [0; 16];
        self.random.fill_bytes(&mut salt);
        Ok(NewPin { stretched: Stretched::new(&new, salt, self.cost)?, pin: new })
    }

    /// Writes the file for the new PIN and the new share. From here on the old PIN opens nothing here.
    ///
    /// # Errors
    /// [`DeviceKeyError`]; without the right old PIN and share nothing is written.
    pub fn change_pin(&mut self, old: (&Pin, &Secret), new: &NewPin, share: &Secret) -> Result<(), DeviceKeyError> {
        let (pin, old_share) = old;
        let vault = self.vault()?;
        let pair = vault.open(&vault.stretch(pin)?, old_share)?;
        let mut changed = Vault::seal(&vault.label, &pair, &new.stretched, share, &mut self.random)?;
        if let Some(secret) = vault.offline(pin)? {
            changed = changed.with_offline(&new.pin, &secret, &mut self.random)?;
        }
        self.shelf.replace(&changed.encode())
    }

    /// Keeps the secret of offline codes, masked by the PIN.
    ///
    /// # Errors
    /// [`DeviceKeyError`].
    pub fn keep_offline(&mut self, pin: &Pin, secret: &Secret) -> Result<(), DeviceKeyError> {
        let vault = self.vault()?.with_offline(pin, secret, &mut self.random)?;
        self.shelf.replace(&vault.encode())
    }

    /// The secret of offline codes. With a wrong PIN it is another one, and nothing here knows.
    ///
    /// # Errors
    /// [`DeviceKeyError::Gone`] when none is kept.
    pub fn offline(&self, pin: &Pin) -> Result<Secret, DeviceKeyError> {
        self.vault()?.offline(pin)?.ok_or(DeviceKeyError::Gone)
    }

    fn vault(&self) -> Result<Vault, DeviceKeyError> {
        let bytes = self.shelf.read()?.ok_or(DeviceKeyError::Gone)?;
        Vault::decode(&bytes)
    }

    fn pair(&self, auth: UserAuth<'_>) -> Result<Pair, DeviceKeyError> {
        match auth {
            UserAuth::Pin { pin, share } => {
                let vault = self.vault()?;
                vault.open(&vault.stretch(pin)?, share)
            }
            UserAuth::Prompt { .. } => Err(DeviceKeyError::NotAvailable),
            UserAuth::Unlocked => self.unlocked.clone().ok_or(DeviceKeyError::Locked),
        }
    }
}

impl DeviceKey for SoftKeys {
    fn create(&mut self, label: &str, _challenge: &[u8], auth: UserAuth<'_>) -> Result<CreatedKey, DeviceKeyError> {
        let UserAuth::Pin { pin, share } = auth else { return Err(DeviceKeyError::NotAvailable) };
        if self.shelf.read()?.is_some() {
            return Err(DeviceKeyError::AlreadyThere);
        }
        plain::judge("label", label, LABEL_CHARACTERS).map_err(|_| DeviceKeyError::NotAvailable)?;
        let pair = Pair::draw(&mut self.random);
        let new = self.prepare_pin(pin.clone())?;
        let vault = Vault::seal(label, &pair, &new.stretched, share, &mut self.random)?;
        self.shelf.replace(&vault.encode())?;
        Ok(CreatedKey { public_key: pair.public(), attestation: None })
    }

    fn public_key(&self) -> Result<PhoneKeys, DeviceKeyError> {
        Ok(self.vault()?.keys)
    }

    fn sign(&self, message: &[u8], auth: UserAuth<'_>) -> Result<Signature, DeviceKeyError> {
        let pair = self.pair(auth)?;
        let signature: Ecdsa = SigningKey::from(&pair.sign).sign(message);
        Ok(Signature::of(&signature))
    }

    fn agree(&self, peer: &PublicKey, auth: UserAuth<'_>) -> Result<SharedSecret, DeviceKeyError> {
        Ok(sealed::agree(&self.pair(auth)?.agree, peer))
    }

    fn destroy(&mut self) -> Result<(), DeviceKeyError> {
        self.lock();
        self.shelf.remove()
    }

    fn protection(&self) -> Protection {
        Protection::SoftwarePin
    }
}

impl SoftKeys {
    /// Draws a fresh reply key from the same source.
    pub fn reply_key(&mut self) -> ReplyKey {
        ReplyKey::draw(&mut self.random)
    }
}
