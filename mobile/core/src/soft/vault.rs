//! The file of keys, version 1: what stands in it, and how it is sealed.
//!
//! Fields, each after its length as four bytes, big endian: domain `segl/vault/v1`, label, cost (memory in KiB and passes, four bytes
//! each), salt (16), signing point (65), agreement point (65), nonce (12), sealed (32 + 32 + 16: both private scalars under AES-256-GCM,
//! all that stands before being the additional data), offline salt (16) and masked offline secret (32), both empty where none is kept.

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _};
use rand_core::RngCore as _;
use zeroize::Zeroizing;

use super::stretch::{Cost, Stretched};
use super::{LABEL_CHARACTERS, Random};
use crate::bytes::{Reader, Writer};
use crate::device_key::{DeviceKeyError, PhoneKeys};
use crate::fault::{Fault, Rule};
use crate::pin::Pin;
use crate::plain;
use crate::public_key::{PUBLIC_KEY_BYTES, PublicKey};
use crate::sealed;
use crate::secret_bytes::Secret;

const DOMAIN: &str = "segl/vault/v1";
const LONGEST_BYTES: usize = 1024;
const SEALED_BYTES: usize = 32 + 32 + 16;

/// The private halves. The scalars wipe themselves.
#[derive(Clone)]
pub(super) struct Pair {
    pub(super) sign: p256::SecretKey,
    pub(super) agree: p256::SecretKey,
}

impl Pair {
    pub(super) fn draw(random: &mut Random) -> Self {
        let mut scalar = || sealed::scalar(|candidate| random.fill_bytes(candidate));
        Self { sign: scalar(), agree: scalar() }
    }

    pub(super) fn public(&self) -> PhoneKeys {
        PhoneKeys { sign: PublicKey::of(&self.sign.public_key()), agree: PublicKey::of(&self.agree.public_key()) }
    }
}

/// The file, read but not opened.
pub(super) struct Vault {
    pub(super) label: String,
    pub(super) keys: PhoneKeys,
    cost: Cost,
    salt: [u8; 16],
    nonce: [u8; 12],
    sealed: [u8; SEALED_BYTES],
    offline: Option<([u8; 16], [u8; 32])>,
}

impl Vault {
    /// Seals both keys under a stretched PIN and a share.
    pub(super) fn seal(
        label: &str,
        pair: &Pair,
        stretched: &Stretched,
        share: &Secret,
        random: &mut Random,
    ) -> Result<Self, DeviceKeyError> {
        let mut vault = Self {
            label: label.to_owned(),
            keys: pair.public(),
            cost: stretched.cost,
            salt: stretched.salt,
            nonce: [0; 12],
            sealed: [0; SEALED_BYTES],
            offline: None,
        };
        random.fill_bytes(&mut vault.nonce);
        let mut plain = Zeroizing::new([0_u8; 64]);
        plain[..32].copy_from_slice(&Zeroizing::new(pair.sign.to_bytes()));
        plain[32..].copy_from_slice(&Zeroizing::new(pair.agree.to_bytes()));
        let aad = vault.head().bytes();
        let cipher = Aes256Gcm::new((&*stretched.vault_key(share)).into());
        let sealed = cipher.encrypt((&vault.nonce).into(), Payload { msg: &plain[..], aad: &aad });
        let sealed = sealed.map_err(|_| DeviceKeyError::NotAvailable)?;
        vault.sealed = sealed.try_into().map_err(|_| DeviceKeyError::NotAvailable)?;
        Ok(vault)
    }

    /// Opens both keys. A wrong PIN, a wrong share and a changed file look the same.
    pub(super) fn open(&self, stretched: &Stretched, share: &Secret) -> Result<Pair, DeviceKeyError> {
        const WRONG: DeviceKeyError = DeviceKeyError::WrongPin { tries_left: None };
        let aad = self.head().bytes();
        let cipher = Aes256Gcm::new((&*stretched.vault_key(share)).into());
        let plain = cipher.decrypt((&self.nonce).into(), Payload { msg: &self.sealed, aad: &aad }).map(Zeroizing::new);
        let plain = plain.map_err(|_| WRONG)?;
        let (sign, agree) = plain.split_at_checked(32).ok_or(WRONG)?;
        let scalar = |bytes| p256::SecretKey::from_slice(bytes).map_err(|_| WRONG);
        Ok(Pair { sign: scalar(sign)?, agree: scalar(agree)? })
    }

    pub(super) fn stretch(&self, pin: &Pin) -> Result<Stretched, DeviceKeyError> {
        Stretched::new(pin, self.salt, self.cost)
    }

    /// The offline secret by this PIN, the right one or not.
    pub(super) fn offline(&self, pin: &Pin) -> Result<Option<Secret>, DeviceKeyError> {
        let Some((salt, masked)) = self.offline else { return Ok(None) };
        Ok(Some(Secret::new(masked_by(&Stretched::new(pin, salt, self.cost)?, &masked))))
    }

    pub(super) fn with_offline(mut self, pin: &Pin, secret: &Secret, random: &mut Random) -> Result<Self, DeviceKeyError> {
        let mut salt = [0; 16];
        random.fill_bytes(&mut salt);
        self.offline = Some((salt, masked_by(&Stretched::new(pin, salt, self.cost)?, secret.expose())));
        Ok(self)
    }

    /// All that is bound to the sealed keys.
    fn head(&self) -> Writer {
        let head = Writer::new(DOMAIN).field(self.label.as_bytes()).field(&self.cost.bytes()).field(&self.salt);
        head.field(self.keys.sign.sec1()).field(self.keys.agree.sec1()).field(&self.nonce)
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let (salt, masked) = self.offline.as_ref().map_or((&[][..], &[][..]), |(salt, masked)| (salt, masked));
        self.head().field(&self.sealed).field(salt).field(masked).bytes()
    }

    /// A file that is none of ours is as good as gone.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, DeviceKeyError> {
        Self::read(bytes).map_err(|_| DeviceKeyError::Gone)
    }

    fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(DOMAIN, bytes, LONGEST_BYTES)?;
        let label = reader.text("label", 4 * LABEL_CHARACTERS)?.to_owned();
        plain::judge("label", &label, LABEL_CHARACTERS)?;
        let cost = Cost::from_bytes(reader.array("cost")?).ok_or(Rule::Unknown.at("cost"))?;
        let salt = reader.array("salt")?;
        let mut point = |name| PublicKey::from_sec1(name, &reader.array::<PUBLIC_KEY_BYTES>(name)?);
        let keys = PhoneKeys { sign: point("sign")?, agree: point("agree")? };
        let (nonce, sealed) = (reader.array("nonce")?, reader.array("sealed")?);
        let offline = match (reader.optional("offline salt")?, reader.optional("offline")?) {
            (Some(salt), Some(masked)) => Some((salt, masked)),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(Rule::Misfit.at("offline")),
        };
        reader.end()?;
        Ok(Self { label, keys, cost, salt, nonce, sealed, offline })
    }
}

fn masked_by(stretched: &Stretched, bytes: &[u8; 32]) -> [u8; 32] {
    let mask = stretched.mask();
    std::array::from_fn(|place| bytes[place] ^ mask[place])
}
