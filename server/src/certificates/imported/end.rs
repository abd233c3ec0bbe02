//! The end of an imported certificate: it is used no more from this commit on; then its key is deleted, where the keystore can.

use certs::keystore::{Destroyed, KeyLabel};
use time::Duration;

use super::{CertificateError, Imported, KeyHome, store};
use crate::{
    audit::{self, Event},
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
        ground::Ground,
        id::{CertificateId, CompanyId},
    },
};

/// What was intended so long ago was left behind: who intends is done within seconds, or finds that it was given up.
const LEFT_AFTER: Duration = Duration::minutes(2);

/// Removes one of a company's. Its key goes with the next [`sweep`].
///
/// # Errors
/// [`CertificateError::NotFound`] also for another company's.
pub async fn remove(unit: &mut Unit, company: CompanyId, id: CertificateId, author: Author) -> Result<Imported, CertificateError> {
    let found = store::imported::active(unit, company, id).await?.ok_or(CertificateError::NotFound)?;
    if !store::imported::remove(unit, id).await? {
        return Err(CertificateError::NotFound);
    }
    record(unit, &found, author).await?;
    Ok(found)
}

/// Removes all of a company's that closes, also what was on its way.
///
/// # Errors
/// When the database fails.
pub async fn end_of_company(unit: &mut Unit, company: CompanyId, author: Author) -> Result<(), DatabaseError> {
    for found in store::imported::remove_all(unit, company).await? {
        record(unit, &found, author).await?;
    }
    Ok(())
}

async fn record(unit: &mut Unit, removed: &Imported, author: Author) -> Result<(), DatabaseError> {
    let event = Event::new("certificate.import_removed", author, format!("certificate:{}", removed.id))
        .company(removed.company)
        .fact("fingerprint", hex::encode(&removed.fingerprint))
        .fact("key_label", &removed.key_label);
    audit::record(unit, event).await
}

/// Gives up what was left behind half imported, and deletes the keys of what was removed. Gives how many keys.
///
/// # Errors
/// When the database fails. A key that cannot be deleted now is tried again next time.
pub async fn sweep(ground: &Ground) -> Result<usize, CertificateError> {
    let before = ground.clock().now().plus(-LEFT_AFTER);
    let left = store::imported::left_behind(&mut ground.database.read().await?, before).await?;
    for found in left {
        give_up(ground, found.company, found.id).await?;
    }
    let removed = store::imported::with_key_left(&mut ground.database.read().await?).await?;
    let mut deleted = 0;
    for found in removed {
        deleted += usize::from(delete_key(ground, &found).await?);
    }
    Ok(deleted)
}

/// Gives up what never became active; its key, if there is one, goes with the next [`sweep`].
pub(super) async fn give_up(ground: &Ground, company: CompanyId, id: CertificateId) -> Result<(), CertificateError> {
    ground
        .database
        .write(async |unit| {
            if store::imported::give_up(unit, id).await? {
                let event = Event::new("certificate.import_given_up", Author::System("certificates"), format!("certificate:{id}"));
                audit::record(unit, event.company(company)).await?;
            }
            Ok::<_, CertificateError>(())
        })
        .await
}

async fn delete_key(ground: &Ground, removed: &Imported) -> Result<bool, CertificateError> {
    let label = KeyLabel::parse(&removed.key_label)?;
    let destroyed = match removed.key_home {
        KeyHome::Token => Ok(Destroyed::Kept),
        KeyHome::Keystore => ground.with_keystore(move |keystore| keystore.destroy(&label)).await,
    };
    if let Err(error) = destroyed {
        tracing::error!(certificate = %removed.id, %error, "the key of a removed certificate was not deleted");
        return Ok(false);
    }
    ground.database.write(async |unit| store::imported::note_key_deleted(unit, removed.id).await).await?;
    Ok(true)
}
