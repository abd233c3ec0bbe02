//! While a person's password is at hand: they get a key pair if they have none yet, and their keys follow to the company's present key. Under four
//! digits nobody gets one, and one that an earlier release laid there goes, with its shares, unless it opens old mail: then it waits for a longer password.

use super::{
    ArchiveError, Lock,
    make::{new_holder, remove_holder, store_holder},
    model::copy_context,
    store::{self, Copy},
};
use crate::{
    audit,
    platform::{
        actor::Author,
        ground::Ground,
        id::{AccountId, CertificateId, CompanyId},
    },
};

/// Does both. Most often there is nothing to do, and only rows are read.
///
/// # Errors
/// When database or keystore fail. Nobody's log-in should fail for that.
pub async fn tend(ground: &Ground, account: AccountId, company: CompanyId, lock: &Lock) -> Result<(), ArchiveError> {
    if !lock.may_seal() {
        return take_away(ground, account, company, lock).await;
    }
    let mut reader = ground.database.read().await?;
    let Some((_, sealed_private)) = store::holder(&mut reader, lock.holder()).await? else {
        drop(reader);
        let new = new_holder(ground, lock).await?;
        let stored = ground.database.write(async |unit| store_holder(unit, &new, company, Author::Account(account)).await).await;
        return if matches!(stored, Err(ArchiveError::OtherHolderKey)) { Ok(()) } else { stored };
    };
    let Some(present) = store::current_key(&mut reader, company).await? else { return Ok(()) };
    let behind = store::copies_behind(&mut reader, lock.holder(), present.id.into()).await?;
    drop(reader);
    if behind.is_empty() {
        return Ok(());
    }
    let (lock, public) = (lock.clone(), present.public.clone());
    let copies = ground
        .with_keystore(move |keystore| -> Result<Vec<(CertificateId, Vec<u8>)>, ArchiveError> {
            let person = lock.open(keystore, &sealed_private)?;
            let again = |copy: &Copy| -> Result<(CertificateId, Vec<u8>), ArchiveError> {
                let context = copy_context(copy.certificate_id, &copy.spki_hash);
                let key = person.open_key(&copy.sealed, &context)?;
                Ok((copy.certificate_id, public.seal_key(&key, &context)?))
            };
            behind.iter().map(again).collect()
        })
        .await?;
    ground
        .database
        .write(async |unit| {
            for (certificate, sealed) in &copies {
                store::insert_copy(unit, *certificate, present.id.into(), sealed).await?;
            }
            let event = audit::Event::new("key.sealed_again", Author::Account(account), format_args!("account:{account}"))
                .company(company)
                .fact("key", present.id)
                .fact("keys", copies.len());
            Ok(audit::record(unit, event).await?)
        })
        .await
}

/// What lies under four digits.
async fn take_away(ground: &Ground, account: AccountId, company: CompanyId, lock: &Lock) -> Result<(), ArchiveError> {
    let mut reader = ground.database.read().await?;
    if store::holder(&mut reader, lock.holder()).await?.is_none() || !store::copies_of(&mut reader, lock.holder()).await?.is_empty() {
        return Ok(());
    }
    drop(reader);
    ground.database.write(async |unit| remove_holder(unit, lock.holder(), company, Author::Account(account)).await).await
}
