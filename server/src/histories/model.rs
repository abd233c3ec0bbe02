//! The nouns: a line of a person's history, its kind, who did it.

use std::collections::BTreeMap;

use crate::platform::{id::AuditEntryId, moment::Moment, words::Words};

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = HistoryKind)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The account itself: password, user id, name, post.
    Account,
    /// What phones were asked, and answered.
    Approvals,
    /// Cards, phones, code tokens.
    Factors,
    /// Log-ins, refused ones too, and devices.
    Logins,
    /// Documents signed and sealed.
    Signatures,
}

impl Kind {
    /// All of them, as the page offers them.
    pub const ALL: [Self; 5] = [Self::Logins, Self::Approvals, Self::Signatures, Self::Factors, Self::Account];

    /// The word in addresses and keys of words.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Approvals => "approvals",
            Self::Factors => "factors",
            Self::Logins => "logins",
            Self::Signatures => "signatures",
        }
    }

    /// The kind of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The kind of an action of the audit; none for what people are not shown.
    pub fn of_action(action: &str) -> Option<Self> {
        SHOWN.iter().find(|(shown, _)| *shown == action).map(|(_, kind)| *kind)
    }
}

/// What people are shown.
const SHOWN: &[(&str, Kind)] = &[
    ("login.succeeded", Kind::Logins),
    ("login.refused", Kind::Logins),
    ("password.refused", Kind::Logins),
    ("session.proven", Kind::Logins),
    ("session.ended", Kind::Logins),
    ("device.known", Kind::Logins),
    ("device.forgotten", Kind::Logins),
    ("devices.forgotten", Kind::Logins),
    ("account.logins_blocked", Kind::Logins),
    ("approval.asked", Kind::Approvals),
    ("approval.approved", Kind::Approvals),
    ("approval.rejected", Kind::Approvals),
    ("approval.not_me", Kind::Approvals),
    ("approval.number_refused", Kind::Approvals),
    ("account.signing_stopped", Kind::Approvals),
    ("account.signing_resumed", Kind::Approvals),
    ("document.signed", Kind::Signatures),
    ("document.sealed", Kind::Signatures),
    ("keycard.issued", Kind::Factors),
    ("keycard.blocked", Kind::Factors),
    ("keycard.replaced", Kind::Factors),
    ("keycard.key_refused", Kind::Factors),
    ("phone.invited", Kind::Factors),
    ("phone.paired", Kind::Factors),
    ("phone.blocked", Kind::Factors),
    ("phone.cancelled", Kind::Factors),
    ("phone.removed", Kind::Factors),
    ("phone.replaced", Kind::Factors),
    ("code_token.assigned", Kind::Factors),
    ("code_token.taken_back", Kind::Factors),
    ("code_token.replaced", Kind::Factors),
    ("code_token.blocked", Kind::Factors),
    ("code_token.quarantined", Kind::Factors),
    ("account.password_set", Kind::Account),
    ("account.password_changed", Kind::Account),
    ("account.password_replaced", Kind::Account),
    ("account.user_id_changed", Kind::Account),
    ("account.renamed", Kind::Account),
    ("account.rests", Kind::Account),
    ("account.password_ended", Kind::Account),
    ("telephone.changed", Kind::Account),
    ("reissue.asked", Kind::Account),
    ("reissue.approved", Kind::Account),
    ("reissue.given", Kind::Account),
    ("reissue.hastened", Kind::Account),
    ("reissue.cancelled", Kind::Account),
    ("reissue.ended", Kind::Account),
    ("account.link_begun", Kind::Account),
    ("account.linked", Kind::Account),
    ("account.unlinked", Kind::Account),
    ("cpr.noted", Kind::Account),
    ("cpr.forgotten", Kind::Account),
    ("cpr.asked", Kind::Account),
    ("api_token.created", Kind::Account),
    ("api_token.ended", Kind::Account),
    ("employee.invited", Kind::Account),
    ("employee.activated", Kind::Account),
    ("employee.changed", Kind::Account),
    ("employee.renewed", Kind::Account),
    ("employee.card_ordered", Kind::Account),
    ("employee.rests", Kind::Account),
    ("employee.rest_ended", Kind::Account),
    ("employee.suspended", Kind::Account),
    ("employee.reinstated", Kind::Account),
    ("administrator.appointed", Kind::Account),
    ("administrator.ended", Kind::Account),
    ("mandate.asked", Kind::Account),
    ("mandate.approved", Kind::Account),
    ("mandate.refused", Kind::Account),
    ("mandate.withdrawn", Kind::Account),
    ("succession.asked", Kind::Account),
    ("succession.minutes_kept", Kind::Account),
    ("succession.signed", Kind::Account),
    ("succession.approved", Kind::Account),
    ("succession.opened", Kind::Account),
    ("succession.waits", Kind::Account),
    ("succession.link_renewed", Kind::Account),
    ("succession.refused", Kind::Account),
    ("succession.withdrawn", Kind::Account),
];

/// Facts of an entry that say nothing about anybody else.
pub(super) const FACTS: [&str; 5] = ["by", "carrier", "edition", "purpose", "until"];

/// Who did it, as a role: no name of another person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = HistoryBy)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// An administrator of the company.
    Administrator,
    /// A program of the company, by one of its API keys.
    ApiKey,
    /// Somebody who runs the service.
    Operator,
    /// The person, by session or by an API key of their own.
    Oneself,
    /// The service by itself.
    Service,
    /// Somebody who had not shown who they are.
    Somebody,
}

impl By {
    /// The word in keys of words.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::ApiKey => "api_key",
            Self::Operator => "operator",
            Self::Oneself => "oneself",
            Self::Service => "service",
            Self::Somebody => "somebody",
        }
    }
}

/// A line of a person's history.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
#[schema(as = HistoryLine)]
pub struct Line {
    /// The audit's entry.
    pub id: AuditEntryId,
    /// When.
    pub at: Moment,
    /// What happened, as the audit says it: `login.succeeded`.
    pub action: String,
    /// What it is about.
    pub kind: Kind,
    /// Who did it.
    pub by: By,
    /// What the company calls the API key by which it was done.
    pub key: Option<String>,
    /// From which network; null where none is known, or it was erased.
    pub network: Option<String>,
    /// Roughly where that is, if the service knows.
    pub place: Option<String>,
    /// The title of the document that it is about.
    pub title: Option<String>,
    /// More about it: with what it was done (`by`), in a browser or by a program (`carrier`), ...
    pub facts: BTreeMap<String, String>,
}

impl Line {
    /// Who did it, in words.
    pub fn who(&self, words: Words) -> String {
        match &self.key {
            Some(key) => words.with("histories.by_api_key_named", &[("key", key)]),
            None => words.say(&format!("histories.by_{}", self.by.word())),
        }
    }

    /// The end of its key of words.
    pub fn word(&self) -> String {
        self.action.replace('.', "_")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::platform::words::Language;

    #[test]
    fn every_line_and_kind_has_its_words() {
        let known = Words(Language::Da).keys();
        let has = |key: String| known.contains(&key);
        assert!(SHOWN.iter().all(|(action, _)| has(format!("histories.act_{}", action.replace('.', "_")))));
        assert!(Kind::ALL.iter().all(|kind| Kind::of(kind.word()) == Some(*kind) && has(format!("histories.kind_{}", kind.word()))));
    }
}
