//! Thirty-two secret bytes sealed to one public key: HPKE (RFC 9180) in base mode with DHKEM(P-256, HKDF-SHA256), HKDF-SHA256 and
//! AES-256-GCM.
//!
//! A sealed secret is always 113 bytes: the sender's fresh point (65), then ciphertext and tag (48). What it is for stands in `info`,
//! which begins with a domain; what it belongs to, in `aad`. Sealing is the crate `hpke`'s. Opening is written out here, because a key in
//! hardware does not give its private part to any crate: it gives the shared secret of one agreement ([`crate::DeviceKey::agree`]).

mod receive;

use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::DhP256HkdfSha256;
use hpke::{Deserializable as _, Kem, OpModeS, Serializable as _};
use zeroize::Zeroizing;

use crate::fault::{Fault, Rule};
use crate::public_key::{PUBLIC_KEY_BYTES, PublicKey};
use crate::secret_bytes::Secret;

/// Bytes of a sealed secret.
pub const SEALED_BYTES: usize = PUBLIC_KEY_BYTES + 32 + 16;

/// The x coordinate of an agreement, wiped when dropped.
pub type SharedSecret = Zeroizing<[u8; 32]>;

/// A sealed secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed([u8; SEALED_BYTES]);

/// It does not open: another key, another purpose, or a changed byte. Nothing says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed secret does not open with this key, for this purpose")]
pub struct Unopened;

/// Why a sealed secret could not be opened by a key that may refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError<E> {
    /// The key refused to agree.
    #[error("the key refused: {0}")]
    Key(E),
    /// It does not open.
    #[error(transparent)]
    Unopened(#[from] Unopened),
}

impl Sealed {
    /// Reads a sealed secret.
    ///
    /// # Errors
    /// [`Fault`] with `field` when it has another length or does not begin with a point.
    pub fn from_bytes(field: &'static str, bytes: &[u8]) -> Result<Self, Fault> {
        let sealed: [u8; SEALED_BYTES] = bytes.try_into().map_err(|_| Rule::WrongLength { expected: SEALED_BYTES }.at(field))?;
        PublicKey::from_sec1(field, &sealed[..PUBLIC_KEY_BYTES])?;
        Ok(Self(sealed))
    }

    /// The bytes, for storing and sending.
    #[must_use]
    pub fn bytes(&self) -> &[u8; SEALED_BYTES] {
        &self.0
    }

    /// Seals `secret` to `to`.
    #[expect(clippy::expect_used, reason = "the point lies on the curve and is not zero, and the first message of a context always seals")]
    pub(crate) fn seal(to: &PublicKey, info: &[u8], aad: &[u8], secret: &Secret, random: &mut dyn rand_core::CryptoRngCore) -> Self {
        let key = <DhP256HkdfSha256 as Kem>::PublicKey::from_bytes(to.sec1()).expect("a point of P-256 is an HPKE public key");
        let mut random = random;
        let (sender, ciphertext) = hpke::single_shot_seal::<AesGcm256, HkdfSha256, DhP256HkdfSha256, _>(
            &OpModeS::Base,
            &key,
            info,
            secret.expose(),
            aad,
            &mut random,
        )
        .expect("sealing to a good point does not fail");
        let mut sealed = [0; SEALED_BYTES];
        let (head, tail) = sealed.split_at_mut(PUBLIC_KEY_BYTES);
        head.copy_from_slice(&sender.to_bytes());
        tail.copy_from_slice(&ciphertext);
        Self(sealed)
    }

    /// Opens with the private half of `own`, which `agree` uses: it takes the sender's point and gives the shared secret.
    pub(crate) fn open<E>(
        &self,
        own: &PublicKey,
        info: &[u8],
        aad: &[u8],
        agree: impl FnOnce(&PublicKey) -> Result<SharedSecret, E>,
    ) -> Result<Secret, OpenError<E>> {
        let (head, ciphertext) = self.0.split_at(PUBLIC_KEY_BYTES);
        let sender = PublicKey::from_sec1("sealed", head).map_err(|_| Unopened)?;
        let shared = agree(&sender).map_err(OpenError::Key)?;
        let key = receive::schedule(&receive::decapsulate(&shared, &sender, own), info);
        let plain = receive::open(&key, aad, ciphertext).ok_or(Unopened)?;
        let bytes: [u8; 32] = plain.as_slice().try_into().map_err(|_| Unopened)?;
        Ok(Secret::new(bytes))
    }
}

/// The shared secret of a private scalar with a point (SEC 1 section 3.3.1): what key hardware gives.
pub(crate) fn agree(own: &p256::SecretKey, peer: &PublicKey) -> SharedSecret {
    let shared = p256::ecdh::diffie_hellman(own.to_nonzero_scalar(), peer.point().as_affine());
    Zeroizing::new((*shared.raw_secret_bytes()).into())
}

/// A private scalar that follows from `draw`'s first candidate in range: all but one in 2^32 are.
pub(crate) fn scalar(mut draw: impl FnMut(&mut [u8; 32])) -> p256::SecretKey {
    let mut candidate = Zeroizing::new([0; 32]);
    loop {
        draw(&mut candidate);
        if let Ok(secret) = p256::SecretKey::from_slice(&candidate[..]) {
            return secret;
        }
    }
}
