//! How services learn to wake this phone. The telephone's system is the one side that cannot be here: a stand-in takes its place.

use std::sync::{Arc, Mutex};

use keycard::wire::{Exact, PlainText, Wake, WakeOffered};
use keycard::{PhoneId, PublicKey};
use segl_phone::app::{Settings, Wakes};
use segl_phone::wake::{FIRST_AGAIN_MS, Standing as Stands, Waking, watch};
use segl_phone::watch::Told;
use support::service::public;
use tauri_plugin_wake::{Hear, Others, Platform, Report, Unavailable, Way};

use super::*;

/// What the system was asked for.
#[derive(Default)]
struct Asked {
    registered: Vec<(PhoneId, Option<PublicKey>)>,
    forgotten: Vec<(PhoneId, Others)>,
    hear: Option<Hear>,
    refuses: bool,
}

struct StandIn {
    way: Way,
    asked: Arc<Mutex<Asked>>,
}

impl Platform for StandIn {
    fn way(&self) -> Way {
        self.way
    }

    fn watch(&self, hear: Hear) -> Result<(), Unavailable> {
        self.asked.lock().unwrap().hear = Some(hear);
        Ok(())
    }

    fn register(&self, pairing: PhoneId, service: Option<PublicKey>) -> Result<(), Unavailable> {
        let mut asked = self.asked.lock().unwrap();
        asked.registered.push((pairing, service));
        if asked.refuses { Err(Unavailable) } else { Ok(()) }
    }

    fn forget(&self, pairing: PhoneId, others: Others) {
        self.asked.lock().unwrap().forgotten.push((pairing, others));
    }
}

/// A phone whose system wakes it, with its pairings.
struct Phone {
    app: Arc<App>,
    waking: Arc<Waking>,
    asked: Arc<Mutex<Asked>>,
    folder: tempfile::TempDir,
}

fn on(folder: tempfile::TempDir, way: Way) -> Phone {
    let app = Arc::new(App::open(folder.path(), CHEAP).unwrap());
    let asked = Arc::new(Mutex::new(Asked::default()));
    let platform = StandIn { way, asked: Arc::clone(&asked) };
    let waking = Arc::new(Waking::new(Arc::clone(&app), Box::new(platform)));
    Phone { app, waking, asked, folder }
}

impl Phone {
    /// Does all that is due.
    fn round(&self, now_ms: u64) {
        let due = self.waking.due(now_ms);
        due.into_iter().for_each(|id| self.waking.settle(id, now_ms));
    }

    fn hear(&self, report: Report) {
        assert_eq!(self.waking.hear(report, 0), None);
        self.round(0);
    }

    fn stands(&self, id: &str) -> Stands {
        self.waking.view().standings[id]
    }

    fn turn(&self, wakes: Wakes) {
        self.app.set(Settings { wakes, ..Settings::default() }).unwrap();
        self.round(0);
    }

    /// The program ends and is started again.
    fn again(self) -> Self {
        on(self.folder, self.waking.view().way)
    }
}

fn phone(way: Way) -> Phone {
    on(tempfile::tempdir().unwrap(), way)
}

/// A service that wakes phones every way.
fn waker() -> (Peer, PublicKey) {
    let peer = Peer::start();
    let key = public(&p256::SecretKey::random(&mut rand_core::OsRng));
    peer.service.lock().unwrap().wake_offered = Some(WakeOffered { apns: true, fcm: true, web_push: Some(key), kept: None });
    (peer, key)
}

fn told(peer: &Peer) -> Vec<Wake> {
    peer.service.lock().unwrap().wakes.clone()
}

/// How often a service heard of waking at all.
fn asks(peer: &Peer) -> usize {
    peer.service.lock().unwrap().asked.iter().filter(|asked| asked.ends_with(" wake")).count()
}

/// An address as a distributor gives it, told apart by `mark`.
fn address(id: &str, mark: u8) -> (Report, Wake) {
    let endpoint = PlainText::new(&format!("https://push.example/{mark}")).unwrap();
    let public_key = public(&p256::SecretKey::from_slice(&[mark; 32]).unwrap());
    let secret = Exact([mark; 16]);
    let report = Report::Endpoint { pairing: id.parse().unwrap(), endpoint: endpoint.clone(), public_key, secret };
    (report, Wake::WebPush { endpoint, public_key, secret })
}

fn token(digits: &str) -> (Report, Wake) {
    let token = PlainText::new(digits).unwrap();
    (Report::Token { token: token.clone() }, Wake::Apns { token })
}

#[test]
fn nobody_is_asked_for_an_address_before_a_pairing_is_there_and_each_service_gets_it_once() {
    let phone = phone(Way::WebPush);
    let (peer, key) = waker();
    phone.round(0);
    assert!(phone.asked.lock().unwrap().registered.is_empty());
    let id = pair(&phone.app, &peer);
    phone.round(0);
    assert_eq!(phone.asked.lock().unwrap().registered, [(id.parse().unwrap(), Some(key))]);
    assert_eq!((phone.stands(&id), told(&peer)), (Stands::Asked, vec![]));
    let (report, wake) = address(&id, 1);
    phone.hear(report.clone());
    assert_eq!((phone.stands(&id), told(&peer)), (Stands::Registered, vec![wake.clone()]));
    // The same address is no news, however often the system tells of it; another one is.
    phone.hear(report);
    phone.round(u64::MAX);
    assert_eq!(told(&peer).len(), 1);
    let (report, newer) = address(&id, 2);
    phone.hear(report);
    assert_eq!(told(&peer), [wake, newer]);
    assert!(!phone.app.view().unwrap().signatures[0].unlocked, "all of it while the app is locked");
}

#[test]
fn after_a_restart_the_system_is_asked_anew_and_the_service_told_of_what_changed_alone() {
    let phone = phone(Way::WebPush);
    let (peer, _) = waker();
    let id = pair(&phone.app, &peer);
    phone.round(0);
    phone.hear(address(&id, 1).0);
    let phone = phone.again();
    phone.round(0);
    assert_eq!(phone.asked.lock().unwrap().registered.len(), 1);
    phone.hear(address(&id, 1).0);
    assert_eq!((phone.stands(&id), told(&peer).len()), (Stands::Registered, 1));
    let phone = phone.again();
    phone.round(0);
    phone.hear(address(&id, 2).0);
    assert_eq!(told(&peer), [address(&id, 1).1, address(&id, 2).1]);
}

#[test]
fn a_service_that_has_forgotten_the_address_is_told_the_same_one_again_after_a_start() {
    let phone = phone(Way::WebPush);
    let (peer, _) = waker();
    let says = |kept| peer.service.lock().unwrap().wake_offered.as_mut().unwrap().kept = Some(kept);
    says(false);
    let id = pair(&phone.app, &peer);
    phone.round(0);
    phone.hear(address(&id, 1).0);
    says(true);
    let phone = phone.again();
    phone.round(0);
    phone.hear(address(&id, 1).0);
    assert_eq!(told(&peer), [address(&id, 1).1], "it knows it");
    // The push server called it gone, and the distributor gives the same again.
    says(false);
    let phone = phone.again();
    phone.round(0);
    phone.hear(address(&id, 1).0);
    phone.hear(address(&id, 1).0);
    assert_eq!((phone.stands(&id), told(&peer)), (Stands::Registered, vec![address(&id, 1).1, address(&id, 1).1]));
}

#[test]
fn the_address_itself_rests_nowhere_in_the_app() {
    let phone = phone(Way::WebPush);
    let (peer, _) = waker();
    let id = pair(&phone.app, &peer);
    phone.round(0);
    phone.hear(address(&id, 1).0);
    let folder = phone.folder.path().join("phones").join(&id);
    let secret = serde_json::to_string(&Exact([1_u8; 16])).unwrap();
    let mut read = 0;
    for entry in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
        let text = String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap()).into_owned();
        assert!(!text.contains("push.example") && !text.contains(secret.trim_matches('"')), "{:?}", entry.path());
        read += 1;
    }
    assert!(read >= 3 && folder.join("wake.json").exists());
}

#[test]
fn each_pairing_has_an_address_of_its_own_and_a_service_that_hangs_holds_up_no_other() {
    let phone = phone(Way::WebPush);
    let ((first, first_key), (second, second_key)) = (waker(), waker());
    let ids = [pair(&phone.app, &first), pair(&phone.app, &second)];
    phone.round(0);
    let mut registered = phone.asked.lock().unwrap().registered.clone();
    registered.sort_by_key(|(id, _)| id.to_string() != ids[0]);
    let asked = [(ids[0].parse().unwrap(), Some(first_key)), (ids[1].parse().unwrap(), Some(second_key))];
    assert_eq!(registered, asked, "each with the key of its own service");
    first.service.lock().unwrap().mood = Mood::Hangs;
    assert_eq!(phone.waking.hear(address(&ids[0], 1).0, 0), None);
    assert_eq!(phone.waking.hear(address(&ids[1], 2).0, 0), None);
    std::thread::scope(|scope| {
        for id in phone.waking.due(0) {
            let waking = &phone.waking;
            scope.spawn(move || waking.settle(id, 0));
        }
        until(|| !first.service.lock().unwrap().hanging.is_empty());
        until(|| phone.stands(&ids[1]) == Stands::Registered);
        assert_eq!((told(&first), told(&second)), (vec![], vec![address(&ids[1], 2).1]));
        // Another address comes while the service hangs with the one before it: it waits for its turn.
        assert_eq!(phone.waking.hear(address(&ids[0], 3).0, 0), None);
        assert!(phone.waking.due(u64::MAX).is_empty(), "nothing is done twice at once");
        first.service.lock().unwrap().mood = Mood::Fair;
    });
    phone.round(0);
    assert_eq!(told(&first), [address(&ids[0], 1).1, address(&ids[0], 3).1]);
}

#[test]
fn apples_token_is_given_to_every_service_that_offers_it_and_to_no_other() {
    let phone = phone(Way::Apns);
    let ((first, _), (second, _)) = (waker(), waker());
    second.service.lock().unwrap().wake_offered.as_mut().unwrap().apns = false;
    let ids = [pair(&phone.app, &first), pair(&phone.app, &second)];
    phone.round(0);
    assert_eq!(phone.asked.lock().unwrap().registered, [(ids[0].parse().unwrap(), None)]);
    let (report, wake) = token("0f744707bebcf74f9b7c25d48e3358945f6aa01da5ddb387462c7eaf61bbad78");
    phone.hear(report);
    assert_eq!((told(&first), told(&second)), (vec![wake.clone()], vec![]));
    assert_eq!((phone.stands(&ids[0]), phone.stands(&ids[1])), (Stands::Registered, Stands::NotOffered));
    let (report, newer) = token("aa744707bebcf74f9b7c25d48e3358945f6aa01da5ddb387462c7eaf61bbad78");
    phone.hear(report);
    assert_eq!(told(&first), [wake, newer]);
}

#[test]
fn googles_token_is_given_to_every_service_that_offers_it_and_deleted_with_the_last() {
    let phone = phone(Way::Fcm);
    let ((first, _), (second, _)) = (waker(), waker());
    second.service.lock().unwrap().wake_offered.as_mut().unwrap().fcm = false;
    let ids = [pair(&phone.app, &first), pair(&phone.app, &second)];
    phone.round(0);
    // Google's service knows the app: no key of a service is named to it.
    assert_eq!(phone.asked.lock().unwrap().registered, [(ids[0].parse().unwrap(), None)]);
    let registration = |token: &str| {
        let token = PlainText::new(token).unwrap();
        (Report::Registration { token: token.clone() }, Wake::Fcm { token })
    };
    let (report, wake) =
        registration("cXyz123:APA91bHPRgkF3JUikC4ENAHEeMrd41Zxv3hVZjC9KtT8OvPVGJ-hQMRKRrZuJAEcl7B338qju59zJMjw2DELjzEvxwYv7hH5");
    phone.hear(report.clone());
    phone.hear(report);
    assert_eq!((told(&first), told(&second)), (vec![wake.clone()], vec![]));
    assert_eq!((phone.stands(&ids[0]), phone.stands(&ids[1])), (Stands::Registered, Stands::NotOffered));
    // The SDK gives another token whenever it likes.
    let (report, newer) = registration("dAbc456:APA91b");
    phone.hear(report);
    assert_eq!(told(&first), [wake, newer]);
    phone.turn(Wakes::Off);
    assert_eq!(told(&first).last(), Some(&Wake::None));
    let forgotten = phone.asked.lock().unwrap().forgotten.clone();
    assert!(forgotten.iter().any(|(id, others)| id.to_string() == ids[0] && *others == Others::None), "{forgotten:?}");
}

#[test]
fn without_googles_services_the_phone_is_reached_nowhere() {
    let phone = phone(Way::Fcm);
    let (peer, _) = waker();
    let id = pair(&phone.app, &peer);
    phone.round(0);
    phone.hear(Report::Failed { pairing: Some(id.parse().unwrap()), again: false });
    phone.round(u64::MAX);
    assert_eq!((phone.stands(&id), told(&peer), phone.asked.lock().unwrap().registered.len()), (Stands::Nowhere, vec![], 1));
}

#[test]
fn googles_token_is_told_to_nobody_by_a_program_that_was_built_without_googles_way() {
    let phone = phone(Way::WebPush);
    let (peer, _) = waker();
    let id = pair(&phone.app, &peer);
    phone.round(0);
    let registration = Report::Registration { token: PlainText::new("cXyz123:APA91b").unwrap() };
    phone.hear(registration.clone());
    assert_eq!((phone.stands(&id), told(&peer)), (Stands::Nowhere, vec![]));
    // An address that its own way gave is no worse for it.
    phone.hear(address(&id, 1).0);
    phone.hear(registration);
    assert_eq!((phone.stands(&id), told(&peer)), (Stands::Registered, vec![address(&id, 1).1]));
}

#[test]
fn a_service_that_does_not_wake_phones_is_asked_once_and_no_more() {
    let phone = phone(Way::WebPush);
    let (silent, _) = waker();
    silent.service.lock().unwrap().wake_offered.as_mut().unwrap().web_push = None;
    let older = Peer::start();
    let ids = [pair(&phone.app, &silent), pair(&phone.app, &older)];
    phone.round(0);
    phone.round(u64::MAX);
    assert!(phone.asked.lock().unwrap().registered.is_empty());
    for (id, peer) in ids.iter().zip([&silent, &older]) {
        assert_eq!((phone.stands(id), asks(peer), told(peer)), (Stands::NotOffered, 1, vec![]));
    }
    // One that stopped after it said yes: its refusal is the end too.
    let (fickle, _) = waker();
    let id = pair(&phone.app, &fickle);
    phone.round(0);
    fickle.service.lock().unwrap().wake_offered.as_mut().unwrap().web_push = None;
    phone.hear(address(&id, 1).0);
    phone.round(u64::MAX);
    assert_eq!((phone.stands(&id), asks(&fickle), told(&fickle)), (Stands::NotOffered, 2, vec![]));
}

#[test]
fn a_service_that_is_away_is_told_later_and_ever_more_seldom() {
    let phone = phone(Way::WebPush);
    let (peer, _) = waker();
    let id = pair(&phone.app, &peer);
    phone.round(0);
    peer.service.lock().unwrap().mood = Mood::Away;
    phone.hear(address(&id, 1).0);
    assert_eq!(phone.stands(&id), Stands::Unreached);
    assert!(phone.waking.due(FIRST_AGAIN_MS - 1).is_empty());
    phone.round(FIRST_AGAIN_MS);
    assert!(phone.waking.due(3 * FIRST_AGAIN_MS - 1).is_empty(), "twice as long");
    peer.service.lock().unwrap().mood = Mood::Fair;
    phone.round(3 * FIRST_AGAIN_MS);
    assert_eq!((phone.stands(&id), told(&peer)), (Stands::Registered, vec![address(&id, 1).1]));
    // A program that ends before that tells it after its next start.
    peer.service.lock().unwrap().mood = Mood::Away;
    phone.hear(address(&id, 2).0);
    let phone = phone.again();
    peer.service.lock().unwrap().mood = Mood::Fair;
    phone.round(0);
    phone.hear(address(&id, 2).0);
    assert_eq!(told(&peer), [address(&id, 1).1, address(&id, 2).1]);
}

#[test]
fn turned_off_every_service_that_was_told_is_told_so_at_last_and_turned_on_again_it_is_told_anew() {
    let phone = phone(Way::WebPush);
    let ((peer, _), (other, _)) = (waker(), waker());
    let (id, second) = (pair(&phone.app, &peer), pair(&phone.app, &other));
    phone.round(0);
    phone.hear(address(&id, 1).0);
    peer.service.lock().unwrap().mood = Mood::Away;
    phone.turn(Wakes::Off);
    assert_eq!((phone.stands(&id), phone.stands(&second)), (Stands::Unreached, Stands::Off));
    assert!(told(&other).is_empty(), "it was never told of an address");
    let given_up = phone.asked.lock().unwrap().forgotten.iter().any(|(pairing, _)| pairing.to_string() == id);
    assert!(given_up, "a service that is away keeps the telephone ringing");
    // What the system reports now is told to nobody, and an end of the program in between loses nothing.
    phone.hear(address(&second, 2).0);
    let phone = phone.again();
    peer.service.lock().unwrap().mood = Mood::Fair;
    phone.round(0);
    assert_eq!((told(&peer), told(&other)), (vec![address(&id, 1).1, Wake::None], vec![]));
    assert_eq!(phone.stands(&id), Stands::Off);
    let forgotten: Vec<_> = phone.asked.lock().unwrap().forgotten.iter().map(|(id, _)| id.to_string()).collect();
    assert!(forgotten.contains(&id) && phone.asked.lock().unwrap().registered.is_empty());
    assert!(!phone.folder.path().join("phones").join(&id).join("wake.json").exists());
    phone.turn(Wakes::On);
    phone.hear(address(&id, 1).0);
    assert_eq!(told(&peer), [address(&id, 1).1, Wake::None, address(&id, 1).1]);
}

#[test]
fn what_the_system_cannot_give_is_asked_for_later_and_what_it_will_not_give_is_not() {
    let phone = phone(Way::WebPush);
    let (peer, _) = waker();
    let id = pair(&phone.app, &peer);
    let pairing = Some(id.parse().unwrap());
    phone.round(0);
    assert_eq!(phone.waking.hear(Report::Failed { pairing, again: true }, 0), None);
    phone.round(FIRST_AGAIN_MS - 1);
    assert_eq!(phone.asked.lock().unwrap().registered.len(), 1);
    phone.round(FIRST_AGAIN_MS);
    assert_eq!(phone.asked.lock().unwrap().registered.len(), 2);
    phone.hear(Report::Failed { pairing, again: false });
    phone.round(u64::MAX);
    assert_eq!((phone.stands(&id), phone.asked.lock().unwrap().registered.len()), (Stands::Nowhere, 2));
    // It came after all, and is gone again: the service is told not to ring in vain.
    phone.hear(address(&id, 1).0);
    phone.hear(Report::Failed { pairing, again: true });
    assert_eq!(phone.stands(&id), Stands::Registered, "an address that is known holds until it is gone");
    phone.hear(Report::Gone { pairing: id.parse().unwrap() });
    assert_eq!((phone.stands(&id), told(&peer)), (Stands::Nowhere, vec![address(&id, 1).1, Wake::None]));
    // A system that is not there at all.
    let phone = phone.again();
    phone.asked.lock().unwrap().refuses = true;
    phone.round(0);
    assert_eq!(phone.stands(&id), Stands::Nowhere);
}

#[test]
fn a_pairing_that_is_removed_leaves_nothing_and_a_locked_one_is_not_rung_for_any_more() {
    let phone = phone(Way::WebPush);
    let ((peer, _), (other, _)) = (waker(), waker());
    let (id, second) = (pair(&phone.app, &peer), pair(&phone.app, &other));
    phone.round(0);
    phone.hear(address(&id, 1).0);
    phone.hear(address(&second, 2).0);
    assert_eq!(phone.app.forget(&id).unwrap(), Forgotten::Here, "it was locked");
    assert_eq!(told(&peer).last(), Some(&Wake::None));
    phone.round(0);
    assert_eq!(phone.asked.lock().unwrap().forgotten, [(id.parse().unwrap(), Others::Remain)]);
    assert!(!phone.folder.path().join("phones").join(&id).exists() && !phone.waking.view().standings.contains_key(&id));
    // What the system still reports of it goes nowhere.
    phone.hear(address(&id, 3).0);
    assert_eq!(told(&peer).len(), 2);
    phone.app.signature(&second).unwrap().lock().unwrap().unlock(phone.app.turn(), Some(&pin("2718"))).unwrap();
    assert_eq!(phone.app.forget(&second).unwrap(), Forgotten::Everywhere);
    phone.round(0);
    assert_eq!(phone.asked.lock().unwrap().forgotten.last(), Some(&(second.parse().unwrap(), Others::None)));
    assert_eq!(told(&other), [address(&second, 2).1], "the pairing ended there, and its address with it");
}

#[test]
fn a_wake_up_makes_the_screens_look_and_the_watch_does_all_by_itself() {
    let phone = phone(Way::WebPush);
    let (peer, _) = waker();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&heard);
    watch(&phone.waking, move |told| hears.lock().unwrap().push(told));
    let id = pair(&phone.app, &peer);
    until(|| !phone.asked.lock().unwrap().registered.is_empty());
    let report = |report| phone.asked.lock().unwrap().hear.as_ref().unwrap()(report);
    report(address(&id, 1).0);
    until(|| told(&peer) == [address(&id, 1).1]);
    assert!(heard.lock().unwrap().is_empty());
    report(Report::Woken);
    until(|| *heard.lock().unwrap() == [Told::Woken]);
    assert!(!phone.app.view().unwrap().signatures[0].unlocked);
}

#[test]
fn on_a_desktop_nothing_is_asked_of_anybody() {
    let (peer, _) = waker();
    let folder = tempfile::tempdir().unwrap();
    let app = Arc::new(App::open(folder.path(), CHEAP).unwrap());
    pair(&app, &peer);
    let waking = Arc::new(Waking::new(app, tauri_plugin_wake::platform()));
    watch(&waking, |_| panic!("nothing wakes a desktop"));
    assert_eq!((waking.view().way, asks(&peer)), (Way::None, 0));
    assert!(waking.view().standings.is_empty());
}
