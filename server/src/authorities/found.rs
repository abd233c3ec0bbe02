//! The ceremony: makes the root (P-384) and the issuing authority (P-256 unless configured otherwise) under it, each once.
//!
//! A key that a crash left without its row is never used again: the next try takes a label of its own.

use certs::{
    ca::{
        Issued,
        ceremony::{NewKey, RootPointers, make_issuing, make_root},
    },
    keystore::KeyLabel,
    name::{CommonName, Country, OrganizationIdentifier},
    profiles::{Family, root::AuthorityName},
    serial::Serial,
};
use sha2::{Digest as _, Sha256};

use super::{Addresses, AuthorityError, Kind, Loaded, Names, address::may_issue, load, store};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::DatabaseError,
        ground::Ground,
        id::{AuthorityId, Id as _},
        random,
    },
};

/// The root's name in URLs.
const ROOT: &str = "root1";
/// The issuing authority's name in URLs.
const ISSUING: &str = "issuing1";

/// Founds what is not founded yet: keys into the keystore first, then row and audit entry in one unit. An authority that stands is left as it
/// is, whatever `names` say.
///
/// # Errors
/// [`AuthorityError`]; after an error it can be called again.
pub async fn found(ground: &Ground, names: &Names) -> Result<(), AuthorityError> {
    may_issue(ground)?;
    if load::by_name(ground, ROOT).await?.is_none() {
        found_root(ground, names).await?;
    }
    let root = load::by_name(ground, ROOT).await?.ok_or(AuthorityError::NotFounded)?;
    if load::by_name(ground, ISSUING).await?.is_none() {
        found_issuing(ground, names, root).await?;
    }
    Ok(())
}

async fn found_root(ground: &Ground, names: &Names) -> Result<(), AuthorityError> {
    let name = authority_name(names, &names.root_cn);
    let (label, serial) = (fresh_label(ground, ROOT, Kind::Root)?, Serial::from_random(random::bytes(ground.random())));
    let begins = ground.clock().now().to_datetime();
    let making = label.clone();
    let issued = ground.with_keystore(move |keystore| make_root(&name, &NewKey::root(&making), serial, begins, keystore)).await?;
    store_founded(ground, (ROOT, Kind::Root, None), issued, label).await
}

async fn found_issuing(ground: &Ground, names: &Names, root: std::sync::Arc<Loaded>) -> Result<(), AuthorityError> {
    let name = authority_name(names, &names.issuing_cn);
    let (label, serial) = (fresh_label(ground, ISSUING, Kind::Issuing)?, Serial::from_random(random::bytes(ground.random())));
    let begins = ground.clock().now().to_datetime();
    let addresses = Addresses::of(&ground.config.server, &root.name);
    let pointers = RootPointers { certificate: addresses.certificate()?, crl: addresses.crl(0)?, ocsp: None };
    let (making, parent) = (label.clone(), root.id);
    let (family, kind) = (ground.config.policy.family, ground.config.policy.issuing_key);
    let issued = ground
        .with_keystore(move |keystore| {
            let key = NewKey { label: &making, kind, padding: family.padding() };
            make_issuing(&name, &key, serial, begins, (&root.issuer, &pointers), keystore)
        })
        .await?;
    store_founded(ground, (ISSUING, Kind::Issuing, Some(parent)), issued, label).await
}

async fn store_founded(
    ground: &Ground,
    (name, kind, parent): (&'static str, Kind, Option<AuthorityId>),
    issued: Issued,
    label: KeyLabel,
) -> Result<(), AuthorityError> {
    let id = AuthorityId::fresh(ground.clock().now(), ground.random());
    let fingerprint = hex::encode(Sha256::digest(&issued.der));
    // A root's family says nothing: what it certifies is no company's.
    let family = if kind == Kind::Root { Family::Default } else { ground.config.policy.family };
    let founded = store::Founded { id, name: name.to_owned(), kind, family, parent, certificate: issued.der, label };
    ground
        .database
        .write(async |unit| -> Result<(), DatabaseError> {
            // Another node was faster: its authority stands, our key is never used.
            if !store::insert(unit, &founded).await? {
                return Ok(());
            }
            let event = audit::Event::new("authority.founded", Author::System("authorities"), format!("authority:{id}"))
                .fact("name", name)
                .fact("kind", kind.word())
                .fact("family", family.as_str())
                .fact("serial", issued.serial.to_string())
                .fact("certificate_sha256", &fingerprint);
            audit::record(unit, event).await
        })
        .await?;
    load::forget(ground);
    Ok(())
}

fn authority_name(names: &Names, common_name: &CommonName) -> AuthorityName {
    AuthorityName {
        country: Country::DENMARK,
        organization: names.organisation.clone(),
        identifier: names.cvr.map(OrganizationIdentifier::Registered),
        common_name: common_name.clone(),
    }
}

/// A label that no key has, in the keystore where keys of this kind are made.
fn fresh_label(ground: &Ground, name: &str, kind: Kind) -> Result<KeyLabel, AuthorityError> {
    let label = KeyLabel::parse(&format!("{name}-{}", hex::encode(random::bytes::<6>(ground.random()))))?;
    let places = &ground.config.storage.places;
    let place = match kind {
        Kind::Root => &places.root,
        Kind::Issuing => &places.issuing,
    };
    if *place == places.main { Ok(label) } else { Ok(label.in_keystore(place)?) }
}
