//! API keys: made after a fresh proof, shown once, kept as a hash, ended at any time.

use time::Duration;

use super::{ApiToken, LoginError, MOST_TOKENS, model::API_PREFIX, prove::require_recent, store};
use crate::{
    audit,
    platform::{
        actor::Actor, database::Unit, fault::FieldFault, ground::Ground, id::ApiTokenId, limits::LINE_CHARACTERS, random, secret, text,
    },
};

/// The longest life of an API key, days.
const MOST_DAYS: i64 = 366;

/// An API key to be made. The key itself is drawn outside the unit.
pub struct NewToken {
    /// The key, to be shown once.
    pub token: String,
    name: String,
    lives: Duration,
}

impl NewToken {
    /// Draws a key with a name and a life in days.
    ///
    /// # Errors
    /// Every field's fault.
    pub fn draw(ground: &Ground, name: &str, days: i64) -> Result<Self, LoginError> {
        let mut faults = Vec::new();
        let name = text::line(name, LINE_CHARACTERS).map_err(|fault| faults.push(FieldFault::text("name", fault)));
        if !(1..=MOST_DAYS).contains(&days) {
            faults.push(FieldFault::new("days", "field_range").with("least", 1).with("most", MOST_DAYS));
        }
        match name {
            Ok(name) if faults.is_empty() => {
                let token = format!("{API_PREFIX}{}", random::token(ground.random()));
                Ok(Self { token, name, lives: Duration::days(days) })
            }
            Ok(_) | Err(()) => Err(LoginError::Invalid(faults)),
        }
    }
}

/// Keeps a drawn key.
///
/// # Errors
/// [`LoginError::ProveAgain`]; [`LoginError::TooManyTokens`].
pub async fn create_token(unit: &mut Unit, actor: &Actor, new: &NewToken) -> Result<ApiToken, LoginError> {
    require_recent(actor, unit.now())?;
    let held = store::tokens_of(unit, actor.account, unit.now()).await?.len();
    if held >= MOST_TOKENS {
        return Err(LoginError::TooManyTokens { most: MOST_TOKENS });
    }
    let token = ApiToken { id: unit.id(), name: new.name.clone(), created_at: unit.now(), expires_at: unit.now().plus(new.lives) };
    store::insert_token(unit, &token, actor.account, &secret::token_hash(&new.token)).await?;
    let event = audit::Event::new("api_token.created", actor.author(), format!("api_token:{}", token.id))
        .fact("expires_at", token.expires_at)
        .personal("name", &token.name);
    audit::record(unit, event).await?;
    Ok(token)
}

/// Ends one of the person's own API keys.
///
/// # Errors
/// [`LoginError::NotFound`].
pub async fn end_token(unit: &mut Unit, actor: &Actor, token: ApiTokenId) -> Result<(), LoginError> {
    if !store::end_token(unit, actor.account, token).await? {
        return Err(LoginError::NotFound);
    }
    Ok(audit::record(unit, audit::Event::new("api_token.ended", actor.author(), format!("api_token:{token}"))).await?)
}
