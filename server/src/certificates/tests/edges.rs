//! Who sees and revokes what, over HTTP.

use actix_web::{http::StatusCode, test::TestRequest};
use certs::{profiles::Kind, serial::Serial};

use super::{Person, Profile, ask, world};
use crate::platform::{
    actor::{Actor, Role},
    ground::Ground,
    id::{CompanyId, EmployeeId, Id as _},
};

fn colleague(person: &Person, world: &Ground, roles: &[Role]) -> Actor {
    Actor { employee: Some(EmployeeId::fresh(world.clock().now(), world.random())), ..person.actor(roles) }
}

fn operator(person: &Person, role: Role) -> Actor {
    Actor { employee: None, company: None, ..person.actor(&[role]) }
}

fn stranger(person: &Person, world: &Ground, roles: &[Role]) -> Actor {
    Actor { company: Some(CompanyId::fresh(world.clock().now(), world.random())), ..colleague(person, world, roles) }
}

fn revocation(serial: &Serial, body: &'static str) -> TestRequest {
    let request = TestRequest::post().uri(&format!("/api/v1/certificates/{serial}/revocation"));
    request.insert_header(("content-type", "application/json")).set_payload(body)
}

const SUPERSEDED: &str = r#"{"reason":"superseded"}"#;

#[actix_web::test]
async fn nobody_sees_or_revokes_another_companys_certificate() {
    let world = world().await;
    let person = Person::new(&world);
    let serial = person.issue(&world, &[Profile::Signing]).await.remove(0).serial;
    let own = format!("/api/v1/certificates/{serial}");
    for actor in [
        stranger(&person, &world, &[Role::Employee]),
        stranger(&person, &world, &[Role::Administrator, Role::Employee]),
        colleague(&person, &world, &[Role::Employee]),
    ] {
        assert_eq!(ask(&world, Some(actor.clone()), TestRequest::get().uri(&own)).await.status, StatusCode::NOT_FOUND);
        assert_eq!(ask(&world, Some(actor.clone()), revocation(&serial, SUPERSEDED)).await.status, StatusCode::NOT_FOUND);
        let list = ask(&world, Some(actor), TestRequest::get().uri("/api/v1/certificates")).await.json();
        assert_eq!(list["items"].as_array().unwrap().len(), 0);
    }
    assert_eq!(ask(&world, None, TestRequest::get().uri(&own)).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&world, None, revocation(&serial, SUPERSEDED)).await.status, StatusCode::UNAUTHORIZED);
    let auditor = operator(&person, Role::Auditor);
    assert_eq!(ask(&world, Some(auditor.clone()), TestRequest::get().uri(&own)).await.status, StatusCode::OK);
    assert_eq!(ask(&world, Some(auditor), revocation(&serial, SUPERSEDED)).await.status, StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn holder_administrator_and_security_may_revoke() {
    let world = world().await;
    let person = Person::new(&world);
    let issued = person.issue(&world, &[Profile::Signing, Profile::Mail, Profile::Encryption]).await;
    let revokers = [
        person.actor(&[Role::Employee]),
        colleague(&person, &world, &[Role::Administrator, Role::Employee]),
        operator(&person, Role::Security),
    ];
    for (certificate, actor) in issued.iter().zip(revokers) {
        let answer = ask(&world, Some(actor.clone()), revocation(&certificate.serial, SUPERSEDED)).await;
        assert_eq!(answer.status, StatusCode::OK);
        let json = answer.json();
        assert_eq!((json["state"].as_str(), json["reason"].as_str()), (Some("revoked"), Some("superseded")));
        assert!(json["pem"].as_str().unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
        assert_eq!(ask(&world, Some(actor), revocation(&certificate.serial, SUPERSEDED)).await.status, StatusCode::CONFLICT);
    }
}

#[actix_web::test]
async fn a_reason_is_one_of_those_that_people_may_give() {
    let world = world().await;
    let person = Person::new(&world);
    let serial = person.issue(&world, &[Profile::Signing]).await.remove(0).serial;
    for body in [r#"{"reason":"cACompromise"}"#, r#"{"reason":"certificateHold"}"#, r#"{"reason":""}"#] {
        let answer = ask(&world, Some(person.actor(&[Role::Employee])), revocation(&serial, body)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.json()["errors"][0]["pointer"], "/reason");
    }
}

#[actix_web::test]
async fn an_employee_cannot_touch_the_services_own_certificates() {
    let world = world().await;
    let person = Person::new(&world);
    let security = operator(&person, Role::Security);
    let list = ask(&world, Some(security), TestRequest::get().uri("/api/v1/certificates")).await.json();
    let items = list["items"].as_array().unwrap().clone();
    let mut purposes: Vec<_> = items.iter().map(|item| item["purpose"].as_str().unwrap().to_owned()).collect();
    purposes.sort();
    assert_eq!(purposes, [Kind::Notice.as_str(), Kind::Responder.as_str(), Kind::TimeStamp.as_str()]);
    let serial = Serial::parse(items[0]["serial"].as_str().unwrap()).unwrap();
    let administrator = person.actor(&[Role::Administrator, Role::Employee]);
    assert_eq!(ask(&world, Some(administrator), revocation(&serial, SUPERSEDED)).await.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn the_page_revokes_only_after_it_was_confirmed() {
    let world = world().await;
    let person = Person::new(&world);
    let certificate = person.issue(&world, &[Profile::Signing]).await.remove(0);
    let actor = person.actor(&[Role::Employee]);
    let page = |path: String| TestRequest::get().uri(&path).insert_header(("accept", "text/html"));
    let form = |path: String, body: &'static str| {
        let request = TestRequest::post().uri(&path).insert_header(("accept", "text/html"));
        request.insert_header(("content-type", "application/x-www-form-urlencoded")).set_payload(body)
    };
    let own = format!("/certificates/{}", certificate.serial);
    let list = ask(&world, Some(actor.clone()), page("/certificates".to_owned())).await;
    assert!(String::from_utf8(list.body).unwrap().contains(&own));
    let unchosen = ask(&world, Some(actor.clone()), form(format!("{own}/revocation"), "reason=")).await;
    assert_eq!(unchosen.status, StatusCode::UNPROCESSABLE_ENTITY);
    let asked = ask(&world, Some(actor.clone()), form(format!("{own}/revocation"), "reason=keyCompromise")).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(super::certificate(&world, certificate.id).await.reason.is_none());
    let done = ask(&world, Some(actor.clone()), form(format!("{own}/revocation/confirmation"), "reason=keyCompromise")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert!(super::certificate(&world, certificate.id).await.reason.is_some());
    let shown = ask(&world, Some(actor.clone()), page(own.clone())).await;
    let shown = String::from_utf8(shown.body).unwrap();
    assert!(!shown.contains("<select"), "what is revoked cannot be revoked again");
    assert!(!shown.contains("certificates."), "a word is missing: {shown}");
    let file = ask(&world, Some(actor), TestRequest::get().uri(&format!("{own}.pem"))).await;
    assert!(file.body.starts_with(b"-----BEGIN CERTIFICATE-----"));
}
