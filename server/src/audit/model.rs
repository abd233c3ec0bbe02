//! The nouns: an event to be told, the canonical body of an entry, the commitment to a personal value.

use std::{collections::BTreeMap, fmt::Display};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::platform::{
    actor::Author,
    id::{AccountId, AuditEntryId, CompanyId},
    moment::Moment,
    random::{self, Random},
};

/// The version of the body's form.
const VERSION: u8 = 1;

/// What begins so concerns nobody but whoever did it, unless a fact names somebody else.
const OWN: [&str; 11] = [
    "api_token.",
    "approval.",
    "device.",
    "document.",
    "keycard.replaced",
    "login.",
    "mandate.",
    "session.",
    "signature.",
    "succession.",
    "telephone.changed",
];

/// What happened, before it is recorded.
#[derive(Clone)]
pub struct Event {
    action: &'static str,
    author: Author,
    subject: String,
    company: Option<CompanyId>,
    facts: BTreeMap<&'static str, String>,
    personal: BTreeMap<&'static str, String>,
}

impl Event {
    /// Something happened to a subject. `action` is in the past tense (`certificate.revoked`), `subject` is `noun:id`.
    pub fn new(action: &'static str, author: Author, subject: impl Display) -> Self {
        Self { action, author, subject: subject.to_string(), company: None, facts: BTreeMap::new(), personal: BTreeMap::new() }
    }

    /// The company that it concerns, if any.
    #[must_use]
    pub fn company(mut self, company: impl Into<Option<CompanyId>>) -> Self {
        self.company = company.into();
        self
    }

    /// A value that says nothing about a person. It stays for ever.
    #[must_use]
    pub fn fact(mut self, name: &'static str, value: impl Display) -> Self {
        self.facts.insert(name, value.to_string());
        self
    }

    /// A value about a person. It can be erased without breaking the chain.
    #[must_use]
    pub fn personal(mut self, name: &'static str, value: impl Display) -> Self {
        self.personal.insert(name, value.to_string());
        self
    }

    /// The body and the personal values with their salts.
    pub(super) fn into_entry(self, id: AuditEntryId, at: Moment, random: &dyn Random) -> (Body, Vec<Personal>) {
        let personal: Vec<_> = self
            .personal
            .into_iter()
            .map(|(name, value)| Personal { name: name.to_owned(), salt: random::open_bytes::<32>(random).to_vec(), value })
            .collect();
        let body = Body {
            action: self.action.to_owned(),
            at: at.millis(),
            author: self.author.to_string(),
            commitments: personal.iter().map(|value| (value.name.clone(), value.commitment())).collect(),
            company: self.company,
            facts: self.facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            id,
            subject: self.subject,
            version: VERSION,
        };
        (body, personal)
    }
}

/// What is hashed of an entry: JSON without spaces, members in the order of this struct (which is the alphabet's), maps sorted by
/// key, strings escaped as little as JSON allows, `at` in milliseconds since 1970. A reader that writes a body again gets the same
/// bytes; [`Body::parse`] refuses any other spelling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// What happened, in the past tense.
    pub action: String,
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub at: i64,
    /// Who did it, as `account:<id>`.
    pub author: String,
    /// By name, the base64url SHA-256 commitment to each personal value.
    pub commitments: BTreeMap<String, String>,
    /// The company that it concerns.
    pub company: Option<CompanyId>,
    /// Values that are not personal.
    pub facts: BTreeMap<String, String>,
    /// The entry's id.
    pub id: AuditEntryId,
    /// To whom or what, as `certificate:<id>`.
    pub subject: String,
    /// The form's version.
    pub version: u8,
}

impl Body {
    /// The canonical bytes.
    pub(super) fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Whose entry it is: the account that a fact names, the account that is its subject, or whoever did what only concerns themselves.
    pub(super) fn about(&self) -> Option<AccountId> {
        let account = |text: &str| text.strip_prefix("account:")?.parse().ok();
        let named = self.facts.get("account").and_then(|id| id.parse().ok()).or_else(|| account(&self.subject));
        let own = || OWN.iter().any(|noun| self.action.starts_with(noun)).then(|| account(&self.author)).flatten();
        named.or_else(own)
    }

    /// Reads canonical bytes; none for any other spelling.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let body: Self = serde_json::from_slice(bytes).ok()?;
        (body.bytes() == bytes).then_some(body)
    }
}

/// A personal value with the salt of its commitment.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Personal {
    pub name: String,
    pub salt: Vec<u8>,
    pub value: String,
}

impl Personal {
    /// base64url of SHA-256("segl/audit/commitment/v1" | salt | length of the name, 8 octets | name | value).
    pub fn commitment(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"segl/audit/commitment/v1");
        hash.update(&self.salt);
        hash.update((self.name.len() as u64).to_be_bytes());
        hash.update(self.name.as_bytes());
        hash.update(self.value.as_bytes());
        URL_SAFE_NO_PAD.encode(hash.finalize())
    }
}

/// An entry as auditors read it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Entry {
    /// Its id.
    pub id: AuditEntryId,
    /// Its number in the chain; null until the sequencer has been there.
    pub sequence: Option<i64>,
    /// When.
    pub at: Moment,
    /// What happened.
    pub action: String,
    /// Who did it.
    pub author: String,
    /// To whom or what.
    pub subject: String,
    /// The company that it concerns.
    pub company: Option<CompanyId>,
    /// Values that are not personal.
    pub facts: BTreeMap<String, String>,
    /// Personal values; null where the value was erased.
    pub personal: BTreeMap<String, Option<String>>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::platform::{id::Id as _, testing::SeededRandom};

    fn body() -> (Body, Vec<Personal>) {
        let random = SeededRandom::new(1);
        let at = Moment::from_millis(1_795_348_800_123);
        Event::new("company.registered", Author::System("test"), "company:1")
            .fact("kind", "association")
            .personal("name", "Åse \"Ås\" Ærø")
            .into_entry(AuditEntryId::fresh(at, &random), at, &random)
    }

    #[test]
    fn the_body_is_canonical_and_holds_no_personal_value() {
        let (body, personal) = body();
        let bytes = body.bytes();
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(text.starts_with(
            "{\"action\":\"company.registered\",\"at\":1795348800123,\"author\":\"system:test\",\"commitments\":{\"name\":\""
        ));
        assert!(!text.contains("Åse"));
        assert_eq!(Body::parse(&bytes), Some(body.clone()));
        assert_eq!(body.commitments["name"], personal[0].commitment());
    }

    #[test]
    fn an_entry_is_about_whom_it_names_and_else_about_its_author_where_it_is_theirs_alone() {
        let random = SeededRandom::new(1);
        let at = Moment::from_millis(1_795_348_800_123);
        let ids: [AccountId; 2] = [AccountId::fresh(at, &random), AccountId::fresh(at, &random)];
        let about = |event: Event| event.into_entry(AuditEntryId::fresh(at, &random), at, &random).0.about();
        let by = Author::Account(ids[0]);
        assert_eq!(about(Event::new("keycard.issued", by, "keycard:1").fact("account", ids[1])), Some(ids[1]));
        assert_eq!(about(Event::new("account.suspended", by, format!("account:{}", ids[1]))), Some(ids[1]));
        assert_eq!(about(Event::new("login.succeeded", by, "session:1")), Some(ids[0]));
        assert_eq!(about(Event::new("employee.invited", by, "employee:1")), None);
        assert_eq!(about(Event::new("document.signed", Author::System("test"), "document:1")), None);
    }

    #[test]
    fn another_spelling_of_the_same_body_is_refused() {
        let (body, _) = body();
        let spaced = String::from_utf8(body.bytes()).unwrap().replacen(':', ": ", 1);
        assert_eq!(Body::parse(spaced.as_bytes()), None);
    }

    #[test]
    fn a_commitment_opens_only_to_its_own_name_and_value() {
        let (_, personal) = body();
        let moved = Personal { name: "email".to_owned(), ..personal[0].clone() };
        let changed = Personal { value: "Åse".to_owned(), ..personal[0].clone() };
        assert_ne!(moved.commitment(), personal[0].commitment());
        assert_ne!(changed.commitment(), personal[0].commitment());
    }
}
