//! The minutes of a change of board: a PDF, bounded, kept once and sealed under the keystore, bound to its change.

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{
    SuccessionError,
    model::{Succession, SuccessionKind},
    read, store,
};
use crate::{
    audit,
    platform::{
        actor::{Actor, Role},
        fault::FieldFault,
        ground::Ground,
        id::{Id as _, SuccessionId},
        limits, text,
    },
};

fn context(id: SuccessionId) -> Vec<u8> {
    [b"successions/minutes/v1".as_slice(), id.uuid().as_bytes()].concat()
}

fn check(bytes: &[u8]) -> Result<(), SuccessionError> {
    let fault = if bytes.len() > limits::SCAN_BYTES {
        FieldFault::new("minutes", "field_scan_large").with("most", text::size(limits::SCAN_BYTES))
    } else if bytes.starts_with(b"%PDF-") {
        return Ok(());
    } else {
        FieldFault::new("minutes", "field_scan_pdf")
    };
    Err(SuccessionError::Invalid(vec![fault]))
}

/// The change of board, if this person may add its minutes now: whoever asked for it, or an operator who registers.
///
/// # Errors
/// [`SuccessionError::NotFound`], [`SuccessionError::ProveAgain`], [`SuccessionError::Ended`], [`SuccessionError::HasMinutes`].
pub async fn addable(ground: &Ground, actor: &Actor, id: SuccessionId) -> Result<Succession, SuccessionError> {
    let found = read::visible(&mut ground.database.read().await?, actor, id).await?.ok_or(SuccessionError::NotFound)?;
    if found.kind != SuccessionKind::Board || (found.asked_by != actor.account && !actor.is(Role::Registration)) {
        return Err(SuccessionError::NotFound);
    }
    let now = ground.clock().now();
    if !actor.has_proven(now) {
        return Err(SuccessionError::ProveAgain);
    }
    if found.minutes_hash.is_some() {
        return Err(SuccessionError::HasMinutes);
    }
    if found.is_open(now) { Ok(found) } else { Err(SuccessionError::Ended { state: found.state }) }
}

/// Keeps the minutes, once.
///
/// # Errors
/// As [`addable`]; [`SuccessionError::Invalid`] for what is no PDF, or too large.
pub async fn keep_minutes(ground: &Ground, actor: &Actor, id: SuccessionId, bytes: &[u8]) -> Result<(), SuccessionError> {
    check(bytes)?;
    let found = addable(ground, actor, id).await?;
    let (digest, size): ([u8; 32], _) = (Sha256::digest(bytes).into(), bytes.len());
    let plain = Zeroizing::new(bytes.to_vec());
    let sealed = ground.with_keystore(move |keystore| keystore.wrap(&plain, &context(id))).await?;
    ground
        .database
        .write(async |unit| {
            if !store::hold(unit, id).await? {
                return Err(SuccessionError::Ended { state: found.state });
            }
            if !store::keep_minutes(unit, id, &digest, &sealed).await? {
                return Err(SuccessionError::HasMinutes);
            }
            let event = audit::Event::new("succession.minutes_kept", actor.author(), format_args!("succession:{id}"))
                .company(found.company)
                .fact("minutes", hex::encode(digest))
                .fact("size_bytes", size);
            Ok(audit::record(unit, event).await?)
        })
        .await
}

/// The minutes of a change that the actor may see.
///
/// # Errors
/// [`SuccessionError::NotFound`]; when the keystore fails.
pub async fn minutes(ground: &Ground, actor: &Actor, id: SuccessionId) -> Result<Zeroizing<Vec<u8>>, SuccessionError> {
    let mut reader = ground.database.read().await?;
    read::visible(&mut reader, actor, id).await?.ok_or(SuccessionError::NotFound)?;
    let sealed = store::minutes(&mut reader, id).await?.ok_or(SuccessionError::NotFound)?;
    drop(reader);
    Ok(ground.with_keystore(move |keystore| keystore.unwrap(&sealed, &context(id))).await?)
}
