//! The person confirms a pairing: has compared the digits, shows the password and a further key of the card, and is told by mail at once.
//!
//! The password is shown first, and the key of the card after it: so the secrets of the signing keys are sealed to the phone's agreement key in the
//! first step, whose digits the person has compared, rest in the pairing, and become the phone's openers in the unit that confirms it. An
//! opener of a pairing that nobody confirms goes with it; only the phone could open it.

use keycard::{Signed, pairing};
use sha2::{Digest as _, Sha256};
use time::Duration;
use zeroize::Zeroizing;

use super::{
    Pairing, PairingState, Phone, PhoneError, claim, identity, invite,
    model::{MOST_PHONES, pin_key_text, share_context, subject, wire_id},
    offer, openers, read,
    store::{self, NewPhone},
};
use crate::{
    accounts::{self, Proven, Who},
    audit,
    certificates::{self, PhoneKey, SealedOpener},
    keycards,
    notices::{self, Kind, Notice, Sealed},
    platform::{
        actor::{Actor, Author},
        consent::Purpose,
        database::Unit,
        ground::Ground,
        id::{Id as _, PhoneId},
        random,
        secret::{self, Secret},
        words::Language,
    },
};

/// What a PIN key is hashed under in the keystore.
pub(super) const PIN_KEYS: &str = "phones/pin-key/v1";

/// What the key of the card is a yes to: this phone, this claim, these digits.
pub(super) fn binding(pairing: &Pairing, digits: &str) -> [u8; 32] {
    let mut hash = Sha256::new_with_prefix("segl/pair-confirm/v1");
    hash.update(pairing.phone.uuid().as_bytes());
    hash.update(pairing.claim_hash.as_deref().unwrap_or_default());
    hash.update(digits);
    hash.finalize().into()
}

/// The digits of a pairing whose phone has proven both keys.
pub(super) async fn digits(ground: &Ground, pairing: &Pairing) -> Result<Option<String>, PhoneError> {
    match pairing.state {
        PairingState::Agreed => {}
        PairingState::Claimed | PairingState::Confirmed | PairingState::Open | PairingState::Refused => return Ok(None),
    }
    let (Some(way), Some(nonce)) = (pairing.way, pairing.nonce.as_deref()) else { return Err(PhoneError::Unreadable("pairing")) };
    let nonce: [u8; 32] = nonce.try_into().map_err(|_| PhoneError::Unreadable("nonce"))?;
    let keys = offer::kept(ground, pairing).await?.keys(way);
    let claimed = claim::of(pairing)?;
    Ok(Some(pairing::digits(&keys, &identity::of(ground).await?.pin(), &claimed.keys, &nonce)))
}

/// Checks the password and asks for a key of the card, bound to this pairing.
///
/// # Errors
/// As [`accounts::check_password`]; [`PhoneError::Gone`] when no phone has claimed it, or in another session.
pub async fn ask(
    ground: &Ground,
    actor: &Actor,
    phone: PhoneId,
    password: &Secret<String>,
    network: &str,
) -> Result<keycards::Question, PhoneError> {
    let pairing = read::own_pairing(ground, actor, phone).await?;
    let digits = digits(ground, &pairing).await?.ok_or(PhoneError::Gone)?;
    if pairing.replaces.is_some() {
        return Err(PhoneError::OldPhoneApproves);
    }
    let proven = accounts::check_password(ground, Who::LoggedIn(actor), password, network).await?;
    let sealed = sealed_openers(ground, &pairing, &proven).await?;
    let binding = binding(&pairing, &digits);
    ground
        .database
        .write(async |unit| {
            let question = keycards::ask(unit, actor.account, Purpose::Pair, binding).await?;
            if !store::pairings::keep_challenge(unit, phone, question.challenge, &sealed).await? {
                return Err(PhoneError::Gone);
            }
            let event =
                audit::Event::new("phone.confirmation_asked", actor.author(), subject(phone)).fact("key_number", &question.key_number);
            audit::record(unit, event).await?;
            Ok(question)
        })
        .await
}

/// The openers of a new phone, while the password is at hand: they rest in the pairing until it is confirmed.
pub(super) async fn sealed_openers(ground: &Ground, pairing: &Pairing, proven: &Proven) -> Result<Vec<u8>, PhoneError> {
    openers::tend(ground, proven).await;
    let key = PhoneKey { phone: pairing.phone, agree: claim::of(pairing)?.keys.agree };
    let sealed = certificates::seal_openers(ground, &openers::protection(proven), key).await?;
    serde_json::to_vec(&sealed).map_err(|_| PhoneError::Unreadable("openers"))
}

/// Confirms with the key that was asked for: the phone serves from now.
///
/// # Errors
/// [`PhoneError::Keycard`] for a wrong key (counted); [`PhoneError::Gone`]; [`PhoneError::TooManyPhones`].
pub async fn confirm(ground: &Ground, actor: &Actor, phone: PhoneId, key: &str, language: Language) -> Result<Phone, PhoneError> {
    let pairing = read::own_pairing(ground, actor, phone).await?;
    let digits = digits(ground, &pairing).await?.ok_or(PhoneError::Gone)?;
    let challenge = pairing.challenge.ok_or(PhoneError::Gone)?;
    let judged = keycards::judge(ground, challenge, key).await?;
    let binding = binding(&pairing, &digits);
    let evidence = Sha256::new_with_prefix("segl/pair-evidence/v1").chain_update(challenge.uuid().as_bytes()).chain_update(binding);
    let new = prepared(ground, pairing, evidence.finalize().into(), Waits::AsConfigured, language).await?;
    ground
        .database
        .write(async |unit| {
            store::lock_owner(unit, actor.account).await?;
            let consent = keycards::redeem(unit, actor.account, &judged, Purpose::Pair, binding).await?;
            if !consent.covers(Purpose::Pair, actor.account, &binding) {
                return Err(PhoneError::Gone);
            }
            written(unit, actor, &new).await
        })
        .await
}

/// Whether a new phone waits before its first signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waits {
    /// As long as the settings say.
    AsConfigured,
    /// Not at all: a phone that serves already approved it.
    Not,
}

/// A confirmed phone, not yet in the database, and what is told of it.
pub struct Prepared {
    pub(super) pairing: Pairing,
    row: NewPhone,
    openers: Vec<SealedOpener>,
    told: Sealed,
}

/// Signs the record and seals what rests: outside the unit.
pub(super) async fn prepared(
    ground: &Ground,
    pairing: Pairing,
    confirmation: [u8; 32],
    waits: Waits,
    language: Language,
) -> Result<Prepared, PhoneError> {
    let claimed = claim::of(&pairing)?;
    let kept = offer::kept(ground, &pairing).await?;
    let paired_at = ground.clock().now();
    let signs_from = match waits {
        Waits::AsConfigured => paired_at.plus(Duration::hours(ground.config.phones.wait_hours)),
        Waits::Not => paired_at,
    };
    let millis = |moment: crate::platform::moment::Moment| u64::try_from(moment.millis()).unwrap_or(0);
    let protection = pairing.protection.ok_or(PhoneError::Unreadable("protection"))?;
    let record = pairing::PairingRecord {
        phone: wire_id(pairing.phone),
        service: invite::service(ground)?.to_string(),
        account: pairing.user_id.clone(),
        company: pairing.company.clone(),
        keys: claimed.keys,
        protection,
        attestation: claimed.attestation,
        confirmation,
        paired_ms: millis(paired_at),
        usable_ms: millis(signs_from),
    };
    let record: Signed<pairing::PairingRecord> = identity::of(ground).await?.sign(ground, record).await?;
    let (pin_key_hash, share) = sealed_share(ground, (pairing.phone, claimed.pin_key), &kept.share()).await?;
    let cancel = random::token(ground.random());
    let link = format!("{}/phones/cancel/{cancel}", ground.config.server.public_url);
    let notice = Notice::mail(Kind::PhonePaired)
        .with("phone", &claimed.name)
        .with("from", crate::platform::text::people_time(signs_from, language))
        .secret("link", &link);
    let row = NewPhone {
        id: pairing.phone,
        account: pairing.account,
        name: claimed.name,
        keys: claimed.keys,
        protection,
        claimed: claimed.protection,
        attestation: claimed.attestation,
        attestation_chain: pairing.attestation_chain.clone(),
        record: record.bytes().to_vec(),
        record_signature: record.signature().der().to_vec(),
        cancel_hash: secret::token_hash(&cancel),
        pin_key_hash,
        share,
        language,
        paired_at,
        signs_from,
    };
    let openers = pairing.openers.as_deref().unwrap_or(b"[]");
    let openers = serde_json::from_slice(openers).map_err(|_| PhoneError::Unreadable("openers"))?;
    let told = notices::seal(ground, &notice).await?;
    Ok(Prepared { pairing, row, openers, told })
}

/// What the PIN key is known by, and the share, sealed; nothing for a phone without a PIN.
async fn sealed_share(
    ground: &Ground,
    (phone, pin_key): (PhoneId, Option<keycard::PublicKey>),
    share: &keycard::Secret,
) -> Result<(Option<Vec<u8>>, Option<Vec<u8>>), PhoneError> {
    let Some(key) = pin_key else { return Ok((None, None)) };
    let secret = Zeroizing::new(*share.expose());
    let seal = move |keystore: &dyn certs::keystore::Keystore| {
        let hash = keystore.hmac(PIN_KEYS, &pin_key_text(phone, &key))?;
        Ok::<_, PhoneError>((Some(hash.to_vec()), Some(keystore.wrap(secret.as_slice(), &share_context(phone))?)))
    };
    ground.with_keystore(seal).await
}

/// Writes the phone and its record, and tells the person.
pub(super) async fn written(unit: &mut Unit, actor: &Actor, new: &Prepared) -> Result<Phone, PhoneError> {
    let (row, pairing) = (&new.row, &new.pairing);
    if !store::has_room(unit, row.account).await? {
        return Err(PhoneError::TooManyPhones { most: MOST_PHONES });
    }
    if !store::pairings::confirm(unit, row.id, pairing.claim_hash.as_deref().unwrap_or_default()).await? {
        return Err(PhoneError::Gone);
    }
    store::insert(unit, row).await?;
    certificates::store_openers(unit, row.id, &new.openers).await?;
    let event = audit::Event::new("phone.paired", actor.author(), subject(row.id))
        .company(actor.company)
        .fact("account", row.account)
        .fact("record", base64(&row.record))
        .fact("signature", base64(&row.record_signature))
        .fact("protection", row.protection)
        .fact("signs_from", row.signs_from.rfc3339());
    audit::record(unit, event).await?;
    match actor.employee {
        Some(employee) => notices::tell(unit, employee.into(), &new.told).await?,
        None => notices::tell(unit, actor.account.into(), &new.told).await?,
    };
    store::phone(unit, row.id).await?.ok_or(PhoneError::NotFound)
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// The person says no: the digits are others, or nobody should have asked.
///
/// # Errors
/// [`PhoneError::NotFound`] for somebody else's; [`PhoneError::Gone`] when it is over.
pub async fn refuse(unit: &mut Unit, actor: &Actor, phone: PhoneId) -> Result<(), PhoneError> {
    let found = store::pairings::pairing(unit, phone).await?.filter(|found| found.account == actor.account);
    found.ok_or(PhoneError::NotFound)?;
    if !store::pairings::refuse(unit, phone, actor.account).await? {
        return Err(PhoneError::Gone);
    }
    let event = audit::Event::new("phone.refused", Author::Account(actor.account), subject(phone)).fact("reason", "person");
    Ok(audit::record(unit, event).await?)
}
