//! The nouns: a log-in on its way, a session, an API key.

use sha2::{Digest as _, Sha256};
use time::Duration;

use crate::platform::{
    actor::Carrier,
    id::{AccountId, ApiTokenId, ApprovalId, ChallengeId, DeviceId, LoginId, SessionId},
    moment::Moment,
};

/// The most API keys of one person.
pub const MOST_TOKENS: usize = 20;
/// What API keys begin with, so that they are told from sessions' tokens and found by scanners.
pub const API_PREFIX: &str = "segl_";

/// A log-in (or a proof within a session) between its password and its second factor.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Login {
    /// Its id.
    pub id: LoginId,
    /// Whose password it was.
    #[sqlx(rename = "account_id")]
    pub account: AccountId,
    /// What the card was asked; none without a usable card.
    #[sqlx(rename = "challenge_id")]
    pub challenge: Option<ChallengeId>,
    /// What the phone was asked; none without a usable phone.
    #[sqlx(rename = "approval_id")]
    pub approval: Option<ApprovalId>,
    /// The session that proves itself again; none when logging in.
    #[sqlx(rename = "session_id")]
    pub session: Option<SessionId>,
    /// The known device that it began at.
    #[sqlx(rename = "device_id")]
    pub device: Option<DeviceId>,
}

impl Login {
    /// What the key will be a yes to.
    pub fn binding(id: LoginId, session: Option<SessionId>) -> [u8; 32] {
        let session = session.map(|session| session.to_string()).unwrap_or_default();
        Sha256::digest(format!("segl/login/v1|{id}|{session}")).into()
    }
}

/// A logged-in browser or program.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Cookie or bearer token.
    pub carrier: Carrier,
    /// The network that it began in.
    pub network: String,
    /// When it began.
    pub created_at: Moment,
    /// When it was last used, to the minute.
    pub seen_at: Moment,
    /// When password and key were last shown.
    pub proven_at: Moment,
    /// When it ends in any case.
    pub expires_at: Moment,
}

/// Why somebody was refused, in truth.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Refusal {
    /// What whoever was refused was told.
    pub reference: String,
    /// Whose account it was about; none for a user id that nobody has.
    #[sqlx(rename = "account_id")]
    pub account: Option<AccountId>,
    /// Why, as a word.
    pub reason: String,
    /// From where.
    pub network: String,
    /// When, or when a closed door was first knocked at.
    pub at: Moment,
}

/// A program's key, without the key.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema, sqlx::FromRow)]
pub struct ApiToken {
    /// Its id.
    pub id: ApiTokenId,
    /// What the person calls it.
    pub name: String,
    /// When it was made.
    pub created_at: Moment,
    /// When it ends.
    pub expires_at: Moment,
}

/// How often a session's last use is written down: seldom enough to cost nothing, often enough for the idle limit.
pub fn touch_every(idle: Duration) -> Duration {
    Duration::minutes(1).min(idle / 4)
}
