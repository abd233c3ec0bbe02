//! A company's key is made anew for its present holders, as soon as there are two. Their public halves are enough for that.

use certs::archive::{HolderKey, HolderPublic, THRESHOLD, split};

use super::{
    ArchiveError,
    model::{CompanyKey, share_context},
    store,
};
use crate::{
    audit,
    platform::{
        actor::Author,
        ground::Ground,
        id::{CompanyId, CompanyKeyId, HolderId, Id as _},
    },
};

/// Makes a new generation of the company's key for these holders; those without a key pair cannot hold a share. Gives its id, or `None`
/// when the present one has just these holders, when they are fewer than two, or when another node was faster.
///
/// # Errors
/// When database or keystore fail.
pub async fn share(ground: &Ground, company: CompanyId, wanted: &[HolderId]) -> Result<Option<CompanyKeyId>, ArchiveError> {
    let mut reader = ground.database.read().await?;
    let mut holders = Vec::with_capacity(wanted.len());
    for holder in wanted {
        holders.extend(store::holder(&mut reader, *holder).await?.map(|(public, _)| (*holder, public)));
    }
    holders.sort_by_key(|(holder, _)| *holder);
    let present = store::current_key(&mut reader, company).await?;
    let present_holders = match &present {
        Some(key) => store::shares(&mut reader, key.id).await?.into_iter().map(|(holder, _)| holder).collect(),
        None => Vec::new(),
    };
    drop(reader);
    if holders.len() < usize::from(THRESHOLD) || holders.iter().map(|(holder, _)| *holder).eq(present_holders) {
        return Ok(None);
    }
    let id = CompanyKeyId::fresh(ground.clock().now(), ground.random());
    let count = holders.len();
    let (public, shares) = ground.with_keystore(move |_| deal(id, &holders)).await?;
    let key = CompanyKey { id, generation: present.map_or(1, |key| key.generation + 1), public };
    ground
        .database
        .write(async |unit| {
            if !store::insert_company_key(unit, company, &key).await? {
                return Ok(None);
            }
            for (holder, sealed) in &shares {
                store::insert_share(unit, id, *holder, sealed).await?;
            }
            let event = audit::Event::new("company_key.shared", Author::System("archives"), format_args!("company:{company}"))
                .company(company)
                .fact("key", id)
                .fact("generation", key.generation)
                .fact("holders", count);
            audit::record(unit, event).await?;
            Ok(Some(id))
        })
        .await
}

/// Each holder's sealed share.
type Shares = Vec<(HolderId, Vec<u8>)>;

/// A new key, its private half only in the shares that leave.
fn deal(id: CompanyKeyId, holders: &[(HolderId, HolderPublic)]) -> Result<(HolderPublic, Shares), ArchiveError> {
    let key = HolderKey::generate()?;
    let mut sealed = Vec::with_capacity(holders.len());
    for ((holder, public), share) in holders.iter().zip(split(&key, holders.len())?) {
        sealed.push((*holder, public.seal_share(&share, &share_context(id, *holder))?));
    }
    Ok((key.public().clone(), sealed))
}
