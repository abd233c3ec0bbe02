//! The nouns: what happened, where it is told, and one telling.

use std::collections::BTreeMap;

use time::Duration;

use crate::platform::{
    id::{CompanyId, WebhookDeliveryId, WebhookId},
    moment::Moment,
};

/// So many addresses are enough for a company.
pub const MOST_WEBHOOKS: usize = 10;
/// So much may wait at one address.
pub const MOST_WAITING: i64 = 5_000;
/// So much is sent by hand to an address, tests and what is told once more, ...
pub const BY_HAND: i64 = 20;
/// ... within so long.
pub const BY_HAND_WITHIN: Duration = Duration::MINUTE;
/// An address is no longer, characters.
pub const URL_CHARACTERS: usize = 500;
/// How long a former secret signs beside the new one.
pub const BOTH_SIGN: Duration = Duration::hours(24);
/// An address that took nothing for so long is told nothing more.
pub const FAILING: Duration = Duration::days(3);
/// What is told may take so long in all.
pub const WITHIN: Duration = Duration::hours(24);
/// The pauses after each failed try; after the last try there is none.
const PAUSES: [Duration; 7] = [
    Duration::seconds(5),
    Duration::minutes(5),
    Duration::minutes(30),
    Duration::hours(2),
    Duration::hours(4),
    Duration::hours(7),
    Duration::hours(10),
];
/// After a failure others are not tried at the address for so long at most.
const MOST_QUIET: i64 = 600;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)+) => {
        /// What a company can be told.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        pub enum EventKind { $($(#[$doc])* #[serde(rename = $word)] $name),+ }

        impl EventKind {
            /// Every kind, in the order of the form.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The word in rows, in posts and in the API.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }
        }
    };
}

kinds! {
    /// Somebody was invited.
    EmployeeInvited = "employee.invited";
    /// Somebody has user id, password and key card, and can sign.
    EmployeeActivated = "employee.activated";
    /// Names or address were changed.
    EmployeeChanged = "employee.changed";
    /// Somebody left.
    EmployeeLeft = "employee.left";
    /// A certificate was issued.
    CertificateIssued = "certificate.issued";
    /// A certificate was revoked.
    CertificateRevoked = "certificate.revoked";
    /// A key card was ordered for an employee.
    KeycardOrdered = "keycard.ordered";
}

impl EventKind {
    /// The kind of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }
}

/// What a test tells.
pub const TEST: &str = "webhook.test";

/// Something that happened, with the ids that say to whom.
#[derive(Clone, Debug)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    ids: BTreeMap<&'static str, String>,
}

impl Event {
    /// Something happened.
    pub const fn new(kind: EventKind) -> Self {
        Self { kind, ids: BTreeMap::new() }
    }

    /// Adds an id. Nothing that names a person, and no secret, goes here.
    #[must_use]
    pub fn with(mut self, name: &'static str, id: impl ToString) -> Self {
        self.ids.insert(name, id.to_string());
        self
    }

    /// The body of the post.
    pub(super) fn body(&self, company: CompanyId, at: Moment) -> Vec<u8> {
        written(self.kind.word(), company, at, &self.ids)
    }
}

/// `{"type": .., "timestamp": .., "data": {..}}`, as Standard Webhooks advises.
pub(super) fn written(kind: &str, company: CompanyId, at: Moment, ids: &BTreeMap<&'static str, String>) -> Vec<u8> {
    let mut data = serde_json::Map::new();
    data.insert("company".to_owned(), company.to_string().into());
    data.extend(ids.iter().map(|(name, id)| ((*name).to_owned(), id.as_str().into())));
    serde_json::json!({"type": kind, "timestamp": at.rfc3339(), "data": data}).to_string().into_bytes()
}

/// Whether an address is told anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WebhookState {
    /// It is.
    Active,
    /// No more, until an administrator says so.
    Disabled,
}

impl WebhookState {
    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Active, Self::Disabled].into_iter().find(|state| state.word() == word)
    }
}

/// Why an address is told nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It took nothing for days.
    Failing,
    /// It said that it is gone (410).
    Gone,
    /// A backup was restored: whether it was removed since is not known.
    Restored,
    /// Others administer the company now: whoever went knows the secret.
    Succeeded,
}

impl Why {
    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Failing => "failing",
            Self::Gone => "gone",
            Self::Restored => "restored",
            Self::Succeeded => "succeeded",
        }
    }

    /// The reason of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Failing, Self::Gone, Self::Restored, Self::Succeeded].into_iter().find(|why| why.word() == word)
    }
}

/// Where a company is told things, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Whose.
    pub company: CompanyId,
    /// The address.
    pub url: String,
    /// What is told there.
    pub kinds: Vec<EventKind>,
    /// Whether anything is told there.
    pub state: WebhookState,
    /// Why not.
    pub why: Option<Why>,
    /// Since when nothing was taken there.
    pub failing_since: Option<Moment>,
    /// So much was not kept, since too much waited.
    pub dropped: i64,
    /// Until when the former secret signs too.
    pub former_until: Option<Moment>,
    /// When it was made.
    pub created_at: Moment,
}

/// How a telling stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It was taken.
    Delivered,
    /// The address was disabled before.
    Dropped,
    /// It was tried as often as it is tried.
    Failed,
    /// It is tried, or tried again.
    Waiting,
}

impl DeliveryState {
    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Dropped => "dropped",
            Self::Failed => "failed",
            Self::Waiting => "waiting",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Delivered, Self::Dropped, Self::Failed, Self::Waiting].into_iter().find(|state| state.word() == word)
    }
}

/// Why a try failed. What the server says beside its status is not kept: it may be anybody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The name leads to an address that is not spoken to.
    Address,
    /// No connection, or its certificate is not good.
    Away,
    /// It was not tried: another try at this address had failed just before. Of an earlier release: now it waits.
    Quiet,
    /// It leads elsewhere (3xx), where nobody follows.
    Redirect,
    /// Another status than 2xx.
    Status,
    /// It took too long.
    TooLong,
}

impl Fault {
    const ALL: [Self; 6] = [Self::Address, Self::Away, Self::Quiet, Self::Redirect, Self::Status, Self::TooLong];

    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Away => "away",
            Self::Quiet => "quiet",
            Self::Redirect => "redirect",
            Self::Status => "status",
            Self::TooLong => "too_long",
        }
    }

    /// The fault of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.word() == word)
    }
}

/// One telling of one thing at one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its id; `webhook-id` is made of it.
    pub id: WebhookDeliveryId,
    /// What is told.
    pub kind: String,
    /// How it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: i64,
    /// What was answered last.
    pub status: Option<i64>,
    /// Why the last try failed.
    pub fault: Option<Fault>,
    /// When it happened.
    pub created_at: Moment,
    /// When it was tried last.
    pub tried_at: Option<Moment>,
    /// When it is tried again.
    pub next_at: Option<Moment>,
}

/// The pause after so many failed tries; none when there is no further try.
pub fn pause(attempts: i64) -> Option<Duration> {
    usize::try_from(attempts - 1).ok().and_then(|index| PAUSES.get(index).copied())
}

/// So long nothing else is tried at an address that failed so often in a row.
pub fn quiet(failures: i64) -> Duration {
    let exponent = u32::try_from(failures.clamp(1, 10) - 1).unwrap_or(0);
    Duration::seconds((5_i64 << exponent).min(MOST_QUIET))
}

/// Kinds as a row holds them: words with commas between.
pub fn words(kinds: &[EventKind]) -> String {
    kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>().join(",")
}

/// In the audit.
pub fn subject(webhook: WebhookId) -> String {
    format!("webhook:{webhook}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_tried_eight_times_within_a_day() {
        let pauses: Vec<Duration> = (1..).map_while(pause).collect();
        assert_eq!(pauses.len() + 1, 8);
        assert!(pauses.iter().sum::<Duration>() < WITHIN);
        assert!(pauses.iter().zip(1..).all(|(pause, failures)| *pause >= quiet(failures)));
        assert_eq!((quiet(1), quiet(50)), (Duration::seconds(5), Duration::minutes(10)));
    }

    #[test]
    fn a_post_names_ids_and_its_company() {
        let company = "018f5a3e-0000-7000-8000-000000000001".parse::<CompanyId>().unwrap_or_else(|_| unreachable!());
        let event = Event::new(EventKind::EmployeeLeft).with("employee", "018f5a3e-0000-7000-8000-000000000002");
        let body = String::from_utf8_lossy(&event.body(company, Moment::from_millis(0))).into_owned();
        let expected = "{\"data\":{\"company\":\"018f5a3e-0000-7000-8000-000000000001\",\"employee\":\"018f5a3e-0000-7000-8000-000000000002\"},\
                        \"timestamp\":\"1970-01-01T00:00:00Z\",\"type\":\"employee.left\"}";
        assert_eq!(body, expected);
    }
}
