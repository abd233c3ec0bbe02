//! The rules of logging in, on a database of their own; the pages through HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use actix_web::{
    cookie::Cookie,
    http::{StatusCode, header},
    test as web_test, web,
};
use serde_json::{Value, json};
use time::Duration;

use super::{
    LoginError, NewToken, Origin, Sessions, Started, answer, answer_proof, ask_proof, change_password, create_token, end, end_others,
};
use crate::{
    accounts::{self, AccountError, AccountKind, NewAccount, Password, UserId},
    app,
    http::{
        guard::{COOKIE, Credential, WhoIs as _},
        problem::Kind,
    },
    keycards,
    platform::{
        actor::{Actor, Author, Carrier, Role},
        id::{AccountId, Id as _},
        secret::{self, Secret},
        testing::{self, TestGround},
        words::Language,
    },
    router,
};

const HOME: &str = "192.0.2.0/24";
const ELSEWHERE: &str = "198.51.100.0/24";
const PASSWORD: &str = "Sommer2026";

fn typed(password: &str) -> Secret<String> {
    Secret::new(password.to_owned())
}

/// An operator with a password and a key card.
async fn operator() -> (TestGround, AccountId) {
    let world = testing::ground().await.unwrap();
    let account = AccountId::fresh(world.clock().now(), world.random());
    let user_id = UserId::parse("mette").unwrap();
    let password = Password::parse(PASSWORD, &user_id).unwrap_or_else(|_| panic!("follows the rules"));
    let protected = accounts::protect(&world, account, &password).await.unwrap();
    let card = keycards::issue(&world, account).await.unwrap();
    let new = NewAccount { id: account, kind: AccountKind::Operator, name: "Mette Hansen".to_owned(), roles: vec![Role::HelpDesk] };
    let made: Result<(), LoginError> = world
        .database
        .write(async |unit| {
            accounts::create(unit, new.clone()).await?;
            accounts::set_password(unit, account, &user_id, &protected).await?;
            keycards::store(unit, &card, Author::System("test")).await?;
            Ok(())
        })
        .await;
    made.unwrap();
    (world, account)
}

async fn key(world: &TestGround, started: &Started) -> String {
    keycards::demo_key(world, started.question.as_ref().unwrap().challenge).await.unwrap().unwrap()
}

async fn logged_in(world: &TestGround) -> (Actor, String) {
    let started = start(world, "Mette", &typed("SOMMER2026"), HOME).await.unwrap();
    let key = key(world, &started).await;
    let opened = answer(world, &started.token, &key, Carrier::Program, HOME).await.unwrap();
    (who(world, &opened.token).await.unwrap(), opened.token)
}

async fn who(world: &TestGround, token: &str) -> Option<Actor> {
    Sessions.who_is(world, &Credential { token: token.to_owned(), carrier: Carrier::Program }).await.unwrap()
}

async fn refusal(world: &TestGround, user_id: &str, password: &str, network: &str) -> LoginError {
    start(world, user_id, &typed(password), network).await.expect_err("is refused")
}

/// In a browser that has begun nothing before.
async fn start(ground: &TestGround, user_id: &str, password: &Secret<String>, network: &str) -> Result<Started, LoginError> {
    super::start(ground, user_id, password, Origin { network, earlier: None, device: None, answer: None }).await
}

fn is_not_right(error: &LoginError) -> bool {
    matches!(error, LoginError::Account(AccountError::Refused(_)))
}

fn is_closed(error: &LoginError) -> bool {
    matches!(error, LoginError::Account(AccountError::TooManyTries { .. }))
}

#[actix_web::test]
async fn password_and_key_open_a_session_whatever_the_case() {
    let (world, account) = operator().await;
    let (actor, _) = logged_in(&world).await;
    assert_eq!((actor.account, actor.name.as_str(), actor.roles.as_slice()), (account, "Mette Hansen", [Role::HelpDesk].as_slice()));
}

#[actix_web::test]
async fn an_unknown_user_id_and_a_wrong_password_are_refused_alike_and_close_alike() {
    let (world, _) = operator().await;
    for (user_id, password) in [("mette", "forkert1"), ("nobody", PASSWORD)] {
        for _ in 0..5 {
            assert!(is_not_right(&refusal(&world, user_id, password, HOME).await));
        }
        assert!(is_closed(&refusal(&world, user_id, PASSWORD, HOME).await), "{user_id}");
    }
}

#[actix_web::test]
async fn five_wrong_in_a_row_close_one_network_for_eight_hours_and_no_other() {
    let (world, _) = operator().await;
    for _ in 0..5 {
        assert!(is_not_right(&refusal(&world, "mette", "forkert1", ELSEWHERE).await));
    }
    assert!(is_closed(&refusal(&world, "mette", PASSWORD, ELSEWHERE).await));
    start(&world, "mette", &typed(PASSWORD), HOME).await.unwrap();
    world.clock.advance(Duration::hours(8));
    start(&world, "mette", &typed(PASSWORD), ELSEWHERE).await.unwrap();
}

#[actix_web::test]
async fn a_right_password_begins_the_count_anew() {
    let (world, _) = operator().await;
    for _ in 0..3 {
        for _ in 0..4 {
            assert!(is_not_right(&refusal(&world, "mette", "forkert1", HOME).await));
        }
        start(&world, "mette", &typed(PASSWORD), HOME).await.unwrap();
    }
}

#[actix_web::test]
async fn of_forty_wrong_passwords_at_once_five_are_looked_at() {
    let (world, _) = operator().await;
    let wrong = typed("forkert1");
    let outcomes = futures_util::future::join_all((0..40).map(|_| start(&world, "mette", &wrong, HOME))).await;
    let looked_at = outcomes.iter().filter(|outcome| outcome.as_ref().is_err_and(is_not_right)).count();
    let closed = outcomes.iter().filter(|outcome| outcome.as_ref().is_err_and(is_closed)).count();
    assert_eq!((looked_at, closed), (5, 35));
}

#[actix_web::test]
async fn of_forty_wrong_from_as_many_networks_at_once_twenty_are_looked_at() {
    let (world, _) = operator().await;
    let wrong = typed("forkert1");
    let networks: Vec<String> = (0..40).map(|network| format!("203.0.{network}.0/24")).collect();
    let outcomes = futures_util::future::join_all(networks.iter().map(|network| start(&world, "mette", &wrong, network))).await;
    let looked_at = outcomes.iter().filter(|outcome| outcome.as_ref().is_err_and(is_not_right)).count();
    let asked = outcomes.iter().filter(|outcome| matches!(outcome, Err(LoginError::AnswerFirst { .. }))).count();
    assert_eq!((looked_at, asked), (20, 20));
    assert!(matches!(refusal(&world, "mette", PASSWORD, HOME).await, LoginError::AnswerFirst { .. }));
    world.clock.advance(Duration::hours(25));
    start(&world, "mette", &typed(PASSWORD), ELSEWHERE).await.unwrap();
}

#[actix_web::test]
async fn what_is_refused_is_said_in_both_languages_and_every_reason_has_its_words() {
    let (world, _) = operator().await;
    for network in 0..20 {
        refusal(&world, "mette", "forkert1", &format!("203.0.{network}.0/24")).await;
    }
    let wrong = typed("000000");
    let with_answer = Origin { network: HOME, earlier: None, device: None, answer: Some(&wrong) };
    let again = super::start(&world, "mette", &typed(PASSWORD), with_answer).await.expect_err("is refused");
    let first = refusal(&world, "mette", PASSWORD, HOME).await;
    for (error, danish, english) in [
        (first, "Svar først med en nøgle", "Answer with a key"),
        (again, "der er ikke set på adgangskoden", "the password was not looked at"),
    ] {
        let problem = super::refusal_routes::told(&world, error, HOME).await;
        assert_eq!(problem.kind, Kind::AnswerFirst);
        let reference = problem.told("reference").unwrap();
        for (language, words) in [(Language::Da, danish), (Language::En, english)] {
            let said = problem.sentence_with_reference(language);
            assert!(said.contains(words) && said.contains(&reference), "{said}");
        }
    }
    let reasons = source_words("why_");
    assert!(reasons.len() > 10, "{reasons:?}");
    for reason in [
        "asked_first",
        "blocked",
        "device_closed",
        "network_closed",
        "no_factor",
        "no_password",
        "no_standing",
        "session_closed",
        "unknown_user_id",
        "wrong_answer",
        "wrong_code",
        "wrong_key",
        "wrong_password",
    ] {
        assert!(reasons.contains(&reason.to_owned()), "{reason} has no words");
    }
}

/// The words of log-ins that begin so, without their beginning.
fn source_words(prefix: &str) -> Vec<String> {
    let text = include_str!("../../locales/da/logins.toml");
    text.lines().filter_map(|line| line.strip_prefix(prefix)?.split_once(" = ").map(|(key, _)| key.to_owned())).collect()
}

#[actix_web::test]
async fn a_wrong_key_is_refused_and_the_question_stays() {
    let (world, _) = operator().await;
    let started = start(&world, "mette", &typed(PASSWORD), HOME).await.unwrap();
    let right = key(&world, &started).await;
    let wrong = if right == "000000" { "000001" } else { "000000" };
    let refused = answer(&world, &started.token, wrong, Carrier::Program, HOME).await.err().unwrap();
    assert!(matches!(refused, LoginError::NotRight(_)));
    answer(&world, &started.token, &right, Carrier::Program, HOME).await.unwrap();
}

#[actix_web::test]
async fn a_login_is_answered_once_even_fifty_times_at_once() {
    let (world, account) = operator().await;
    let started = start(&world, "mette", &typed(PASSWORD), HOME).await.unwrap();
    let key = key(&world, &started).await;
    let tries = (0..50).map(|_| answer(&world, &started.token, &key, Carrier::Program, HOME));
    let outcomes = futures_util::future::join_all(tries).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let mut reader = world.database.read().await.unwrap();
    assert_eq!(super::read::sessions_of(&mut reader, account, world.clock().now()).await.unwrap().len(), 1);
}

#[actix_web::test]
async fn a_login_dies_after_five_minutes_and_a_made_up_one_never_lived() {
    let (world, _) = operator().await;
    let started = start(&world, "mette", &typed(PASSWORD), HOME).await.unwrap();
    let key = key(&world, &started).await;
    world.clock.advance(Duration::minutes(5));
    assert!(matches!(answer(&world, &started.token, &key, Carrier::Program, HOME).await.err(), Some(LoginError::Gone)));
    assert!(matches!(answer(&world, "AAAAAAAAAAAAAAAAAAAAAA", &key, Carrier::Program, HOME).await.err(), Some(LoginError::Gone)));
}

#[actix_web::test]
async fn a_session_ends_by_idleness_by_age_and_by_logging_out() {
    let (world, _) = operator().await;
    let (_, idle) = logged_in(&world).await;
    world.clock.advance(Duration::minutes(20));
    assert!(who(&world, &idle).await.is_none());

    let (_, used) = logged_in(&world).await;
    for _ in 0..31 {
        world.clock.advance(Duration::minutes(15));
        assert!(who(&world, &used).await.is_some());
    }
    world.clock.advance(Duration::minutes(15));
    assert!(who(&world, &used).await.is_none(), "eight hours are over");

    let (actor, out) = logged_in(&world).await;
    world.database.write(async |unit| end(unit, &actor, actor.session.unwrap()).await).await.unwrap();
    assert!(who(&world, &out).await.is_none());
}

#[actix_web::test]
async fn a_token_of_one_carrier_is_nothing_in_the_other() {
    let (world, _) = operator().await;
    let (_, token) = logged_in(&world).await;
    assert!(Sessions.who_is(&world, &Credential { token, carrier: Carrier::Browser }).await.unwrap().is_none());
}

#[actix_web::test]
async fn a_blocked_account_is_nobody_at_once() {
    let (world, account) = operator().await;
    let (_, token) = logged_in(&world).await;
    world.database.write(async |unit| accounts::block(unit, account, Author::System("test")).await).await.unwrap();
    assert!(who(&world, &token).await.is_none());
    assert!(is_not_right(&refusal(&world, "mette", PASSWORD, HOME).await));
}

#[actix_web::test]
async fn an_api_key_needs_a_fresh_proof_and_never_has_one() {
    let (world, _) = operator().await;
    let (actor, token) = logged_in(&world).await;
    let new = NewToken::draw(&world, "Payroll", 30).unwrap();
    world.database.write(async |unit| create_token(unit, &actor, &new).await).await.unwrap();
    let program = who(&world, &new.token).await.unwrap();
    assert!(!program.has_proven(world.clock().now()));

    world.clock.advance(Duration::minutes(6));
    let stale = who(&world, &token).await.unwrap();
    let second = NewToken::draw(&world, "Archive", 30).unwrap();
    let refused = world.database.write(async |unit| create_token(unit, &stale, &second).await).await;
    assert!(matches!(refused, Err(LoginError::ProveAgain)));

    let asked = ask_proof(&world, &stale, &typed(PASSWORD), HOME).await.unwrap();
    let key = key(&world, &asked).await;
    assert!(
        matches!(answer(&world, &asked.token, &key, Carrier::Program, HOME).await.err(), Some(LoginError::Gone)),
        "a proof is no login"
    );
    answer_proof(&world, &stale, &asked.token, &key).await.unwrap();
    let fresh = who(&world, &token).await.unwrap();
    world.database.write(async |unit| create_token(unit, &fresh, &second).await).await.unwrap();
    assert_eq!(world.database.write(async |unit| end_others(unit, &fresh).await).await.unwrap(), 0);

    world.clock.advance(Duration::days(30));
    assert!(who(&world, &new.token).await.is_none(), "its days are over");
}

#[actix_web::test]
async fn a_changed_password_ends_the_other_sessions_and_the_old_one_is_refused() {
    let (world, _) = operator().await;
    let (_, other) = logged_in(&world).await;
    let (actor, token) = logged_in(&world).await;
    let new = typed("Vinter2027");
    let refused = change_password(&world, &actor, &typed("forkert1"), &new, HOME).await.expect_err("needs the present password");
    assert!(is_not_right(&refused));
    let refused = change_password(&world, &actor, &typed(PASSWORD), &typed("kort"), HOME).await.expect_err("breaks rules");
    assert!(matches!(refused, LoginError::Invalid(faults) if faults.iter().all(|fault| fault.field == "new_password")));
    change_password(&world, &actor, &typed(PASSWORD), &new, HOME).await.unwrap();
    assert!(who(&world, &other).await.is_none());
    assert!(who(&world, &token).await.is_some());
    assert!(is_not_right(&refusal(&world, "mette", PASSWORD, HOME).await));
    start(&world, "mette", &new, HOME).await.unwrap();
    world.clock.advance(Duration::minutes(6));
    let refused = change_password(&world, &actor, &new, &typed(PASSWORD), HOME).await;
    assert!(matches!(refused, Err(LoginError::ProveAgain)));
}

#[actix_web::test]
async fn whoever_has_stolen_one_session_closes_no_other_and_gains_no_tries() {
    let (world, _) = operator().await;
    let ((stolen, _), (own, _)) = (logged_in(&world).await, logged_in(&world).await);
    let wrong = typed("forkert1");
    for network in [HOME, ELSEWHERE, HOME, ELSEWHERE, HOME] {
        assert!(is_not_right(&ask_proof(&world, &stolen, &wrong, network).await.expect_err("is wrong")));
    }
    for network in [HOME, ELSEWHERE, "203.0.113.0/24"] {
        assert!(is_closed(&ask_proof(&world, &stolen, &typed(PASSWORD), network).await.expect_err("is closed")));
    }
    ask_proof(&world, &own, &typed(PASSWORD), HOME).await.unwrap();
    // The owner is right in the same session meanwhile: twenty wrong ones are all the same.
    let (shared, _) = logged_in(&world).await;
    for round in 0..5 {
        for _ in 0..4 {
            assert!(is_not_right(&ask_proof(&world, &shared, &wrong, HOME).await.expect_err("is wrong")));
        }
        let right = ask_proof(&world, &shared, &typed(PASSWORD), HOME).await;
        assert_eq!(right.as_ref().err().is_some_and(is_closed), round == 4, "{round}");
    }
    ask_proof(&world, &own, &typed(PASSWORD), HOME).await.unwrap();
}

#[actix_web::test]
async fn a_password_for_a_user_id_that_was_changed_meanwhile_is_not_written() {
    let (world, account) = operator().await;
    let [old, new] = ["mette", "mette.hansen"].map(|text| UserId::parse(text).unwrap());
    let password = Password::parse("Vinter2027", &old).unwrap_or_else(|_| panic!("follows the rules"));
    let protected = accounts::protect(&world, account, &password).await.unwrap();
    let author = Author::Account(account);
    world.database.write(async |unit| accounts::change_user_id(unit, account, &new, author).await).await.unwrap();
    let written = world.database.write(async |unit| accounts::set_password(unit, account, &old, &protected).await).await;
    assert!(matches!(written, Err(AccountError::Gone)));
    start(&world, "mette.hansen", &typed(PASSWORD), HOME).await.unwrap();
}

#[actix_web::test]
async fn a_device_is_known_only_while_its_session_lives() {
    let (world, account) = operator().await;
    let started = start(&world, "mette", &typed(PASSWORD), HOME).await.unwrap();
    let key = key(&world, &started).await;
    let opened = answer(&world, &started.token, &key, Carrier::Program, HOME).await.unwrap();
    let know = async || super::device_routes::know(&world, &opened, Carrier::Program, HOME, None).await;
    let known = async || accounts::devices_of(&mut world.database.read().await.unwrap(), account).await.unwrap().len();
    assert!(know().await.is_some());
    assert_eq!(known().await, 1);
    // A new password comes between the log-in and its device.
    let reset = world.database.write(async |unit| {
        super::end_all(unit, account).await?;
        Ok::<_, LoginError>(accounts::forget_devices(unit, account, Author::Account(account)).await?)
    });
    reset.await.unwrap();
    assert!(know().await.is_none());
    assert_eq!(known().await, 0);
}

#[actix_web::test]
async fn of_two_people_with_the_same_link_one_activates() {
    let (world, account) = operator().await;
    let link = secret::token_hash("a link of 128 bits");
    let code = accounts::temporary_password(world.random());
    let verifier = accounts::code_verifier(&world, &link, &code).await.unwrap();
    let expires = world.clock().now().plus(Duration::days(7));
    let id =
        world.database.write(async |unit| accounts::invite(unit, account, &link, Some(verifier.clone()), expires).await).await.unwrap();
    let claims = (0..2).map(|_| world.database.write(async |unit| accounts::claim_activation(unit, id).await));
    let outcomes = futures_util::future::join_all(claims).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Err(AccountError::Gone))).count(), 1);
}

#[actix_web::test]
async fn a_temporary_password_may_be_mistyped_five_times_and_dies_with_its_days() {
    let (world, account) = operator().await;
    let mut links = ["first link", "second link"].into_iter();
    let mut invited = async || {
        let token = links.next().unwrap();
        let link = secret::token_hash(token);
        let verifier = accounts::code_verifier(&world, &link, "7KQ2-MX4B").await.unwrap();
        let expires = world.clock().now().plus(Duration::days(7));
        world.database.write(async |unit| accounts::invite(unit, account, &link, Some(verifier.clone()), expires).await).await.unwrap();
        token
    };
    let read = async |token: &str| {
        let mut reader = world.database.read().await.unwrap();
        accounts::activation_by_link(&mut reader, token).await.unwrap().unwrap()
    };
    let first = invited().await;
    let activation = read(first).await;
    accounts::try_code(&world, &activation, "7kq2 mx4b").await.unwrap();
    let tries = futures_util::future::join_all((0..20).map(|_| accounts::try_code(&world, &activation, "7KQ2-MX4C"))).await;
    assert_eq!(tries.iter().filter(|outcome| matches!(outcome, Err(AccountError::NotRight))).count(), 5);
    let burnt = read(first).await;
    assert!(matches!(accounts::try_code(&world, &burnt, "7KQ2-MX4B").await, Err(AccountError::Gone)));
    let claimed = world.database.write(async |unit| accounts::claim_activation(unit, burnt.id).await).await;
    assert!(matches!(claimed, Err(AccountError::Gone)));

    let second = invited().await;
    let activation = read(second).await;
    world.clock.advance(Duration::days(7));
    let claimed = world.database.write(async |unit| accounts::claim_activation(unit, activation.id).await).await;
    assert!(matches!(claimed, Err(AccountError::Gone)));
}

#[actix_web::test]
async fn wrong_tries_stand_in_the_audit_with_their_reason() {
    let (world, _) = operator().await;
    let _refused = refusal(&world, "mette", "forkert1", HOME).await;
    let _refused = refusal(&world, "nobody", PASSWORD, HOME).await;
    let mut intruder = world.intruder().await.unwrap();
    let bodies: Vec<Vec<u8>> = sqlx::query_scalar("SELECT body FROM audit_entry WHERE action = 'password.refused' ORDER BY id")
        .fetch_all(&mut intruder)
        .await
        .unwrap();
    let bodies: Vec<String> = bodies.iter().map(|body| String::from_utf8_lossy(body).into_owned()).collect();
    assert!(bodies.iter().any(|body| body.contains("wrong_password")), "{bodies:?}");
    assert!(bodies.iter().any(|body| body.contains("unknown_user_id")), "{bodies:?}");
}

macro_rules! site {
    ($world:expr) => {
        web_test::init_service(router::application(web::Data::new($world.ground.clone()), app::who_is())).await
    };
}

#[actix_web::test]
async fn a_program_logs_in_asks_who_it_is_and_logs_out() {
    let (world, account) = operator().await;
    let site = site!(world);
    let request = web_test::TestRequest::post().uri("/api/v1/logins").set_json(json!({"user_id": "mette", "password": PASSWORD}));
    let response = web_test::call_service(&site, request.to_request()).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    let asked: Value = web_test::read_body_json(response).await;
    let mut reader = world.database.read().await.unwrap();
    let card = keycards::read::of_account(&mut reader, account).await.unwrap().remove(0);
    assert_eq!(asked["card_number"], card.number);
    let key = shown_key(&world, asked["login"].as_str().unwrap()).await;
    let body = json!({"login": asked["login"], "key": key, "carrier": "program"});
    let response =
        web_test::call_service(&site, web_test::TestRequest::post().uri("/api/v1/logins/answer").set_json(body).to_request()).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    let begun: Value = web_test::read_body_json(response).await;
    let bearer = (header::AUTHORIZATION, format!("Bearer {}", begun["token"].as_str().unwrap()));

    let request = web_test::TestRequest::get().uri("/api/v1/session").insert_header(bearer.clone());
    let oneself: Value = web_test::call_and_read_body_json(&site, request.to_request()).await;
    assert_eq!((oneself["name"].as_str(), oneself["account"].as_str()), (Some("Mette Hansen"), Some(account.to_string().as_str())));
    let request = web_test::TestRequest::get().uri(&format!("/api/v1/keycards/{}/card.pdf", card.id)).insert_header(bearer.clone());
    let response = web_test::call_service(&site, request.to_request()).await;
    assert_eq!(response.headers().get(header::CACHE_CONTROL).unwrap(), "no-store");
    assert!(web_test::read_body(response).await.starts_with(b"%PDF-"));
    let request = web_test::TestRequest::delete().uri("/api/v1/session").insert_header(bearer.clone());
    assert_eq!(web_test::call_service(&site, request.to_request()).await.status(), StatusCode::NO_CONTENT);
    let request = web_test::TestRequest::get().uri("/api/v1/session").insert_header(bearer);
    assert_eq!(web_test::call_service(&site, request.to_request()).await.status(), StatusCode::UNAUTHORIZED);
}

async fn shown_key(world: &TestGround, login_token: &str) -> String {
    let question = super::read::question(world, login_token).await.unwrap();
    keycards::demo_key(world, question.challenge).await.unwrap().unwrap()
}

#[actix_web::test]
async fn a_person_logs_in_through_the_pages_and_cannot_be_sent_elsewhere() {
    let (world, _) = operator().await;
    let site = site!(world);
    let form = [("user_id", "mette"), ("password", PASSWORD), ("next", "//evil.example")];
    let response = web_test::call_service(&site, web_test::TestRequest::post().uri("/login").set_form(form).to_request()).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let token = response.response().cookies().find(|cookie| cookie.name() == "__Host-segl-login").unwrap().value().to_owned();
    let waiting = Cookie::new("__Host-segl-login", token.clone());
    let request = web_test::TestRequest::get().uri("/login/key?next=%2F%2Fevil.example").cookie(waiting.clone());
    let page = web_test::call_and_read_body(&site, request.to_request()).await;
    let page = String::from_utf8_lossy(&page).into_owned();
    let key = shown_key(&world, &token).await;
    assert!(page.contains("autocomplete=\"one-time-code\"") && page.contains("inputmode=\"numeric\""));
    assert!(page.contains(&key), "the demonstration shows the key");

    let wrong = if key == "000000" { "000001" } else { "000000" };
    let request = web_test::TestRequest::post().uri("/login/key").cookie(waiting.clone()).set_form([("key", wrong), ("next", "")]);
    assert_eq!(web_test::call_service(&site, request.to_request()).await.status(), StatusCode::FORBIDDEN);
    let request =
        web_test::TestRequest::post().uri("/login/key").cookie(waiting).set_form([("key", key.as_str()), ("next", "//evil.example")]);
    let response = web_test::call_service(&site, request.to_request()).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers().get(header::LOCATION).unwrap(), "/");
    let session = response.response().cookies().find(|cookie| cookie.name() == COOKIE).unwrap();
    assert!(session.http_only().unwrap() && session.secure().unwrap() && session.path() == Some("/") && session.domain().is_none());
    let session = Cookie::new(COOKIE, session.value().to_owned());

    let request = web_test::TestRequest::get().uri("/account").cookie(session.clone());
    let account = web_test::call_service(&site, request.to_request()).await;
    assert_eq!(account.status(), StatusCode::OK);
    let forged = web_test::TestRequest::post().uri("/account/sessions/end-others").cookie(session).set_form([("csrf", "")]);
    assert_eq!(web_test::call_service(&site, forged.to_request()).await.status(), StatusCode::FORBIDDEN);
}
