//! The pages and the API from the outside: what each role is shown, what is refused, and how.

use actix_web::{
    body::{MessageBody, to_bytes},
    dev::{Service, ServiceResponse},
    http::{StatusCode, header},
    test::{self, TestRequest},
    web,
};

use super::*;
use crate::{
    http::guard::{Credential, SharedWhoIs, WhoIs},
    platform::{
        actor::{Actor, Carrier, ProvenBy, Role},
        database::DatabaseError,
    },
    router,
};

/// `operator`, or an employee by the account's id; with [`STALE`] before it, one whose proof is old.
struct Named;

const STALE: &str = "stale-";

impl WhoIs for Named {
    fn who_is<'a>(&'a self, ground: &'a Ground, credential: &'a Credential) -> LocalBoxFuture<'a, Result<Option<Actor>, DatabaseError>> {
        Box::pin(async move {
            let now = ground.clock().now();
            let (token, proven_at) = match credential.token.strip_prefix(STALE) {
                Some(token) => (token, now.plus(-Duration::minutes(6))),
                None => (credential.token.as_str(), now),
            };
            let actor = |account, name: &str, roles, company, employee| Actor {
                account,
                session: "018f0000-0000-7000-8000-000000000002".parse().ok(),
                name: name.to_owned(),
                roles,
                company,
                employee,
                carrier: Carrier::Program,
                proven_at,
                proven_by: ProvenBy::Card,
                key: None,
            };
            if token == "operator" {
                let id = "018f0000-0000-7000-8000-000000000001".parse().expect("an id");
                return Ok(Some(actor(id, "Olga", vec![Role::Registration], None, None)));
            }
            let Ok(account) = token.parse() else { return Ok(None) };
            let found = standing(&mut ground.database.read().await?, account).await?.filter(|standing| standing.active);
            Ok(found.map(|standing| {
                let mut roles = vec![Role::Employee];
                if standing.administrator {
                    roles.push(Role::Administrator);
                }
                if standing.superadministrator {
                    roles.push(Role::Superadministrator);
                }
                actor(account, &standing.name, roles, Some(standing.company), Some(standing.employee))
            }))
        })
    }
}

struct Answer {
    status: StatusCode,
    location: String,
    cookie: String,
    body: String,
}

async fn answered(response: ServiceResponse<impl MessageBody>) -> Answer {
    let text = |name: header::HeaderName| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let (location, cookie) = (text(header::LOCATION), text(header::SET_COOKIE));
    let status = response.status();
    let bytes = to_bytes(response.into_body()).await.map_err(|_| "a body").unwrap();
    Answer { status, location, cookie, body: String::from_utf8_lossy(&bytes).into_owned() }
}

/// Sends one request to a fresh application over the same ground.
async fn send(world: &TestGround, who: &str, request: TestRequest) -> Answer {
    let who_is: SharedWhoIs = std::sync::Arc::new(Named);
    let app = test::init_service(router::application(web::Data::new(world.ground.clone()), who_is)).await;
    let request = request.insert_header(("accept-language", "da"));
    let request = if who.is_empty() { request } else { request.insert_header(("authorization", format!("Bearer {who}"))) };
    answered(app.call(request.to_request()).await.unwrap()).await
}

async fn get(world: &TestGround, who: &str, path: &str) -> Answer {
    send(world, who, TestRequest::get().uri(path).insert_header(("accept", "text/html"))).await
}

async fn post(world: &TestGround, who: &str, path: &str, form: &[(&str, &str)]) -> Answer {
    send(world, who, TestRequest::post().uri(path).insert_header(("accept", "text/html")).set_form(form)).await
}

async fn post_json(world: &TestGround, who: &str, path: &str, body: serde_json::Value) -> Answer {
    send(world, who, TestRequest::post().uri(path).set_json(body)).await
}

const BAKERY: &[(&str, &str)] = &[
    ("kind", "company"),
    ("legal_name", "Havnens Bageri ApS"),
    ("certificate_name", ""),
    ("cvr", "30 80 84 60"),
    ("street", "Kajen 1"),
    ("postal_code", "4220"),
    ("city", "Korsør"),
    ("signatories/0/name", "Åse Ægidius"),
    ("signatories/0/email", "aase@bageri.example"),
    ("signatories/1/name", ""),
    ("signatories/1/email", ""),
];

fn with<'a>(form: &[(&'a str, &'a str)], field: &str, text: &'a str) -> Vec<(&'a str, &'a str)> {
    form.iter().map(|(name, typed)| (*name, if *name == field { text } else { typed })).collect()
}

#[actix_web::test]
async fn an_operator_registers_a_company_in_the_browser() {
    let world = world().await;
    assert_eq!(get(&world, "", "/companies").await.status, StatusCode::UNAUTHORIZED);
    assert!(get(&world, "operator", "/companies").await.body.contains("Opret den første"));
    assert_eq!(get(&world, "operator", "/companies/new").await.status, StatusCode::OK);
    let short = with(BAKERY, "cvr", "123");
    let refused = post(&world, "operator", "/companies/new", &short).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains(r#"id="cvr-error""#) && refused.body.contains("Kajen 1"), "{}", refused.body);
    let mut more = BAKERY.to_vec();
    more.push(("more", "1"));
    assert!(post(&world, "operator", "/companies/new", &more).await.body.contains("signatories/2/name"));
    let done = post(&world, "operator", "/companies/new", BAKERY).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let shown = get(&world, "operator", &done.location).await;
    assert!(shown.body.contains("Havnens Bageri ApS") && shown.body.contains("Åse Ægidius"), "{}", shown.body);
    let again = post(&world, "operator", "/companies/new", BAKERY).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.body.contains("allerede oprettet"), "{}", again.body);
    assert!(get(&world, "operator", "/companies?name=havnens").await.body.contains("Havnens Bageri ApS"));
    assert!(get(&world, "operator", "/companies?name=bageri").await.body.contains("Ingen virksomhed"));
}

#[actix_web::test]
async fn the_same_registration_sent_twice_with_one_key_creates_once() {
    let world = world().await;
    let body = serde_json::json!({
        "kind": "association", "legal_name": "Sejlforeningen Nordhavn", "street": "Molen 2", "postal_code": "2150",
        "city": "Nordhavn", "signatories": [{"name": "Bo", "email": "bo@sejl.example"}],
    });
    let request = || {
        let request = TestRequest::post().uri("/api/v1/companies").insert_header(("idempotency-key", "k1"));
        request.set_json(&body)
    };
    let first = send(&world, "operator", request()).await;
    let second = send(&world, "operator", request()).await;
    assert_eq!((first.status, second.status), (StatusCode::CREATED, StatusCode::CREATED));
    assert_eq!(first.location, second.location);
    let listed = get(&world, "operator", "/api/v1/companies").await;
    assert_eq!(listed.body.matches("Sejlforeningen").count(), 1, "{}", listed.body);
}

#[actix_web::test]
async fn an_unknown_field_and_a_long_name_are_named() {
    let world = world().await;
    let (id, _) = founded(&world, None).await;
    let administrator = activate_newest(&world, "mette.oest").await.account.to_string();
    let path = format!("/api/v1/companies/{id}/employees");
    let mut body = serde_json::json!({
        "given_name": "a".repeat(65), "surname": "Ø", "email": "a@b.dk", "vouched": "by_letter",
    });
    let long = post_json(&world, &administrator, &path, body.clone()).await;
    assert_eq!(long.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(long.body.contains("/given_name"), "{}", long.body);
    body["nickname"] = "x".into();
    let unknown = post_json(&world, &administrator, &path, body).await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unknown.body.contains("nickname"), "{}", unknown.body);
}

fn choices<'a>(code: &'a str, again: &'a str) -> [(&'static str, &'a str); 5] {
    let birth_date = ("birth_date", "17-05-1980");
    [("temporary_password", code), ("user_id", "mette.oest"), ("password", "korrekt hest 42"), ("password_again", again), birth_date]
}

#[actix_web::test]
async fn a_signatory_reads_and_accepts_and_the_administrator_activates_in_the_browser() {
    let world = world().await;
    let id = register(&world, &application(Some("30808460"), &["aase"])).await.unwrap();
    let path = format!("/agreement/{}", link(&world, "agreement").await);
    let shown = get(&world, "", &path).await;
    assert!(shown.body.contains("udgave 2026-11"), "{}", shown.body);
    assert_eq!(company(&world, id).await.pending, 1, "opening the link changes nothing");
    let hash = shown.body.split_once("name=\"hash\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
    let unticked = post(&world, "", &path, &[("hash", &hash)]).await;
    assert_eq!(unticked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unticked.body.contains(r#"id="accept-error""#));
    let alone = post(&world, "", &path, &[("hash", &hash), ("accept", "yes")]).await;
    assert!(alone.body.contains("administrator/surname-error"), "{}", alone.body);
    let form = [
        ("hash", hash.as_str()),
        ("accept", "yes"),
        ("administrator/given_name", "Mette"),
        ("administrator/surname", "Øst"),
        ("administrator/email", "mette@bageri.example"),
    ];
    let accepted = post(&world, "", &path, &form).await;
    assert!(accepted.body.contains("Nok tegningsberettigede har godkendt"), "{}", accepted.body);
    assert_eq!(get(&world, "", &path).await.status, StatusCode::CONFLICT);

    let (link, code) = (link(&world, "activate").await, code(&world).await);
    let path = format!("/activate/{link}");
    assert!(get(&world, "", &path).await.body.contains("Mette Øst"));
    let unlike = post(&world, "", &path, &choices("AAAA-AAAA", "noget andet 1")).await;
    assert!(unlike.body.contains("password_again-error"), "{}", unlike.body);
    let all = post(&world, "", &path, &[("temporary_password", ""), ("user_id", "x"), ("password", "a"), ("password_again", "b")]).await;
    for field in ["temporary_password", "user_id", "password_again"] {
        assert!(all.body.contains(&format!("id=\"{field}-error\"")), "{field}: {}", all.body);
    }
    let wrong = post(&world, "", &path, &choices("AAAA-AAAA", "korrekt hest 42")).await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    assert!(wrong.body.contains("temporary_password-error") && !wrong.body.contains("korrekt hest"), "{}", wrong.body);
    let done = post(&world, "", &path, &choices(&code, "korrekt hest 42")).await;
    assert_eq!((done.status, done.location.as_str()), (StatusCode::SEE_OTHER, "/activate/done"), "{}", done.body);
    assert_eq!(get(&world, "", &path).await.status, StatusCode::GONE);

    let cookie = done.cookie.split(';').next().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-segl_card="));
    let fetch = |path: &'static str| TestRequest::get().uri(path).insert_header(("cookie", cookie.clone()));
    assert!(send(&world, "", fetch("/activate/done")).await.body.contains("card.pdf"));
    assert!(send(&world, "", fetch("/activate/done/card.pdf")).await.body.starts_with("%PDF"));
    assert_eq!(send(&world, "", fetch("/activate/done/card.txt")).await.body.matches('\n').count() / 148, 1);
    world.clock.advance(Duration::minutes(15));
    assert_eq!(send(&world, "", fetch("/activate/done/card.pdf")).await.status, StatusCode::GONE);
    assert_eq!(send(&world, "", fetch("/activate/done")).await.status, StatusCode::GONE);
    assert_eq!(get(&world, "", "/activate/done").await.status, StatusCode::GONE);
    assert_eq!(get(&world, "", "/activate/unknown").await.status, StatusCode::NOT_FOUND);
    assert_eq!(get(&world, "", "/agreement/unknown").await.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn an_administrator_is_appointed_and_ended_only_when_it_is_confirmed() {
    let world = world().await;
    let (id, _) = founded(&world, None).await;
    let administrator = activate_newest(&world, "mette.oest").await.account.to_string();
    let other = invited(&world, id, "Bo", EmailInCertificate::LeftOut).await;
    let account = activate_newest(&world, "bo.hansen").await.account;
    let page = format!("/companies/{id}/employees/{other}");
    let appoint = format!("{page}/administrator");
    let unsure = post(&world, &administrator, &appoint, &[("x", "y")]).await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unsure.body.contains(r#"id="confirm_appointment-error""#), "{}", unsure.body);
    assert!(!stands(&world, account).await.unwrap().administrator);
    let sure = post(&world, &administrator, &appoint, &[("confirm_appointment", "yes")]).await;
    assert_eq!((sure.status, sure.location), (StatusCode::SEE_OTHER, format!("{page}?told=appointed")));
    assert!(stands(&world, account).await.unwrap().administrator);
    let end = format!("{appoint}/end");
    assert_eq!(post(&world, &administrator, &end, &[("x", "y")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(stands(&world, account).await.unwrap().administrator);
    assert_eq!(post(&world, &administrator, &end, &[("confirm_end", "yes")]).await.status, StatusCode::SEE_OTHER);
    assert!(!stands(&world, account).await.unwrap().administrator);
}

#[actix_web::test]
async fn a_browsers_form_without_its_sessions_token_changes_nothing() {
    let world = world().await;
    let (id, _) = founded(&world, None).await;
    let administrator = activate_newest(&world, "mette.oest").await.account.to_string();
    let other = invited(&world, id, "Bo", EmailInCertificate::LeftOut).await;
    let page = format!("/companies/{id}/employees/{other}");
    for (path, field) in [("dismissal", "confirm_dismissal"), ("administrator", "confirm_appointment"), ("invitation", "vouched")] {
        let request = TestRequest::post().uri(&format!("{page}/{path}")).set_form([(field, "in_person")]);
        let request = request.insert_header(("cookie", format!("__Host-segl={administrator}")));
        assert_eq!(send(&world, "", request).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(employee(&world, id, other).await.state, EmployeeState::Invited);
}

#[actix_web::test]
async fn weighty_changes_lead_by_way_of_the_proof_and_lose_nothing_typed() {
    let world = world().await;
    let (id, _) = founded(&world, None).await;
    let administrator = activate_newest(&world, "mette.oest").await.account.to_string();
    let stale = format!("{STALE}{administrator}");
    let other = invited(&world, id, "Bo", EmailInCertificate::LeftOut).await;
    let account = activate_newest(&world, "bo.hansen").await.account;
    let waiting = invited(&world, id, "Ea", EmailInCertificate::LeftOut).await;
    let page = format!("/companies/{id}/employees/{other}");
    let proof = |page: &str| {
        format!("/account/prove?next={}", format!("{page}?told=proven").replace('/', "%2F").replace('?', "%3F").replace('=', "%3D"))
    };
    for (path, form) in [("dismissal", ("confirm_dismissal", "yes")), ("administrator", ("confirm_appointment", "yes"))] {
        let led = post(&world, &stale, &format!("{page}/{path}"), &[form]).await;
        assert_eq!((led.status, led.location), (StatusCode::SEE_OTHER, proof(&page)), "{path}");
    }
    let renewed = format!("/companies/{id}/employees/{waiting}");
    let led = post(&world, &stale, &format!("{renewed}/invitation"), &[("vouched", "in_person")]).await;
    assert_eq!((led.status, led.location), (StatusCode::SEE_OTHER, proof(&renewed)));
    let by_letter = post(&world, &stale, &format!("{renewed}/invitation"), &[("vouched", "by_letter")]).await;
    assert_eq!(by_letter.location, format!("{renewed}?told=renewed"), "nobody sees that password here");
    let standing = stands(&world, account).await.unwrap();
    assert!(standing.active && !standing.administrator);
    assert!(get(&world, &stale, &format!("{page}?told=proven")).await.body.contains("Du har vist, at det er dig"));

    let path = format!("/companies/{id}/employees/new");
    let mut person =
        vec![("given_name", "Åge"), ("surname", "Ærø"), ("email", "aage@bageri.example"), ("language", "da"), ("vouched", "in_person")];
    person.push(("birth_date", "17-05-1980"));
    let asked = post(&world, &stale, &path, &person).await;
    assert_eq!(asked.status, StatusCode::FORBIDDEN);
    for kept in ["href=\"/account/prove\"", "value=\"Åge\"", "aage@bageri.example"] {
        assert!(asked.body.contains(kept), "{kept}: {}", asked.body);
    }
    person[4] = ("vouched", "by_letter");
    assert_eq!(post(&world, &stale, &path, &person).await.location, format!("/companies/{id}?told=invited"));
}

#[actix_web::test]
async fn an_administrator_sees_the_code_once_when_the_person_was_seen() {
    let world = world().await;
    let (id, first) = founded(&world, None).await;
    let administrator = activate_newest(&world, "mette.oest").await.account.to_string();
    assert!(get(&world, &administrator, &format!("/companies/{id}")).await.body.contains("Mette Øst"));
    let path = format!("/companies/{id}/employees/new");
    assert_eq!(get(&world, &administrator, &path).await.status, StatusCode::OK);
    let person =
        [("given_name", "Åge"), ("surname", "Ærø"), ("email", "aage@bageri.example"), ("language", "da"), ("birth_date", "17-05-1980")];
    let unchosen = post(&world, &administrator, &path, &person).await;
    assert!(unchosen.body.contains("vouched-error"), "{}", unchosen.body);
    let empty = post(&world, &administrator, &path, &[("language", "da")]).await;
    for field in ["given_name", "surname", "email", "vouched"] {
        assert!(empty.body.contains(&format!("id=\"{field}-error\"")), "{field}: {}", empty.body);
    }
    let mut form = person.to_vec();
    form.push(("vouched", "in_person"));
    let unseen = post(&world, &administrator, &path, &form).await;
    assert!(
        unseen.status == StatusCode::UNPROCESSABLE_ENTITY && unseen.body.contains("Sig, hvilken billedlegitimation"),
        "{}",
        unseen.body
    );
    let passport = [("kind", "passport"), ("issuer", "Slagelse Kommune"), ("expires", "2031-01-01"), ("number", "208123456")];
    let passport = passport.map(|(field, text)| (format!("documents/0/{field}"), text));
    form.extend(passport.iter().map(|(field, text)| (field.as_str(), *text)));
    let shown = post(&world, &administrator, &path, &form).await;
    let (_, rest) = shown.body.split_once("<dd>").unwrap();
    let code = rest.split_once("</dd>").unwrap().0.to_owned();
    let activated = activate(&world, &link(&world, "activate").await, Some(&code), "aage.aeroe").await.unwrap();
    let page = format!("/companies/{id}/employees/{}", activated.employee.unwrap());
    let seen = get(&world, &administrator, &page).await;
    assert!(
        seen.body.contains("Set ved personligt fremmøde")
            && seen.body.contains("Administratoren har set legitimation")
            && !seen.body.contains("208123456")
            && !seen.body.contains(&code),
        "{}",
        seen.body
    );
    let unsure = post(&world, &administrator, &format!("{page}/dismissal"), &[("x", "y")]).await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
    let last = post(&world, &administrator, &format!("/companies/{id}/employees/{first}/dismissal"), &[("confirm_dismissal", "yes")]).await;
    assert_eq!(last.status, StatusCode::CONFLICT);
    assert!(last.body.contains("mindst én administrator"), "{}", last.body);
    let gone = post(&world, &administrator, &format!("{page}/dismissal"), &[("confirm_dismissal", "yes")]).await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER, "{}", gone.body);
    assert!(get(&world, &administrator, &page).await.body.contains("Spærret"));
    let employee = activated.account.to_string();
    assert_eq!(get(&world, &employee, &format!("/companies/{id}")).await.status, StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn another_companys_pages_and_ids_are_not_there() {
    let world = world().await;
    let (_, administrator) = founded(&world, None).await;
    let own = activate_newest(&world, "mette.oest").await.account.to_string();
    let other = register(&world, &application(Some("30808460"), &["bo"])).await.unwrap();
    for path in [
        format!("/companies/{other}"),
        format!("/companies/{other}/employees/new"),
        format!("/companies/{other}/employees/{administrator}"),
        format!("/api/v1/companies/{other}"),
        format!("/api/v1/companies/{other}/employees"),
        format!("/api/v1/companies/{other}/employees/{administrator}"),
    ] {
        assert_eq!(get(&world, &own, &path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let api = format!("/api/v1/companies/{other}/employees/{administrator}");
    assert_eq!(send(&world, &own, TestRequest::delete().uri(&api)).await.status, StatusCode::NOT_FOUND);
    let renewal = post_json(&world, &own, &format!("{api}/invitation"), serde_json::json!({"vouched": "by_letter"})).await;
    assert_eq!(renewal.status, StatusCode::NOT_FOUND);
}
