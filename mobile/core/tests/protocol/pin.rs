//! The PIN: which are taken, and that its proof is good for one phone, one nonce and one reply key.

use keycard::pin::{Delivery, Pin, PinChange, PinError, PinProof, ReplyKey, deliver};
use keycard::{Canonical as _, Rule, Secret, Unopened};

use crate::support::{PHONE, Seeded, TestKey, changed, pin, share, soft_phone};

#[test]
fn four_to_eight_digits_that_nobody_tries_first() {
    for good in ["2718", "00000001", "1357", "1221"] {
        assert!(Pin::parse(good).is_ok(), "{good}");
    }
    for (bad, why) in [
        ("123", PinError::NotDigits),
        ("123456789", PinError::NotDigits),
        ("12a4", PinError::NotDigits),
        ("٢٧١٨", PinError::NotDigits),
        ("1111", PinError::TooSimple),
        ("45678", PinError::TooSimple),
        ("9876", PinError::TooSimple),
    ] {
        assert_eq!(Pin::parse(bad).err(), Some(why), "{bad}");
    }
}

#[test]
fn the_server_tells_a_right_pin_from_a_wrong_one_by_a_public_key() {
    let folder = tempfile::tempdir().unwrap();
    let phone = soft_phone(&folder);
    let kept = phone.stretch(&pin("2718")).unwrap().pin_key();
    let proof = PinProof { phone: PHONE, nonce: [1; 32], reply_key: TestKey::named("reply").public() };
    let proved = phone.stretch(&pin("2718")).unwrap().prove(&proof);
    assert_eq!(proved.open(&kept).unwrap(), proof);
    assert!(phone.stretch(&pin("2719")).unwrap().prove(&proof).open(&kept).is_err());
    for bytes in changed(proved.bytes()) {
        let forged = keycard::Signed::<PinProof>::from_parts(bytes, proved.signature().clone()).unwrap();
        assert!(forged.open(&kept).is_err());
    }
}

#[test]
fn a_change_of_pin_names_two_different_keys() {
    let key = TestKey::named("reply").public();
    let change = PinChange { phone: PHONE, nonce: [1; 32], pin_key: key, reply_key: key };
    assert_eq!(PinChange::decode(&change.encode()), Err(Rule::Misfit.at("PIN key")));
    let change = PinChange { pin_key: TestKey::named("new").public(), ..change };
    assert_eq!(PinChange::decode(&change.encode()), Ok(change));
}

#[test]
fn a_delivery_opens_for_its_own_phone_question_and_purpose() {
    let reply = ReplyKey::draw(&mut Seeded::new(1));
    let sealed = deliver(&reply.public(), Delivery::Share, PHONE, &[1; 32], &share(), &mut Seeded::new(2));
    assert!(reply.open(&sealed, Delivery::Share, PHONE, &[1; 32]).unwrap().is(&share()));
    assert_eq!(reply.open(&sealed, Delivery::DeviceToken, PHONE, &[1; 32]).err(), Some(Unopened));
    assert_eq!(reply.open(&sealed, Delivery::Share, PHONE, &[2; 32]).err(), Some(Unopened));
    assert_eq!(reply.open(&sealed, Delivery::Share, keycard::PhoneId([1; 16]), &[1; 32]).err(), Some(Unopened));
    assert_eq!(reply.open(&sealed, Delivery::Offline, PHONE, &[1; 32]).err(), Some(Unopened));
    assert!(ReplyKey::draw(&mut Seeded::new(3)).open(&sealed, Delivery::Share, PHONE, &[1; 32]).is_err());
    assert!(!Secret::new([0; 32]).is(&share()));
}
