//! Authorities made elsewhere, in a ceremony, take their place here: rows and audit entries in one unit. Their certificates were checked before.

use certs::{ca::Issuer, keystore::KeyLabel, profiles::Family};
use sha2::{Digest as _, Sha256};

use super::{AuthorityError, Kind, address::may_issue, load, store};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::DatabaseError,
        ground::Ground,
        id::{AuthorityId, Id as _},
    },
};

/// An authority made elsewhere.
#[derive(Clone, Debug)]
pub struct Brought {
    /// Its name in URLs.
    pub name: String,
    /// Root or issuing.
    pub kind: Kind,
    /// How it names those whom it certifies; of a root it says nothing.
    pub family: Family,
    /// The name of the one that certified it.
    pub parent: Option<String>,
    /// Its certificate, DER.
    pub certificate: Vec<u8>,
    /// Where its key lies; a root's is `offline`.
    pub label: KeyLabel,
}

/// Takes them up, parents first; gives the names of those that were not here before.
///
/// # Errors
/// [`AuthorityError::NameTaken`] when another authority has the name; [`AuthorityError::Issuer`] when a certificate is no CA's. Nothing is
/// stored then.
pub async fn bring_in(ground: &Ground, brought: Vec<Brought>) -> Result<Vec<String>, AuthorityError> {
    may_issue(ground)?;
    let known = load::all(ground).await?;
    let mut ids: Vec<(String, AuthorityId)> = known.iter().map(|one| (one.name.clone(), one.id)).collect();
    let mut new = Vec::new();
    for one in brought {
        let named = |source| AuthorityError::Issuer { name: one.name.clone(), source };
        Issuer::without_key(&one.certificate, one.label.clone()).map_err(named)?;
        match known.iter().find(|known| known.name == one.name) {
            Some(known) if known.issuer.certificate_der() == one.certificate => continue,
            Some(_) => return Err(AuthorityError::NameTaken { name: one.name }),
            None => {}
        }
        let parent = match &one.parent {
            None => None,
            Some(parent) => Some(ids.iter().find(|(name, _)| name == parent).ok_or(AuthorityError::NotFounded)?.1),
        };
        let id = AuthorityId::fresh(ground.clock().now(), ground.random());
        ids.push((one.name.clone(), id));
        new.push(store::Founded {
            id,
            name: one.name,
            kind: one.kind,
            family: one.family,
            parent,
            certificate: one.certificate,
            label: one.label,
        });
    }
    ground
        .database
        .write(async |unit| -> Result<(), DatabaseError> {
            for one in &new {
                if !store::insert(unit, one).await? {
                    continue;
                }
                let event = audit::Event::new("authority.brought_in", Author::System("authorities"), format!("authority:{}", one.id))
                    .fact("name", &one.name)
                    .fact("kind", one.kind.word())
                    .fact("family", one.family.as_str())
                    .fact("key", one.label.keystore().unwrap_or("main"))
                    .fact("certificate_sha256", hex::encode(Sha256::digest(&one.certificate)));
                audit::record(unit, event).await?;
            }
            Ok(())
        })
        .await?;
    load::forget(ground);
    Ok(new.into_iter().map(|one| one.name).collect())
}
