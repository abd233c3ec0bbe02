//! What a person is told of a code token.

use crate::platform::{
    database::{DatabaseError, Unit},
    id::{AccountId, CodeTokenId},
    queue,
};

/// Tells the holder. Run by `logins`, which knows where the person is told things.
pub const TELL: queue::Kind = queue::Kind("tokens.tell");

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Happened {
    /// Its codes are taken from now on.
    Activated,
    /// It was given to the person.
    Assigned,
    /// It was blocked.
    Blocked,
    /// Too many wrong codes were typed: its codes are taken no more.
    Quarantined,
}

/// Whom, and of which token.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct Tell {
    /// The holder.
    pub account: AccountId,
    /// The token.
    pub token: CodeTokenId,
    /// What happened.
    pub happened: Happened,
}

pub(super) async fn tell(unit: &mut Unit, account: AccountId, token: CodeTokenId, happened: Happened) -> Result<(), DatabaseError> {
    let now = unit.now();
    queue::enqueue(unit, TELL, &Tell { account, token, happened }, now).await.map(drop)
}
