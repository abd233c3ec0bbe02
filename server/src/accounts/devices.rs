//! Known devices: a browser or program in which a person has logged in, with password and second factor, keeps a token and a count of wrong passwords of
//! its own. The token opens nothing. Ten a person: the eleventh forgets the one that was used longest ago. A token is one person's: of two who share a
//! browser, the one who logged in last is known there, so that nobody leaves a token behind that he knows and others make theirs.

use super::{AccountError, Device, MOST_DEVICES, create::subject, store};
use crate::{
    audit,
    platform::{
        actor::{Author, Carrier},
        database::Unit,
        id::{AccountId, DeviceId},
        secret,
    },
};

/// A browser or program that has just logged in.
pub struct LoggedIn<'a> {
    /// Whose account.
    pub account: AccountId,
    /// Which of the two.
    pub carrier: Carrier,
    /// From where.
    pub network: &'a str,
    /// The token that it kept from before, if it says one.
    pub kept: Option<&'a str>,
    /// A token of 128 random bits, drawn outside the unit: for one that has kept none of ours.
    pub fresh: &'a str,
}

/// Takes the account for this unit, before what belongs to it: whoever changes its password or knows a device of it waits.
///
/// # Errors
/// When the database fails.
pub async fn hold_account(unit: &mut Unit, account: AccountId) -> Result<(), AccountError> {
    Ok(store::lock(unit, account).await?)
}

/// Knows the device from now on. Gives its token: the kept one, if this person's log-in here gave it; else the fresh one, never one of somebody else's
/// making. The caller holds the account.
///
/// # Errors
/// When the database fails.
pub async fn know_device(unit: &mut Unit, one: &LoggedIn<'_>) -> Result<String, AccountError> {
    if let Some(kept) = one.kept
        && let Some(known) = store::known_device(unit, one.account, &secret::token_hash(kept)).await?
    {
        store::see_device(unit, known, one.network).await?;
        return Ok(kept.to_owned());
    }
    let id: DeviceId = unit.id();
    store::insert_device(unit, id, one, &secret::token_hash(one.fresh)).await?;
    store::forget_oldest_devices(unit, one.account, MOST_DEVICES).await?;
    let event = audit::Event::new("device.known", Author::Account(one.account), format!("device:{id}")).personal("network", one.network);
    audit::record(unit, event).await?;
    Ok(one.fresh.to_owned())
}

/// Forgets one of a person's devices.
///
/// # Errors
/// [`AccountError::NotFound`] when it is somebody else's, or forgotten already.
pub async fn forget_device(unit: &mut Unit, account: AccountId, id: DeviceId, author: Author) -> Result<(), AccountError> {
    if !store::forget_device(unit, account, id).await? {
        return Err(AccountError::NotFound);
    }
    Ok(audit::record(unit, audit::Event::new("device.forgotten", author, format!("device:{id}")).fact("account", account)).await?)
}

/// Forgets all of a person's devices. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn forget_devices(unit: &mut Unit, account: AccountId, author: Author) -> Result<u64, AccountError> {
    let forgotten = store::forget_devices(unit, account).await?;
    if forgotten > 0 {
        audit::record(unit, audit::Event::new("devices.forgotten", author, subject(account)).fact("devices", forgotten)).await?;
    }
    Ok(forgotten)
}

/// A person's devices, last used first.
///
/// # Errors
/// When the database fails.
pub async fn devices_of(
    connection: &mut impl crate::platform::database::Connection,
    account: AccountId,
) -> Result<Vec<Device>, crate::platform::database::DatabaseError> {
    store::devices_of(connection, account).await
}
