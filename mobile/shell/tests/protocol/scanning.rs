//! The QR of 128 bits in the place of the two digits.

use super::*;

fn scanned(text: &str) -> Choice {
    Choice::ApproveScanned { scan: text.into() }
}

#[test]
fn a_scanned_code_approves_and_releases_as_the_number_does() {
    let world = unlocked();
    let secret = Secret::new([9; 32]);
    let id = world.service().ask("42", Some(&secret));
    let scan = world.service().scan();
    assert_eq!(world.decide(id, &scanned(&scan)).unwrap(), Decided::Taken);
    let service = world.service();
    let [(Verdict::Approve { proof: Proof::Scanned(_), .. }, Some(released))] = &service.decisions[..] else {
        panic!("it was not scanned")
    };
    assert!(released.is(&secret));
}

#[test]
fn what_is_no_code_or_another_requests_is_refused_before_it_is_sent() {
    let world = unlocked();
    world.service().ask("42", None);
    let other = world.service().scan();
    let id = world.service().ask("43", None);
    let own = world.service().scan();
    for text in ["", "42", "https://example.dk", &own[..own.len() - 1], &"x".repeat(10_000)] {
        assert_eq!(world.decide(id, &scanned(text)).unwrap_err(), AppError::BadScan, "{text}");
    }
    assert_eq!(world.decide(id, &scanned(&other)).unwrap_err(), AppError::OtherScan);
    assert!(world.service().sent.is_empty(), "it would have counted as a wrong number");
    // Another secret under the right name is judged by the service, as a wrong number is.
    let secret = keycard::QrSecret::new([7; 16]);
    let forged = keycard::Scan { approval: id, secret }.text();
    assert_eq!(world.decide(id, &scanned(&forged)).unwrap(), Decided::WrongNumber { tries_left: 2 });
    assert_eq!(world.decide(id, &scanned(&own)).unwrap(), Decided::Taken);
}

#[test]
fn a_page_that_was_not_refreshed_after_more_time_is_scanned_all_the_same() {
    let world = unlocked();
    let id = world.service().ask("42", None);
    let scan = world.service().scan();
    let signature = world.app.signature(&world.id).unwrap();
    signature.lock().unwrap().request(id).unwrap();
    let extended = signature.lock().unwrap().extend(id).unwrap();
    // Looked at again meanwhile, as every event does.
    signature.lock().unwrap().waiting().unwrap();
    let decided = signature.lock().unwrap().decide(extended.id.parse().unwrap(), &extended.shown, &scanned(&scan));
    assert_eq!(decided.unwrap(), Decided::Taken);
}

#[test]
fn the_screens_send_a_scan_in_words_of_its_own() {
    let choice: Choice = serde_json::from_str(r#"{"choice":"approve-scanned","scan":"x"}"#).unwrap();
    assert!(matches!(choice, Choice::ApproveScanned { scan } if scan == "x"));
    assert!(serde_json::from_str::<Choice>(r#"{"choice":"approve-scanned","number":"42"}"#).is_err());
}
