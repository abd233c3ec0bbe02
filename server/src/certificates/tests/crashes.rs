//! A crash at each step between intention and active certificate.

use time::Duration;

use super::{Person, Profile, certificate, world};
use crate::{
    authorities,
    certificates::{
        CertificateError, KeyCarrier, State, Wanted, finish, finish::sign, jobs::recover, prepare_for_keys, revoke_all_of_employee,
        store_intention,
    },
    platform::actor::Author,
    status::{self, Known},
};

fn tbs_of(der: &[u8]) -> Vec<u8> {
    use der::{Decode as _, Encode as _, Header, SliceReader};
    let outer = Header::decode(&mut SliceReader::new(der).unwrap()).unwrap();
    let content = &der[usize::try_from(outer.encoded_len().unwrap()).unwrap()..];
    let inner = Header::decode(&mut SliceReader::new(content).unwrap()).unwrap();
    let length = usize::try_from((inner.encoded_len().unwrap() + inner.length).unwrap()).unwrap();
    content[..length].to_vec()
}

#[actix_web::test]
async fn an_intention_left_behind_is_finished_with_the_stored_bytes() {
    let world = world().await;
    let person = Person::new(&world);
    let id = person.intend(&world, &[Profile::Signing]).await[0];
    let intended = certificate(&world, id).await;
    assert_eq!(recover(&world).await.unwrap(), 0, "whoever stored it is still at work");
    world.clock.advance(Duration::seconds(31));
    assert_eq!(recover(&world).await.unwrap(), 1);
    let finished = certificate(&world, id).await;
    assert_eq!(finished.state, State::Active);
    assert_eq!(tbs_of(finished.der.as_deref().unwrap()), intended.tbs.unwrap());
    person.sign(&world, id, [7; 32]).await.unwrap();
}

#[actix_web::test]
async fn a_signature_made_but_not_stored_is_made_again_over_the_very_same_bytes() {
    let world = world().await;
    let person = Person::new(&world);
    let id = person.intend(&world, &[Profile::Signing]).await[0];
    let intended = certificate(&world, id).await;
    let authority = authorities::by_id(&world, intended.authority).await.unwrap();
    let lost = sign(&world, &intended, authority).await.unwrap();
    assert_eq!(certificate(&world, id).await.state, State::Intended);
    world.clock.advance(Duration::seconds(31));
    assert_eq!(recover(&world).await.unwrap(), 1);
    let finished = certificate(&world, id).await;
    assert_eq!(tbs_of(finished.der.as_deref().unwrap()), tbs_of(&lost.der));
    assert_eq!(finished.serial, lost.serial);
}

#[actix_web::test]
async fn an_intention_a_day_old_is_given_up_and_stands_on_the_list() {
    let world = world().await;
    let person = Person::new(&world);
    let id = person.intend(&world, &[Profile::Signing]).await[0];
    world.clock.advance(Duration::hours(25));
    assert_eq!(recover(&world).await.unwrap(), 0);
    let given_up = certificate(&world, id).await;
    assert_eq!(given_up.state, State::Abandoned);
    let known = status::known(&mut world.database.read().await.unwrap(), given_up.authority, &given_up.serial).await.unwrap();
    assert!(matches!(known, Some(Known::Revoked { .. })));
    assert!(matches!(finish(&world, id).await, Err(CertificateError::NotIntended)));
}

#[actix_web::test]
async fn a_certificate_intended_for_someone_who_leaves_is_never_active() {
    let world = world().await;
    let person = Person::new(&world);
    let id = person.intend(&world, &[Profile::Signing]).await[0];
    let reason = certs::revocation::Reason::AffiliationChanged;
    let employee = person.holder.employee;
    let ended =
        world.database.write(async |unit| revoke_all_of_employee(unit, employee, Author::System("test"), reason).await).await.unwrap();
    assert!(ended.is_empty());
    assert!(matches!(finish(&world, id).await, Err(CertificateError::NotIntended)));
    assert_eq!(certificate(&world, id).await.state, State::Abandoned);
}

#[actix_web::test]
async fn two_who_finish_at_once_yield_one_certificate() {
    let world = world().await;
    let person = Person::new(&world);
    let id = person.intend(&world, &[Profile::Signing]).await[0];
    let (one, other, third) = tokio::join!(finish(&world, id), finish(&world, id), finish(&world, id));
    one.unwrap();
    other.unwrap();
    third.unwrap();
    let mut intruder = world.intruder().await.unwrap();
    let activated: i64 = sqlx::query_scalar("SELECT count(*) FROM audit_entry WHERE action = 'certificate.activated' AND subject = $1")
        .bind(format!("certificate:{id}"))
        .fetch_one(&mut intruder)
        .await
        .unwrap();
    assert_eq!(activated, 1);
    let before = certificate(&world, id).await.der;
    finish(&world, id).await.unwrap();
    assert_eq!(certificate(&world, id).await.der, before);
}

/// What nobody finished in time, for a key that rests elsewhere.
async fn left_behind(world: &crate::platform::ground::Ground, carrier: KeyCarrier) -> crate::certificates::Certificate {
    let person = Person::new(world);
    let key = certs::key_file::LooseKey::generate().unwrap().public_key().clone();
    let wanted = vec![Wanted { profile: Profile::Signing, key }];
    let intentions = prepare_for_keys(world, &person.holder, wanted, carrier).await.unwrap();
    let author = Author::Account(person.holder.account);
    world.database.write(async |unit| store_intention(unit, &intentions[0], author).await).await.unwrap();
    certificate(world, intentions[0].id).await
}

#[actix_web::test]
async fn a_key_file_that_nobody_got_is_given_up_and_a_request_is_finished() {
    let world = world().await;
    let (file, request) = (left_behind(&world, KeyCarrier::KeyFile).await, left_behind(&world, KeyCarrier::OwnSoftware).await);
    world.clock.advance(Duration::seconds(31));
    assert_eq!(recover(&world).await.unwrap(), 1);
    let given_up = certificate(&world, file.id).await;
    assert_eq!((given_up.state, given_up.der), (State::Abandoned, None));
    let known = status::known(&mut world.database.read().await.unwrap(), file.authority, &file.serial).await.unwrap();
    assert!(matches!(known, Some(Known::Revoked { .. })));
    assert_eq!(certificate(&world, request.id).await.state, State::Active);
}
