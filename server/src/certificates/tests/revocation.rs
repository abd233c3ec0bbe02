//! Lists that never forget, and who may revoke what.

use certs::{revocation::Reason, serial::Serial};
use openssl::x509::X509Crl;
use time::Duration;

use super::{Person, Profile, fetch, publish, revoke_id, world};
use crate::{
    authorities,
    certificates::CertificateError,
    platform::{database::DatabaseError, ground::Ground, moment::Moment},
    status::{self, StatusError, check::Finding, publish::Outcome},
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
async fn a_certificate_is_revoked_once_and_afterwards_for_its_stolen_key_alone() {
    let world = world().await;
    let certificate = Person::new(&world).issue(&world, &[Profile::Signing]).await.remove(0);
    revoke_id(&world, certificate.id, Reason::Superseded).await.unwrap();
    for reason in Reason::ALL.into_iter().filter(|reason| *reason != Reason::KeyCompromise) {
        assert!(matches!(revoke_id(&world, certificate.id, reason).await, Err(CertificateError::AlreadyRevoked)), "{reason}");
    }
    revoke_id(&world, certificate.id, Reason::KeyCompromise).await.unwrap();
    for reason in Reason::ALL {
        assert!(matches!(revoke_id(&world, certificate.id, reason).await, Err(CertificateError::AlreadyRevoked)), "{reason}");
    }
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
    assert_eq!(publish(&world).await, 3, "the root's, the issuing authority's shard and its list of all");
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
    assert!(matches!(status::publish::publish_due(&world, status::publish::IN_A_ROUND).await, Err(StatusError::WouldForget { .. })));
    assert_eq!(entries(&world, 0).await, 1, "the list before still stands");
}

#[actix_web::test]
async fn an_entry_of_an_employee_stays_on_its_list_for_good() {
    let world = world().await;
    let certificate = Person::new(&world).issue(&world, &[Profile::Signing]).await.remove(0);
    revoke_id(&world, certificate.id, Reason::Superseded).await.unwrap();
    publish(&world).await;
    for span in [certificate.not_after.since(world.clock().now()) + Duration::hours(1), Duration::hours(13), Duration::days(365)] {
        world.clock.advance(span);
        publish(&world).await;
        assert_eq!(entries(&world, 0).await, 1, "what was signed is judged long after");
    }
}

#[actix_web::test]
async fn an_entry_of_an_authority_leaves_only_after_it_stood_on_a_list_past_its_end() {
    let world = world().await;
    let root = authorities::by_name(&world, "root1").await.unwrap().unwrap();
    let serial = Serial::from_random([9; 16]);
    let not_after = world.clock().now().plus(Duration::days(2));
    let new = status::NewStatus { authority: root.id, serial, shard: 0, not_after };
    world
        .database
        .write(async |unit| -> Result<(), DatabaseError> {
            status::note_issued(unit, &new).await?;
            status::note_revoked(unit, root.id, &serial, Reason::CessationOfOperation).await
        })
        .await
        .unwrap();
    publish(&world).await;
    let on_list = async || {
        let list = X509Crl::from_der(&fetch(&world, "/pki/root1/0.crl").await.body).unwrap();
        list.get_revoked().map_or(0, |revoked| revoked.len())
    };
    world.clock.advance(Duration::days(2) + Duration::hours(1));
    publish(&world).await;
    assert_eq!(on_list().await, 1, "the first list after its end still names it");
    world.clock.advance(Duration::hours(13));
    publish(&world).await;
    assert_eq!(on_list().await, 0);
}

#[actix_web::test]
async fn the_list_of_all_names_everybody_and_rests_between_two() {
    let world = world().await;
    let issued = Person::new(&world).issue(&world, &[Profile::Signing, Profile::Mail]).await;
    let all = async || {
        let list = X509Crl::from_der(&fetch(&world, "/pki/issuing1/full.crl").await.body).unwrap();
        list.get_revoked().map_or(0, |revoked| revoked.len())
    };
    revoke_id(&world, issued[0].id, Reason::Superseded).await.unwrap();
    publish(&world).await;
    assert_eq!(all().await, 0, "made a moment ago");
    world.clock.advance(Duration::seconds(46));
    revoke_id(&world, issued[1].id, Reason::Superseded).await.unwrap();
    publish(&world).await;
    assert_eq!((all().await, entries(&world, 0).await), (2, 2));
    for wrong in ["-1", "00", "+0", "alle", ""] {
        assert_eq!(fetch(&world, &format!("/pki/issuing1/{wrong}.crl")).await.status, 404, "{wrong}");
    }
}

#[actix_web::test]
async fn a_list_is_never_older_than_the_one_before_whatever_the_clock_says() {
    let world = world().await;
    let certificate = Person::new(&world).issue(&world, &[Profile::Signing]).await.remove(0);
    let (before, at) = (number(&world).await, this_update(&world).await);
    world.clock.advance(-Duration::hours(1));
    revoke_id(&world, certificate.id, Reason::Superseded).await.unwrap();
    publish(&world).await;
    assert_eq!(entries(&world, 0).await, 1);
    assert!(number(&world).await > before && this_update(&world).await >= at);
}

#[actix_web::test]
async fn of_two_rounds_at_once_one_publishes_and_the_other_is_overtaken() {
    let world = world().await;
    let issuing = authorities::issuing(&world).await.unwrap();
    let both = futures_util::future::join_all((0..4).map(|_| status::publish::publish(&world, issuing.clone(), 0))).await;
    let stood = both.iter().filter(|outcome| matches!(outcome, Ok(Outcome::Published))).count();
    let overtaken = both.iter().filter(|outcome| matches!(outcome, Ok(Outcome::Overtaken))).count();
    assert!(stood >= 1 && stood + overtaken == 4, "{both:?}");
    let numbers = number(&world).await;
    status::publish::publish(&world, issuing, 0).await.unwrap();
    assert!(number(&world).await > numbers);
}

#[actix_web::test]
async fn the_checker_finds_what_rows_lists_and_answers_do_not_agree_on() {
    let world = world().await;
    let issued = Person::new(&world).issue(&world, &[Profile::Signing, Profile::Mail]).await;
    revoke_id(&world, issued[0].id, Reason::Superseded).await.unwrap();
    publish(&world).await;
    assert_eq!(status::check::check_all(&world).await.unwrap(), 0);
    assert_eq!(finding(&world).await, None);
    // A revocation that no list tells of within a minute.
    revoke_id(&world, issued[1].id, Reason::Superseded).await.unwrap();
    world.clock.advance(Duration::seconds(59));
    assert_eq!(status::check::check_all(&world).await.unwrap(), 0, "it has a minute");
    world.clock.advance(Duration::seconds(2));
    assert_eq!(status::check::check_all(&world).await.unwrap(), 1);
    assert_eq!(finding(&world).await, Some(Finding::Late));
    publish(&world).await;
    assert_eq!(status::check::check_all(&world).await.unwrap(), 0);
    // Lists that nobody renews.
    world.clock.advance(Duration::hours(19));
    assert_eq!(status::check::check_all(&world).await.unwrap(), 2, "root and issuing authority");
    assert_eq!(finding(&world).await, Some(Finding::ListStale));
    publish(&world).await;
    // A row that somebody with access to the database set back.
    let mut intruder = world.intruder().await.unwrap();
    let forget = "UPDATE certificate_status SET state = 'good', revoked_at = NULL, reason = NULL WHERE serial = $1";
    sqlx::query(forget).bind(issued[1].serial.as_bytes()).execute(&mut intruder).await.unwrap();
    sqlx::query("UPDATE status_generation SET generation = generation + 1").execute(&mut intruder).await.unwrap();
    world.database.write(async |_| Ok::<_, DatabaseError>(())).await.unwrap();
    assert_eq!(status::check::check_all(&world).await.unwrap(), 1);
    assert_eq!(finding(&world).await, Some(Finding::OcspDisagrees));
    // A list that is not ours.
    sqlx::query("UPDATE crl SET der = X'3000' WHERE shard = 0").execute(&mut intruder).await.unwrap();
    assert_eq!(status::check::check_all(&world).await.unwrap(), 2);
    assert_eq!(finding(&world).await, Some(Finding::ListSaysMore), "the list of all still can be read");
    let text = world.metrics.text();
    assert!(text.contains("segl_findings{kind=\"status\"} 2"), "{text}");
}

async fn finding(world: &Ground) -> Option<Finding> {
    let issuing = authorities::issuing(world).await.unwrap();
    let checked = status::checked(&mut world.database.read().await.unwrap(), issuing.id).await.unwrap().unwrap();
    checked.found.map(|found| found.finding)
}

async fn this_update(world: &Ground) -> Moment {
    let authority = authorities::issuing(world).await.unwrap();
    status::crl(&mut world.database.read().await.unwrap(), authority.id, 0).await.unwrap().unwrap().this_update
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
    let tbs = String::from_utf8_lossy(second.tbs().unwrap()).into_owned();
    assert!(tbs.contains("/pki/issuing1/1.crl"));
}
