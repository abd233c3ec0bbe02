//! Who an archived key is sealed to: HPKE key pairs of persons and companies.

use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::DhP256HkdfSha256;
use hpke::{Deserializable as _, Kem as _, OpModeR, OpModeS, Serializable as _};
use zeroize::Zeroizing;

use super::random::System;
use super::{ArchiveError, DecryptionKey, Share};
use crate::keystore::Secret32;
use crate::keystore::opener::OpenerKey;
use crate::keystore::sealed::fill_random;

type Kem = DhP256HkdfSha256;
type Private = <Kem as hpke::Kem>::PrivateKey;
type Public = <Kem as hpke::Kem>::PublicKey;
type Encapsulated = <Kem as hpke::Kem>::EncappedKey;

const KEY: &[u8] = b"segl/archive/v1/key";
const SHARE: &[u8] = b"segl/archive/v1/share";
/// An uncompressed point of P-256 (SEC 1 section 2.3.3).
const POINT: usize = 65;

/// The public half of a holder's key pair: what is sealed to it, its holder alone opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HolderPublic([u8; POINT]);

impl HolderPublic {
    /// Reads the 65 octets of a row.
    ///
    /// # Errors
    /// [`ArchiveError::PublicHolder`].
    pub fn from_octets(octets: &[u8]) -> Result<Self, ArchiveError> {
        let public = Public::from_bytes(octets).map_err(|_| ArchiveError::PublicHolder)?;
        Self::of(&public)
    }

    /// The 65 octets.
    #[must_use]
    pub fn as_octets(&self) -> &[u8] {
        &self.0
    }

    /// Seals a decryption key; `context` must be named again to open it.
    ///
    /// # Errors
    /// [`ArchiveError::Cryptography`] when the key cannot be written.
    pub fn seal_key(&self, key: &DecryptionKey, context: &[u8]) -> Result<Vec<u8>, ArchiveError> {
        self.seal(&key.to_pkcs8()?, KEY, context)
    }

    /// Seals a share of a company's key.
    ///
    /// # Errors
    /// Never in practice.
    pub fn seal_share(&self, share: &Share, context: &[u8]) -> Result<Vec<u8>, ArchiveError> {
        self.seal(share.octets(), SHARE, context)
    }

    /// `encapsulated key 65 | ciphertext and tag`.
    fn seal(&self, plain: &[u8], info: &[u8], context: &[u8]) -> Result<Vec<u8>, ArchiveError> {
        let public = Public::from_bytes(&self.0).map_err(|_| ArchiveError::PublicHolder)?;
        let (encapsulated, ciphertext) =
            hpke::single_shot_seal::<AesGcm256, HkdfSha256, Kem, _>(&OpModeS::Base, &public, info, plain, context, &mut System)
                .map_err(|_| ArchiveError::PublicHolder)?;
        Ok([encapsulated.to_bytes().as_slice(), &ciphertext].concat())
    }

    fn of(public: &Public) -> Result<Self, ArchiveError> {
        public.to_bytes().as_slice().try_into().map(Self).map_err(|_| ArchiveError::PublicHolder)
    }
}

/// A holder's key pair, open. No `Debug`, no `Clone`; wiped when dropped.
pub struct HolderKey {
    private: Secret32,
    public: HolderPublic,
}

impl HolderKey {
    /// Makes one (RFC 9180 section 7.1.3: from 32 random octets).
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn generate() -> Result<Self, ArchiveError> {
        let mut material = Zeroizing::new([0u8; 32]);
        fill_random(material.as_mut_slice())?;
        let (private, _) = Kem::derive_keypair(material.as_slice());
        Self::from_octets(private.to_bytes().as_slice())
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &HolderPublic {
        &self.public
    }

    /// The private half under a password, for rest.
    ///
    /// # Errors
    /// [`ArchiveError::Opener`] when the system gives no randomness.
    pub fn seal_under(&self, opener: &OpenerKey, context: &[u8]) -> Result<Vec<u8>, ArchiveError> {
        Ok(opener.seal(&self.private, context)?)
    }

    /// The pair of a private half that rests under a password.
    ///
    /// # Errors
    /// [`ArchiveError::Opener`] for a wrong password.
    pub fn open_under(opener: &OpenerKey, sealed: &[u8], context: &[u8]) -> Result<Self, ArchiveError> {
        Self::from_octets(opener.open(sealed, context)?.expose())
    }

    /// Opens a decryption key that was sealed to this holder under the same context.
    ///
    /// # Errors
    /// [`ArchiveError::DoesNotOpen`].
    pub fn open_key(&self, sealed: &[u8], context: &[u8]) -> Result<DecryptionKey, ArchiveError> {
        DecryptionKey::from_pkcs8(&self.open(sealed, KEY, context)?)
    }

    /// Opens a share that was sealed to this holder under the same context.
    ///
    /// # Errors
    /// [`ArchiveError::DoesNotOpen`].
    pub fn open_share(&self, sealed: &[u8], context: &[u8]) -> Result<Share, ArchiveError> {
        Share::from_octets(self.open(sealed, SHARE, context)?)
    }

    fn open(&self, sealed: &[u8], info: &[u8], context: &[u8]) -> Result<Zeroizing<Vec<u8>>, ArchiveError> {
        let (encapsulated, ciphertext) = sealed.split_at_checked(POINT).ok_or(ArchiveError::DoesNotOpen)?;
        let encapsulated = Encapsulated::from_bytes(encapsulated).map_err(|_| ArchiveError::DoesNotOpen)?;
        let private = Private::from_bytes(self.private.expose()).map_err(|_| ArchiveError::DoesNotOpen)?;
        hpke::single_shot_open::<AesGcm256, HkdfSha256, Kem>(&OpModeR::Base, &private, &encapsulated, info, ciphertext, context)
            .map(Zeroizing::new)
            .map_err(|_| ArchiveError::DoesNotOpen)
    }

    pub(super) fn octets(&self) -> &[u8; 32] {
        self.private.expose()
    }

    pub(super) fn from_octets(octets: &[u8]) -> Result<Self, ArchiveError> {
        let private = Private::from_bytes(octets).map_err(|_| ArchiveError::DoesNotOpen)?;
        let public = HolderPublic::of(&Kem::sk_to_pk(&private))?;
        let octets = <[u8; 32]>::try_from(octets).map_err(|_| ArchiveError::DoesNotOpen)?;
        Ok(Self { private: Secret32::new(octets), public })
    }
}
