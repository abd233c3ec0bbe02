//! What a person wants of key cards: at how many keys left the next one is ordered, and how cards are printed.
//!
//! Anybody may choose large print, and nobody is asked why. How many are left is a weighty change, since a session that was stolen could have cards sent
//! all the time: it needs a fresh proof.

use super::{
    Edition, KeycardError, jobs,
    model::{ORDER_AT, ORDER_AT_BOUNDS},
    store,
};
use crate::{
    audit,
    platform::{actor::Actor, database::Unit, fault::FieldFault},
};

/// What a person wants of key cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Preferences {
    /// The next card is ordered when so many keys are left: from 5 to 100.
    pub order_at: i64,
    /// How cards are printed, on letters too.
    pub edition: Edition,
}

impl Default for Preferences {
    fn default() -> Self {
        Self { order_at: ORDER_AT, edition: Edition::Print }
    }
}

/// Keeps what the person wants; has the next card ordered if so few keys are left already.
///
/// # Errors
/// [`KeycardError::Invalid`] out of bounds; [`KeycardError::ProveAgain`] for another number of keys without a fresh proof.
pub async fn prefer(unit: &mut Unit, actor: &Actor, wanted: Preferences) -> Result<(), KeycardError> {
    if !ORDER_AT_BOUNDS.contains(&wanted.order_at) {
        return Err(KeycardError::Invalid(vec![
            FieldFault::new("order_at", "field_range").with("least", ORDER_AT_BOUNDS.start()).with("most", ORDER_AT_BOUNDS.end()),
        ]));
    }
    store::lock_owner(unit, actor.account).await?;
    let before = store::preferences(unit, actor.account).await?.unwrap_or_default();
    if before == wanted {
        return Ok(());
    }
    if before.order_at != wanted.order_at && !actor.has_proven(unit.now()) {
        return Err(KeycardError::ProveAgain);
    }
    store::keep_preferences(unit, actor.account, wanted).await?;
    let event = audit::Event::new("keycard.preferred", actor.author(), format_args!("account:{}", actor.account));
    audit::record(unit, event.fact("order_at", wanted.order_at).fact("edition", wanted.edition.word())).await?;
    if store::cards_of(unit, actor.account).await?.iter().any(|card| card.is_active() && card.keys_left <= wanted.order_at) {
        jobs::renew(unit, actor.account).await?;
    }
    Ok(())
}
