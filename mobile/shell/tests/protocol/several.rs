//! Several signatures on one phone: each with its own service, keys, PIN and lock.

use super::*;

#[test]
fn one_phone_signs_for_two_companies_and_each_service_hears_its_own() {
    let world = unlocked();
    let other = Peer::start();
    let second = pair(&world.app, &other);
    // The first stays as it was; the second is opened by a proof of its own.
    let unlocked = || world.app.view().unwrap().signatures.iter().filter(|signature| signature.unlocked).count();
    assert_eq!(unlocked(), 1);
    let signature = world.app.signature(&second).unwrap();
    signature.lock().unwrap().unlock(world.app.turn(), Some(&pin("2718"))).unwrap();
    assert_eq!(unlocked(), 2);
    let (first_secret, second_secret) = (Secret::new([1; 32]), Secret::new([2; 32]));
    let first = world.service().ask("42", Some(&first_secret));
    let theirs = other.service.lock().unwrap().ask("43", Some(&second_secret));
    // A request of the one is nothing to the other.
    assert_eq!(world.decide(theirs, &approve("43")).unwrap_err(), AppError::NotFound);
    assert_eq!(world.decide(first, &approve("42")).unwrap(), Decided::Taken);
    let shown = signature.lock().unwrap().request(theirs).unwrap().shown;
    assert_eq!(signature.lock().unwrap().decide(theirs, &shown, &approve("43")).unwrap(), Decided::Taken);
    assert!(world.service().decisions[0].1.as_ref().unwrap().is(&first_secret));
    assert!(other.service.lock().unwrap().decisions[0].1.as_ref().unwrap().is(&second_secret));
    // Both are there after a start, and forgetting the one leaves the other.
    let app = App::open(world.folder.path(), CHEAP).unwrap();
    assert_eq!(app.view().unwrap().signatures.len(), 2);
    app.forget(&world.id).unwrap();
    assert_eq!(App::open(world.folder.path(), CHEAP).unwrap().view().unwrap().signatures[0].id, second);
}

#[test]
fn a_service_that_is_away_or_hangs_holds_up_no_other() {
    let world = unlocked();
    let other = Peer::start();
    let second = pair(&world.app, &other);
    let signature = world.app.signature(&second).unwrap();
    signature.lock().unwrap().unlock(world.app.turn(), Some(&pin("2718"))).unwrap();
    let id = other.service.lock().unwrap().ask("43", None);
    world.service().mood = Mood::Away;
    assert_eq!(world.app.signature(&world.id).unwrap().lock().unwrap().waiting().unwrap_err(), AppError::NoConnection);
    assert_eq!(signature.lock().unwrap().waiting().unwrap().len(), 1);
    world.service().mood = Mood::Hangs;
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| world.app.signature(&world.id).unwrap().lock().unwrap().waiting());
        until(|| !world.service().hanging.is_empty());
        let shown = signature.lock().unwrap().request(id).unwrap().shown;
        assert_eq!(signature.lock().unwrap().decide(id, &shown, &approve("43")).unwrap(), Decided::Taken);
        assert!(!waiting.is_finished());
        world.service().mood = Mood::Fair;
        waiting.join().unwrap().unwrap();
    });
}
