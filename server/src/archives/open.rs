//! Archived keys are opened: by their person, or by two holders of the company's key, one of whom released a share to the other.

use std::collections::{BTreeMap, BTreeSet};

use certs::{
    archive::{HolderKey, HolderPublic, Share, join},
    keystore::Keystore,
};

use super::{
    ArchiveError, Lock, Opened, Released,
    model::{copy_context, release_context, share_context},
    store::{self, Copy},
};
use crate::platform::{
    ground::Ground,
    id::{CompanyKeyId, EmployeeId, HolderId},
};

/// Every archived key of a person, the oldest first.
///
/// # Errors
/// [`ArchiveError::Craft`] for a wrong password; when database or keystore fail.
pub async fn open_own(ground: &Ground, lock: &Lock) -> Result<Vec<Opened>, ArchiveError> {
    let mut reader = ground.database.read().await?;
    let Some((_, sealed_private)) = store::holder(&mut reader, lock.holder()).await? else { return Ok(Vec::new()) };
    let copies = store::copies_of(&mut reader, lock.holder()).await?;
    drop(reader);
    let lock = lock.clone();
    ground
        .with_keystore(move |keystore| {
            let person = lock.open(keystore, &sealed_private)?;
            copies.iter().map(|copy| open(&person, copy)).collect()
        })
        .await
}

/// Opens a holder's shares of these company keys and seals them to another holder, for this purpose alone. Keys of which the holder has
/// no share, or the other no key pair, are left out.
///
/// # Errors
/// [`ArchiveError::Craft`] for a wrong password or code.
pub async fn release(
    ground: &Ground,
    lock: &Lock,
    keys: &BTreeSet<CompanyKeyId>,
    to: HolderId,
    purpose: &[u8],
) -> Result<Vec<Released>, ArchiveError> {
    let mut reader = ground.database.read().await?;
    let own = store::holder(&mut reader, lock.holder()).await?;
    let (Some((_, sealed_private)), Some((public, _))) = (own, store::holder(&mut reader, to).await?) else { return Ok(Vec::new()) };
    let mut shares = Vec::new();
    for key in keys {
        shares.extend(store::share(&mut reader, *key, lock.holder()).await?.map(|sealed| (*key, sealed)));
    }
    drop(reader);
    let (lock, purpose) = (lock.clone(), purpose.to_vec());
    ground
        .with_keystore(move |keystore| {
            let own = lock.open(keystore, &sealed_private)?;
            shares.into_iter().map(|share| pass_on(&own, lock.holder(), &public, share, &purpose)).collect()
        })
        .await
}

fn pass_on(
    own: &HolderKey,
    holder: HolderId,
    to: &HolderPublic,
    (company_key, sealed): (CompanyKeyId, Vec<u8>),
    purpose: &[u8],
) -> Result<Released, ArchiveError> {
    let share = own.open_share(&sealed, &share_context(company_key, holder))?;
    Ok(Released { company_key, sealed: to.seal_share(&share, &release_context(company_key, purpose))? })
}

/// Opens what an employee's archived keys are sealed to, with a holder's own shares and those released to them for this purpose. What no
/// pair of shares opens is left out.
///
/// # Errors
/// [`ArchiveError::Craft`] for a wrong password, or when a row was changed.
pub async fn open_released(
    ground: &Ground,
    lock: &Lock,
    employee: EmployeeId,
    released: &[Released],
    purpose: &[u8],
) -> Result<Vec<Opened>, ArchiveError> {
    let mut reader = ground.database.read().await?;
    let Some((_, sealed_private)) = store::holder(&mut reader, lock.holder()).await? else { return Ok(Vec::new()) };
    let mut pairs = Vec::new();
    for one in released {
        let own = store::share(&mut reader, one.company_key, lock.holder()).await?;
        let public = store::company_key(&mut reader, one.company_key).await?;
        if let (Some(own), Some(key)) = (own, public) {
            let copies = store::copies_of_employee(&mut reader, employee, one.company_key.into()).await?;
            pairs.push(Pair { key: key.id, public: key.public, own, released: one.sealed.clone(), copies });
        }
    }
    drop(reader);
    let (lock, purpose) = (lock.clone(), purpose.to_vec());
    ground.with_keystore(move |keystore| open_pairs(keystore, &lock, &sealed_private, &pairs, &purpose)).await
}

struct Pair {
    key: CompanyKeyId,
    public: HolderPublic,
    own: Vec<u8>,
    released: Vec<u8>,
    copies: Vec<Copy>,
}

fn open_pairs(
    keystore: &dyn Keystore,
    lock: &Lock,
    sealed_private: &[u8],
    pairs: &[Pair],
    purpose: &[u8],
) -> Result<Vec<Opened>, ArchiveError> {
    let own = lock.open(keystore, sealed_private)?;
    let mut opened = BTreeMap::new();
    for pair in pairs {
        let shares: [Share; 2] = [
            own.open_share(&pair.own, &share_context(pair.key, lock.holder()))?,
            own.open_share(&pair.released, &release_context(pair.key, purpose))?,
        ];
        let company = join(&shares, &pair.public)?;
        for copy in &pair.copies {
            opened.insert(copy.certificate_id, open(&company, copy)?);
        }
    }
    Ok(opened.into_values().collect())
}

fn open(holder: &HolderKey, copy: &Copy) -> Result<Opened, ArchiveError> {
    let key = holder.open_key(&copy.sealed, &copy_context(copy.certificate_id, &copy.spki_hash))?;
    Ok(Opened { certificate: copy.certificate_id, key })
}
