//! The messages of a phone's life: its name, its history, its move, and what it is woken by.

use serde::{Deserialize, Serialize};

use super::forms::{Bounded, Exact, PlainText};
use crate::block::{Block, Removal};
use crate::id::{ApprovalId, PhoneId};
use crate::identity::{Pins, Succession};
use crate::pairing::PHONE_NAME_CHARACTERS;
use crate::payload::{NAME_CHARACTERS, TITLE_CHARACTERS};
use crate::public_key::PublicKey;
use crate::signed::{Signed, SignedError};

/// Entries of a page of history.
pub const HISTORY_PAGE: usize = 50;

/// Gives the phone another name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rename {
    /// Plain text.
    pub name: PlainText<PHONE_NAME_CHARACTERS>,
}

/// How a phone that is not in the foreground is woken. What wakes it carries nothing but "look".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Wake {
    /// Apple's service.
    Apns {
        /// The device's token there.
        token: PlainText<200>,
    },
    /// Google's service.
    Fcm {
        /// The app's token there.
        token: PlainText<512>,
    },
    /// Not at all: the person opens the app.
    None,
    /// UnifiedPush or Web Push (RFC 8030, RFC 8291).
    WebPush {
        /// Where to push.
        endpoint: PlainText<1024>,
        /// The phone's key.
        public_key: PublicKey,
        /// Its authentication secret.
        secret: Exact<16>,
    },
}

/// By whom the service wakes phones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WakeOffered {
    /// By Apple's service.
    pub apns: bool,
    /// By Google's service.
    pub fcm: bool,
    /// By a UnifiedPush or Web Push server: the key that it shall know the service by (RFC 8292); none when not at all.
    pub web_push: Option<PublicKey>,
    /// Whether the service knows how to wake the phone that asks. It forgets an address that its push server calls gone, which may serve again
    /// later. An older service does not say.
    #[serde(default)]
    pub kept: Option<bool>,
}

/// What was asked and how it ended, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// At most fifty.
    pub entries: Bounded<HistoryEntry, HISTORY_PAGE>,
    /// The last entry, if older ones follow: the next page is asked for `after` it.
    pub next: Option<ApprovalId>,
}

/// One request of the past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// Which.
    pub id: ApprovalId,
    /// The word of its purpose. A newer service may have others.
    pub purpose: PlainText<32>,
    /// Which service asked.
    pub service: PlainText<NAME_CHARACTERS>,
    /// What it was about.
    pub title: PlainText<TITLE_CHARACTERS>,
    /// How it ended, in a word: `approved`, `rejected`, `not-me`, `lapsed`, `replaced`. A newer service may have others.
    pub outcome: PlainText<32>,
    /// When it ended, in Unix milliseconds.
    pub ended_ms: u64,
}

/// Phones of one person that a phone is told of, those that ended too.
pub const PHONES_TOLD: usize = 20;

/// All phones of the person, newest first. One that the phone does not know yet was paired since it last looked: the phone says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phones {
    /// At most twenty.
    pub phones: Bounded<PhoneEntry, PHONES_TOLD>,
}

/// One phone of the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneEntry {
    /// Which.
    pub id: PhoneId,
    /// What the person calls it.
    pub name: PlainText<PHONE_NAME_CHARACTERS>,
    /// How it stands, in a word: `active`, `blocked`, `cancelled`, `removed`. A newer service may have others.
    pub state: PlainText<32>,
    /// Where its keys rest, in a word ([`crate::Protection::word`]).
    pub protection: PlainText<32>,
    /// When it was paired, in Unix milliseconds.
    pub paired_ms: u64,
    /// From when it may sign, in Unix milliseconds.
    pub usable_ms: u64,
    /// When it ended, in Unix milliseconds.
    pub ended_ms: Option<u64>,
}

/// Blocks another phone of the same person, which is lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockPhone {
    /// Signed by the key of the phone that asks. The device token alone blocks nothing.
    pub block: Signed<Block>,
}

/// Removes the phone itself: its person uses it no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoveItself {
    /// Signed by the phone's key. The device token alone ends nothing.
    pub removal: Signed<Removal>,
}

/// Steps that the service tells of: a phone follows those after the key that it pinned.
pub const STEPS: usize = 16;

/// How the service's identity key came to be the one in use, oldest step first ([`crate::Pins::succeed`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identities {
    /// At most sixteen. A phone that has slept through more pairs anew.
    pub steps: Bounded<IdentityStep, STEPS>,
}

/// One identity key after the first, and what it said first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityStep {
    /// The key that took over.
    pub key: PublicKey,
    /// Signed by it: which one comes after it.
    pub named: Signed<Succession>,
}

impl Identities {
    /// The pins after every step that follows from them, and the key in use. `None` where no step follows: the key is the one already pinned, or
    /// the phone has slept too long, or somebody else answers; then a message by another key is no message of the service.
    ///
    /// # Errors
    /// [`SignedError`] when a step's key was the pinned successor and did not sign what it should have said.
    pub fn follow(&self, pins: &Pins) -> Result<Option<(Pins, PublicKey)>, SignedError> {
        let mut reached: Option<(Pins, PublicKey)> = None;
        for step in self.steps.items() {
            let now = reached.map_or(*pins, |(pins, _)| pins);
            if now.successor == Some(step.key.thumbprint()) {
                reached = Some((now.succeed(&step.key, &step.named)?, step.key));
            }
        }
        Ok(reached)
    }
}

/// The invitation for the new phone, which the old one shows as a QR after it approved the move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moving {
    /// [`crate::pairing::Invitation::text`].
    pub invitation: PlainText<512>,
}

/// What a phone is woken by. Nothing of the request itself is in it: the phone looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The phone is blocked or removed: it forgets the pairing.
    Blocked,
    /// A request ended elsewhere.
    Ended {
        /// Which.
        id: ApprovalId,
    },
    /// Something waits: look.
    Look,
    /// The phones of the person are others than before: one was paired, or has ended.
    Phones,
    /// A word of a newer service.
    #[serde(other)]
    Other,
}
