//! The messages of a phone's life: its name, its history, its move, and what it is woken by.

use serde::{Deserialize, Serialize};

use super::forms::{Bounded, Exact, PlainText};
use crate::id::ApprovalId;
use crate::pairing::PHONE_NAME_CHARACTERS;
use crate::payload::{NAME_CHARACTERS, TITLE_CHARACTERS};
use crate::public_key::PublicKey;

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
    /// A word of a newer service.
    #[serde(other)]
    Other,
}
