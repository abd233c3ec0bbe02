//! Gives the share of the vault key after a proof of the PIN. Five wrong in a row, and it is gone for good.
//!
//! Each proof uses a nonce of ours up, and is judged and counted in the unit that uses it up: tries sent at once cannot outrun the count.

use keycard::{
    PublicKey, Secret,
    pin::{self, Delivery},
    wire::{AskShare, ChangePin, Exact, ShareAnswer, ShareNonce},
};
use subtle::ConstantTimeEq as _;
use time::Duration;
use zeroize::Zeroizing;

use super::{
    Phone, PhoneError,
    confirm::PIN_KEYS,
    draw::Drawn,
    model::{pin_key_text, share_context, subject},
    store::{self, secrets},
};
use crate::{
    audit,
    platform::{actor::Author, database::Unit, ground::Ground, id::PhoneId, random},
};

const NONCE_LIVES: Duration = Duration::minutes(2);

/// Makes the nonce that the next proof must be made over. An earlier one is worth nothing any more.
///
/// # Errors
/// [`PhoneError::Gone`] when the phone was ended meanwhile.
pub async fn ask_nonce(ground: &Ground, phone: &Phone) -> Result<ShareNonce, PhoneError> {
    let nonce = random::bytes::<32>(ground.random());
    let kept = ground.database.write(async |unit| {
        let until = unit.now().plus(NONCE_LIVES);
        store::secrets::keep_nonce(unit, phone.id, &nonce, until).await
    });
    if kept.await? { Ok(ShareNonce { nonce: Exact(nonce) }) } else { Err(PhoneError::Gone) }
}

/// Which PIN was proven.
enum Proven {
    Old(Vec<u8>),
    New(Vec<u8>),
}

/// What became of a proof.
enum Judged {
    Gone,
    Right(Proven),
    Wrong(u8),
}

/// A proof, as it came: signed by the key that it names or not.
struct Shown {
    hash: [u8; 32],
    signed: bool,
    nonce: [u8; 32],
}

async fn shown(ground: &Ground, phone: &Phone, key: &PublicKey, signed: bool, nonce: [u8; 32]) -> Result<Shown, PhoneError> {
    Ok(Shown { hash: hashed(ground, phone.id, *key).await?, signed, nonce })
}

async fn hashed(ground: &Ground, phone: PhoneId, key: PublicKey) -> Result<[u8; 32], PhoneError> {
    Ok(ground.with_keystore(move |keystore| keystore.hmac(PIN_KEYS, &pin_key_text(phone, &key))).await?)
}

/// Uses the nonce up and judges, in one unit.
async fn judge(unit: &mut Unit, phone: PhoneId, shown: &Shown) -> Result<Judged, PhoneError> {
    if !secrets::use_nonce(unit, phone, &shown.nonce).await? {
        return Err(PhoneError::NotRight);
    }
    let row = secrets::guarded(unit, phone).await?.ok_or(PhoneError::Gone)?;
    let Some(share) = row.share else { return Ok(Judged::Gone) };
    let is = |kept: Option<&Vec<u8>>| shown.signed && kept.is_some_and(|kept| bool::from(kept.as_slice().ct_eq(&shown.hash)));
    if is(row.pin_key_hash.as_ref()) {
        secrets::note_right_pin(unit, phone).await?;
        return Ok(Judged::Right(Proven::Old(share)));
    }
    if let Some(next) = row.next_share
        && is(row.next_pin_key_hash.as_ref())
    {
        secrets::promote(unit, phone).await?;
        let event = audit::Event::new("phone.pin_changed", Author::System("phones"), subject(phone));
        audit::record(unit, event).await?;
        return Ok(Judged::Right(Proven::New(next)));
    }
    let most = i64::from(pin::TRIES);
    let wrong = secrets::count_wrong_pin(unit, phone, most).await?;
    let event = audit::Event::new("phone.pin_refused", Author::Anyone, subject(phone)).fact("wrong_in_a_row", wrong);
    audit::record(unit, event).await?;
    if wrong >= most {
        audit::record(unit, audit::Event::new("phone.share_destroyed", Author::System("phones"), subject(phone))).await?;
        return Ok(Judged::Gone);
    }
    Ok(Judged::Wrong(u8::try_from(most - wrong).unwrap_or(0)))
}

/// Gives the share, sealed to this very question, if the PIN is proven.
///
/// # Errors
/// [`PhoneError::NotRight`] for another nonce than the last; [`PhoneError::Gone`] when the phone was ended.
pub async fn ask_share(ground: &Ground, phone: &Phone, asked: &AskShare) -> Result<ShareAnswer, PhoneError> {
    let proof: pin::PinProof = keycard::Canonical::decode(asked.proof.bytes())?;
    let signed = asked.proof.open(&asked.pin_key).is_ok() && proof.phone == phone.wire_id();
    let shown = shown(ground, phone, &asked.pin_key, signed, proof.nonce).await?;
    let judged = ground.database.write(async |unit| judge(unit, phone.id, &shown).await).await?;
    let sealed = match judged {
        Judged::Gone => return Ok(ShareAnswer::Gone),
        Judged::Wrong(tries_left) => return Ok(ShareAnswer::Wrong { tries_left }),
        Judged::Right(Proven::New(sealed) | Proven::Old(sealed)) => sealed,
    };
    let id = phone.id;
    let opened = ground.with_keystore(move |keystore| keystore.unwrap(&sealed, &share_context(id))).await?;
    let share = Secret::new(opened.as_slice().try_into().map_err(|_| PhoneError::Unreadable("share"))?);
    Ok(given(ground, phone, &proof.reply_key, &proof.nonce, &share))
}

fn given(ground: &Ground, phone: &Phone, to: &PublicKey, nonce: &[u8; 32], share: &Secret) -> ShareAnswer {
    let share = pin::deliver(to, Delivery::Share, phone.wire_id(), nonce, share, &mut Drawn(ground.random()));
    ShareAnswer::Given { share }
}

/// Takes a new PIN beside the old one, and gives a new share for it. The old one is forgotten when the new one has proven itself.
///
/// # Errors
/// As [`ask_share`].
pub async fn change_pin(ground: &Ground, phone: &Phone, asked: &ChangePin) -> Result<ShareAnswer, PhoneError> {
    let change: pin::PinChange = keycard::Canonical::decode(asked.change.bytes())?;
    let signed = asked.change.open(&asked.pin_key).is_ok() && change.phone == phone.wire_id();
    let shown = shown(ground, phone, &asked.pin_key, signed, change.nonce).await?;
    let next_hash = hashed(ground, phone.id, change.pin_key).await?;
    let share = Secret::draw(&mut Drawn(ground.random()));
    let (id, plain) = (phone.id, Zeroizing::new(*share.expose()));
    let sealed = ground.with_keystore(move |keystore| keystore.wrap(plain.as_slice(), &share_context(id))).await?;
    let judged = ground.database.write(async |unit| {
        let judged = judge(unit, phone.id, &shown).await?;
        if let Judged::Right(_) = &judged {
            secrets::keep_next(unit, phone.id, &next_hash, &sealed).await?;
            audit::record(unit, audit::Event::new("phone.pin_change_begun", Author::System("phones"), subject(phone.id))).await?;
        }
        Ok::<_, PhoneError>(judged)
    });
    Ok(match judged.await? {
        Judged::Gone => ShareAnswer::Gone,
        Judged::Wrong(tries_left) => ShareAnswer::Wrong { tries_left },
        Judged::Right(_) => given(ground, phone, &change.reply_key, &change.nonce, &share),
    })
}
