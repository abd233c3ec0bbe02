//! Questions about phones.

use std::collections::{BTreeMap, BTreeSet};

use keycard::{
    Protection,
    wire::{Attestation, Bounded, PHONES_TOLD, PhoneEntry, Phones, PlainText},
};

use super::{Invited, Pairing, PairingState, Phone, PhoneError, attest, confirm, invite, offer, store};
use crate::platform::{
    actor::Actor,
    database::{Connection, DatabaseError},
    ground::Ground,
    id::{AccountId, PhoneId},
    moment::Moment,
    secret,
};

/// A person's phones that serve, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn usable(connection: &mut impl Connection, account: AccountId) -> Result<Vec<Phone>, DatabaseError> {
    store::active(connection, account).await
}

/// Which of a person's phones said how they are woken.
///
/// # Errors
/// When the database fails.
pub async fn wakeable(connection: &mut impl Connection, account: AccountId) -> Result<Vec<PhoneId>, DatabaseError> {
    store::secrets::wakeable(connection, account).await
}

/// A person's phones, those that ended too, newest first.
///
/// # Errors
/// When the database fails.
pub async fn of_account(connection: &mut impl Connection, account: AccountId) -> Result<Vec<Phone>, DatabaseError> {
    store::of_account(connection, account).await
}

/// Which phones ended since then, whose, and when.
///
/// # Errors
/// When the database fails.
pub async fn ended_since(connection: &mut impl Connection, since: Moment) -> Result<Vec<(PhoneId, AccountId, Moment)>, DatabaseError> {
    store::ended_since(connection, since).await
}

/// One phone.
///
/// # Errors
/// When the database fails.
pub async fn by_id(connection: &mut impl Connection, id: PhoneId) -> Result<Option<Phone>, DatabaseError> {
    store::phone(connection, id).await
}

/// A person's phones as each of them is told, newest first, those that ended too.
///
/// # Errors
/// When the database fails.
pub async fn told(connection: &mut impl Connection, account: AccountId) -> Result<Phones, PhoneError> {
    let millis = |moment: Moment| u64::try_from(moment.millis()).unwrap_or(0);
    let phones = store::of_account(connection, account).await?;
    let entries = phones.into_iter().take(PHONES_TOLD).map(|phone| {
        Ok(PhoneEntry {
            id: phone.wire_id(),
            name: PlainText::new(&phone.name)?,
            state: PlainText::new(phone.state.word())?,
            protection: PlainText::new(phone.protection.word())?,
            paired_ms: millis(phone.paired_at),
            usable_ms: millis(phone.signs_from),
            ended_ms: phone.ended_at.map(millis),
        })
    });
    let entries = entries.collect::<Result<Vec<_>, keycard::Fault>>()?;
    Ok(Phones { phones: Bounded::new(entries)? })
}

/// What attests a phone's key, as it was claimed: for the evidence. None when it claimed none, or was paired before it was kept.
///
/// # Errors
/// [`PhoneError::Unreadable`] when what was kept does not read.
pub async fn attestation(connection: &mut impl Connection, phone: &Phone) -> Result<Option<Attestation>, PhoneError> {
    if !phone.attested {
        return Ok(None);
    }
    let kept = store::attestation_chain(connection, phone.id).await?;
    kept.map(|kept| serde_json::from_slice(&kept).map_err(|_| PhoneError::Unreadable("attestation"))).transpose()
}

/// Of these phones of a person those of whose hardware no more is proven than that it guards the signing key.
///
/// # Errors
/// When the database fails.
pub async fn signing_key_alone(
    connection: &mut impl Connection,
    account: AccountId,
    phones: &[Phone],
) -> Result<BTreeSet<PhoneId>, DatabaseError> {
    let in_hardware = phones.iter().filter(|phone| phone.protection != Protection::SoftwarePin);
    let kept: BTreeMap<PhoneId, Vec<u8>> = store::attestation_chains(connection, account).await?.into_iter().collect();
    let both = |phone: &Phone| {
        let chain = kept.get(&phone.id).and_then(|kept| serde_json::from_slice::<Attestation>(kept).ok());
        chain.is_some_and(|chain| attest::both_keys(&chain, &phone.keys))
    };
    Ok(in_hardware.filter(|phone| !both(phone)).map(|phone| phone.id).collect())
}

/// The phone that a cancelling link names, if it can still be cancelled. Looking changes nothing.
///
/// # Errors
/// When the database fails.
pub async fn cancellable(connection: &mut impl Connection, link: &str) -> Result<Option<Phone>, DatabaseError> {
    store::cancellable(connection, &secret::token_hash(link)).await
}

/// A pairing that this very session began, whether its time is over or not.
///
/// # Errors
/// [`PhoneError::NotFound`] for somebody else's or another session's.
pub async fn own_pairing(ground: &Ground, actor: &Actor, phone: PhoneId) -> Result<Pairing, PhoneError> {
    let mut reader = ground.database.read().await?;
    let found = store::pairings::pairing(&mut reader, phone).await?;
    let own = |found: &Pairing| found.account == actor.account && actor.session == Some(found.session);
    found.filter(own).ok_or(PhoneError::NotFound)
}

/// What the page shows of a pairing: the invitation while it waits for a phone, the digits once one has proven its keys.
pub enum Shown {
    /// It waits for a phone.
    Invitation(Invited),
    /// A phone has claimed it and proves its keys.
    Claimed,
    /// Both screens show these digits.
    Digits(String),
    /// The phone serves.
    Confirmed,
    /// Its time is over, or the person said no.
    Over,
}

/// What the page shows of a pairing.
///
/// # Errors
/// When keystore or database fail.
pub async fn shown(ground: &Ground, pairing: &Pairing) -> Result<Shown, PhoneError> {
    let over = pairing.expires_at <= ground.clock().now();
    Ok(match pairing.state {
        PairingState::Confirmed => Shown::Confirmed,
        PairingState::Refused => Shown::Over,
        PairingState::Agreed | PairingState::Claimed | PairingState::Open if over => Shown::Over,
        PairingState::Claimed => Shown::Claimed,
        PairingState::Agreed => confirm::digits(ground, pairing).await?.map_or(Shown::Over, Shown::Digits),
        PairingState::Open => {
            let kept = offer::kept(ground, pairing).await?;
            Shown::Invitation(invite::shown(ground, pairing.phone, pairing.expires_at, &kept).await?)
        }
    })
}
