//! The app lock waits for no service, and nothing opens behind it.

use std::thread::{scope, spawn};

use super::*;

#[test]
fn the_lock_and_the_first_screen_wait_for_no_service() {
    let world = unlocked();
    let other = Peer::start();
    let second = pair(&world.app, &other);
    world.app.signature(&second).unwrap().lock().unwrap().unlock(world.app.turn(), Some(&pin("2718"))).unwrap();
    world.service().ask("42", None);
    world.service().mood = Mood::Hangs;
    scope(|scope| {
        let waiting = scope.spawn(|| world.app.signature(&world.id).unwrap().lock().unwrap().waiting());
        until(|| !world.service().hanging.is_empty());
        world.app.lock();
        let view = world.app.view().unwrap();
        assert!(view.signatures.len() == 2 && view.signatures.iter().all(|signature| !signature.unlocked));
        assert!(!world.app.lock_if_idle(counted_ms() + LOCK_MS), "nothing is open any more");
        // The service hung all the while.
        assert!(!waiting.is_finished());
        world.service().mood = Mood::Fair;
        assert_eq!(waiting.join().unwrap().unwrap_err(), AppError::Locked);
    });
    for id in [&world.id, &second] {
        let signature = world.app.signature(id).unwrap();
        until(|| !signature.lock().unwrap().holds_open_keys());
    }
    world.unlock("2718").unwrap();
    assert_eq!(world.app.signature(&world.id).unwrap().lock().unwrap().waiting().unwrap().len(), 1);
}

#[test]
fn idling_locks_what_a_service_keeps_busy() {
    let world = unlocked();
    world.service().mood = Mood::Hangs;
    scope(|scope| {
        let waiting = scope.spawn(|| world.app.signature(&world.id).unwrap().lock().unwrap().waiting());
        until(|| !world.service().hanging.is_empty());
        assert!(world.app.lock_if_idle(counted_ms() + LOCK_MS));
        assert!(!waiting.is_finished());
        world.service().mood = Mood::Fair;
        assert_eq!(waiting.join().unwrap().unwrap_err(), AppError::Locked);
    });
}

#[test]
fn an_unlocking_that_is_under_way_when_the_window_is_left_ends_locked() {
    let world = paired();
    world.service().mood = Mood::Hangs;
    scope(|scope| {
        let unlocking = scope.spawn(|| world.unlock("2718"));
        until(|| !world.service().hanging.is_empty());
        world.app.lock();
        world.service().mood = Mood::Fair;
        assert_eq!(unlocking.join().unwrap().unwrap_err(), AppError::Locked);
    });
    assert!(!world.app.view().unwrap().signatures[0].unlocked);
    assert!(!world.app.signature(&world.id).unwrap().lock().unwrap().holds_open_keys());
}

#[test]
fn what_was_asked_for_before_the_lock_and_waited_in_a_queue_opens_nothing() {
    let world = paired();
    let asked = world.app.turn();
    world.app.lock();
    world.service().asked.clear();
    let signature = world.app.signature(&world.id).unwrap();
    assert_eq!(signature.lock().unwrap().unlock(asked, Some(&pin("2718"))).unwrap_err(), AppError::Locked);
    assert_eq!(signature.lock().unwrap().change_pin(asked, &pin("2718"), pin("31415")).unwrap_err(), AppError::Locked);
    assert!(world.service().asked.is_empty(), "no PIN is tried for a person who has left");
}

#[test]
fn another_pin_that_is_set_while_the_app_is_locked_is_set_and_opens_nothing() {
    let world = unlocked();
    let signature = world.app.signature(&world.id).unwrap();
    let asked = world.app.turn();
    world.service().mood = Mood::Hangs;
    let changing = {
        let signature = std::sync::Arc::clone(&signature);
        spawn(move || signature.lock().unwrap().change_pin(asked, &pin("2718"), pin("31415")))
    };
    until(|| !world.service().hanging.is_empty());
    world.app.lock();
    world.service().mood = Mood::Fair;
    changing.join().unwrap().unwrap();
    assert!(!world.app.view().unwrap().signatures[0].unlocked);
    until(|| !signature.lock().unwrap().holds_open_keys());
    world.unlock("31415").unwrap();
}
