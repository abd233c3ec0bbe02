//! Takes the answer to the challenge that only the agreement key opens: from then on both screens show digits.

use keycard::wire::AgreePairing;

use super::{PairingState, PhoneError, model::subject, offer::named, store};
use crate::{
    audit,
    platform::{actor::Author, ground::Ground},
};

/// Takes the answer. A wrong one ends the pairing: the phone that claimed does not hold its own key.
///
/// # Errors
/// [`PhoneError::NotRight`], [`PhoneError::Gone`].
pub async fn agree(ground: &Ground, asked: &AgreePairing, network: &str) -> Result<(), PhoneError> {
    let pairing = named(ground, &asked.lookup.0, network).await?.pairing;
    let agreed = ground.database.write(async |unit| {
        if store::pairings::agree(unit, pairing.phone, &asked.answer.0).await? {
            audit::record(unit, audit::Event::new("phone.agreed", Author::Anyone, subject(pairing.phone))).await?;
            return Ok::<_, PhoneError>(Ok(()));
        }
        let now = store::pairings::pairing(unit, pairing.phone).await?.ok_or(PhoneError::Gone)?;
        match now.state {
            PairingState::Claimed if now.expires_at > unit.now() => {}
            // Sent again after a lost answer.
            PairingState::Agreed => return Ok(Ok(())),
            PairingState::Claimed | PairingState::Confirmed | PairingState::Open | PairingState::Refused => {
                return Ok(Err(PhoneError::Gone));
            }
        }
        store::pairings::refuse(unit, pairing.phone, pairing.account).await?;
        let event = audit::Event::new("phone.refused", Author::Anyone, subject(pairing.phone)).fact("reason", "agreement");
        audit::record(unit, event).await?;
        Ok(Err(PhoneError::NotRight))
    });
    agreed.await?
}
