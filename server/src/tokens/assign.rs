//! Gives a token to a person by its serial number, and takes it back.
//!
//! A person has one token that serves. Another takes the place of one that is blocked, worn or not activated yet; who has one that serves gives it back
//! first.

use time::Duration;

use super::{
    CodeToken, Standing, TokenError,
    jobs::{self, Happened},
    model::{Taker, TokenState, serial, subject},
    store,
};
use crate::{
    audit,
    config::Tokens,
    keycards,
    platform::{
        actor::Author,
        database::Unit,
        fault::FieldFault,
        id::{AccountId, CodeTokenId},
    },
};

/// Gives it. The person activates it before its codes are taken. One that is another company's is given by operators only.
///
/// # Errors
/// [`TokenError::Invalid`] for what is no serial number; [`TokenError::NotInStock`]; [`TokenError::AlreadyHasOne`].
pub async fn assign(unit: &mut Unit, taker: Taker, typed: &str, settings: Tokens, author: Author) -> Result<CodeTokenId, TokenError> {
    let account = taker.account;
    let serial = serial(typed).ok_or_else(|| TokenError::Invalid(vec![FieldFault::new("serial", "field_serial")]))?;
    // Of two who give the same person one at once the second sees the first's.
    keycards::hold(unit, account).await?;
    let now = unit.now();
    for held in store::held(unit, account).await? {
        replace(unit, account, &held, held.standing(now), author).await?;
    }
    let until = now.plus(Duration::days(settings.life_years * 365 + settings.life_years / 4));
    let token = store::assign(unit, &taker, &serial, until, settings.price_ore).await?.ok_or(TokenError::NotInStock)?;
    let event = audit::Event::new("code_token.assigned", author, subject(token))
        .fact("account", account)
        .fact("company", taker.company)
        .fact("serial", serial);
    audit::record(unit, event.fact("price_ore", settings.price_ore)).await?;
    jobs::tell(unit, account, token, Happened::Assigned).await?;
    Ok(token)
}

async fn replace(unit: &mut Unit, account: AccountId, held: &CodeToken, standing: Standing, author: Author) -> Result<(), TokenError> {
    if standing == Standing::Active {
        return Err(TokenError::AlreadyHasOne);
    }
    if store::put(unit, held.id, account, TokenState::Ended).await? {
        let event = audit::Event::new("code_token.replaced", author, subject(held.id)).fact("account", account);
        audit::record(unit, event.fact("was", standing.word())).await?;
    }
    Ok(())
}

/// Takes it back: into the stock; one that is blocked or worn is given up.
///
/// # Errors
/// [`TokenError::NoToken`] when the person has none.
pub async fn unassign(unit: &mut Unit, account: AccountId, author: Author) -> Result<(), TokenError> {
    keycards::hold(unit, account).await?;
    let now = unit.now();
    let held = store::held(unit, account).await?;
    if held.is_empty() {
        return Err(TokenError::NoToken);
    }
    for token in held {
        let given_up = matches!(token.standing(now), Standing::Blocked | Standing::Worn);
        let to = if given_up { TokenState::Ended } else { TokenState::Stock };
        let put = if given_up { store::put(unit, token.id, account, to).await? } else { store::take_back(unit, token.id, account).await? };
        if put {
            let event = audit::Event::new("code_token.taken_back", author, subject(token.id)).fact("account", account);
            audit::record(unit, event.fact("to", to.word())).await?;
        }
    }
    Ok(())
}
