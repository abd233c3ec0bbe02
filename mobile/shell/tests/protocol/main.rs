//! The app without its window, against a service on loopback that judges by the crate `keycard`.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test panics where something is not as it must be, and the loopback service has a clock"
)]

mod granted;
mod hardware;
mod locking;
mod scanning;
mod several;
#[path = "../support/mod.rs"]
mod support;
mod waking;

use keycard::pin::Pin;
use keycard::soft::Cost;
use keycard::wire::Decided;
use keycard::{ApprovalId, Proof, Secret, Verdict};
use segl_phone::app::{App, LOCK_MS, Language};
use segl_phone::clock::counted_ms;
use segl_phone::error::AppError;
use segl_phone::link::{Link, Speech};
use segl_phone::pair::{Standing, Typed};
use segl_phone::requests::Choice;
use segl_phone::signature::Forgotten;
use segl_phone::watch::{Told, listen};
use support::peer::Peer;
use support::service::{Mood, Service};

const CHEAP: Cost = Cost { memory_kib: 8 * 1024, passes: 1 };

struct World {
    peer: Peer,
    folder: tempfile::TempDir,
    app: App,
    id: String,
}

fn pin(digits: &str) -> Pin {
    Pin::parse(digits).unwrap()
}

fn typed(code: &str, peer: &Peer) -> Typed {
    Typed { code: code.into(), address: peer.address.clone(), authority: peer.authority.clone() }
}

fn bare() -> (Peer, tempfile::TempDir, App) {
    let folder = tempfile::tempdir().unwrap();
    let app = App::open(folder.path(), CHEAP).unwrap();
    (Peer::start(), folder, app)
}

/// Paired by QR with PIN 2718, locked.
fn paired() -> World {
    let (peer, folder, app) = bare();
    let id = pair(&app, &peer);
    World { peer, folder, app, id }
}

/// Pairs with a service; gives the pairing's id.
fn pair(app: &App, peer: &Peer) -> String {
    let invitation = peer.service.lock().unwrap().invite();
    let before: Vec<_> = app.view().unwrap().signatures.into_iter().map(|signature| signature.id).collect();
    app.begin(&typed(&invitation, peer)).unwrap();
    app.claim("Annes telefon", Some(&pin("2718"))).unwrap();
    peer.service.lock().unwrap().pairing.as_mut().unwrap().confirmed = Some(true);
    assert_eq!(app.standing().unwrap(), Standing::Paired);
    let all = app.view().unwrap().signatures.into_iter().map(|signature| signature.id);
    all.into_iter().find(|id| !before.contains(id)).unwrap()
}

fn unlocked() -> World {
    let world = paired();
    world.unlock("2718").unwrap();
    world
}

impl World {
    fn service(&self) -> std::sync::MutexGuard<'_, Service> {
        self.peer.service.lock().unwrap()
    }

    fn unlock(&self, digits: &str) -> Result<(), AppError> {
        self.app.signature(&self.id)?.lock().unwrap().unlock(self.app.turn(), Some(&pin(digits)))
    }

    fn decide(&self, id: ApprovalId, choice: &Choice) -> Result<Decided, AppError> {
        let signature = self.app.signature(&self.id)?;
        let mut signature = signature.lock().unwrap();
        let shown = signature.request(id)?.shown;
        signature.decide(id, &shown, choice)
    }
}

/// Waits for what another thread brings about; half a minute is given up.
fn until(mut there: impl FnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !there() {
        assert!(begun.elapsed() < std::time::Duration::from_secs(30), "it did not come");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

/// What a program that is killed leaves behind.
fn copy(from: &std::path::Path, to: &std::path::Path) {
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir_all(&to).unwrap();
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn approve(number: &str) -> Choice {
    Choice::Approve { number: number.into() }
}

#[test]
fn a_phone_is_paired_by_invitation_and_both_sides_show_the_same_digits() {
    let (peer, folder, app) = bare();
    let invitation = peer.service.lock().unwrap().invite();
    let offer = app.begin(&typed(&invitation, &peer)).unwrap();
    assert_eq!((offer.name.as_str(), offer.company.as_str()), ("Anne Bæk Jensen", "Ærø Kommune"));
    let digits = app.claim("Annes telefon", Some(&pin("2718"))).unwrap();
    assert_eq!(peer.service.lock().unwrap().pairing.as_ref().unwrap().digits.as_deref(), Some(digits.as_str()));
    assert_eq!(app.standing().unwrap(), Standing::Waiting);
    peer.service.lock().unwrap().pairing.as_mut().unwrap().confirmed = Some(true);
    assert_eq!(app.standing().unwrap(), Standing::Paired);
    // It is there after a start, locked, and nobody else may read it.
    let app = App::open(folder.path(), CHEAP).unwrap();
    let view = app.view().unwrap();
    assert_eq!(view.signatures.len(), 1);
    assert!(!view.signatures[0].unlocked);
    #[cfg(unix)]
    for file in ["pairing.json", "keys"] {
        use std::os::unix::fs::PermissionsExt as _;
        let path = folder.path().join("phones").join(&view.signatures[0].id).join(file);
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_phone_is_paired_by_the_typed_code_in_small_letters() {
    let (peer, _folder, app) = bare();
    let code = peer.service.lock().unwrap().invite_by_code().to_lowercase();
    app.begin(&typed(&code, &peer)).unwrap();
    let digits = app.claim("Annes telefon", Some(&pin("2718"))).unwrap();
    assert_eq!(peer.service.lock().unwrap().pairing.as_ref().unwrap().digits.as_deref(), Some(digits.as_str()));
}

#[test]
fn what_is_typed_wrongly_is_refused_before_anything_is_asked() {
    let (peer, _folder, app) = bare();
    let refused = |code: &str, address: &str, authority: &str| {
        app.begin(&Typed { code: code.into(), address: address.into(), authority: authority.into() }).unwrap_err()
    };
    assert_eq!(refused("ABCD", &peer.address, ""), AppError::CodeCount { found: 4 });
    assert_eq!(refused("ABCD-EFGH-JKMN-PQRS-0", &peer.address, ""), AppError::CodeSlip);
    assert_eq!(refused("ABCU-EFGH-JKMN-PQRS-T", &peer.address, ""), AppError::CodeSign { place: 4 });
    assert_eq!(refused("segl-pair:1?a=127.0.0.1", "", ""), AppError::BadInvitation);
    let code = peer.service.lock().unwrap().invite_by_code();
    assert_eq!(refused(&code, "http://example.dk", ""), AppError::BadAddress);
    assert_eq!(refused(&code, &peer.address, "no certificate"), AppError::BadAuthority);
    assert!(peer.service.lock().unwrap().asked.is_empty());
}

#[test]
fn a_service_with_another_identity_than_the_invitations_is_refused() {
    let (peer, _folder, app) = bare();
    let invitation = peer.service.lock().unwrap().invite();
    peer.service.lock().unwrap().change_identity();
    assert_eq!(app.begin(&typed(&invitation, &peer)).unwrap_err(), AppError::OtherService);
    let code = peer.service.lock().unwrap().invite_by_code();
    peer.service.lock().unwrap().change_identity();
    assert_eq!(app.begin(&typed(&code, &peer)).unwrap_err(), AppError::OtherService);
}

#[test]
fn a_connection_that_no_trusted_authority_vouches_for_is_refused() {
    let (peer, _folder, app) = bare();
    let (invitation, other) = (peer.service.lock().unwrap().invite(), Peer::start());
    let untrusting = |authority: &str| Typed { code: invitation.clone(), address: String::new(), authority: authority.into() };
    assert_eq!(app.begin(&untrusting("")).unwrap_err(), AppError::Untrusted);
    assert_eq!(app.begin(&untrusting(&other.authority)).unwrap_err(), AppError::Untrusted);
    assert!(peer.service.lock().unwrap().asked.is_empty());
}

#[test]
fn a_pairing_that_is_refused_or_given_up_leaves_no_key() {
    let (peer, folder, app) = bare();
    let left = || std::fs::read_dir(folder.path().join("phones")).unwrap().count();
    for confirmed in [Some(false), None] {
        let invitation = peer.service.lock().unwrap().invite();
        app.begin(&typed(&invitation, &peer)).unwrap();
        app.claim("Annes telefon", Some(&pin("2718"))).unwrap();
        assert_eq!(left(), 1);
        if confirmed.is_some() {
            peer.service.lock().unwrap().pairing.as_mut().unwrap().confirmed = confirmed;
            assert_eq!(app.standing().unwrap(), Standing::Refused);
        } else {
            app.give_up().unwrap();
        }
        assert_eq!(left(), 0);
    }
    // The program was killed in the middle of one.
    let invitation = peer.service.lock().unwrap().invite();
    app.begin(&typed(&invitation, &peer)).unwrap();
    app.claim("Annes telefon", Some(&pin("2718"))).unwrap();
    drop(app);
    assert!(App::open(folder.path(), CHEAP).unwrap().view().unwrap().signatures.is_empty());
    assert_eq!(left(), 0);
}

#[test]
fn the_service_counts_wrong_pins_and_after_five_the_keys_are_gone() {
    let world = paired();
    for left in (0..5).rev() {
        assert_eq!(world.unlock("1357").unwrap_err(), AppError::WrongPin { tries_left: Some(left) });
    }
    assert_eq!(world.unlock("2718").unwrap_err(), AppError::Gone);
}

#[test]
fn locked_keys_show_and_decide_nothing() {
    let world = paired();
    let id = world.service().ask("42", None);
    assert_eq!(world.decide(id, &approve("42")).unwrap_err(), AppError::Locked);
    assert_eq!(world.app.signature(&world.id).unwrap().lock().unwrap().waiting().unwrap_err(), AppError::Locked);
    world.unlock("2718").unwrap();
    assert_eq!(world.app.signature(&world.id).unwrap().lock().unwrap().waiting().unwrap().len(), 1);
    assert!(!world.app.lock_if_idle(counted_ms()));
    assert!(world.app.lock_if_idle(counted_ms() + LOCK_MS));
    assert_eq!(world.decide(id, &approve("42")).unwrap_err(), AppError::Locked);
    assert!(world.service().decisions.is_empty());
}

#[test]
fn a_login_is_approved_with_the_right_number_and_releases_nothing() {
    let world = unlocked();
    let id = world.service().ask("07", None);
    let view = world.app.signature(&world.id).unwrap().lock().unwrap().waiting().unwrap().remove(0);
    assert_eq!((view.title.as_str(), view.network.as_str(), view.purpose), ("Selvbetjening", "192.0.2.0/24", "login"));
    assert_eq!(view.place.as_deref(), Some("Rønne, Danmark"));
    assert!(view.left_ms > 100_000 && view.left_ms <= 120_000);
    assert_eq!(world.decide(id, &approve("8")).unwrap_err(), AppError::BadNumber);
    assert_eq!(world.decide(id, &approve("70")).unwrap(), Decided::WrongNumber { tries_left: 2 });
    assert_eq!(world.decide(id, &approve("07")).unwrap(), Decided::Taken);
    let service = world.service();
    let (verdict, secret) = &service.decisions[0];
    assert!(matches!(verdict, Verdict::Approve { proof: Proof::Typed(number), release: None } if number.to_string() == "07"));
    assert!(secret.is_none());
}

#[test]
fn a_signature_releases_the_secret_for_this_approval() {
    let world = unlocked();
    let secret = Secret::new([9; 32]);
    let id = world.service().ask("42", Some(&secret));
    assert_eq!(world.decide(id, &approve("42")).unwrap(), Decided::Taken);
    assert!(world.service().decisions[0].1.as_ref().unwrap().is(&secret));
}

#[test]
fn no_and_not_me_release_nothing() {
    let world = unlocked();
    for choice in [Choice::Reject, Choice::NotMe] {
        let id = world.service().ask("42", Some(&Secret::new([9; 32])));
        assert_eq!(world.decide(id, &choice).unwrap(), Decided::Taken);
    }
    let service = world.service();
    assert!(matches!(service.decisions[0], (Verdict::Reject, None)));
    assert!(matches!(service.decisions[1], (Verdict::NotMe, None)));
}

#[test]
fn a_decision_whose_answer_was_lost_is_sent_again_and_never_another() {
    let world = unlocked();
    let id = world.service().ask("42", None);
    world.service().mood = Mood::ForgetsToAnswer;
    assert_eq!(world.decide(id, &approve("42")).unwrap_err(), AppError::DecisionUnderway);
    world.service().mood = Mood::Fair;
    // The person presses another button: what was decided first is what is sent.
    assert_eq!(world.decide(id, &Choice::Reject).unwrap(), Decided::Taken);
    assert_eq!(world.service().decisions.len(), 2);
    assert!(world.service().decisions.iter().all(|(verdict, _)| matches!(verdict, Verdict::Approve { .. })));
}

#[test]
fn a_decision_on_its_way_survives_the_program() {
    let world = unlocked();
    let id = world.service().ask("42", None);
    let shown = world.app.signature(&world.id).unwrap().lock().unwrap().request(id).unwrap().shown;
    world.service().mood = Mood::Away;
    let decided = world.app.signature(&world.id).unwrap().lock().unwrap().decide(id, &shown, &approve("42"));
    assert_eq!(decided.unwrap_err(), AppError::DecisionUnderway);
    world.service().mood = Mood::Fair;
    let World { peer, folder, app, id } = world;
    drop(app);
    let world = World { app: App::open(folder.path(), CHEAP).unwrap(), peer, folder, id };
    world.unlock("2718").unwrap();
    assert!(world.app.signature(&world.id).unwrap().lock().unwrap().waiting().unwrap().is_empty());
    assert!(matches!(world.service().decisions[..], [(Verdict::Approve { .. }, None)]));
    // Nothing is left to send.
    world.app.signature(&world.id).unwrap().lock().unwrap().waiting().unwrap();
    assert_eq!(world.service().decisions.len(), 1);
}

#[test]
fn killed_between_unwrap_and_send_a_signature_is_sent_again_byte_by_byte_and_once() {
    let world = unlocked();
    let secret = Secret::new([9; 32]);
    let id = world.service().ask("42", Some(&secret));
    let shown = world.app.signature(&world.id).unwrap().lock().unwrap().request(id).unwrap().shown;
    world.service().mood = Mood::Hangs;
    let killed = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        let decided = scope.spawn(|| world.app.signature(&world.id).unwrap().lock().unwrap().decide(id, &shown, &approve("42")));
        until(|| world.service().sent.len() == 1);
        // The program is killed here, with the decision on the wire: this is what lies on its disk.
        copy(world.folder.path(), killed.path());
        world.service().mood = Mood::Away;
        assert_eq!(decided.join().unwrap().unwrap_err(), AppError::DecisionUnderway);
    });
    assert!(world.service().decisions.is_empty());
    world.service().mood = Mood::Fair;
    let app = App::open(killed.path(), CHEAP).unwrap();
    let signature = app.signature(&world.id).unwrap();
    signature.lock().unwrap().unlock(app.turn(), Some(&pin("2718"))).unwrap();
    // Another button after the start changes nothing: what was decided is what is sent.
    assert_eq!(signature.lock().unwrap().decide(id, &shown, &Choice::Reject).unwrap(), Decided::Taken);
    assert!(signature.lock().unwrap().waiting().unwrap().is_empty());
    let service = world.service();
    assert!(service.sent.len() == 2 && service.sent[0] == service.sent[1], "another decision was made");
    assert!(matches!(&service.decisions[..], [(Verdict::Approve { .. }, Some(released))] if released.is(&secret)));
}

#[test]
fn what_was_not_shown_is_not_decided() {
    let world = unlocked();
    let id = world.service().ask("42", None);
    let signature = world.app.signature(&world.id).unwrap();
    let mut signature = signature.lock().unwrap();
    assert_eq!(signature.decide(id, "", &Choice::Reject).unwrap_err(), AppError::NotFound);
    signature.request(id).unwrap();
    assert_eq!(signature.decide(id, &"0".repeat(64), &approve("42")).unwrap_err(), AppError::Changed);
    assert!(world.service().decisions.is_empty());
}

#[test]
fn a_request_that_the_pinned_key_did_not_sign_is_not_shown() {
    let world = unlocked();
    world.service().ask("42", None);
    world.app.signature(&world.id).unwrap().lock().unwrap().waiting().unwrap();
    world.service().change_identity();
    world.service().ask("42", None);
    assert_eq!(world.app.signature(&world.id).unwrap().lock().unwrap().waiting().unwrap_err(), AppError::OtherService);
}

#[test]
fn the_services_time_counts_and_not_the_phones() {
    let world = unlocked();
    // The service is a day ahead of the phone's wall clock from the beginning.
    world.service().clock_ahead_ms = 24 * 60 * 60 * 1000;
    let id = world.service().ask("42", None);
    assert_eq!(world.decide(id, &approve("42")).unwrap(), Decided::Taken);
    // And a request that lapsed by its time is not shown.
    let id = world.service().ask("42", None);
    world.service().clock_ahead_ms += 121_000;
    let (peer, folder, id_of) = (&world.peer, &world.folder, &world.id);
    let app = App::open(folder.path(), CHEAP).unwrap();
    app.signature(id_of).unwrap().lock().unwrap().unlock(app.turn(), Some(&pin("2718"))).unwrap();
    assert_eq!(app.signature(id_of).unwrap().lock().unwrap().request(id).unwrap_err(), AppError::Lapsed);
    assert_eq!(peer.service.lock().unwrap().decisions.len(), 1);
}

#[test]
fn more_time_is_a_new_request_that_is_looked_at_anew() {
    let world = unlocked();
    let id = world.service().ask("42", None);
    let signature = world.app.signature(&world.id).unwrap();
    let mut signature = signature.lock().unwrap();
    let shown = signature.request(id).unwrap().shown;
    let extended = signature.extend(id).unwrap();
    assert_ne!(extended.shown, shown);
    assert_eq!(signature.decide(id, &shown, &approve("42")).unwrap_err(), AppError::NotFound);
    assert_eq!(signature.decide(extended.id.parse().unwrap(), &extended.shown, &approve("42")).unwrap(), Decided::Taken);
}

#[test]
fn another_pin_opens_and_the_old_one_does_not() {
    let world = unlocked();
    let signature = world.app.signature(&world.id).unwrap();
    signature.lock().unwrap().change_pin(world.app.turn(), &pin("2718"), pin("31415")).unwrap();
    let code = signature.lock().unwrap().offline_code(Some(&pin("31415")), || 1_795_750_000_000).unwrap().code;
    world.app.lock();
    assert_eq!(world.unlock("2718").unwrap_err(), AppError::WrongPin { tries_left: Some(4) });
    world.unlock("31415").unwrap();
    let secret = world.service().phone.as_ref().unwrap().offline.clone().unwrap();
    let expected = keycard::oath::Code::at_time(keycard::oath::Kind::PHONE, secret.expose(), 1_795_750_000_000).unwrap();
    assert_eq!(code, expected.expose());
}

#[test]
fn an_offline_code_needs_no_service_and_a_wrong_pin_gives_another() {
    let world = unlocked();
    world.service().mood = Mood::Away;
    let secret = world.service().phone.as_ref().unwrap().offline.clone().unwrap();
    let now_ms = world.service().now_ms();
    let signature = world.app.signature(&world.id).unwrap();
    let shown = signature.lock().unwrap().offline_code(Some(&pin("2718")), || now_ms).unwrap();
    let step = keycard::oath::matched_step(keycard::oath::Kind::PHONE, secret.expose(), &shown.code, now_ms, None);
    assert_eq!(step, Some(now_ms / keycard::oath::STEP_MS));
    let wrong = signature.lock().unwrap().offline_code(Some(&pin("1357")), || now_ms).unwrap();
    assert_ne!(wrong.code, shown.code);
    assert_eq!(signature.lock().unwrap().offline_code(None, || now_ms).unwrap_err(), AppError::PinDigits);
}

#[test]
fn a_phone_that_the_service_blocked_says_so_and_a_service_away_too() {
    let world = unlocked();
    world.service().mood = Mood::Away;
    assert_eq!(world.app.signature(&world.id).unwrap().lock().unwrap().waiting().unwrap_err(), AppError::NoConnection);
    world.service().mood = Mood::Fair;
    world.service().phone.as_mut().unwrap().token = [0; 32];
    let refused = world.app.signature(&world.id).unwrap().lock().unwrap().waiting().unwrap_err();
    assert_eq!(refused, AppError::Refused { status: 401, problem: "phone-refused".into() });
}

#[test]
fn renaming_history_and_forgetting() {
    let world = unlocked();
    let id = world.service().ask("42", None);
    world.decide(id, &approve("42")).unwrap();
    let signature = world.app.signature(&world.id).unwrap();
    signature.lock().unwrap().rename("Ny telefon").unwrap();
    assert_eq!(world.service().phone.as_ref().unwrap().name, "Ny telefon");
    assert_eq!(signature.lock().unwrap().rename(" ").unwrap_err(), AppError::BadName);
    assert_eq!(signature.lock().unwrap().history(None).unwrap().entries.items()[0].outcome.as_str(), "approved");
    drop(signature);
    assert_eq!(world.app.forget(&world.id).unwrap(), Forgotten::Everywhere);
    assert!(world.service().phone.is_none(), "the service is not told, by a signature of the phone's key");
    assert_eq!(std::fs::read_dir(world.folder.path().join("phones")).unwrap().count(), 0);
}

#[test]
fn a_locked_signature_is_forgotten_here_and_the_service_is_not_told() {
    let world = unlocked();
    world.app.lock();
    assert_eq!(world.app.forget(&world.id).unwrap(), Forgotten::Here);
    assert!(world.service().phone.is_some());
    assert_eq!(std::fs::read_dir(world.folder.path().join("phones")).unwrap().count(), 0);
}

#[test]
fn a_new_phone_is_news_until_it_is_seen_and_is_blocked_by_a_signature() {
    let world = unlocked();
    let signature = world.app.signature(&world.id).unwrap();
    let look = || signature.lock().unwrap().phones().unwrap();
    assert!(look().iter().all(|phone| phone.own && !phone.fresh), "what was there at the first look is no news");
    let other = keycard::PhoneId([7; 16]);
    world.service().other = Some((other, false));
    let told = look();
    assert!(told.len() == 2 && told[0].fresh && !told[0].own && told[0].state == "active", "{told:?}");
    let seen: Vec<String> = told.into_iter().map(|phone| phone.id).collect();
    signature.lock().unwrap().phones_seen(&seen).unwrap();
    assert!(look().iter().all(|phone| !phone.fresh));
    // It is remembered.
    let app = App::open(world.folder.path(), CHEAP).unwrap();
    app.signature(&world.id).unwrap().lock().unwrap().unlock(app.turn(), Some(&pin("2718"))).unwrap();
    assert!(app.signature(&world.id).unwrap().lock().unwrap().phones().unwrap().iter().all(|phone| !phone.fresh));
    assert_eq!(signature.lock().unwrap().block("neither").unwrap_err(), AppError::NotFound);
    signature.lock().unwrap().block(&other.to_string()).unwrap();
    assert_eq!(world.service().other, Some((other, true)));
    signature.lock().unwrap().lock();
    assert_eq!(signature.lock().unwrap().block(&other.to_string()).unwrap_err(), AppError::Locked);
}

#[test]
fn the_identity_key_is_followed_through_two_successions_and_no_further() {
    let world = paired();
    world.service().succeed();
    world.service().succeed();
    world.unlock("2718").unwrap();
    let id = world.service().ask("42", None);
    assert_eq!(world.decide(id, &approve("42")).unwrap(), Decided::Taken);
    // After a start too, and the record of the first key still opens.
    let app = App::open(world.folder.path(), CHEAP).unwrap();
    assert_eq!(app.view().unwrap().signatures[0].company, "Ærø Kommune");
    let signature = app.signature(&world.id).unwrap();
    signature.lock().unwrap().unlock(app.turn(), Some(&pin("2718"))).unwrap();
    // A key that nobody announced is no successor, whatever it says of itself.
    world.service().usurp();
    signature.lock().unwrap().lock();
    signature.lock().unwrap().unlock(app.turn(), Some(&pin("2718"))).unwrap();
    world.service().asking = None;
    world.service().ask("43", None);
    assert_eq!(signature.lock().unwrap().waiting().unwrap_err(), AppError::OtherService);
}

#[test]
fn an_identity_key_that_takes_over_while_the_app_is_open_is_followed_at_the_next_request() {
    let world = unlocked();
    world.service().ask("42", None);
    let signature = world.app.signature(&world.id).unwrap();
    assert_eq!(signature.lock().unwrap().waiting().unwrap().len(), 1);
    world.service().succeed();
    let id = world.service().ask("43", None);
    assert_eq!(signature.lock().unwrap().waiting().unwrap().len(), 1);
    assert_eq!(world.decide(id, &approve("43")).unwrap(), Decided::Taken);
    // One that nobody announced is asked about once, and refused.
    world.service().usurp();
    world.service().asking = None;
    world.service().ask("44", None);
    world.service().asked.clear();
    assert_eq!(signature.lock().unwrap().waiting().unwrap_err(), AppError::OtherService);
    assert_eq!(world.service().asked.iter().filter(|asked| *asked == "GET identity").count(), 1);
}

#[test]
fn every_request_says_the_language_of_the_screens() {
    let world = unlocked();
    let signature = world.app.signature(&world.id).unwrap();
    for (language, tag) in [(Language::En, "en"), (Language::Da, "da")] {
        world.app.speak(language);
        signature.lock().unwrap().waiting().unwrap();
        assert_eq!(world.service().language.as_deref(), Some(tag));
        world.service().language = None;
        signature.lock().unwrap().phones().unwrap();
        assert_eq!(world.service().language.as_deref(), Some(tag));
    }
}

#[test]
fn events_tell_to_look_and_a_new_stream_goes_on_where_the_last_ended() {
    let world = unlocked();
    let path = world.folder.path().join("phones").join(&world.id).join("pairing.json");
    let kept: segl_phone::kept::Kept = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let link = Link::new(&kept.address().unwrap(), kept.authority.as_deref(), &Speech::default()).unwrap();
    let (mut last, told) = (None, std::cell::RefCell::new(Vec::new()));
    for _ in 0..2 {
        let error = listen(&link, &kept.bearer().unwrap(), &mut last, &|what| told.borrow_mut().push(what));
        assert_eq!(error, None);
    }
    let each = [Told::Phones, Told::Look, Told::Look];
    assert_eq!(told.into_inner(), [each, each].concat(), "a stream begins with a look at the phones");
    assert_eq!(world.service().streams, [None, Some("7".into())]);
}
