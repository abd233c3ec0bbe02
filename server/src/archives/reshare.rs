//! Old generations of a company's key move to the present one, when two holders of the old show their passwords: needed for the keys of those
//! who left, since everybody else's follow when they log in.

use std::collections::BTreeSet;

use certs::{
    archive::{HolderPublic, join},
    keystore::Keystore,
};

use super::{
    ArchiveError, CompanyKey, Lock, Released,
    model::{copy_context, release_context, share_context},
    open::release,
    store::{self, Copy},
};
use crate::{
    audit,
    platform::{
        actor::Author,
        ground::Ground,
        id::{CertificateId, CompanyId, CompanyKeyId, HolderId},
    },
};

/// For what shares are passed on: they open for nothing else.
const PURPOSE: &[u8] = b"reshare";

/// The old generations that keys of this company still depend on.
///
/// # Errors
/// When the database fails.
pub async fn behind(ground: &Ground, company: CompanyId) -> Result<BTreeSet<CompanyKeyId>, ArchiveError> {
    let mut reader = ground.database.read().await?;
    let Some(present) = store::current_key(&mut reader, company).await? else { return Ok(BTreeSet::new()) };
    Ok(store::keys_behind(&mut reader, company, present.id).await?.into_iter().collect())
}

/// A holder's shares of these generations, sealed to another holder for this purpose.
///
/// # Errors
/// As [`release`].
pub async fn pass_on(ground: &Ground, lock: &Lock, keys: &BTreeSet<CompanyKeyId>, to: HolderId) -> Result<Vec<Released>, ArchiveError> {
    release(ground, lock, keys, to, PURPOSE).await
}

/// Moves what depends on the generations of which somebody passed a share on to this holder. Gives how many keys moved.
///
/// # Errors
/// [`ArchiveError::Craft`] when a row was changed.
pub async fn move_on(ground: &Ground, company: CompanyId, lock: &Lock, passed: &[Released], author: Author) -> Result<usize, ArchiveError> {
    let mut reader = ground.database.read().await?;
    let own = store::holder(&mut reader, lock.holder()).await?;
    let (Some((_, sealed_private)), Some(present)) = (own, store::current_key(&mut reader, company).await?) else { return Ok(0) };
    let mut old = Vec::new();
    for one in passed {
        let own = store::share(&mut reader, one.company_key, lock.holder()).await?;
        let key = store::company_key(&mut reader, one.company_key).await?;
        if let (Some(own), Some(key)) = (own, key) {
            let copies = store::copies_behind_key(&mut reader, key.id.into(), present.id.into()).await?;
            old.push(Old { key, own, passed: one.sealed.clone(), copies });
        }
    }
    drop(reader);
    let (lock, public) = (lock.clone(), present.public.clone());
    let moved = ground.with_keystore(move |keystore| seal_anew(keystore, &lock, &sealed_private, &old, &public)).await?;
    if moved.is_empty() {
        return Ok(0);
    }
    ground
        .database
        .write(async |unit| {
            for (certificate, sealed) in &moved {
                store::insert_copy(unit, *certificate, present.id.into(), sealed).await?;
            }
            let event = audit::Event::new("company_key.reshared", author, format_args!("company:{company}"))
                .company(company)
                .fact("key", present.id)
                .fact("keys", moved.len());
            audit::record(unit, event).await.map_err(ArchiveError::from)
        })
        .await?;
    Ok(moved.len())
}

struct Old {
    key: CompanyKey,
    own: Vec<u8>,
    passed: Vec<u8>,
    copies: Vec<Copy>,
}

fn seal_anew(
    keystore: &dyn Keystore,
    lock: &Lock,
    sealed_private: &[u8],
    old: &[Old],
    to: &HolderPublic,
) -> Result<Vec<(CertificateId, Vec<u8>)>, ArchiveError> {
    let own = lock.open(keystore, sealed_private)?;
    let mut moved = Vec::new();
    for one in old {
        let shares = [
            own.open_share(&one.own, &share_context(one.key.id, lock.holder()))?,
            own.open_share(&one.passed, &release_context(one.key.id, PURPOSE))?,
        ];
        let company = join(&shares, &one.key.public)?;
        for copy in &one.copies {
            let context = copy_context(copy.certificate_id, &copy.spki_hash);
            let key = company.open_key(&copy.sealed, &context)?;
            moved.push((copy.certificate_id, to.seal_key(&key, &context)?));
        }
    }
    Ok(moved)
}
