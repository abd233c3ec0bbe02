//! A key is one bearer's, and once compromised nobody's.

use certs::revocation::{
    Revocation,
    crl::{List, Scope, make},
};

use super::{
    super::{KeyCarrier, State, Wanted, prepare_for_keys, restore},
    *,
};
use crate::{platform::moment::Moment, status::restore::PublishedList};

/// An intention of this person for a key that is certified already.
async fn for_the_key_of(world: &Ground, person: &Person, known: &Certificate) -> Result<(), super::super::CertificateError> {
    let mut intentions = prepare_for_employee(world, &person.holder, &[Profile::Signing], &person.protection()).await.unwrap();
    let mut intention = intentions.remove(0);
    intention.spki_sha256 = known.key_hash().unwrap();
    let id = intention.id;
    let stored = world.database.write(async |unit| store_intention(unit, &intention, Author::System("test")).await).await;
    let found = read::by_id(&mut world.database.read().await.unwrap(), id).await.unwrap();
    assert_eq!(found.is_some(), stored.is_ok(), "what is refused is not stored");
    stored
}

#[actix_web::test]
async fn a_key_of_another_person_is_not_certified() {
    let world = world().await;
    let (owner, other) = (Person::new(&world), Person::new(&world));
    let known = owner.issue(&world, &[Profile::Signing]).await.remove(0);
    let refused = for_the_key_of(&world, &other, &known).await;
    assert!(matches!(refused, Err(super::super::CertificateError::KeyOfAnother)), "{refused:?}");
    for_the_key_of(&world, &owner, &known).await.unwrap();
}

#[actix_web::test]
async fn a_key_once_revoked_as_compromised_is_never_certified_again() {
    let world = world().await;
    let (owner, other) = (Person::new(&world), Person::new(&world));
    let issued = owner.issue(&world, &[Profile::Signing, Profile::Mail]).await;
    revoke_id(&world, issued[0].id, Reason::KeyCompromise).await.unwrap();
    revoke_id(&world, issued[1].id, Reason::Superseded).await.unwrap();
    for person in [&owner, &other] {
        let refused = for_the_key_of(&world, person, &issued[0]).await;
        assert!(matches!(refused, Err(super::super::CertificateError::KeyCompromised)), "{refused:?}");
    }
    for_the_key_of(&world, &owner, &issued[1]).await.unwrap();
}

/// Two certificates of one person for one key of their own.
async fn two_for_one_key(world: &Ground, person: &Person) -> Vec<Certificate> {
    let key = certs::key_file::LooseKey::generate().unwrap().public_key().clone();
    let wanted = [Profile::Signing, Profile::Mail].map(|profile| Wanted { profile, key: key.clone() });
    let intentions = prepare_for_keys(world, &person.holder, wanted.into(), KeyCarrier::OwnSoftware).await.unwrap();
    let mut issued = Vec::new();
    for intention in &intentions {
        world.database.write(async |unit| store_intention(unit, intention, Author::System("test")).await).await.unwrap();
        finish(world, intention.id).await.unwrap();
        issued.push(certificate(world, intention.id).await);
    }
    issued
}

#[actix_web::test]
async fn a_key_told_to_be_stolen_after_its_certificate_ended_is_condemned_and_ends_what_else_it_has() {
    let world = world().await;
    let person = Person::new(&world);
    let one_key = two_for_one_key(&world, &person).await;
    revoke_id(&world, one_key[0].id, Reason::Superseded).await.unwrap();
    let before = certificate(&world, one_key[0].id).await;
    assert_eq!(certificate(&world, one_key[1].id).await.state, State::Active);
    world.clock.advance(time::Duration::hours(1));
    let ended = revoke_id(&world, one_key[0].id, Reason::KeyCompromise).await.unwrap();
    assert_eq!(ended.iter().map(|one| one.id).collect::<Vec<_>>(), [one_key[0].id, one_key[1].id]);
    for (found, at) in [(&one_key[0], before.revoked_at), (&one_key[1], Some(world.clock().now()))] {
        let found = certificate(&world, found.id).await;
        assert_eq!((found.state, found.reason, found.revoked_at), (State::Revoked, Some(Reason::KeyCompromise), at));
        let known = status::known(&mut world.database.read().await.unwrap(), found.authority, &found.serial).await.unwrap();
        assert!(matches!(known, Some(status::Known::Revoked { reason: Reason::KeyCompromise, at: told }) if Some(told) == at), "{known:?}");
    }
    let refused = for_the_key_of(&world, &person, &one_key[0]).await;
    assert!(matches!(refused, Err(super::super::CertificateError::KeyCompromised)), "{refused:?}");
}

/// A list of the issuing authority as it was published before a restore: this one revoked, since others may have its key.
async fn published(world: &Ground, revoked: &Certificate, at: Moment) -> PublishedList {
    let authority = authorities::issuing(world).await.unwrap();
    let url = authorities::Addresses::of(&world.config.server, &authority.name).crl(status::shard_of(revoked.ordinal)).unwrap();
    let serial = revoked.serial;
    let der = world
        .with_keystore(move |keystore| {
            let (at, number) = (at.to_datetime(), at.millis().unsigned_abs());
            let list = List { scope: Scope::Shard(&url), number, this_update: at, next_update: at + time::Duration::days(1) };
            let entry = (serial, Revocation { at, reason: Reason::KeyCompromise });
            make(&list, vec![entry], &authority.issuer, keystore).unwrap()
        })
        .await;
    status::restore::read_list(world, der).await.unwrap()
}

#[actix_web::test]
async fn a_list_taken_over_after_a_restore_ends_all_that_was_certified_for_a_key_that_it_condemns() {
    let world = world().await;
    let person = Person::new(&world);
    let (one_key, other) = (two_for_one_key(&world, &person).await, person.issue(&world, &[Profile::Signing]).await.remove(0));
    let at = Moment::from_millis(world.clock().now().millis() / 1000 * 1000);
    let list = published(&world, &one_key[0], at).await;
    let learned = world.database.write(async |unit| restore::take_list(unit, &list).await).await.unwrap();
    assert_eq!(learned.revoked.len(), 2, "{learned:?}");
    for ended in &one_key {
        let ended = certificate(&world, ended.id).await;
        assert_eq!((ended.state, ended.reason, ended.revoked_at), (State::Revoked, Some(Reason::KeyCompromise), Some(at)));
        let known = status::known(&mut world.database.read().await.unwrap(), ended.authority, &ended.serial).await.unwrap();
        assert!(matches!(known, Some(status::Known::Revoked { reason: Reason::KeyCompromise, .. })), "{known:?}");
    }
    assert_eq!(certificate(&world, other.id).await.state, State::Active);
    let refused = for_the_key_of(&world, &person, &one_key[1]).await;
    assert!(matches!(refused, Err(super::super::CertificateError::KeyCompromised)), "{refused:?}");
}
