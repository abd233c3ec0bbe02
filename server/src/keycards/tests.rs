//! The rules of key cards, on a database of their own.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::{
    Edition, KeycardError, KeycardState, Question, ask, ask_of, block_all, fetch, issue, jobs, judge, read, redeem, store as keep,
};
use crate::platform::{
    actor::{Actor, Author, Carrier, ProvenBy},
    consent::Purpose,
    id::{AccountId, Id as _, KeycardId, SessionId},
    queue::{self, Share},
    testing::{self, TestGround},
    words::{Language, Words},
};

const BINDING: [u8; 32] = [9; 32];

async fn person_with_card() -> (TestGround, AccountId, KeycardId) {
    let world = testing::ground().await.unwrap();
    let account = AccountId::fresh(world.clock().now(), world.random());
    let card = issue(&world, account).await.unwrap();
    let id = world.database.write(async |unit| keep(unit, &card, Author::System("test")).await).await.unwrap();
    (world, account, id)
}

async fn asked(world: &TestGround, account: AccountId) -> Question {
    world.database.write(async |unit| ask(unit, account, Purpose::LogIn, BINDING).await).await.unwrap()
}

async fn right_key(world: &TestGround, question: &Question) -> String {
    super::demo_key(world, question.challenge).await.unwrap().unwrap()
}

async fn answer(world: &TestGround, account: AccountId, question: &Question, typed: &str) -> Result<(), KeycardError> {
    let judged = judge(world, question.challenge, typed).await?;
    world.database.write(async |unit| redeem(unit, account, &judged, Purpose::LogIn, BINDING).await).await.map(drop)
}

fn wrong(key: &str) -> String {
    let last = if key.ends_with('0') { '1' } else { '0' };
    format!("{}{last}", &key[..5])
}

#[actix_web::test]
async fn a_right_key_is_redeemed_once_and_costs_one_key() {
    let (world, account, card) = person_with_card().await;
    let question = asked(&world, account).await;
    let key = right_key(&world, &question).await;
    answer(&world, account, &question, &key).await.unwrap();
    assert!(matches!(answer(&world, account, &question, &key).await, Err(KeycardError::Gone)));
    let mut reader = world.database.read().await.unwrap();
    assert_eq!(read::card(&mut reader, card).await.unwrap().unwrap().keys_left, 147);
}

#[actix_web::test]
async fn the_same_key_sent_fifty_times_at_once_wins_once() {
    let (world, account, card) = person_with_card().await;
    let question = asked(&world, account).await;
    let key = right_key(&world, &question).await;
    let tries = (0..50).map(|_| answer(&world, account, &question, &key));
    let outcomes = futures_util::future::join_all(tries).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let mut reader = world.database.read().await.unwrap();
    assert_eq!(read::card(&mut reader, card).await.unwrap().unwrap().keys_left, 147);
}

#[actix_web::test]
async fn the_same_number_is_asked_until_it_is_answered() {
    let (world, account, _) = person_with_card().await;
    let first = asked(&world, account).await;
    let second = asked(&world, account).await;
    assert_eq!(first.key_number, second.key_number);
    let key = right_key(&world, &second).await;
    answer(&world, account, &second, &key).await.unwrap();
    assert_ne!(asked(&world, account).await.key_number, second.key_number);
}

#[actix_web::test]
async fn only_the_latest_question_counts() {
    let (world, account, _) = person_with_card().await;
    let first = asked(&world, account).await;
    let key = right_key(&world, &first).await;
    let second = asked(&world, account).await;
    assert!(matches!(answer(&world, account, &first, &key).await, Err(KeycardError::Gone)));
    answer(&world, account, &second, &key).await.unwrap();
}

#[actix_web::test]
async fn a_question_dies_after_five_minutes_and_being_shown_is_no_failure() {
    let (world, account, _) = person_with_card().await;
    for _ in 0..30 {
        let question = asked(&world, account).await;
        let key = right_key(&world, &question).await;
        world.clock.advance(time::Duration::minutes(5));
        assert!(matches!(answer(&world, account, &question, &key).await, Err(KeycardError::Gone)));
    }
    let question = asked(&world, account).await;
    let key = right_key(&world, &question).await;
    answer(&world, account, &question, &key).await.unwrap();
}

#[actix_web::test]
async fn a_yes_to_one_thing_is_no_yes_to_another() {
    let (world, account, _) = person_with_card().await;
    let question = asked(&world, account).await;
    let key = right_key(&world, &question).await;
    let judged = judge(&world, question.challenge, &key).await.unwrap();
    for (purpose, binding) in [(Purpose::Sign, BINDING), (Purpose::LogIn, [8; 32])] {
        let outcome = world.database.write(async |unit| redeem(unit, account, &judged, purpose, binding).await).await;
        assert!(matches!(outcome, Err(KeycardError::Gone)));
    }
    let stranger = AccountId::fresh(world.clock().now(), world.random());
    let outcome = world.database.write(async |unit| redeem(unit, stranger, &judged, Purpose::LogIn, BINDING).await).await;
    assert!(matches!(outcome, Err(KeycardError::Gone)));
}

#[actix_web::test]
async fn five_wrong_keys_burn_the_number_and_fifteen_in_a_row_put_the_card_in_quarantine() {
    let (world, account, card) = person_with_card().await;
    let mut numbers = Vec::new();
    for _ in 0..3 {
        let question = asked(&world, account).await;
        let key = wrong(&right_key(&world, &question).await);
        for _ in 0..5 {
            assert!(matches!(answer(&world, account, &question, &key).await, Err(KeycardError::NotRight)));
        }
        assert!(matches!(answer(&world, account, &question, &key).await, Err(KeycardError::Gone)));
        numbers.push(question.key_number);
    }
    numbers.dedup();
    assert_eq!(numbers.len(), 3);
    let mut reader = world.database.read().await.unwrap();
    let card = read::card(&mut reader, card).await.unwrap().unwrap();
    assert_eq!((card.state, card.keys_left), (KeycardState::Quarantined, 145));
    let asking = world.database.write(async |unit| ask(unit, account, Purpose::LogIn, BINDING).await).await;
    assert!(matches!(asking, Err(KeycardError::NoCard)));
}

#[actix_web::test]
async fn of_many_wrong_keys_at_once_five_are_looked_at() {
    let (world, account, _) = person_with_card().await;
    let question = asked(&world, account).await;
    let key = wrong(&right_key(&world, &question).await);
    let outcomes = futures_util::future::join_all((0..40).map(|_| answer(&world, account, &question, &key))).await;
    let counted = outcomes.iter().filter(|outcome| matches!(outcome, Err(KeycardError::NotRight))).count();
    assert_eq!(counted, 5);
}

#[actix_web::test]
async fn a_new_card_is_ordered_once_when_twenty_keys_are_left() {
    let (world, account, card) = person_with_card().await;
    for _ in 0..128 {
        let question = asked(&world, account).await;
        let key = right_key(&world, &question).await;
        answer(&world, account, &question, &key).await.unwrap();
    }
    let mut reader = world.database.read().await.unwrap();
    assert_eq!(read::card(&mut reader, card).await.unwrap().unwrap().keys_left, 20);
    let job = queue::claim(&world.database, Share::Only(jobs::RENEW), "test").await.unwrap().unwrap();
    assert_eq!(job.kind, jobs::RENEW.0);
    world.clock.advance(time::Duration::seconds(1));
    let first = issue(&world, account).await.unwrap();
    let second = issue(&world, account).await.unwrap();
    assert!(world.database.write(async |unit| jobs::store_renewal(unit, &first).await).await.unwrap().is_some());
    assert!(world.database.write(async |unit| jobs::store_renewal(unit, &second).await).await.unwrap().is_none());
    assert_eq!(asked(&world, account).await.card_number, read::card(&mut reader, card).await.unwrap().unwrap().number);
}

#[actix_web::test]
async fn a_blocked_card_is_not_asked_and_its_open_question_dies() {
    let (world, account, _) = person_with_card().await;
    let question = asked(&world, account).await;
    let key = right_key(&world, &question).await;
    let blocked = world.database.write(async |unit| block_all(unit, account, Author::System("test")).await).await.unwrap();
    assert_eq!(blocked, 1);
    assert!(matches!(answer(&world, account, &question, &key).await, Err(KeycardError::Gone)));
}

#[actix_web::test]
async fn whoever_answers_from_another_card_takes_it_into_use_and_the_former_is_dead() {
    let (world, account, old) = person_with_card().await;
    let mut cards = Vec::new();
    for _ in 0..2 {
        world.clock.advance(time::Duration::seconds(1));
        let card = issue(&world, account).await.unwrap();
        cards.push(world.database.write(async |unit| keep(unit, &card, Author::System("test")).await).await.unwrap());
    }
    let waiting = world.database.write(async |unit| ask(unit, account, Purpose::Sign, BINDING).await).await.unwrap();
    let asking = async |card| world.database.write(async |unit| ask_of(unit, account, card, Purpose::LogIn, BINDING).await).await;
    // Of three that were never used the youngest is taken into use: the oldest, which would have been asked, is dead; the one between lies ready.
    let question = asking(cards[1]).await.unwrap();
    let key = right_key(&world, &question).await;
    answer(&world, account, &question, &key).await.unwrap();
    let state = async |card| read::card(&mut world.database.read().await.unwrap(), card).await.unwrap().unwrap().state;
    assert_eq!(state(old).await, KeycardState::Replaced);
    assert_eq!(state(cards[0]).await, KeycardState::Active);
    let key = super::demo_key(&world, waiting.challenge).await.unwrap();
    assert_eq!(key, None, "what stood open on the dead card is closed");
    assert!(matches!(asking(old).await, Err(KeycardError::NotFound)));
    // The one in use is asked, though an older one lies ready; that one can still follow it.
    let number = read::card(&mut world.database.read().await.unwrap(), cards[1]).await.unwrap().unwrap().number;
    assert_eq!(asked(&world, account).await.card_number, number);
    let question = asking(cards[0]).await.unwrap();
    let key = right_key(&world, &question).await;
    answer(&world, account, &question, &key).await.unwrap();
    assert_eq!(state(cards[1]).await, KeycardState::Replaced);
    assert_eq!(state(cards[0]).await, KeycardState::Active);
}

fn owner(world: &TestGround, account: AccountId, proven_at: crate::platform::moment::Moment) -> Actor {
    let session = Some(SessionId::fresh(world.clock().now(), world.random()));
    let name = "Mette Hansen".to_owned();
    Actor {
        account,
        session,
        name,
        roles: Vec::new(),
        company: None,
        employee: None,
        carrier: Carrier::Browser,
        proven_at,
        proven_by: ProvenBy::Card,
        key: None,
    }
}

#[actix_web::test]
async fn a_sheet_is_fetched_right_after_issue_or_after_a_fresh_proof_and_by_its_owner_only() {
    let (world, account, card) = person_with_card().await;
    let begun = world.clock().now();
    let words = Words(Language::Da);
    let stale = owner(&world, account, begun);
    world.clock.advance(time::Duration::minutes(15));
    fetch(&world, &stale, card, Edition::Print, words).await.unwrap();
    world.clock.advance(time::Duration::seconds(1));
    assert!(matches!(fetch(&world, &stale, card, Edition::Print, words).await, Err(KeycardError::ProveAgain)));
    let fresh = owner(&world, account, world.clock().now());
    fetch(&world, &fresh, card, Edition::Text, words).await.unwrap();
    let stranger = owner(&world, AccountId::fresh(begun, world.random()), world.clock().now());
    assert!(matches!(fetch(&world, &stranger, card, Edition::Text, words).await, Err(KeycardError::NotFound)));
}

#[actix_web::test]
async fn the_text_edition_answers_what_is_asked_and_the_prints_have_one_and_three_pages() {
    let (world, account, card) = person_with_card().await;
    let actor = owner(&world, account, world.clock().now());
    let question = asked(&world, account).await;
    let words = Words(Language::Da);
    let text = fetch(&world, &actor, card, Edition::Text, words).await.unwrap();
    let text = String::from_utf8(text.bytes.to_vec()).unwrap();
    let line = text.lines().find(|line| line.starts_with(&format!("{}: ", question.key_number))).unwrap();
    let key = line.split_once(": ").unwrap().1;
    answer(&world, account, &question, key).await.unwrap();
    for (edition, pages) in [(Edition::Print, 1), (Edition::LargePrint, 3)] {
        let sheet = fetch(&world, &actor, card, edition, words).await.unwrap();
        let pdf = hayro_syntax::Pdf::new(sheet.bytes.to_vec()).unwrap_or_else(|_| panic!("a PDF"));
        assert_eq!(pdf.pages().len(), pages, "{edition:?}");
    }
}
