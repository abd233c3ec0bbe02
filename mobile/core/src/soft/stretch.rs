//! A PIN made dear to guess: argon2id (RFC 9106), and what follows from it (see `crate::pin`).

use argon2::{Algorithm, Argon2, Params, Version};
use hkdf::Hkdf;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature as Ecdsa, SigningKey};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::bytes::Canonical;
use crate::device_key::DeviceKeyError;
use crate::pin::{Pin, PinChange, PinProof};
use crate::public_key::{PublicKey, Signature};
use crate::sealed;
use crate::secret_bytes::Secret;
use crate::signed::Signed;

/// What one guess costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB, 8 MiB to 256 MiB.
    pub memory_kib: u32,
    /// Passes over it, 1 to 10.
    pub passes: u32,
}

impl Cost {
    /// For phones: 64 MiB, three passes, one lane (RFC 9106 section 4, the second choice, in one lane).
    pub const PHONE: Self = Self { memory_kib: 64 * 1024, passes: 3 };

    pub(super) fn bytes(self) -> [u8; 8] {
        let mut bytes = [0; 8];
        bytes[..4].copy_from_slice(&self.memory_kib.to_be_bytes());
        bytes[4..].copy_from_slice(&self.passes.to_be_bytes());
        bytes
    }

    /// A file from elsewhere cannot make the phone stretch for ever.
    pub(super) fn from_bytes(bytes: [u8; 8]) -> Option<Self> {
        let [a, b, c, d, e, f, g, h] = bytes;
        let cost = Self { memory_kib: u32::from_be_bytes([a, b, c, d]), passes: u32::from_be_bytes([e, f, g, h]) };
        cost.is_bounded().then_some(cost)
    }

    fn is_bounded(self) -> bool {
        (8 * 1024..=256 * 1024).contains(&self.memory_kib) && (1..=10).contains(&self.passes)
    }
}

/// A stretched PIN, with the salt and cost it was stretched by. Wiped when dropped.
pub struct Stretched {
    pub(super) salt: [u8; 16],
    pub(super) cost: Cost,
    prk: Zeroizing<[u8; 32]>,
}

impl Stretched {
    pub(super) fn new(pin: &Pin, salt: [u8; 16], cost: Cost) -> Result<Self, DeviceKeyError> {
        let params = cost.is_bounded().then(|| Params::new(cost.memory_kib, cost.passes, 1, Some(32)));
        let params = params.and_then(Result::ok).ok_or(DeviceKeyError::NotAvailable)?;
        let mut prk = Zeroizing::new([0; 32]);
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon2.hash_password_into(pin.expose(), &salt, &mut prk[..]).map_err(|_| DeviceKeyError::NotAvailable)?;
        Ok(Self { salt, cost, prk })
    }

    /// The public half of the PIN key: what the server keeps.
    #[must_use]
    pub fn pin_key(&self) -> PublicKey {
        PublicKey::of(&self.pin_secret().public_key())
    }

    /// Proves the PIN.
    #[must_use]
    pub fn prove(&self, proof: &PinProof) -> Signed<PinProof> {
        self.sign(proof)
    }

    /// Proves the old PIN, so that it is replaced.
    #[must_use]
    pub fn change(&self, change: &PinChange) -> Signed<PinChange> {
        self.sign(change)
    }

    fn sign<T: Canonical>(&self, message: &T) -> Signed<T> {
        let key = SigningKey::from(self.pin_secret());
        let signed = Signed::sign(message, |bytes| {
            let signature: Ecdsa = key.sign(bytes);
            Ok::<_, std::convert::Infallible>(Signature::of(&signature))
        });
        match signed {
            Ok(signed) => signed,
            Err(never) => match never {},
        }
    }

    fn pin_secret(&self) -> p256::SecretKey {
        let mut counter = 0_u8;
        sealed::scalar(|candidate| {
            expand(None, &self.prk, &[b"segl/pin/v1", &[counter]], candidate);
            counter = counter.wrapping_add(1);
        })
    }

    pub(super) fn vault_key(&self, share: &Secret) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        expand(Some(share.expose()), &self.prk, &[b"segl/vault/v1"], &mut key);
        key
    }

    /// What masks the offline secret: it covers all of it, and says nothing of whether it is the right one.
    pub(super) fn mask(&self) -> Zeroizing<[u8; 32]> {
        let mut mask = Zeroizing::new([0; 32]);
        expand(None, &self.prk, &[b"segl/offline/v1"], &mut mask);
        mask
    }
}

#[expect(clippy::expect_used, reason = "HKDF-SHA256 gives up to 8,160 bytes (RFC 5869 section 2.3)")]
fn expand(salt: Option<&[u8]>, key: &[u8; 32], info: &[&[u8]], output: &mut [u8; 32]) {
    Hkdf::<Sha256>::new(salt, key).expand_multi_info(info, output).expect("32 bytes are asked for");
}
