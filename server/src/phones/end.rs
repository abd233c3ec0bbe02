//! Ends phones, at once and for good: what could be used of them is deleted, and the secrets that they could open signing keys with are renewed
//! when the password is at hand.

use keycard::wire::RemoveItself;

use super::{Phone, PhoneError, PhoneState, jobs, model::subject, store};
use crate::{
    accounts::{self, AccountState},
    audit, certificates,
    platform::{
        actor::{Actor, Author},
        database::{DatabaseError, Unit},
        id::{AccountId, PhoneId},
        moment::Moment,
        queue, secret,
    },
};

/// Ends a phone that is known to be the person's, and records it. False when it had ended before.
async fn end(unit: &mut Unit, account: AccountId, phone: PhoneId, state: PhoneState, author: Author) -> Result<bool, DatabaseError> {
    store::lock_owner(unit, account).await?;
    let ended = store::end(unit, phone, account, state).await?;
    if ended {
        certificates::end_phone(unit, phone).await?;
        let action = match state {
            PhoneState::Cancelled => "phone.cancelled",
            PhoneState::Removed => "phone.removed",
            PhoneState::Active | PhoneState::Blocked => "phone.blocked",
        };
        audit::record(unit, audit::Event::new(action, author, subject(phone)).fact("account", account)).await?;
        if matches!(state, PhoneState::Blocked | PhoneState::Cancelled) {
            // What it may have begun or approved goes on no more.
            store::pairings::refuse_others(unit, account).await?;
        }
        let told = match state {
            PhoneState::Blocked => Some(jobs::TELL_BLOCKED),
            PhoneState::Removed => Some(jobs::TELL_REMOVED),
            PhoneState::Active | PhoneState::Cancelled => None,
        };
        if let Some(kind) = told {
            let now = unit.now();
            queue::enqueue(unit, kind, &jobs::TellEnded { account, phone }, now).await?;
        }
    }
    Ok(ended)
}

/// Whether a phone serves still, in a unit that no ending of it outruns, and its owner is not suspended.
///
/// # Errors
/// When the database fails.
pub async fn serves(unit: &mut Unit, phone: &Phone) -> Result<bool, DatabaseError> {
    store::lock_owner(unit, phone.account).await?;
    let owner = accounts::read::account(unit, phone.account).await?;
    let is_active = owner.is_some_and(|owner| owner.state == AccountState::Active);
    Ok(is_active && store::phone(unit, phone.id).await?.is_some_and(|found| found.is_active()))
}

async fn own(unit: &mut Unit, account: AccountId, phone: PhoneId) -> Result<(), PhoneError> {
    let found = store::phone(unit, phone).await?.filter(|found| found.account == account);
    found.map(drop).ok_or(PhoneError::NotFound)
}

/// Blocks one phone of a person: it is lost. Blocking it again is no error.
///
/// # Errors
/// [`PhoneError::NotFound`] when it is somebody else's.
pub async fn block(unit: &mut Unit, account: AccountId, phone: PhoneId, author: Author) -> Result<(), PhoneError> {
    own(unit, account, phone).await?;
    end(unit, account, phone, PhoneState::Blocked, author).await?;
    Ok(())
}

/// Removes one phone of a person, who uses it no more.
///
/// # Errors
/// [`PhoneError::NotFound`] when it is somebody else's.
pub async fn remove(unit: &mut Unit, account: AccountId, phone: PhoneId, author: Author) -> Result<(), PhoneError> {
    own(unit, account, phone).await?;
    end(unit, account, phone, PhoneState::Removed, author).await?;
    Ok(())
}

/// Removes a phone that says so itself: by a signature of its key, not by its token alone. In its waiting time too, since it ends nobody but itself.
///
/// # Errors
/// [`PhoneError::NotRight`] for a signature of another key, or of another phone's removal.
pub async fn remove_itself(unit: &mut Unit, phone: &Phone, asked: &RemoveItself) -> Result<(), PhoneError> {
    let removal = asked.removal.open(&phone.keys.sign).map_err(|_| PhoneError::NotRight)?;
    if removal.phone != phone.wire_id() {
        return Err(PhoneError::NotRight);
    }
    end(unit, phone.account, phone.id, PhoneState::Removed, Author::Account(phone.account)).await?;
    Ok(())
}

/// Ends the phone whose place a new one takes, in the unit of the new one. Whether it still served.
pub(super) async fn replaced(unit: &mut Unit, actor: &Actor, old: PhoneId, new: PhoneId) -> Result<bool, DatabaseError> {
    let ended = store::end(unit, old, actor.account, PhoneState::Removed).await?;
    if ended {
        certificates::end_phone(unit, old).await?;
        let event = audit::Event::new("phone.replaced", actor.author(), subject(old)).fact("account", actor.account).fact("by", new);
        audit::record(unit, event).await?;
    }
    Ok(ended)
}

/// Blocks every phone of a person, and refuses what is on its way. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn block_all(unit: &mut Unit, account: AccountId, author: Author) -> Result<usize, DatabaseError> {
    store::lock_owner(unit, account).await?;
    store::pairings::refuse_others(unit, account).await?;
    let phones = store::active(unit, account).await?;
    for phone in &phones {
        end(unit, account, phone.id, PhoneState::Blocked, author).await?;
    }
    Ok(phones.len())
}

/// Blocks the phones of a person that were paired since a moment, and refuses what is on its way: whoever paired them was not the person. Gives how
/// many.
///
/// # Errors
/// When the database fails.
pub async fn block_since(unit: &mut Unit, account: AccountId, since: Moment, author: Author) -> Result<usize, DatabaseError> {
    store::lock_owner(unit, account).await?;
    store::pairings::refuse_others(unit, account).await?;
    let mut blocked = 0;
    for phone in store::active(unit, account).await?.iter().filter(|phone| phone.paired_at >= since) {
        blocked += usize::from(end(unit, account, phone.id, PhoneState::Blocked, author).await?);
    }
    Ok(blocked)
}

/// Cancels a pairing by the mailed link: nobody but whoever reads the person's mail has it.
///
/// # Errors
/// [`PhoneError::Gone`] when the phone was ended before.
pub async fn cancel(unit: &mut Unit, link: &str) -> Result<Phone, PhoneError> {
    let phone = store::cancellable(unit, &secret::token_hash(link)).await?.ok_or(PhoneError::Gone)?;
    if !end(unit, phone.account, phone.id, PhoneState::Cancelled, Author::Anyone).await? {
        return Err(PhoneError::Gone);
    }
    Ok(phone)
}
