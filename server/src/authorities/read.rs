//! Questions about authorities, and the reserving of ordinals.

use certs::{oid::DEFAULT_POLICY_ARC, profiles::Practice};

use super::{AuthorityError, Kind, all, by_id, crosses, store};
use crate::platform::{database::Unit, ground::Ground, id::AuthorityId};

/// The roots to trust, DER.
///
/// # Errors
/// As [`all`].
pub async fn anchors(ground: &Ground) -> Result<Vec<Vec<u8>>, AuthorityError> {
    let list = all(ground).await?;
    Ok(list.iter().filter(|one| one.kind == Kind::Root).map(|one| one.issuer.certificate_der().to_vec()).collect())
}

/// The certificates from this authority up to its root, DER, the root last.
///
/// # Errors
/// [`AuthorityError::Unknown`]; else as [`all`].
pub async fn chain_of(ground: &Ground, authority: AuthorityId) -> Result<Vec<Vec<u8>>, AuthorityError> {
    let mut chain = Vec::new();
    let mut next = Some(authority);
    while let Some(id) = next {
        let loaded = by_id(ground, id).await?;
        chain.push(loaded.issuer.certificate_der().to_vec());
        next = loaded.parent;
    }
    Ok(chain)
}

/// Further certificates for this authority and those above it, by other roots, DER: for whoever does not know its own root.
///
/// # Errors
/// As [`all`].
pub async fn also_of(ground: &Ground, authority: AuthorityId) -> Result<Vec<Vec<u8>>, AuthorityError> {
    let mut found = Vec::new();
    let crosses = crosses(ground).await?;
    let mut next = Some(authority);
    while let Some(id) = next {
        found.extend(crosses.iter().filter(|cross| cross.authority == id).map(|cross| cross.certificate.clone()));
        next = by_id(ground, id).await?.parent;
    }
    Ok(found)
}

/// What every certificate says of our own rules: the configured policy arc, and the public address as the authority that registers names.
///
/// # Errors
/// [`AuthorityError::Practice`].
pub fn practice(ground: &Ground) -> Result<Practice, AuthorityError> {
    let arc = ground.config.policy.policy_arc.as_deref().unwrap_or(DEFAULT_POLICY_ARC);
    Ok(Practice::parse(arc, &format!("{}/", ground.config.server.public_url))?)
}

/// Reserves `count` ordinals of an authority: the first of them. Each is given once, whatever becomes of it.
///
/// # Errors
/// [`AuthorityError::Unknown`] when it is not active.
pub async fn reserve_ordinals(unit: &mut Unit, authority: AuthorityId, count: i64) -> Result<i64, AuthorityError> {
    let next = store::reserve(unit, authority, count).await?.ok_or(AuthorityError::Unknown { id: authority })?;
    Ok(next - count)
}
