//! How a pairing stands, for the phone that knows its token and signs with the key that it claimed; and once it is confirmed, the record and the
//! token of the device. Who only saw the QR knows the token too, has not that key, and gets nothing.

use keycard::{
    Canonical as _, Secret, Signature, Signed,
    pairing::{Collect, PairingRecord, Step},
    pin::{self, Delivery},
    wire::{AskPairing, Bearer, PairingStatus},
};

use super::{
    PairingState, PhoneError, claim,
    draw::Drawn,
    model::{COLLECTED_WITHIN, subject, wire_id},
    offer::{named, wrong},
    store,
};
use crate::{
    audit,
    platform::{actor::Author, ground::Ground},
};

/// Says how it stands. A confirmed phone gets a token for each such question until it has used one: an answer may get lost.
///
/// # Errors
/// [`PhoneError::NotRight`] for a tag under another token or a signature of another key (counted), [`PhoneError::Gone`] when the token was used or the time is over.
pub async fn status(ground: &Ground, asked: &AskPairing, network: &str) -> Result<PairingStatus, PhoneError> {
    let named = named(ground, &asked.lookup.0, network).await?;
    let Ok(collect) = Collect::decode(asked.collect.bytes()) else { return wrong(ground, network).await };
    if !named.keys.tagged(Step::Status, &asked.nonce.0, &collect.reply_key, &asked.tag.0) {
        return wrong(ground, network).await;
    }
    if named.pairing.claim.is_some() {
        let claimed = claim::of(&named.pairing)?;
        if asked.collect.verify(&claimed.keys.sign, &named.keys.lookup, claimed.phone).is_err() {
            return wrong(ground, network).await;
        }
    }
    let (pairing, now) = (named.pairing, ground.clock().now());
    match pairing.state {
        PairingState::Refused => return Ok(PairingStatus::Refused),
        PairingState::Agreed | PairingState::Claimed | PairingState::Open if pairing.expires_at <= now => return Ok(PairingStatus::Lapsed),
        PairingState::Agreed | PairingState::Claimed | PairingState::Open => return Ok(PairingStatus::Waiting),
        PairingState::Confirmed => {}
    }
    if pairing.way != Some(named.way) || pairing.expires_at.plus(COLLECTED_WITHIN) <= now {
        return Err(PhoneError::Gone);
    }
    let phone = wire_id(pairing.phone);
    let token = Secret::draw(&mut Drawn(ground.random()));
    let hash = Bearer { phone, token: token.clone() }.hash();
    let row = ground.database.write(async |unit| {
        if !store::give_token(unit, pairing.phone, &hash).await? {
            return Err(PhoneError::Gone);
        }
        let event = audit::Event::new("phone.token_given", Author::Anyone, subject(pairing.phone)).personal("network", network);
        audit::record(unit, event).await?;
        store::phone(unit, pairing.phone).await?.ok_or(PhoneError::Gone)
    });
    let row = row.await?;
    let signature = Signature::from_der("signature", &row.record_signature)?;
    let record = Signed::<PairingRecord>::from_parts(row.record, signature)?;
    let token = pin::deliver(&collect.reply_key, Delivery::DeviceToken, phone, &asked.nonce.0, &token, &mut Drawn(ground.random()));
    Ok(PairingStatus::Paired { record, token })
}
