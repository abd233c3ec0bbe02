//! Codes by time, for where no network reaches the phone: a secret of its own, a step taken once, wrong ones counted.
//!
//! A code shows possession of the phone, and of its PIN or, where its keys rest in hardware, of what its system asks for. It logs in; it never opens a
//! signing key.

use keycard::{
    OfflineAsk, Secret, oath,
    pin::{self, Delivery},
    wire::{AskOffline, OfflineGiven},
};
use zeroize::Zeroizing;

use super::{
    Phone, PhoneError,
    draw::Drawn,
    model::{offline_context, subject},
    store::{self, secrets},
};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::Unit,
        ground::Ground,
        id::{AccountId, PhoneId},
    },
};

/// So many wrong codes in a row, and the phone's codes are taken no more until it has fetched a new secret.
const WRONG_IN_A_ROW: i64 = 15;

/// Gives a phone a new secret for its codes, by a signature of its key; codes of an earlier one are nothing.
///
/// # Errors
/// [`PhoneError::NotRight`] when another key signed, or over another nonce than the last.
pub async fn ask(ground: &Ground, phone: &Phone, asked: &AskOffline) -> Result<OfflineGiven, PhoneError> {
    let ask: OfflineAsk = asked.ask.open(&phone.keys.sign).map_err(|_| PhoneError::NotRight)?;
    if ask.phone != phone.wire_id() {
        return Err(PhoneError::NotRight);
    }
    let secret = Secret::draw(&mut Drawn(ground.random()));
    let (id, plain) = (phone.id, Zeroizing::new(*secret.expose()));
    let sealed = ground.with_keystore(move |keystore| keystore.wrap(plain.as_slice(), &offline_context(id))).await?;
    let kept = ground.database.write(async |unit| {
        if !secrets::use_nonce(unit, phone.id, &ask.nonce).await? || !secrets::keep_offline(unit, phone.id, &sealed).await? {
            return Err(PhoneError::NotRight);
        }
        let event = audit::Event::new("phone.offline_given", Author::Account(phone.account), subject(phone.id));
        Ok(audit::record(unit, event).await?)
    });
    kept.await?;
    let secret = pin::deliver(&ask.reply_key, Delivery::Offline, phone.wire_id(), &ask.nonce, &secret, &mut Drawn(ground.random()));
    Ok(OfflineGiven { secret })
}

/// A typed code, looked at; [`redeem`] burns its step.
#[derive(Debug)]
pub struct Judged {
    account: AccountId,
    right: Option<(PhoneId, i64)>,
}

/// Looks at a typed code, outside any unit. The try is counted first, so that tries sent at once cannot outrun the count; a right code sets it back.
///
/// # Errors
/// When keystore or database fail. A wrong code is no error here, so that callers go on to [`redeem`] and refuse there.
pub async fn judge(ground: &Ground, account: AccountId, typed: &str) -> Result<Judged, PhoneError> {
    let mut reader = ground.database.read().await?;
    let phones = secrets::offline_of(&mut reader, account, WRONG_IN_A_ROW).await?;
    drop(reader);
    let counted = ground.database.write(async |unit| {
        let counted = secrets::count_offline_try(unit, account, WRONG_IN_A_ROW).await?;
        let event = audit::Event::new("phone.code_tried", Author::Anyone, format!("account:{account}")).fact("phones", counted);
        audit::record(unit, event).await?;
        Ok::<_, PhoneError>(counted)
    });
    if counted.await? == 0 {
        return Ok(Judged { account, right: None });
    }
    Ok(Judged { account, right: matched(ground, phones, typed).await? })
}

/// As [`judge`], before the password: anybody may type there, so nothing is counted against the phones. The caller counts by network.
///
/// # Errors
/// When keystore or database fail.
pub async fn judge_first(ground: &Ground, account: AccountId, typed: &str) -> Result<Judged, PhoneError> {
    let mut reader = ground.database.read().await?;
    let phones = secrets::offline_of(&mut reader, account, WRONG_IN_A_ROW).await?;
    drop(reader);
    if phones.is_empty() {
        // As much work as for a phone that there is: sealing costs what opening does.
        let sealed = ground.with_keystore(|keystore| keystore.wrap(&[0; 32], b"phones/nobody/v1")).await?;
        std::hint::black_box((sealed, oath::matched_step(oath::Kind::PHONE, &[0; 32], typed, 0, None)));
    }
    Ok(Judged { account, right: matched(ground, phones, typed).await? })
}

async fn matched(ground: &Ground, phones: Vec<secrets::Offline>, typed: &str) -> Result<Option<(PhoneId, i64)>, PhoneError> {
    let now = u64::try_from(ground.clock().now().millis()).unwrap_or(0);
    let mut right = None;
    for phone in phones {
        let id = phone.id;
        let secret = ground.with_keystore(move |keystore| keystore.unwrap(&phone.offline, &offline_context(id))).await?;
        let burnt = u64::try_from(phone.offline_step).ok().filter(|step| *step > 0);
        if let Some(step) = oath::matched_step(oath::Kind::PHONE, &secret, typed, now, burnt) {
            right = i64::try_from(step).ok().map(|step| (id, step));
        }
    }
    Ok(right)
}

/// Burns the step of a right code, once, and gives the phone that showed it.
///
/// # Errors
/// [`PhoneError::NotRight`] for a wrong code (already counted), or one that was used.
pub async fn redeem(unit: &mut Unit, judged: &Judged) -> Result<PhoneId, PhoneError> {
    let (phone, step) = judged.right.ok_or(PhoneError::NotRight)?;
    if !store::secrets::burn_step(unit, phone, judged.account, step).await? {
        return Err(PhoneError::NotRight);
    }
    let event = audit::Event::new("phone.code_used", Author::Account(judged.account), subject(phone)).fact("step", step);
    audit::record(unit, event).await?;
    Ok(phone)
}
