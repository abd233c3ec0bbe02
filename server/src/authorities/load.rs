//! Loading authorities: every key is compared with its certificate, then certificate and name are kept parsed.

use std::sync::{Arc, PoisonError, RwLock};

use certs::{
    ca::Issuer,
    keystore::{KeyLabel, Keystore, proof::prove},
    profiles::Family,
};
use time::Duration;

use super::{AuthorityError, Kind, Loaded, store};
use crate::platform::{database::DatabaseError, ground::Ground, id::AuthorityId, moment::Moment};

/// After so long another node's new authority is seen here at the latest.
const KEPT_FOR: Duration = Duration::seconds(60);

type List = Arc<Vec<Arc<Loaded>>>;

/// What was loaded, and when. Of authorities' rows nothing ever changes but that they are revoked.
#[derive(Default)]
struct Cache(RwLock<Option<(Moment, List)>>);

/// Every active authority, oldest first.
///
/// # Errors
/// [`AuthorityError::Issuer`] names the first whose certificate and key do not belong together.
pub async fn all(ground: &Ground) -> Result<List, AuthorityError> {
    let now = ground.clock().now();
    let cache = ground.kept.of::<Cache>();
    let known = cache.0.read().unwrap_or_else(PoisonError::into_inner).clone();
    match known {
        Some((loaded_at, list)) if now.since(loaded_at) < KEPT_FOR && !list.is_empty() => Ok(list),
        known => {
            let list = load(ground, known.map(|(_, list)| list).unwrap_or_default()).await?;
            *cache.0.write().unwrap_or_else(PoisonError::into_inner) = Some((now, list.clone()));
            Ok(list)
        }
    }
}

/// The issuing authority: the newest that is active and not revoked.
///
/// # Errors
/// [`AuthorityError::NotFounded`] before the ceremony, [`AuthorityError::Revoked`] when none is left; else as [`all`].
pub async fn issuing(ground: &Ground) -> Result<Arc<Loaded>, AuthorityError> {
    let list = all(ground).await?;
    let mut newest = list.iter().rev().filter(|one| one.kind == Kind::Issuing);
    let last = newest.clone().next().ok_or(AuthorityError::NotFounded)?;
    newest.find(|one| one.revoked_at.is_none()).cloned().ok_or_else(|| AuthorityError::Revoked { name: last.name.clone() })
}

/// The authority with this id.
///
/// # Errors
/// [`AuthorityError::Unknown`]; else as [`all`].
pub async fn by_id(ground: &Ground, id: AuthorityId) -> Result<Arc<Loaded>, AuthorityError> {
    all(ground).await?.iter().find(|one| one.id == id).cloned().ok_or(AuthorityError::Unknown { id })
}

/// The authority with this name in URLs.
///
/// # Errors
/// As [`all`].
pub async fn by_name(ground: &Ground, name: &str) -> Result<Option<Arc<Loaded>>, AuthorityError> {
    Ok(all(ground).await?.iter().find(|one| one.name == name).cloned())
}

/// Forgets what is kept: after a ceremony, and when one is revoked.
pub fn forget(ground: &Ground) {
    *ground.kept.of::<Cache>().0.write().unwrap_or_else(PoisonError::into_inner) = None;
}

/// What [`check`] found about one authority.
#[derive(Debug)]
pub struct Checked {
    /// Its name.
    pub name: String,
    /// Under which label its key lies: which keystore, or offline.
    pub label: String,
    /// Why it cannot be used, if so.
    pub fault: Option<AuthorityError>,
}

/// Has every authority's key sign, and verifies it with the certificate, anew: a part of `segl check`, and of every start. Of an authority whose
/// key is offline the certificate alone is looked at.
///
/// # Errors
/// When the database fails; what is wrong with an authority stands in the answer.
pub async fn check(ground: &Ground) -> Result<Vec<Checked>, AuthorityError> {
    let rows = store::active(&mut ground.database.read().await?).await?;
    let one = |row: store::Row, keystore: &dyn Keystore| {
        let (name, label) = (row.name.clone(), row.key_label.clone());
        Checked { fault: loaded(row, keystore).and_then(|loaded| proven(&loaded, keystore)).err(), name, label }
    };
    Ok(ground.with_keystore(move |keystore| rows.into_iter().map(|row| one(row, keystore)).collect()).await)
}

fn proven(loaded: &Loaded, keystore: &dyn Keystore) -> Result<(), AuthorityError> {
    if loaded.is_offline() {
        return Ok(());
    }
    let proof = prove(loaded.issuer.label(), loaded.issuer.public_key(), keystore);
    proof.map_err(|source| AuthorityError::Key { name: loaded.name.clone(), source })
}

async fn load(ground: &Ground, known: List) -> Result<List, AuthorityError> {
    let rows = store::active(&mut ground.database.read().await?).await?;
    ground
        .with_keystore(move |keystore| {
            let mut list = Vec::with_capacity(rows.len());
            for row in rows {
                match known.iter().find(|one| one.id == row.id && one.revoked_at == row.revoked_at) {
                    Some(loaded) => list.push(loaded.clone()),
                    None => list.push(Arc::new(loaded(row, keystore)?)),
                }
            }
            Ok(Arc::new(list))
        })
        .await
}

fn loaded(row: store::Row, keystore: &dyn Keystore) -> Result<Loaded, AuthorityError> {
    let kind = Kind::of(&row.kind).ok_or_else(|| DatabaseError::Corrupt { what: "authority kind", value: row.kind.clone() })?;
    let family =
        Family::parse(&row.family).ok_or_else(|| DatabaseError::Corrupt { what: "authority family", value: row.family.clone() })?;
    let label = KeyLabel::parse(&row.key_label)?;
    let named = |source| AuthorityError::Issuer { name: row.name.clone(), source };
    let issuer = if label.keystore() == Some(KeyLabel::OFFLINE) {
        Issuer::without_key(&row.certificate, label).map_err(named)?
    } else {
        Issuer::load(&row.certificate, label, keystore).map_err(named)?
    };
    Ok(Loaded { id: row.id, name: row.name, kind, parent: row.parent_id, issuer: issuer.of_family(family), revoked_at: row.revoked_at })
}
