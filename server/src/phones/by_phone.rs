//! A phone that serves approves a new one, in place of the key card: one more phone at once, or a new phone in its own place.
//!
//! One more phone needs no waiting time then, since a key card that has waited already says yes. A new phone in the place of the old one waits as
//! configured, and the old one ends in the very unit that the new one begins in.

use sha2::{Digest as _, Sha256};

use super::{
    Pairing, Phone, PhoneError, claim,
    confirm::{Prepared, Waits, binding, digits, prepared, sealed_openers, written},
    end,
    model::subject,
    read, store,
};
use crate::{
    accounts::Proven,
    audit,
    platform::{
        actor::{Actor, Author},
        consent::{Consent, Purpose},
        database::Unit,
        ground::Ground,
        id::{ApprovalId, Id as _, PhoneId},
        words::Language,
    },
};

/// A pairing whose digits are shown, and what a yes to it is bound to.
pub struct Confirming {
    pairing: Pairing,
    /// What both screens show.
    pub digits: String,
    /// What the new phone is called.
    pub name: String,
    /// What a yes is bound to.
    pub binding: [u8; 32],
}

impl Confirming {
    /// The phone that it takes the place of, and that must approve.
    pub fn replaces(&self) -> Option<PhoneId> {
        self.pairing.replaces
    }

    /// What the yes is for.
    pub fn purpose(&self) -> Purpose {
        purpose(&self.pairing)
    }
}

fn purpose(pairing: &Pairing) -> Purpose {
    if pairing.replaces.is_some() { Purpose::Move } else { Purpose::Pair }
}

/// A pairing of this very session that both screens show digits of.
///
/// # Errors
/// [`PhoneError::NotFound`] for somebody else's or another session's; [`PhoneError::Gone`] when no phone has claimed it, or its time is over.
pub async fn confirming(ground: &Ground, actor: &Actor, phone: PhoneId) -> Result<Confirming, PhoneError> {
    let pairing = read::own_pairing(ground, actor, phone).await?;
    if pairing.expires_at <= ground.clock().now() {
        return Err(PhoneError::Gone);
    }
    let digits = digits(ground, &pairing).await?.ok_or(PhoneError::Gone)?;
    let (name, binding) = (claim::of(&pairing)?.name, binding(&pairing, &digits));
    Ok(Confirming { pairing, digits, name, binding })
}

/// Seals the person's signing keys to the new phone while the password is at hand. It can open none of them before it is confirmed.
///
/// # Errors
/// [`PhoneError::Gone`] when the pairing has gone on; when the keystore fails.
pub async fn keep_openers(ground: &Ground, confirming: &Confirming, proven: &Proven) -> Result<(), PhoneError> {
    let pairing = &confirming.pairing;
    let sealed = sealed_openers(ground, pairing, proven).await?;
    let kept = ground.database.write(async |unit| {
        let kept = store::pairings::keep_openers(unit, pairing.phone, &sealed).await?;
        if kept {
            let event = audit::Event::new("phone.confirmation_asked", Author::Account(pairing.account), subject(pairing.phone));
            audit::record(unit, event.fact("by", "phone")).await?;
        }
        Ok::<_, PhoneError>(kept)
    });
    if kept.await? { Ok(()) } else { Err(PhoneError::Gone) }
}

/// Signs the record of a phone that another one approved.
///
/// # Errors
/// When the keystore fails.
pub async fn prepare_by(ground: &Ground, confirming: Confirming, approval: ApprovalId, language: Language) -> Result<Prepared, PhoneError> {
    let evidence = Sha256::new_with_prefix("segl/pair-evidence-phone/v1").chain_update(approval.uuid().as_bytes());
    let evidence = evidence.chain_update(confirming.binding).finalize().into();
    let waits = if confirming.pairing.replaces.is_some() { Waits::AsConfigured } else { Waits::Not };
    prepared(ground, confirming.pairing, evidence, waits, language).await
}

/// Confirms with the yes of the phone `by`: the new phone serves from now, and the one whose place it takes ends.
///
/// # Errors
/// [`PhoneError::OldPhoneApproves`] when another phone said yes to a move; [`PhoneError::Gone`]; [`PhoneError::TooManyPhones`].
pub async fn confirm_by(
    unit: &mut Unit,
    actor: &Actor,
    new: &Prepared,
    consent: &Consent,
    bound: &[u8; 32],
    by: PhoneId,
) -> Result<Phone, PhoneError> {
    store::lock_owner(unit, actor.account).await?;
    if new.pairing.account != actor.account || !consent.covers(purpose(&new.pairing), actor.account, bound) {
        return Err(PhoneError::Gone);
    }
    if let Some(old) = new.pairing.replaces {
        if old != by {
            return Err(PhoneError::OldPhoneApproves);
        }
        if !end::replaced(unit, actor, old, new.pairing.phone).await? {
            return Err(PhoneError::Gone);
        }
    }
    written(unit, actor, new).await
}
