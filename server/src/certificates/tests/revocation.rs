//! Lists that never forget, and who may revoke what.

use certs::revocation::Reason;
use openssl::x509::X509Crl;
use time::Duration;

use super::{Person, Profile, fetch, publish, revoke_id, world};
use crate::{
    certificates::CertificateError,
    platform::ground::Ground,
    status::{self, StatusError},
};

async fn list(world: &Ground, shard: i64) -> X509Crl {
    let answer = fetch(world, &format!("/pki/issuing1/{shard}.crl")).await;
    X509Crl::from_der(&answer.body).unwrap()
}

async fn entries(world: &Ground, shard: i64) -> usize {
    list(world, shard).await.get_revoked().map_or(0, |revoked| revoked.len())
}

async fn number(world: &Ground) -> i64 {
    let authority = crate::authorities::issuing(world).await.unwrap();
    status::crl(&mut world.database.read().await.unwrap(), authority.id, 0).await.unwrap().unwrap().number
}

#[actix_web::test]
async fn a_certificate_is_revoked_once() {
    let world = world().await;
    let certificate = Person::new(&world).issue(&world, &[Profile::Signing]).await.remove(0);
    revoke_id(&world, certificate.id, Reason::Superseded).await.unwrap();
    assert!(matches!(revoke_id(&world, certificate.id, Reason::KeyCompromise).await, Err(CertificateError::AlreadyRevoked)));
}

#[actix_web::test]
async fn numbers_grow_even_when_the_clock_stands() {
    let world = world().await;
    let person = Person::new(&world);
    let issued = person.issue(&world, &[Profile::Signing, Profile::Mail]).await;
    let mut before = number(&world).await;
    for (count, certificate) in issued.iter().enumerate() {
        revoke_id(&world, certificate.id, Reason::Superseded).await.unwrap();
        assert_eq!(publish(&world).await, 1);
        assert_eq!(entries(&world, 0).await, count + 1);
        let now = number(&world).await;
        assert!(now > before);
        before = now;
    }
    assert_eq!(publish(&world).await, 0, "nothing is due any more");
}

#[actix_web::test]
async fn lists_are_renewed_at_half_of_their_life() {
    let world = world().await;
    world.clock.advance(Duration::hours(11));
    assert_eq!(publish(&world).await, 0);
    world.clock.advance(Duration::hours(1) + Duration::seconds(1));
    assert_eq!(publish(&world).await, 2, "the root's and the issuing authority's");
}

#[actix_web::test]
async fn a_revocation_that_the_database_forgot_stops_the_list() {
    let world = world().await;
    let certificate = Person::new(&world).issue(&world, &[Profile::Signing]).await.remove(0);
    revoke_id(&world, certificate.id, Reason::Superseded).await.unwrap();
    publish(&world).await;
    let mut intruder = world.intruder().await.unwrap();
    sqlx::query("UPDATE certificate_status SET state = 'good', revoked_at = NULL, reason = NULL").execute(&mut intruder).await.unwrap();
    world.clock.advance(Duration::hours(13));
    assert!(matches!(status::publish::publish_due(&world).await, Err(StatusError::WouldForget { .. })));
    assert_eq!(entries(&world, 0).await, 1, "the list before still stands");
}

#[actix_web::test]
async fn an_entry_leaves_only_after_it_stood_on_a_list_past_its_expiry() {
    let world = world().await;
    let certificate = Person::new(&world).issue(&world, &[Profile::Signing]).await.remove(0);
    revoke_id(&world, certificate.id, Reason::Superseded).await.unwrap();
    publish(&world).await;
    world.clock.advance(certificate.not_after.since(world.clock().now()) + Duration::hours(1));
    publish(&world).await;
    assert_eq!(entries(&world, 0).await, 1, "the first list after its expiry still names it");
    world.clock.advance(Duration::hours(13));
    publish(&world).await;
    assert_eq!(entries(&world, 0).await, 0);
}

#[actix_web::test]
async fn a_new_shard_has_its_list_before_a_certificate_points_there() {
    let world = world().await;
    assert_eq!(fetch(&world, "/pki/issuing1/1.crl").await.status, 404);
    let mut intruder = world.intruder().await.unwrap();
    sqlx::query("UPDATE authority SET next_ordinal = 1999 WHERE name = 'issuing1'").execute(&mut intruder).await.unwrap();
    let person = Person::new(&world);
    let ids = person.intend(&world, &[Profile::Signing, Profile::Mail]).await;
    assert_eq!(entries(&world, 1).await, 0);
    let second = super::certificate(&world, ids[1]).await;
    let tbs = String::from_utf8_lossy(&second.tbs).into_owned();
    assert!(tbs.contains("/pki/issuing1/1.crl"));
}
