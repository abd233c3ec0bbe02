//! Who acts: the account behind a session, and who stands as the author of a change in the audit.

use super::{
    id::{AccountId, ApiKeyId, CompanyId, EmployeeId, SessionId, SignatoryId},
    moment::Moment,
};

/// What a person may be. An operator has one or more of the first four; an employee may also be an administrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Operator: registers companies, sends letters.
    Registration,
    /// Operator: CAs, roles, policy.
    Security,
    /// Operator: sees why a login was refused, blocks.
    HelpDesk,
    /// Operator: reads everything, changes nothing.
    Auditor,
    /// Administers one company's employees.
    Administrator,
    /// Makes administrators and changes the agreement of one company; an administrator too.
    Superadministrator,
    /// Acts for one company.
    Employee,
}

impl Role {
    /// Every role, in the order of the permission matrix.
    pub const ALL: [Self; 7] =
        [Self::Registration, Self::Security, Self::HelpDesk, Self::Auditor, Self::Administrator, Self::Superadministrator, Self::Employee];

    /// The word in rows and in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Security => "security",
            Self::HelpDesk => "help_desk",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
            Self::Superadministrator => "superadministrator",
            Self::Employee => "employee",
        }
    }

    /// The role of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// What carries a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    /// A cookie in a browser.
    Browser,
    /// A bearer token of a program.
    Program,
}

/// By what a session was proven last, beside the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProvenBy {
    /// A key of the card, or the phone's yes.
    Card,
    /// A code token: it gives no card away, and brings no blocked token back.
    CodeToken,
}

impl ProvenBy {
    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::CodeToken => "code_token",
        }
    }

    /// By the word of a row; whatever else stands there proves least.
    pub fn of(word: &str) -> Self {
        if word == Self::Card.word() { Self::Card } else { Self::CodeToken }
    }
}

/// What a company's API key may do. Which routes each names stands in `http::scopes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub enum Scope {
    /// Sees the company and its employees.
    #[serde(rename = "employees:read")]
    ReadEmployees,
    /// Invites, changes and dismisses employees who are no administrators.
    #[serde(rename = "employees:write")]
    WriteEmployees,
    /// Orders key cards for them.
    #[serde(rename = "cards:write")]
    WriteCards,
    /// Asks whether a CPR number is an employee's.
    #[serde(rename = "cpr:match")]
    MatchCpr,
}

impl Scope {
    /// Every scope, in the order of the form.
    pub const ALL: [Self; 4] = [Self::ReadEmployees, Self::WriteEmployees, Self::WriteCards, Self::MatchCpr];

    /// The word in rows and in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ReadEmployees => "employees:read",
            Self::WriteEmployees => "employees:write",
            Self::WriteCards => "cards:write",
            Self::MatchCpr => "cpr:match",
        }
    }

    /// The scope of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.word() == word)
    }
}

/// The company's API key that a request came with.
#[derive(Clone, Debug)]
pub struct KeyGrant {
    /// The key.
    pub id: ApiKeyId,
    /// The administrator who made it.
    pub made_by: AccountId,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

/// So old may a proof be for a weighty change.
const FRESH_PROOF: time::Duration = time::Duration::minutes(5);

/// A logged-in person (or program of a person), or a company's API key, as the guard found it for this one request.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The account. For a company's API key the key's own id, which is no account's: nothing that is a person's own opens to it.
    pub account: AccountId,
    /// The session; none for an API key.
    pub session: Option<SessionId>,
    /// The name that pages greet.
    pub name: String,
    /// What the person may be.
    pub roles: Vec<Role>,
    /// The company that the person acts for; none for operators.
    pub company: Option<CompanyId>,
    /// The employee record; none for operators.
    pub employee: Option<EmployeeId>,
    /// Cookie or bearer token.
    pub carrier: Carrier,
    /// When password and second factor were last shown.
    pub proven_at: Moment,
    /// By what.
    pub proven_by: ProvenBy,
    /// The company's API key, when no person asks. It has no role: its scopes alone say what it may.
    pub key: Option<KeyGrant>,
}

impl Actor {
    /// Whether the person has the role.
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether password and second factor were shown within the last five minutes, as weighty changes need.
    pub fn has_proven(&self, now: Moment) -> bool {
        self.session.is_some() && now.since(self.proven_at) <= FRESH_PROOF
    }

    /// The same by card or phone: what gives a card away or brings a code token back is not proven by a code token.
    pub fn has_proven_by_card(&self, now: Moment) -> bool {
        self.proven_by == ProvenBy::Card && self.has_proven(now)
    }

    /// The author of what this actor changes.
    pub fn author(&self) -> Author {
        match &self.key {
            Some(key) => Author::ApiKey { key: key.id, made_by: key.made_by },
            None => Author::Account(self.account),
        }
    }
}

/// Who changed something, for the audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// Somebody with an account.
    Account(AccountId),
    /// Somebody not known (a refused login, say).
    Anyone,
    /// A company's API key.
    ApiKey {
        /// Which.
        key: ApiKeyId,
        /// The administrator who made it.
        made_by: AccountId,
    },
    /// A signatory who opened the mailed link.
    Signatory(SignatoryId),
    /// The service itself: which part of it.
    System(&'static str),
}

impl std::fmt::Display for Author {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Account(id) => write!(formatter, "account:{id}"),
            Self::Anyone => formatter.write_str("anyone"),
            Self::ApiKey { key, made_by } => write!(formatter, "api_key:{key} made_by:{made_by}"),
            Self::Signatory(id) => write!(formatter, "signatory:{id}"),
            Self::System(part) => write!(formatter, "system:{part}"),
        }
    }
}
