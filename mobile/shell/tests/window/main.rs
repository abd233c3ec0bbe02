//! The app in its real window, against a service on loopback that judges by the crate `keycard`.
#![cfg(target_os = "linux")]
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test panics where something is not as it must be, and the loopback service has a clock"
)]

mod driver;
#[allow(dead_code, reason = "the other test binary uses all of it")]
#[path = "../support/mod.rs"]
mod support;

use driver::Window;
use keycard::{Proof, Secret, Verdict};
use support::peer::Peer;
use support::service::Mood;

fn open(name: &'static str) -> Window {
    let window = Window::open(name, tempfile::tempdir().unwrap());
    window.press("Dansk");
    window.says("Din telefon er nøglekortet");
    window
}

/// Pairs by the typed code, with PIN 2718; afterwards the home screen is there, unlocked.
fn pair(window: &Window, peer: &Peer) {
    let code = peer.service.lock().unwrap().invite_by_code();
    window.fill("Kode eller invitation", &code.to_lowercase());
    window.fill("Tjenestens adresse", &peer.address);
    window.press("Tjenesten har sit eget certifikat");
    window.paste("Udstederens certifikat (PEM)", &peer.authority);
    window.press("Fortsæt");
    window.says("Anne Bæk Jensen");
    window.picture("claim");
    window.fill("Navn på denne telefon", "Annes telefon");
    window.fill("PIN-kode", "2718");
    window.fill("PIN-kode igen", "2718");
    window.press("Fortsæt");
    window.says("Sammenlign cifrene");
    let digits = peer.service.lock().unwrap().pairing.as_ref().unwrap().digits.clone().unwrap();
    window.says(&format!("{} {}", &digits[..3], &digits[3..]));
    window.picture("digits");
    peer.service.lock().unwrap().pairing.as_mut().unwrap().confirmed = Some(true);
    window.says("Dine signaturer");
    window.says("Historik");
}

#[test]
fn what_is_typed_wrongly_is_said_in_both_languages_and_nothing_is_reached() {
    let window = open("wrong");
    window.fill("Kode eller invitation", "ABCD");
    window.fill("Tjenestens adresse", "segl.example.dk");
    window.press("Fortsæt");
    window.says("Koden har 17 tegn; her er 4.");
    window.press("English");
    window.says("The code has 17 signs; here are 4.");
    let code = Peer::start().service.lock().unwrap().invite_by_code();
    window.fill("Code or invitation", &code);
    window.fill("Address of the service", "https://segl.example.dk/path");
    window.press("Continue");
    window.says("This is no address.");
    // Nobody listens there.
    window.fill("Address of the service", "127.0.0.1:1");
    window.press("Continue");
    window.says("The service is not reached.");
    window.picture("refused");
    let reached = window.run("return fetch('https://127.0.0.1/').then(() => 'reached', () => 'refused')", &serde_json::json!([]));
    assert_eq!(reached, "refused");
}

#[test]
fn a_service_whose_certificate_nobody_vouches_for_is_refused() {
    let (window, peer) = (open("untrusted"), Peer::start());
    let code = peer.service.lock().unwrap().invite_by_code();
    window.fill("Kode eller invitation", &code);
    window.fill("Tjenestens adresse", &peer.address);
    window.press("Fortsæt");
    window.says("Forbindelsen er ikke til at stole på");
    assert!(peer.service.lock().unwrap().asked.is_empty());
}

#[test]
fn a_login_is_approved_with_the_number_from_the_other_screen() {
    let (window, peer) = (open("login"), Peer::start());
    pair(&window, &peer);
    peer.service.lock().unwrap().ask("07", None);
    window.press("Selvbetjening");
    window.says("192.0.2.0/24");
    window.says("Rønne, Danmark");
    window.picture("request");
    window.fill("Tallet fra den anden skærm", "70");
    window.press("Godkend");
    window.says("Tallet er ikke det på den anden skærm. Du har 2 forsøg tilbage.");
    window.fill("Tallet fra den anden skærm", "07");
    window.press("Godkend");
    window.says("Godkendt");
    window.picture("approved");
    let service = peer.service.lock().unwrap();
    assert!(matches!(&service.decisions[..], [(Verdict::Approve { proof: Proof::Typed(number), .. }, None)] if number.to_string() == "07"));
}

#[test]
fn a_signature_survives_a_lost_network_and_is_decided_once() {
    let (window, peer) = (open("signature"), Peer::start());
    pair(&window, &peer);
    let secret = Secret::new([9; 32]);
    peer.service.lock().unwrap().ask("42", Some(&secret));
    window.press("Købsaftale.pdf");
    window.says("Dokumentets fingeraftryk");
    window.fill("Tallet fra den anden skærm", "42");
    peer.service.lock().unwrap().mood = Mood::Away;
    window.press("Godkend");
    window.says("Dit svar er givet, men ikke nået frem.");
    window.picture("underway");
    peer.service.lock().unwrap().mood = Mood::Fair;
    window.press("Send igen");
    window.says("Svar");
    let service = peer.service.lock().unwrap();
    assert!(matches!(&service.decisions[..], [(Verdict::Approve { .. }, Some(released))] if released.is(&secret)));
}

#[test]
fn closed_and_opened_again_it_is_locked_and_counts_wrong_pins() {
    let (window, peer) = (open("lock"), Peer::start());
    pair(&window, &peer);
    peer.service.lock().unwrap().ask("42", None);
    let window = window.again();
    window.says("Appen er låst");
    assert!(!window.text().contains("Selvbetjening"));
    window.fill("PIN-kode", "1357");
    window.press("Lås op");
    window.says("PIN-koden er forkert. Du har 4 forsøg tilbage.");
    window.picture("wrong-pin");
    window.fill("PIN-kode", "2718");
    window.press("Lås op");
    window.press("Selvbetjening");
    window.press("Det var ikke mig");
    window.press("Ja, det var ikke mig");
    window.says("Meldt: det var ikke dig.");
    assert!(matches!(peer.service.lock().unwrap().decisions[..], [(Verdict::NotMe, None)]));
    window.press("Til forsiden");
    window.press("Lås appen");
    window.says("Appen er låst");
}

#[test]
fn the_phone_is_renamed_and_gets_another_pin_which_alone_opens_it() {
    let (window, peer) = (open("settings"), Peer::start());
    pair(&window, &peer);
    window.press("Indstillinger");
    window.fill("Navn på denne telefon", "Annes arbejdstelefon");
    window.press("Gem");
    window.says("Gemt.");
    assert_eq!(peer.service.lock().unwrap().phone.as_ref().unwrap().name, "Annes arbejdstelefon");
    window.fill("Nuværende PIN-kode", "1357");
    window.fill("Ny PIN-kode", "31415");
    window.fill("Ny PIN-kode igen", "31415");
    window.press_in("form:has(h3)", "Gem");
    window.says("PIN-koden er forkert. Du har 4 forsøg tilbage.");
    window.fill("Nuværende PIN-kode", "2718");
    window.fill("Ny PIN-kode", "31415");
    window.fill("Ny PIN-kode igen", "31415");
    window.press_in("form:has(h3)", "Gem");
    window.says("Gemt.");
    window.picture("settings");
    window.press("Tilbage");
    window.press("Lås appen");
    window.says("Appen er låst");
    window.fill("PIN-kode", "2718");
    window.press("Lås op");
    window.says("PIN-koden er forkert. Du har 4 forsøg tilbage.");
    window.fill("PIN-kode", "31415");
    window.press("Lås op");
    window.says("Historik");
}

#[test]
fn a_service_that_is_away_is_told_of_beside_the_one_that_is_there() {
    let (window, peer, away) = (open("two"), Peer::start(), Peer::start());
    pair(&window, &peer);
    window.press("Tilføj en signatur");
    pair(&window, &away);
    away.service.lock().unwrap().mood = Mood::Away;
    peer.service.lock().unwrap().ask("07", None);
    window.press("Se efter igen");
    window.says("hvad der venter hos Segl hos Ærø Kommune, vides ikke. Tjenesten kan ikke nås.");
    window.picture("away");
    window.press("Selvbetjening");
    window.fill("Tallet fra den anden skærm", "07");
    window.press("Godkend");
    window.says("Godkendt");
    assert_eq!(peer.service.lock().unwrap().decisions.len(), 1);
}

#[test]
fn without_a_service_there_is_still_an_offline_code() {
    let (window, peer) = (open("offline"), Peer::start());
    pair(&window, &peer);
    let secret = peer.service.lock().unwrap().phone.as_ref().unwrap().offline.clone().unwrap();
    peer.service.lock().unwrap().mood = Mood::Away;
    window.press("Lås appen");
    window.says("Appen er låst");
    window.press("Kode uden net");
    window.says("Virker, når telefonen ikke har net.");
    window.fill("PIN-kode", "2718");
    window.press("Vis koden");
    window.says("Skifter om");
    let digits = window.run("return document.querySelector('.digits').textContent", &serde_json::json!([]));
    let now_ms = peer.service.lock().unwrap().now_ms();
    let matched = keycard::oath::matched_step(keycard::oath::Kind::PHONE, secret.expose(), digits.as_str().unwrap(), now_ms, None);
    assert!(matched.is_some());
    window.picture("offline");
}
