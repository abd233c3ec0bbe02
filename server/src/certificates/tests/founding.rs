//! Founding, loading, renewing the service's own.

use std::sync::Arc;

use certs::profiles::Kind;
use time::Duration;

use super::{Person, Profile, fetch, names, prepare_for_employee, world};
use crate::{
    authorities::{self, AuthorityError},
    certificates::{By, CertificateError, NoticeSigner, Which, jobs, read, revoke},
    config::Mode,
    notices::Signer as _,
    platform::{actor::Author, ground::Ground, kept::Kept, testing},
};

async fn own(world: &Ground, kind: Kind) -> crate::certificates::Certificate {
    let authority = authorities::issuing(world).await.unwrap();
    read::own(&mut world.database.read().await.unwrap(), authority.id, kind).await.unwrap().unwrap()
}

#[actix_web::test]
async fn founding_twice_changes_nothing() {
    let world = world().await;
    let before = fetch(&world, "/pki/root1.cer").await.body;
    authorities::found(&world, &names()).await.unwrap();
    assert_eq!(fetch(&world, "/pki/root1.cer").await.body, before);
    assert_eq!(authorities::all(&world).await.unwrap().len(), 2);
    assert!(authorities::check(&world).await.unwrap().iter().all(|checked| checked.fault.is_none()));
}

#[actix_web::test]
async fn an_authority_whose_key_is_anothers_is_not_used() {
    let world = world().await;
    let mut intruder = world.intruder().await.unwrap();
    sqlx::query("UPDATE authority SET key_label = 'other' WHERE name = 'issuing1'").execute(&mut intruder).await.unwrap();
    world.keystore.generate(&certs::keystore::KeyLabel::parse("other").unwrap(), certs::keystore::KeyKind::EcP256).unwrap();
    let restarted = Ground { kept: Kept::default(), ..world.ground.clone() };
    assert!(matches!(authorities::issuing(&restarted).await, Err(AuthorityError::Issuer { .. })));
    let checked = authorities::check(&restarted).await.unwrap();
    let faulty: Vec<_> = checked.iter().filter(|one| one.fault.is_some()).map(|one| one.name.as_str()).collect();
    assert_eq!(faulty, ["issuing1"]);
}

#[actix_web::test]
async fn nothing_is_issued_for_real_while_the_address_is_local() {
    let world = world().await;
    let person = Person::new(&world);
    let mut config = (*world.config).clone();
    config.server.mode = Mode::Real;
    let real = Ground { config: Arc::new(config), ..world.ground.clone() };
    assert!(matches!(authorities::found(&real, &names()).await, Err(AuthorityError::PublicUrlIsLocal)));
    let refused = prepare_for_employee(&real, &person.holder, &[Profile::Signing], &person.protection()).await;
    assert!(matches!(refused, Err(CertificateError::Authority(AuthorityError::PublicUrlIsLocal))));
}

#[actix_web::test]
async fn before_the_founding_there_is_nothing_to_renew_and_mail_goes_unsigned() {
    let world = testing::ground().await.unwrap();
    jobs::begin(&world, "test").await.unwrap();
    assert!(NoticeSigner.credentials(&world).await.unwrap().is_none());
    assert!(matches!(authorities::issuing(&world).await, Err(AuthorityError::NotFounded)));
}

#[actix_web::test]
async fn the_services_own_certificates_are_renewed_in_time_and_when_revoked() {
    let world = world().await;
    let (responder, unit) = (own(&world, Kind::Responder).await, own(&world, Kind::TimeStamp).await);
    jobs::renew(&world, "test").await.unwrap();
    assert_eq!(own(&world, Kind::Responder).await.id, responder.id, "nothing is renewed before its time");
    world.clock.advance(Duration::days(46));
    jobs::renew(&world, "test").await.unwrap();
    assert_ne!(own(&world, Kind::Responder).await.id, responder.id);
    assert_eq!(own(&world, Kind::TimeStamp).await.id, unit.id);
    let by = By::author(Author::System("test"));
    let reason = certs::revocation::Reason::KeyCompromise;
    world.database.write(async |writing| revoke(writing, by, Which::Id(unit.id), reason).await).await.unwrap();
    jobs::renew(&world, "test").await.unwrap();
    assert_ne!(own(&world, Kind::TimeStamp).await.id, unit.id);
}
