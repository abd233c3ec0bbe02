//! What a person is asked to approve: everything that the phone shows, in canonical bytes, signed by the service's identity key.
//!
//! # Bytes, versions 1 and 2
//!
//! Fields in this order, each after its length as four bytes, big endian. Numbers are eight bytes, big endian; an absent field is empty.
//!
//! | field | content | bound |
//! |---|---|---|
//! | domain | `segl/payload/v1` | |
//! | version | one byte: 1, or 2 where there are further certificates | |
//! | purpose | its stable word ([`Purpose::word`]) | |
//! | id | UUID | 16 bytes |
//! | service, account, company | plain text, each | 120 characters |
//! | certificate | serial number, absent where no certificate is used | 1 to 20 bytes |
//! | title | plain text | 120 characters |
//! | lines | list of plain texts, may be empty | 40 of 200 characters |
//! | content, plan | SHA-256 each, absent where nothing is signed | 32 bytes |
//! | digests | list of pairs, label (plain text) and SHA-256 | 50, labels of 200 characters |
//! | network, place | plain text; the place may be absent | 64 and 120 characters |
//! | nonce | random | 16 bytes |
//! | issued, expires | Unix milliseconds; the second is later, by ten minutes at most | |
//! | release key's id and point | both or neither | 16 and 65 bytes |
//! | further certificates | version 2 only: list of serial numbers | 1 to 7 |
//!
//! Plain text is what [`crate::plain`] says. **The typed number is not in it**: only the page that started the request shows it.
//!
//! # Rules between fields
//!
//! A release key stands only where the secret is needed ([`Purpose::may_release`]), and then with a certificate. To sign a document,
//! content and plan, or a list of digests, must say which. Further certificates stand only where a new password is asked for, beside a
//! certificate and a release key, and none is named twice: with one yes every one of the person's keys comes under that password.
//!
//! A payload without further certificates is version 1, to the byte. An app that knows version 1 only refuses the other, and shows nothing.

mod judge;
mod purpose;
mod read;

pub use purpose::Purpose;

use sha2::{Digest, Sha256};

use crate::bytes::{Canonical, Writer};
use crate::fault::Fault;
use crate::id::{ApprovalId, ReleaseKeyId};
use crate::public_key::PublicKey;
use crate::signed::{Signed, SignedError};

const DOMAIN: &str = "segl/payload/v1";
/// One certificate at most.
const ONE: u8 = 1;
/// Further certificates beside it.
const SEVERAL: u8 = 2;

/// Characters of service, account, company and place.
pub const NAME_CHARACTERS: usize = 120;
/// Characters of the title.
pub const TITLE_CHARACTERS: usize = 120;
/// Lines that may be shown.
pub const LINES: usize = 40;
/// Characters of a line, and of the label of a digest.
pub const LINE_CHARACTERS: usize = 200;
/// Digests that one approval may cover.
pub const DIGESTS: usize = 50;
/// Characters of the initiator's network.
pub const NETWORK_CHARACTERS: usize = 64;
/// Bytes of a certificate's serial number (RFC 5280 section 4.1.2.2).
pub const SERIAL_BYTES: usize = 20;
/// Certificates that a request for a new password names besides the first.
pub const FURTHER: usize = 7;
/// How long a request waits for its answer.
pub const LIFETIME_MS: u64 = 120_000;
/// How long a person may let it wait, by a limit of his own.
pub const LONGEST_LIFETIME_MS: u64 = 600_000;
/// How often a person may ask for more time. Each time is a new payload with a new id, and the same number.
pub const EXTENSIONS: u8 = 10;
/// A request issued further in the future than this is refused.
pub const AHEAD_MS: u64 = 30_000;

/// What is to be approved, field by field, not judged yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// What happens on approval.
    pub purpose: Purpose,
    /// This request.
    pub id: ApprovalId,
    /// Which service asks, as the person knows it.
    pub service: String,
    /// The user id.
    pub account: String,
    /// The company in whose name.
    pub company: String,
    /// The serial number of the certificate whose key signs.
    pub certificate: Option<Vec<u8>>,
    /// What it is about, in one line.
    pub title: String,
    /// What else is shown.
    pub lines: Vec<String>,
    /// SHA-256 of the bytes that were uploaded.
    pub content: Option<[u8; 32]>,
    /// SHA-256 of fields, position and reason of the signature.
    pub plan: Option<[u8; 32]>,
    /// What is signed together, each shown with its label.
    pub digests: Vec<Listed>,
    /// The network that the request came from.
    pub network: String,
    /// Roughly where that is.
    pub place: Option<String>,
    /// Sixteen random bytes.
    pub nonce: [u8; 16],
    /// When it was made, in Unix milliseconds.
    pub issued_ms: u64,
    /// When it lapses, in Unix milliseconds.
    pub expires_ms: u64,
    /// What the phone seals the released secret to.
    pub release_key: Option<ReleaseTo>,
    /// The serial numbers of further certificates whose secrets are released with the first one's.
    pub further: Vec<Vec<u8>>,
}

/// One of several digests in an approval, with what the person reads for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Plain text.
    pub label: String,
    /// SHA-256.
    pub digest: [u8; 32],
}

/// The public part of a server process's release key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReleaseTo {
    /// Which of the keys.
    pub id: ReleaseKeyId,
    /// Its public part.
    pub key: PublicKey,
}

/// What is to be approved, known to keep every rule of this page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload(Parts);

impl Payload {
    /// Judges the parts.
    ///
    /// # Errors
    /// [`Fault`] for the first field that breaks a rule.
    pub fn new(parts: Parts) -> Result<Self, Fault> {
        judge::judge(&parts)?;
        Ok(Self(parts))
    }

    /// The fields.
    #[must_use]
    pub fn parts(&self) -> &Parts {
        &self.0
    }

    /// SHA-256 of the canonical bytes: what a decision binds to.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.encode()).into()
    }

    /// Whether it may be answered at `now_ms`, the service's time in Unix milliseconds.
    ///
    /// # Errors
    /// [`Untimely`].
    pub fn timely(&self, now_ms: u64) -> Result<(), Untimely> {
        if now_ms >= self.0.expires_ms {
            return Err(Untimely::Lapsed);
        }
        if self.0.issued_ms > now_ms.saturating_add(AHEAD_MS) {
            return Err(Untimely::Ahead);
        }
        Ok(())
    }
}

/// Why a request cannot be answered now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untimely {
    /// It was issued later than now.
    #[error("the request is from the future: the clock is wrong, or the request is")]
    Ahead,
    /// Its time is over.
    #[error("the request has lapsed")]
    Lapsed,
}

/// Why a phone does not show a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// It is not signed by the service, or breaks a rule.
    #[error(transparent)]
    Signed(#[from] SignedError),
    /// It cannot be answered now.
    #[error(transparent)]
    Untimely(#[from] Untimely),
}

impl Signed<Payload> {
    /// The payload, if the service with this identity key signed it and it may be answered at `now_ms`, the service's time as
    /// [`crate::ServiceClock`] knows it.
    ///
    /// # Errors
    /// [`PayloadError`].
    pub fn verify(&self, identity: &PublicKey, now_ms: u64) -> Result<Payload, PayloadError> {
        let payload = self.open(identity)?;
        payload.timely(now_ms)?;
        Ok(payload)
    }

    /// SHA-256 of the bytes as they came: what a decision binds to.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.bytes()).into()
    }
}

impl Canonical for Payload {
    const MAX_BYTES: usize = 96 * 1024;

    fn encode(&self) -> Vec<u8> {
        let parts = &self.0;
        let release = parts.release_key.as_ref();
        let version = if parts.further.is_empty() { ONE } else { SEVERAL };
        let head = Writer::new(DOMAIN).field(&[version]).field(parts.purpose.word().as_bytes()).field(parts.id.bytes());
        let names = head.field(parts.service.as_bytes()).field(parts.account.as_bytes()).field(parts.company.as_bytes());
        let text = names
            .optional(parts.certificate.as_deref())
            .field(parts.title.as_bytes())
            .list(|list| parts.lines.iter().fold(list, |list, line| list.field(line.as_bytes())));
        let signed = text
            .optional(parts.content.as_ref().map(<[u8; 32]>::as_slice))
            .optional(parts.plan.as_ref().map(<[u8; 32]>::as_slice))
            .list(|list| parts.digests.iter().fold(list, |list, listed| list.field(listed.label.as_bytes()).field(&listed.digest)));
        let asked = signed.field(parts.network.as_bytes()).optional(parts.place.as_deref().map(str::as_bytes)).field(&parts.nonce);
        let times = asked.number(parts.issued_ms).number(parts.expires_ms);
        let released = times.optional(release.map(|to| &to.id.0[..])).optional(release.map(|to| &to.key.sec1()[..]));
        match version {
            ONE => released.bytes(),
            _ => released.list(|list| parts.further.iter().fold(list, |list, serial| list.field(serial))).bytes(),
        }
    }

    fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        read::read(bytes).and_then(Self::new)
    }
}
