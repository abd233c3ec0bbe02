//! Orders a further card, and tells where its sheet can be fetched.

use sha2::{Digest as _, Sha256};
use time::Duration;

use super::{
    KeycardError, NewCard, block_all,
    issue::store,
    jobs::{TELL_ORDERED, TellOrdered},
    model::{MOST_EXTRA, MOST_EXTRA_IN_PERSON, ORDERED_A_DAY, ORDERED_TWICE},
    store as rows,
};
use crate::platform::{
    actor::{Actor, Author},
    consent::{Consent, Purpose},
    database::Unit,
    id::{AccountId, Id as _, KeycardId},
    moment::Moment,
    queue,
};

/// Refuses an order without a fresh proof by card or phone.
///
/// # Errors
/// [`KeycardError::ProveAgain`].
pub fn may_order(actor: &Actor, now: Moment) -> Result<(), KeycardError> {
    if actor.has_proven_by_card(now) { Ok(()) } else { Err(KeycardError::ProveAgain) }
}

/// Writes a further card, and has its owner told at once: at most three beside the one in use, and so many within a day, those that were blocked again
/// too.
///
/// # Errors
/// [`KeycardError::TooManyCards`], [`KeycardError::TooManyToday`].
pub async fn order(unit: &mut Unit, card: &NewCard, actor: &Actor, most_a_day: i64) -> Result<KeycardId, KeycardError> {
    hold(unit, card.account).await?;
    if rows::ordered_since(unit, card.account, unit.now().plus(-Duration::days(1))).await? >= most_a_day {
        return Err(KeycardError::TooManyToday { most: most_a_day });
    }
    require_room(unit, card.account, Room::Oneself).await?;
    let id = store(unit, card, actor.author()).await?;
    if let Some(session) = actor.session {
        rows::note_ordered(unit, id, session).await?;
    }
    let (told, now) = (TellOrdered { account: card.account, number: card.number.clone() }, unit.now());
    queue::enqueue(unit, TELL_ORDERED, &told, now).await?;
    Ok(id)
}

/// Refuses one card too many. Those who order for the same person at once do so one after the other.
async fn require_room(unit: &mut Unit, account: AccountId, room: Room) -> Result<(), KeycardError> {
    hold(unit, account).await?;
    let usable = usize::try_from(rows::active_cards(unit, account).await?).unwrap_or(usize::MAX);
    let extra = usable.saturating_sub(1);
    match room {
        _ if usable == 0 => Ok(()),
        Room::InPerson if extra >= MOST_EXTRA_IN_PERSON => Err(KeycardError::TooManyInPerson { most: MOST_EXTRA_IN_PERSON }),
        Room::Oneself if extra >= MOST_EXTRA => Err(KeycardError::TooManyCards { most: MOST_EXTRA }),
        Room::InPerson | Room::Oneself => Ok(()),
    }
}

/// Who orders.
#[derive(Clone, Copy)]
enum Room {
    /// Somebody else, who knows the person.
    InPerson,
    /// The person.
    Oneself,
}

/// Takes a person's cards for this unit: what orders or blocks them at once waits. Whoever looks first whether the person may have one looks after this.
///
/// # Errors
/// When the database fails.
pub async fn hold(unit: &mut Unit, account: AccountId) -> Result<(), KeycardError> {
    Ok(rows::lock_owner(unit, account).await?)
}

/// Writes a card that somebody else orders for a person, who cannot when the only card is lost: then the others are blocked. How the person is told and
/// gets it is the caller's, who knows where.
///
/// # Errors
/// [`KeycardError::TooManyInPerson`]; [`KeycardError::OrderedLately`] when one was issued within the minute that this would block, or eleven within a day.
pub async fn order_for(unit: &mut Unit, card: &NewCard, lost: bool, author: Author) -> Result<KeycardId, KeycardError> {
    hold(unit, card.account).await?;
    if !lost {
        require_room(unit, card.account, Room::InPerson).await?;
    }
    let now = unit.now();
    let today = rows::issued_since(unit, card.account, now.plus(-Duration::days(1))).await?;
    if today >= ORDERED_A_DAY || (lost && rows::issued_since(unit, card.account, now.plus(-ORDERED_TWICE)).await? > 0) {
        return Err(KeycardError::OrderedLately);
    }
    if lost {
        block_all(unit, card.account, author).await?;
    }
    store(unit, card, author).await
}

/// What a yes to one more card is bound to.
pub fn order_binding(account: AccountId) -> [u8; 32] {
    Sha256::new_with_prefix("segl/order-card/v1").chain_update(account.uuid().as_bytes()).finalize().into()
}

/// Writes a further card that the person said yes to on the phone, in place of a fresh proof.
///
/// # Errors
/// [`KeycardError::ProveAgain`] when the yes is about something else; as [`order`].
pub async fn order_by(
    unit: &mut Unit,
    card: &NewCard,
    actor: &Actor,
    consent: &Consent,
    most_a_day: i64,
) -> Result<KeycardId, KeycardError> {
    if !consent.covers(Purpose::OrderCard, actor.account, &order_binding(actor.account)) || card.account != actor.account {
        return Err(KeycardError::ProveAgain);
    }
    order(unit, card, actor, most_a_day).await
}
