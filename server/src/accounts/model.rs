//! The nouns: an account, an activation, what a right password proves.

use std::net::IpAddr;

use crate::platform::{
    actor::{Carrier, Role, Scope},
    id::{AccountId, ActivationId, ApiKeyId, CompanyId, DeviceId},
    moment::Moment,
    networks::Network,
    password::Strength,
    secret::Secret,
};

/// Whose account it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// Somebody in a company.
    Employee,
    /// Somebody who runs the service.
    Operator,
}

impl AccountKind {
    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Employee => "employee",
            Self::Operator => "operator",
        }
    }

    /// The kind of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Employee, Self::Operator].into_iter().find(|kind| kind.word() == word)
    }
}

/// Where an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountState {
    /// It has a user id and a password.
    Active,
    /// Nobody may log in with it any more.
    Blocked,
    /// It has no password yet.
    Invited,
    /// It rests: nobody may log in with it until it is resumed.
    Suspended,
}

impl AccountState {
    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Blocked => "blocked",
            Self::Invited => "invited",
            Self::Suspended => "suspended",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Active, Self::Blocked, Self::Invited, Self::Suspended].into_iter().find(|state| state.word() == word)
    }
}

/// An account to be created.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Its id.
    pub id: AccountId,
    /// Whose.
    pub kind: AccountKind,
    /// The person's name.
    pub name: String,
    /// What an operator may do; empty for employees, whose roles follow from their standing.
    pub roles: Vec<Role>,
}

/// An account, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Whose.
    pub kind: AccountKind,
    /// The person's name.
    pub name: String,
    /// The user id, once activated.
    pub user_id: Option<String>,
    /// What an operator may do.
    pub roles: Vec<Role>,
    /// Where it stands.
    pub state: AccountState,
}

/// Where an activation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActivationState {
    /// The link can be used.
    Open,
    /// It was used.
    Used,
    /// A newer one took its place.
    Withdrawn,
}

impl ActivationState {
    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Used => "used",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Open, Self::Used, Self::Withdrawn].into_iter().find(|state| state.word() == word)
    }
}

/// One mailed link with, for employees, a temporary password that came another way.
#[derive(Clone, Debug)]
pub struct Activation {
    /// Its id.
    pub id: ActivationId,
    /// Whose account it activates.
    pub account: AccountId,
    /// SHA-256 of the link's token.
    pub link_hash: Vec<u8>,
    /// What recognises the temporary password; none where the link alone suffices (an operator's, fifteen minutes).
    pub code_verifier: Option<Vec<u8>>,
    /// Wrong tries so far.
    pub tries: i64,
    /// Where it stands.
    pub state: ActivationState,
    /// When it dies.
    pub expires_at: Moment,
}

/// An activation to be opened.
#[derive(Clone, Debug)]
pub struct NewActivation {
    /// Whose account it activates.
    pub account: AccountId,
    /// SHA-256 of the link's token.
    pub link_hash: Vec<u8>,
    /// What recognises the temporary password, where there is one.
    pub code_verifier: Option<Vec<u8>>,
    /// When it dies.
    pub expires_at: Moment,
}

impl Activation {
    /// How often a temporary password may be typed wrongly.
    pub const MOST_TRIES: i64 = 5;

    /// Whether it may still be used.
    pub fn is_usable(&self, now: Moment) -> bool {
        self.state == ActivationState::Open && self.tries < Self::MOST_TRIES && now < self.expires_at
    }
}

/// What a right password proves, and what opens the person's keys meanwhile.
pub struct Proven {
    /// Whose password it was.
    pub account: AccountId,
    /// The password's salt.
    pub salt: Vec<u8>,
    /// Which form it has.
    pub strength: Strength,
    /// What argon2id made of it; wiped when dropped.
    pub prk: Secret<[u8; 32]>,
}

/// The most known devices of one person.
pub const MOST_DEVICES: i64 = 10;

/// A browser or program in which a person has logged in.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// Which of the two.
    pub carrier: Carrier,
    /// The network of the last log-in there.
    pub network: String,
    /// Since when it is known.
    pub known_at: Moment,
    /// When somebody last logged in there.
    pub seen_at: Moment,
}

/// Who was refused, and why in truth: for the audit and the help desk, never for the one who was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Why {
    /// Whose account; made up when the user id is nobody's.
    pub account: AccountId,
    /// Whether it is anybody's.
    pub exists: bool,
    /// The reason, as a word.
    pub reason: &'static str,
}

/// The longest life of a company's API key, days.
pub const MOST_KEY_DAYS: i64 = 731;
/// The usual one.
pub const KEY_DAYS: i64 = 365;
/// So many API keys are enough for a company.
pub const MOST_API_KEYS: usize = 20;
/// From so many networks a key may be taken.
pub const KEY_NETWORKS: usize = 20;

/// An API key of a company, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Whose.
    pub company: CompanyId,
    /// What it is for, to people.
    pub name: String,
    /// How it begins: enough to know it by, and not to use it.
    pub prefix: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// From which networks it is taken; from all when there are none.
    pub networks: Vec<Network>,
    /// The administrator who made it.
    pub made_by: AccountId,
    /// When.
    pub made_at: Moment,
    /// When it ends by itself.
    pub expires_at: Moment,
    /// When it was used last, by the hour.
    pub seen_at: Option<Moment>,
}

impl ApiKey {
    /// Whether it may come from an address.
    pub fn may_come_from(&self, address: Option<IpAddr>) -> bool {
        self.networks.is_empty() || address.is_some_and(|address| self.networks.iter().any(|network| network.holds(address)))
    }
}
