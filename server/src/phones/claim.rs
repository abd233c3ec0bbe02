//! Writes a phone's claim down: the first one, once. The digits hang on a nonce that is made only now.

use keycard::{
    Secret, Signature, Signed,
    pairing::{Claim, Registered, agree_answer, agree_challenge},
    wire::{ClaimPairing, RegisteredPairing},
};

use subtle::ConstantTimeEq as _;

use super::{
    PairingState, PhoneError, attest,
    draw::Drawn,
    identity,
    model::{subject, wire_id},
    offer::{named, wrong},
    store::{self, pairings::Claimed},
};
use crate::{
    audit,
    platform::{actor::Author, ground::Ground, random},
};

/// Writes the claim down. The same claim again gets the same answer.
///
/// # Errors
/// [`PhoneError::NotRight`] for a tag under another token (counted), [`PhoneError::Fault`] for a claim to another service or of another phone,
/// [`PhoneError::Claimed`] when another one was first, [`PhoneError::NotAttested`] under the policy *require*.
pub async fn claim(ground: &Ground, asked: &ClaimPairing, network: &str) -> Result<RegisteredPairing, PhoneError> {
    let named = named(ground, &asked.lookup.0, network).await?;
    let identity = identity::of(ground).await?;
    if !bool::from(asked.claim.tag(&named.keys).ct_eq(&asked.tag.0)) {
        return wrong(ground, network).await;
    }
    let phone = named.pairing.phone;
    let claim = asked.claim.judge(&named.keys, &asked.tag.0, &identity.pin(), wire_id(phone))?;
    named.in_time(ground.clock().now())?;
    let hash = asked.claim.hash();
    match named.pairing.state {
        PairingState::Open => {}
        PairingState::Agreed | PairingState::Claimed | PairingState::Confirmed => return again(named.pairing, &hash),
        PairingState::Refused => return Err(PhoneError::Gone),
    }
    let attested = attest::judge(ground, &claim, asked.attestation.as_ref(), &named.keys.challenge)?;
    let challenge = Secret::draw(&mut Drawn(ground.random()));
    let nonce = random::bytes::<32>(ground.random());
    let sealed = agree_challenge(&claim, &hash, &challenge, &mut Drawn(ground.random()));
    let registered = identity.sign(ground, Registered { claim: hash, nonce, challenge: sealed }).await?;
    let chain = asked.attestation.as_ref().map(serde_json::to_vec).transpose().map_err(|_| PhoneError::Unreadable("attestation"))?;
    let row = Claimed {
        way: named.way,
        claim: asked.claim.bytes(),
        claim_hash: hash,
        protection: attested.protection,
        answer: agree_answer(&challenge),
        nonce,
        registered: registered.bytes(),
        registered_signature: registered.signature().der(),
        attestation_chain: chain.as_deref(),
    };
    let written = ground.database.write(async |unit| {
        if !store::pairings::claim(unit, phone, &row).await? {
            return Ok::<_, PhoneError>(false);
        }
        let event = audit::Event::new("phone.claimed", Author::Anyone, subject(phone))
            .fact("way", row.way.word())
            .fact("protection", attested.protection)
            .fact("attestation", attested.told)
            .personal("network", network);
        audit::record(unit, event).await?;
        Ok(true)
    });
    if written.await? { Ok(RegisteredPairing { registered }) } else { Err(PhoneError::Claimed) }
}

/// The answer that the same claim got before.
fn again(pairing: super::Pairing, hash: &[u8; 32]) -> Result<RegisteredPairing, PhoneError> {
    if pairing.claim_hash.as_deref() != Some(hash.as_slice()) {
        return Err(PhoneError::Claimed);
    }
    let (bytes, der) = pairing.registered.ok_or(PhoneError::Unreadable("registered"))?;
    Ok(RegisteredPairing { registered: Signed::<Registered>::from_parts(bytes, Signature::from_der("signature", &der)?)? })
}

/// The claim of a pairing, as it was judged.
pub(super) fn of(pairing: &super::Pairing) -> Result<Claim, PhoneError> {
    let bytes = pairing.claim.as_deref().ok_or(PhoneError::Gone)?;
    Ok(keycard::Canonical::decode(bytes)?)
}
