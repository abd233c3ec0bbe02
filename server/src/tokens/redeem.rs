//! Burns a right code, once: of the same code sent many times at once, at whatever nodes, one wins.

use super::{Judged, TokenError, model::subject, store};
use crate::{
    audit,
    platform::{actor::Author, database::Unit, id::CodeTokenId},
};

/// Burns it, and every earlier one with it. Gives the token that showed it.
///
/// # Errors
/// [`TokenError::NotRight`] for a wrong code (already counted), or one that was used.
pub async fn redeem(unit: &mut Unit, judged: &Judged) -> Result<CodeTokenId, TokenError> {
    let (token, reached) = judged.right.ok_or(TokenError::NotRight)?;
    if !store::burn(unit, token, judged.account, reached).await? {
        return Err(TokenError::NotRight);
    }
    let event = audit::Event::new("code_token.code_used", Author::Account(judged.account), subject(token));
    audit::record(unit, event.fact("counter", reached.counter).fact("drift", reached.drift)).await?;
    Ok(token)
}
