//! Further certificates for our issuing authorities, by another root (`segl ceremony cross`): given out beside their own, so that whoever knows
//! that root alone builds a path to it. They sign nothing and answer for nothing.

use certs::{ca::Issuer, keystore::KeyLabel, serial::Serial};
use sha2::{Digest as _, Sha256};

use super::{AuthorityError, Kind, load, store};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::Unit,
        ground::Ground,
        id::{AuthorityId, Id as _},
        moment::Moment,
    },
};

/// A further certificate.
#[derive(Clone, Debug)]
pub struct Cross {
    /// Its name in URLs.
    pub name: String,
    /// For whose key and name.
    pub authority: AuthorityId,
    /// Under which root.
    pub parent: AuthorityId,
    /// DER.
    pub certificate: Vec<u8>,
}

/// Takes one in, by a root that is here. Its signature and addresses were checked before. False when it is here already.
///
/// # Errors
/// [`AuthorityError::NothingToCross`] when no issuing authority here has its name and key; [`AuthorityError::NameTaken`].
pub async fn bring_in_cross(ground: &Ground, name: &str, root: &str, certificate: Vec<u8>) -> Result<bool, AuthorityError> {
    let parsed = Issuer::without_key(&certificate, KeyLabel::parse("offline.cross")?);
    let parsed = parsed.map_err(|source| AuthorityError::Issuer { name: name.to_owned(), source })?;
    let known = load::all(ground).await?;
    let same = |issuer: &Issuer| issuer.subject_der() == parsed.subject_der() && issuer.public_key().spki() == parsed.public_key().spki();
    let authority = known.iter().find(|one| one.kind == Kind::Issuing && same(&one.issuer));
    let authority = authority.ok_or_else(|| AuthorityError::NothingToCross { name: name.to_owned() })?.id;
    let parent = known.iter().find(|one| one.kind == Kind::Root && one.name == root).ok_or(AuthorityError::NotFounded)?.id;
    let cross = Cross { name: name.to_owned(), authority, parent, certificate };
    let taken = || AuthorityError::NameTaken { name: name.to_owned() };
    if known.iter().any(|one| one.name == name) {
        return Err(taken());
    }
    let id = AuthorityId::fresh(ground.clock().now(), ground.random());
    ground
        .database
        .write(async |unit| -> Result<bool, AuthorityError> {
            if !store::insert_cross(unit, id, &cross).await? {
                let same = store::cross_by_name(unit, name).await?.is_some_and(|there| there.certificate == cross.certificate);
                return if same { Ok(false) } else { Err(taken()) };
            }
            let event = audit::Event::new("authority.cross_brought_in", Author::System("authorities"), format!("authority:{authority}"))
                .fact("name", name)
                .fact("root", root)
                .fact("certificate_sha256", hex::encode(Sha256::digest(&cross.certificate)));
            audit::record(unit, event).await?;
            Ok(true)
        })
        .await
}

/// Notes which of a root's are revoked: `at` says since when. Crosses are given out no more, only found by their names.
pub(super) async fn note_revoked(unit: &mut Unit, root: AuthorityId, at: impl Fn(&Serial) -> Option<Moment>) -> Result<(), AuthorityError> {
    for cross in store::crosses(unit).await?.into_iter().filter(|cross| cross.parent == root) {
        let parsed = Issuer::without_key(&cross.certificate, KeyLabel::parse("offline.cross")?);
        let parsed = parsed.map_err(|source| AuthorityError::Issuer { name: cross.name.clone(), source })?;
        let Ok(serial) = Serial::from_bytes(parsed.certificate().tbs_certificate.serial_number.as_bytes()) else { continue };
        let Some(at) = at(&serial) else { continue };
        if store::revoke_cross(unit, &cross.name, at).await? {
            let event =
                audit::Event::new("authority.cross_revoked", Author::System("authorities"), format!("authority:{}", cross.authority));
            audit::record(unit, event.fact("name", &cross.name).fact("serial", serial)).await?;
        }
    }
    Ok(())
}

/// Every one that is not revoked, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn crosses(ground: &Ground) -> Result<Vec<Cross>, AuthorityError> {
    Ok(store::crosses(&mut ground.database.read().await?).await?)
}

/// The certificate that stands under a name in addresses, DER: an authority's own, or a further one.
///
/// # Errors
/// As [`load::all`].
pub async fn certificate_named(ground: &Ground, name: &str) -> Result<Option<Vec<u8>>, AuthorityError> {
    if let Some(authority) = load::by_name(ground, name).await? {
        return Ok(Some(authority.issuer.certificate_der().to_vec()));
    }
    // What cannot be a name is none.
    if KeyLabel::parse(name).is_err() {
        return Ok(None);
    }
    Ok(store::cross_by_name(&mut ground.database.read().await?, name).await?.map(|cross| cross.certificate))
}
