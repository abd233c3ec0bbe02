//! Takes what was prepared: the row first, then the key, then the row is active.

use super::{CertificateError, Prepared, end::give_up, prepare::prove, store};
use crate::{
    audit::{self, Event},
    certificates::certified,
    platform::{actor::Author, database::Unit, ground::Ground},
};

/// Stores the intention in the caller's unit. The key is the company's from now on.
///
/// # Errors
/// [`CertificateError::AlreadyImported`], or [`CertificateError::ImportUnderWay`] while its key is not proven;
/// [`CertificateError::KeyCompromised`], [`CertificateError::KeyOfAnother`].
pub async fn intend(unit: &mut Unit, prepared: &Prepared, author: Author) -> Result<(), CertificateError> {
    certified::claim_for(unit, &prepared.examined.public_key.spki_sha256(), &format!("company:{}", prepared.company)).await?;
    if !store::imported::insert(unit, prepared).await? {
        let under_way = store::imported::is_under_way(unit, &prepared.examined.fingerprint).await?;
        return Err(if under_way { CertificateError::ImportUnderWay } else { CertificateError::AlreadyImported });
    }
    let event = Event::new("certificate.import_intended", author, format!("certificate:{}", prepared.id))
        .company(prepared.company)
        .fact("fingerprint", hex::encode(prepared.examined.fingerprint))
        .fact("key_label", &prepared.label);
    Ok(audit::record(unit, event).await?)
}

/// Puts the key into the keystore, where it signs a proof; a token's key is there already and has proven itself. Gives the key away.
///
/// # Errors
/// [`CertificateError::Keystore`]: what was intended is given up. [`CertificateError::NotIntended`] when it was removed meanwhile: then the key
/// is deleted again.
pub async fn keep(ground: &Ground, prepared: &mut Prepared) -> Result<(), CertificateError> {
    let Some(key) = prepared.key.take() else { return Ok(()) };
    let (label, examined) = (prepared.label.clone(), prepared.examined.clone());
    let kept = ground
        .with_keystore(move |keystore| {
            keystore.import(&label, &key)?;
            prove(&label, &examined, keystore)
        })
        .await;
    if kept.is_err() {
        give_up(ground, prepared.company, prepared.id).await?;
        return kept;
    }
    // Whoever removes it from here on finds the key and deletes it.
    if store::imported::is_intended(&mut ground.database.read().await?, prepared.id).await? {
        return Ok(());
    }
    let label = prepared.label.clone();
    ground.with_keystore(move |keystore| keystore.destroy(&label)).await?;
    Err(CertificateError::NotIntended)
}

/// Makes it active, in the caller's unit.
///
/// # Errors
/// [`CertificateError::NotIntended`] when it was swept away meanwhile.
pub async fn confirm(unit: &mut Unit, prepared: &Prepared, author: Author) -> Result<(), CertificateError> {
    if !store::imported::activate(unit, prepared.id).await? {
        return Err(CertificateError::NotIntended);
    }
    let event = Event::new("certificate.imported", author, format!("certificate:{}", prepared.id))
        .company(prepared.company)
        .fact("purpose", prepared.purpose.word())
        .fact("fingerprint", hex::encode(prepared.examined.fingerprint))
        .fact("issuer", &prepared.examined.issuer)
        .fact("key_label", &prepared.label);
    Ok(audit::record(unit, event).await?)
}
