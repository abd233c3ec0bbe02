//! What is left to do after wrong tries: telling the person, and forgetting what no longer counts.

use super::{check_password::DAY, store};
use crate::platform::{
    database::{DatabaseError, Unit},
    ground::Ground,
    id::{AccountId, CompanyId},
    moment::Moment,
    queue,
};

/// Tells the person that somebody tried too often. Run by `logins`, which knows where the person is told things.
pub const TELL_CLOSED: queue::Kind = queue::Kind("accounts.tell_closed");

/// Tells the person that unknown devices are asked for card or phone first. Run by `logins` too.
pub const TELL_ASKED_FIRST: queue::Kind = queue::Kind("accounts.tell_asked_first");

/// Whom to tell that.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct TellAskedFirst {
    /// Whose account.
    pub account: AccountId,
}

/// Whom to tell what.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct TellClosed {
    /// Whose account.
    pub account: AccountId,
    /// When it opens again.
    pub until: Moment,
}

/// Tells all administrators of a company of one of its API keys. Run by `logins` too.
pub const TELL_API_KEY: queue::Kind = queue::Kind("accounts.tell_api_key");

/// What happened to an API key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Happened {
    /// It was made.
    Created,
    /// It was ended.
    Ended,
}

/// Whom to tell of which key.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct TellApiKey {
    /// Whose administrators.
    pub company: CompanyId,
    /// The key's name.
    pub name: String,
    /// Who did it.
    pub by: String,
    /// What it may do.
    pub scopes: String,
    /// When it ends by itself.
    pub until: Moment,
    /// What happened.
    pub happened: Happened,
}

pub(super) async fn tell_api_key(unit: &mut Unit, told: &TellApiKey) -> Result<(), DatabaseError> {
    let now = unit.now();
    queue::enqueue(unit, TELL_API_KEY, told, now).await.map(drop)
}

pub(super) async fn tell_closed(unit: &mut Unit, account: AccountId, until: Moment) -> Result<(), DatabaseError> {
    let now = unit.now();
    queue::enqueue(unit, TELL_CLOSED, &TellClosed { account, until }, now).await.map(drop)
}

pub(super) async fn tell_asked_first(unit: &mut Unit, account: AccountId) -> Result<(), DatabaseError> {
    let now = unit.now();
    queue::enqueue(unit, TELL_ASKED_FIRST, &TellAskedFirst { account }, now).await.map(drop)
}

/// Forgets counts that no longer matter. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn forget_old_tries(ground: &Ground) -> Result<u64, DatabaseError> {
    ground.database.in_batches(async |unit| store::forget_old_tries(unit, unit.now().plus(-DAY)).await).await
}
