//! What the slices above tell, each in the unit of its own change.

use std::collections::BTreeSet;

use certs::{keystore::KeyLabel, revocation::Reason, serial::Serial};

use super::{FULL, NewStatus, StatusError, store};
use crate::{
    authorities,
    platform::{
        database::{DatabaseError, Unit},
        ground::Ground,
        id::AuthorityId,
        moment::Moment,
    },
};

/// A certificate now exists: from here on OCSP calls it good.
///
/// # Errors
/// When the database fails.
pub async fn note_issued(unit: &mut Unit, new: &NewStatus) -> Result<(), DatabaseError> {
    note_all_issued(unit, std::slice::from_ref(new)).await
}

/// Certificates now exist: from here on OCSP calls them good.
///
/// # Errors
/// When the database fails.
pub async fn note_all_issued(unit: &mut Unit, new: &[NewStatus]) -> Result<(), DatabaseError> {
    let shards: BTreeSet<(AuthorityId, i64)> = new.iter().map(|one| (one.authority, one.shard)).collect();
    for (authority, shard) in shards {
        store::open_shard(unit, authority, shard).await?;
    }
    store::insert(unit, new).await
}

/// A certificate is revoked from this unit's moment on. What is revoked already stays as it is.
///
/// # Errors
/// When the database fails.
pub async fn note_revoked(unit: &mut Unit, authority: AuthorityId, serial: &Serial, reason: Reason) -> Result<(), DatabaseError> {
    let now = unit.now();
    // The generation first: its row is locked until the unit ends, so two revoking units take what follows in turn and never wait crosswise.
    store::next_generation(unit).await?;
    match store::revoke(unit, authority, serial.as_bytes(), now, reason).await? {
        Some(shard) => {
            store::count_change(unit, authority, shard).await?;
            store::count_change(unit, authority, FULL).await
        }
        None => Ok(()),
    }
}

/// A certificate that is revoked already has a key that others may have: the reason changes, the time stays (RFC 5280 section 5.3.1).
///
/// # Errors
/// When the database fails.
pub async fn note_compromised(unit: &mut Unit, authority: AuthorityId, serial: &Serial) -> Result<(), DatabaseError> {
    store::next_generation(unit).await?;
    match store::compromise(unit, authority, serial.as_bytes()).await? {
        Some(shard) => {
            store::count_change(unit, authority, shard).await?;
            store::count_change(unit, authority, FULL).await
        }
        None => Ok(()),
    }
}

/// Opens a shard for the first ordinal in it. True when it was not open: its empty list must now be published.
///
/// # Errors
/// When the database fails.
pub async fn open_shard(unit: &mut Unit, authority: AuthorityId, shard: i64) -> Result<bool, DatabaseError> {
    store::open_shard(unit, authority, shard).await
}

/// Who answers OCSP for an authority from now on.
///
/// # Errors
/// When the database fails.
pub async fn install_responder(
    unit: &mut Unit,
    authority: AuthorityId,
    certificate: &[u8],
    key: &KeyLabel,
    not_after: Moment,
) -> Result<(), DatabaseError> {
    store::next_generation(unit).await?;
    store::install_responder(unit, authority, certificate, key.as_str(), not_after).await
}

/// Takes up every authority: opens its first shard, and an issuing one's list of all, and notes its own certificate under the one that certified it. Changes nothing the
/// second time.
///
/// # Errors
/// When the authorities cannot be loaded or the database fails.
pub async fn adopt_authorities(ground: &Ground) -> Result<(), StatusError> {
    for authority in authorities::all(ground).await?.iter() {
        let known = store::shards(&mut ground.database.read().await?, authority.id).await?;
        let needs_full = authority.kind == authorities::Kind::Issuing && !known.contains(&FULL);
        if known.contains(&0) && !needs_full {
            continue;
        }
        let serial = authority.issuer.certificate().tbs_certificate.serial_number.as_bytes().to_vec();
        let not_after = Moment::from_datetime(authority.issuer.validity().not_after());
        let own = authority.parent.zip(Serial::from_bytes(&serial).ok());
        let own = own.map(|(parent, serial)| NewStatus { authority: parent, serial, shard: 0, not_after });
        ground
            .database
            .write(async |unit| -> Result<(), DatabaseError> {
                store::open_shard(unit, authority.id, 0).await?;
                if needs_full {
                    store::open_shard(unit, authority.id, FULL).await?;
                }
                match &own {
                    Some(own) => note_issued(unit, own).await,
                    None => Ok(()),
                }
            })
            .await?;
    }
    Ok(())
}
