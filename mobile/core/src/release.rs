//! A release: the secret of a signing key, on its way from the phone to the one server process that asked, for one approval.
//!
//! `info` = domain `segl/release/v1`, approval (as fields); `aad` = H(payload). Where the payload names further certificates, the release of each
//! of those has `info` = domain `segl/release/v2`, approval, serial number: none can stand in another's place. The release key rests in the memory of one process, is
//! renewed hourly, and its public part stands in the payload, so the service's identity key vouches for it. What the database tells other
//! nodes about it is signed too ([`ReleaseKeyNotice`]): who can write rows cannot have secrets sealed to himself.

use rand_core::CryptoRngCore;
use sha2::{Digest, Sha256};

use crate::bytes::{Canonical, Reader, Writer};
use crate::fault::Fault;
use crate::id::{ApprovalId, ReleaseKeyId};
use crate::payload::{Payload, ReleaseTo};
use crate::public_key::{PUBLIC_KEY_BYTES, PublicKey};
use crate::sealed::{self, OpenError, Sealed, Unopened};
use crate::secret_bytes::Secret;

const DOMAIN: &str = "segl/release/v1";
const FURTHER_DOMAIN: &str = "segl/release/v2";
const SEVERAL_DOMAIN: &str = "segl/releases/v1";
const NOTICE_DOMAIN: &str = "segl/release-key/v1";

/// The released secret, sealed for one approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release(Sealed);

impl Release {
    /// Seals `secret` for `payload` to the release key in it. `None` when the payload asks for no release: the secret stays.
    pub fn seal(payload: &Payload, secret: &Secret, random: &mut dyn CryptoRngCore) -> Option<Self> {
        let to = payload.parts().release_key?;
        Some(Self(Sealed::seal(&to.key, &info(payload.parts().id), &payload.hash(), secret, random)))
    }

    /// Seals the secret of one of the further certificates of `payload`. `None` for a certificate that it does not name there.
    pub fn seal_further(payload: &Payload, serial: &[u8], secret: &Secret, random: &mut dyn CryptoRngCore) -> Option<Self> {
        let to = payload.parts().release_key?;
        let info = further_info(payload, serial)?;
        Some(Self(Sealed::seal(&to.key, &info, &payload.hash(), secret, random)))
    }

    /// What the decision binds to: [`Self::hash`] of the first release where there is no other; otherwise SHA-256 over domain
    /// `segl/releases/v1`, the first, and the list of the others in the order of the payload.
    #[must_use]
    pub fn hash_of(first: &Self, further: &[Self]) -> [u8; 32] {
        if further.is_empty() {
            return first.hash();
        }
        let all = Writer::new(SEVERAL_DOMAIN).field(first.bytes());
        Sha256::digest(all.list(|list| further.iter().fold(list, |list, release| list.field(release.bytes()))).bytes()).into()
    }

    /// SHA-256 of the bytes: what the decision binds to.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.bytes()).into()
    }

    /// Reads a release.
    ///
    /// # Errors
    /// [`Fault`] when it is no sealed secret.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Fault> {
        Sealed::from_bytes("release", bytes).map(Self)
    }

    /// The bytes, for sending.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.bytes()
    }
}

/// The release key of one server process. It is wiped when dropped, and nothing stores it.
pub struct ReleaseKey {
    id: ReleaseKeyId,
    secret: p256::SecretKey,
}

impl ReleaseKey {
    /// Draws a key.
    pub fn draw(id: ReleaseKeyId, random: &mut dyn CryptoRngCore) -> Self {
        Self { id, secret: sealed::scalar(|candidate| random.fill_bytes(candidate)) }
    }

    /// What stands in payloads.
    #[must_use]
    pub fn public(&self) -> ReleaseTo {
        ReleaseTo { id: self.id, key: PublicKey::of(&self.secret.public_key()) }
    }

    /// The secret, if `release` was sealed to this key for exactly this payload.
    ///
    /// # Errors
    /// [`Unopened`].
    pub fn open(&self, release: &Release, payload: &Payload) -> Result<Secret, Unopened> {
        self.open_for(release, payload, &info(payload.parts().id))
    }

    /// The secret of one of the further certificates of `payload`, if `release` was sealed to this key for exactly it and this payload.
    ///
    /// # Errors
    /// [`Unopened`].
    pub fn open_further(&self, release: &Release, payload: &Payload, serial: &[u8]) -> Result<Secret, Unopened> {
        self.open_for(release, payload, &further_info(payload, serial).ok_or(Unopened)?)
    }

    fn open_for(&self, release: &Release, payload: &Payload, info: &[u8]) -> Result<Secret, Unopened> {
        let own = self.public();
        if payload.parts().release_key != Some(own) {
            return Err(Unopened);
        }
        let agree = |peer: &PublicKey| Ok::<_, Unopened>(sealed::agree(&self.secret, peer));
        let opened = release.0.open(&own.key, info, &payload.hash(), agree);
        opened.map_err(|error| match error {
            OpenError::Key(unopened) | OpenError::Unopened(unopened) => unopened,
        })
    }
}

fn further_info(payload: &Payload, serial: &[u8]) -> Option<Vec<u8>> {
    let named = payload.parts().further.iter().any(|one| one == serial);
    named.then(|| Writer::new(FURTHER_DOMAIN).field(payload.parts().id.bytes()).field(serial).bytes())
}

fn info(id: ApprovalId) -> Vec<u8> {
    Writer::new(DOMAIN).field(id.bytes()).bytes()
}

/// What one node tells the others about its release key, signed by the service's identity key.
///
/// Bytes: domain `segl/release-key/v1`, node (16), id (16), public key (65), until (Unix milliseconds).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReleaseKeyNotice {
    /// The node that holds the private half.
    pub node: [u8; 16],
    /// The key.
    pub to: ReleaseTo,
    /// No payload names the key after this, in Unix milliseconds.
    pub until_ms: u64,
}

impl Canonical for ReleaseKeyNotice {
    const MAX_BYTES: usize = 256;

    fn encode(&self) -> Vec<u8> {
        let key = Writer::new(NOTICE_DOMAIN).field(&self.node).field(&self.to.id.0).field(self.to.key.sec1());
        key.number(self.until_ms).bytes()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(NOTICE_DOMAIN, bytes, Self::MAX_BYTES)?;
        let node = reader.array("node")?;
        let id = ReleaseKeyId(reader.array("id")?);
        let key = PublicKey::from_sec1("public key", &reader.array::<PUBLIC_KEY_BYTES>("public key")?)?;
        let until_ms = reader.number("until")?;
        reader.end()?;
        Ok(Self { node, to: ReleaseTo { id, key }, until_ms })
    }
}
