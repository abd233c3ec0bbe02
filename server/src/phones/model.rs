//! The nouns: a phone, and a pairing on its way.

use keycard::{PhoneKeys, Protection, PublicKey, pairing};
use time::Duration;
use zeroize::Zeroizing;

use crate::platform::{
    id::{AccountId, ChallengeId, Id as _, PhoneId, SessionId},
    moment::Moment,
    words::Language,
};

/// The most phones of one person.
pub const MOST_PHONES: usize = pairing::PHONES;
/// An invitation is good for so long.
pub(super) const INVITED_FOR: Duration = Duration::minutes(10);
/// A phone may ask for its token for so long after the invitation ended: the person may have confirmed in its last second.
pub(super) const COLLECTED_WITHIN: Duration = Duration::minutes(10);
/// So many wrong tries a network has within an hour.
pub(super) const WRONG_PER_HOUR: i64 = 30;

/// Where a phone stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PhoneState {
    /// It serves.
    Active,
    /// The person, the help desk or a restore ended it: it may be lost.
    Blocked,
    /// The person cancelled its pairing by the mailed link.
    Cancelled,
    /// The person does not use it any more.
    Removed,
}

impl PhoneState {
    const ALL: [Self; 4] = [Self::Active, Self::Blocked, Self::Cancelled, Self::Removed];

    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Blocked => "blocked",
            Self::Cancelled => "cancelled",
            Self::Removed => "removed",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// A paired phone.
#[derive(Clone, Debug)]
pub struct Phone {
    /// Its id.
    pub id: PhoneId,
    /// Whose.
    pub account: AccountId,
    /// What the person calls it.
    pub name: String,
    /// Where it stands.
    pub state: PhoneState,
    /// Its keys.
    pub keys: PhoneKeys,
    /// Where the keys rest, as far as somebody proved it.
    pub protection: Protection,
    /// Where they rest, as the phone says.
    pub claimed: Protection,
    /// When the person confirmed it.
    pub paired_at: Moment,
    /// From when it may sign; it may log in at once.
    pub signs_from: Moment,
    /// When it last asked for something.
    pub seen_at: Option<Moment>,
    /// The language of its screens, as it said last; before it has asked for anything that of the page which confirmed it.
    pub language: Language,
    /// When it ended.
    pub ended_at: Option<Moment>,
    /// Whether something attests its key, as the record says.
    pub attested: bool,
    /// The signed pairing record: its canonical bytes.
    pub record: Vec<u8>,
    /// The identity key's signature over them, DER.
    pub record_signature: Vec<u8>,
    /// SHA-256 of its token.
    pub(super) token_hash: Option<Vec<u8>>,
}

impl Phone {
    /// Its id in the protocol.
    pub fn wire_id(&self) -> keycard::PhoneId {
        wire_id(self.id)
    }

    /// Whether this is the token that it was given.
    pub(super) fn is_named_by(&self, bearer: &keycard::wire::Bearer) -> bool {
        let kept = self.token_hash.as_deref().and_then(|hash| <&[u8; 32]>::try_from(hash).ok());
        kept.is_some_and(|kept| bearer.is(kept))
    }

    /// Whether it serves.
    pub fn is_active(&self) -> bool {
        self.state == PhoneState::Active
    }

    /// Whether it was blocked, as lost or stolen phones are.
    pub fn is_blocked(&self) -> bool {
        self.state == PhoneState::Blocked
    }

    /// Whether it may sign documents already.
    pub fn signs(&self, now: Moment) -> bool {
        self.is_active() && self.signs_from <= now
    }
}

/// An id in the protocol.
pub(super) fn wire_id(id: PhoneId) -> keycard::PhoneId {
    keycard::PhoneId(id.uuid().into_bytes())
}

/// How the phone got the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// By the QR.
    Scanned,
    /// By the code.
    Typed,
}

impl Way {
    /// The word in rows.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Scanned => "scanned",
            Self::Typed => "typed",
        }
    }

    pub(super) fn of(word: &str) -> Option<Self> {
        [Self::Scanned, Self::Typed].into_iter().find(|way| way.word() == word)
    }
}

/// Where a pairing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PairingState {
    /// A phone has claimed it and proven both keys: both screens show digits.
    Agreed,
    /// A phone has claimed it.
    Claimed,
    /// The person confirmed it.
    Confirmed,
    /// It waits for a phone.
    Open,
    /// The person said no, or began another.
    Refused,
}

impl PairingState {
    const ALL: [Self; 5] = [Self::Agreed, Self::Claimed, Self::Confirmed, Self::Open, Self::Refused];

    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Agreed => "agreed",
            Self::Claimed => "claimed",
            Self::Confirmed => "confirmed",
            Self::Open => "open",
            Self::Refused => "refused",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// A pairing on its way.
#[derive(Clone, Debug)]
pub struct Pairing {
    /// What the phone will be called.
    pub phone: PhoneId,
    /// Whose.
    pub account: AccountId,
    /// The session that began it.
    pub session: SessionId,
    /// Where it stands.
    pub state: PairingState,
    /// Until when.
    pub expires_at: Moment,
    /// The question that the person must answer to confirm.
    pub challenge: Option<ChallengeId>,
    /// Which phone it takes the place of: that one approves it, and ends.
    pub replaces: Option<PhoneId>,
    pub(super) attestation_chain: Option<Vec<u8>>,
    pub(super) sealed: Vec<u8>,
    pub(super) company: String,
    pub(super) person: String,
    pub(super) user_id: String,
    pub(super) way: Option<Way>,
    pub(super) claim: Option<Vec<u8>>,
    pub(super) claim_hash: Option<Vec<u8>>,
    pub(super) protection: Option<Protection>,
    pub(super) nonce: Option<Vec<u8>>,
    pub(super) registered: Option<(Vec<u8>, Vec<u8>)>,
    /// The openers that were sealed to it while the password was at hand.
    pub(super) openers: Option<Vec<u8>>,
}

/// What of a pairing only the keystore opens: token, code, share.
pub(super) struct Kept(Zeroizing<Vec<u8>>);

const TOKEN: usize = pairing::TOKEN_BYTES;
const CODE: usize = pairing::CODE_BYTES;
const SHARE: usize = 32;

impl Kept {
    /// Joins what was drawn.
    pub(super) fn new(token: &[u8; TOKEN], code: &[u8; CODE], share: &[u8; SHARE]) -> Self {
        Self(Zeroizing::new([&token[..], &code[..], &share[..]].concat()))
    }

    /// Takes what the keystore opened; none when it has another length.
    pub(super) fn of(opened: Zeroizing<Vec<u8>>) -> Option<Self> {
        (opened.len() == TOKEN + CODE + SHARE).then_some(Self(opened))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn part<const N: usize>(&self, from: usize) -> [u8; N] {
        let mut part = [0; N];
        part.copy_from_slice(&self.0[from..from + N]);
        part
    }

    pub(super) fn token(&self) -> pairing::Token {
        pairing::Token::new(self.part(0))
    }

    pub(super) fn code(&self) -> pairing::Code {
        pairing::Code::new(self.part(TOKEN))
    }

    pub(super) fn share(&self) -> keycard::Secret {
        keycard::Secret::new(self.part(TOKEN + CODE))
    }

    /// What follows from the token that the phone got.
    pub(super) fn keys(&self, way: Way) -> pairing::TokenKeys {
        match way {
            Way::Scanned => self.token().keys(),
            Way::Typed => self.code().token().keys(),
        }
    }
}

/// What a pairing's secrets are bound to.
pub(super) fn pairing_context(phone: PhoneId) -> Vec<u8> {
    format!("phones/pairing/v1|{phone}").into_bytes()
}

/// What a phone's share is bound to.
pub(super) fn share_context(phone: PhoneId) -> Vec<u8> {
    format!("phones/share/v1|{phone}").into_bytes()
}

/// What a phone's offline secret is bound to.
pub(super) fn offline_context(phone: PhoneId) -> Vec<u8> {
    format!("phones/offline/v1|{phone}").into_bytes()
}

/// What is hashed of a PIN key.
pub(super) fn pin_key_text(phone: PhoneId, key: &PublicKey) -> Vec<u8> {
    [phone.uuid().as_bytes().as_slice(), key.sec1()].concat()
}

/// The audit's subject.
pub(super) fn subject(phone: PhoneId) -> String {
    format!("phone:{phone}")
}
