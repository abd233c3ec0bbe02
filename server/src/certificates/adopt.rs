//! Decryption keys that an earlier release kept under the keystore alone move into the archive, each as soon as its person has a key pair.

use certs::{archive::EncryptionCertificate, revocation::Reason};
use uuid::Uuid;

use super::{
    CertificateError, keys,
    store::{self, KeptKey},
};
use crate::{
    archives::{self, Owner},
    platform::{
        actor::Author,
        ground::Ground,
        id::{CertificateId, Id as _},
    },
};

/// So many in one go.
const BATCH: i64 = 100;

/// Moves what can be moved. A key whose person never logged in since waits; that of somebody who left moves to the company's key alone.
/// Gives how many moved.
///
/// # Errors
/// When database or keystore fail. A key that is not its certificate's stays where it is, and the log names it.
pub async fn adopt(ground: &Ground) -> Result<usize, CertificateError> {
    let (mut after, mut moved) = (CertificateId::from_uuid(Uuid::nil()), 0);
    loop {
        let kept = store::kept_keys(&mut ground.database.read().await?, after, BATCH).await?;
        let Some(last) = kept.last() else { return Ok(moved) };
        after = last.id;
        for key in kept {
            let id = key.id;
            match adopt_one(ground, key).await {
                Ok(done) => moved += usize::from(done),
                Err(CertificateError::Archive(error)) => tracing::error!(certificate = %id, %error, "a kept key cannot be archived"),
                Err(error) => return Err(error),
            }
        }
    }
}

async fn adopt_one(ground: &Ground, kept: KeptKey) -> Result<bool, CertificateError> {
    let (id, company) = (kept.id, kept.company_id);
    let owner = Owner { account: kept.account_id, employee: kept.employee_id, company };
    let recipients = archives::standing_recipients(ground, owner.account.into(), company).await?;
    let has_left = kept.reason.as_deref() == Some(Reason::CessationOfOperation.as_str());
    let moves = recipients.have_person() || (has_left && recipients.have_company());
    if !moves {
        return Ok(false);
    }
    let certificate = EncryptionCertificate::check(&kept.certificate).map_err(archives::ArchiveError::from)?;
    let wrapped = kept.wrapped;
    let context = keys::key_context(id);
    let key = ground.with_keystore(move |keystore| recipients.adopt(keystore, id, (&wrapped, &context), &certificate)).await?;
    ground
        .database
        .write(async |unit| {
            let first = store::delete_kept_key(unit, id).await?;
            if first {
                archives::store_key(unit, &key, owner, Author::System("certificates")).await?;
            }
            Ok(first)
        })
        .await
}
