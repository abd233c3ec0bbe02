//! Blocks a token: at once, until its holder activates it again.

use super::{
    TokenError,
    jobs::{self, Happened},
    model::subject,
    store,
};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::Unit,
        id::{AccountId, CodeTokenId},
    },
};

/// Blocks one token, of this person where one is named. Gives its holder when it served until now; blocking it again is no error.
///
/// # Errors
/// [`TokenError::NotFound`] for one that nobody has, or somebody else.
pub async fn block(unit: &mut Unit, token: CodeTokenId, whose: Option<AccountId>, author: Author) -> Result<Option<AccountId>, TokenError> {
    let found = store::token(unit, token).await?.ok_or(TokenError::NotFound)?;
    let holder = found.account.filter(|holder| whose.is_none_or(|account| account == *holder)).ok_or(TokenError::NotFound)?;
    if !store::block(unit, token, holder).await? {
        return Ok(None);
    }
    audit::record(unit, audit::Event::new("code_token.blocked", author, subject(token)).fact("account", holder)).await?;
    jobs::tell(unit, holder, token, Happened::Blocked).await?;
    Ok(Some(holder))
}

/// Blocks what a person has: one who left, say. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn block_all(unit: &mut Unit, account: AccountId, author: Author) -> Result<usize, TokenError> {
    let mut blocked = 0;
    for token in store::held(unit, account).await? {
        blocked += usize::from(block(unit, token.id, Some(account), author).await?.is_some());
    }
    Ok(blocked)
}
