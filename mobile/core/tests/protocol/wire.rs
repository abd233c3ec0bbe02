//! The JSON: as written down, bounded, strict where the service reads.

use keycard::payload::Payload;
use keycard::wire::{
    self, AskShare, Attestation, Bearer, Bounded, Decide, Decided, Event, FROM_PHONE_BYTES, IdentityQuestion, PairingStatus, PlainText,
    Rename, Request, ShareAnswer, TO_PHONE_BYTES, Waiting, Wake, WireError,
};
use keycard::{Canonical as _, PhoneId, Secret};
use rand_core::RngCore as _;

use crate::support::{PHONE, Seeded, TestKey, any_decision, any_payload, fixed_parts};

fn fault<T: serde::de::DeserializeOwned>(json: &str) -> String {
    wire::read::<T>(json.as_bytes(), FROM_PHONE_BYTES).err().expect("the message breaks its form").to_string()
}

#[test]
fn messages_are_written_as_the_table_says() {
    let question = r#"{"lookup":"AQEBAQEBAQEBAQEBAQEBAQ"}"#;
    let read: IdentityQuestion = wire::read(question.as_bytes(), FROM_PHONE_BYTES).unwrap();
    assert_eq!(read.lookup.0, [1; 16]);
    assert_eq!(serde_json::to_string(&read).unwrap(), question);
    let event = r#"{"event":"ended","id":"07070707-0707-0707-0707-070707070707"}"#;
    assert_eq!(serde_json::from_str::<Event>(event).unwrap(), Event::Ended { id: keycard::ApprovalId([7; 16]) });
    assert_eq!(serde_json::to_string(&Decided::WrongNumber { tries_left: 2 }).unwrap(), r#"{"state":"wrong-number","tries_left":2}"#);
    assert!(serde_json::from_str::<Wake>(r#"{"by":"fcm","token":"abc"}"#).is_ok());
    assert!(serde_json::from_str::<Wake>(r#"{"by":"fcm","token":"abc","x":1}"#).is_err());
    assert_eq!(serde_json::to_string(&Wake::None).unwrap(), r#"{"by":"none"}"#);
    assert_eq!(serde_json::to_string(&ShareAnswer::Gone).unwrap(), r#"{"state":"gone"}"#);
    assert_eq!(serde_json::from_str::<Event>(r#"{"event":"of-tomorrow"}"#).unwrap(), Event::Other);
    assert!(serde_json::from_str::<PairingStatus>(r#"{"state":"waiting","news":1}"#).is_ok(), "a newer service may say more");
}

#[test]
fn any_request_and_decision_comes_through_whole() {
    let (identity, mut random) = (TestKey::named("identity"), Seeded::new(1));
    for _ in 0..50 {
        let request = Request { payload: identity.signed(&any_payload(&mut random)), opener: None, further: Bounded::default() };
        let json = serde_json::to_vec(&request).unwrap();
        assert!(json.len() < TO_PHONE_BYTES);
        assert_eq!(wire::read::<Request>(&json, TO_PHONE_BYTES).unwrap(), request);
        let decide = Decide { decision: identity.signed(&any_decision(&mut random)), release: None, further: Bounded::default() };
        assert_eq!(wire::read::<Decide>(&serde_json::to_vec(&decide).unwrap(), FROM_PHONE_BYTES).unwrap(), decide);
    }
    let largest = vec![0_u8; Payload::MAX_BYTES];
    assert!(largest.len() * 4 / 3 + 1024 < TO_PHONE_BYTES);
}

#[test]
fn a_message_that_breaks_its_form_says_which_field_and_rule() {
    assert!(fault::<IdentityQuestion>(r#"{"lookup":"AQ"}"#).contains("is not 16 bytes long"));
    assert!(fault::<IdentityQuestion>(r#"{"lookup":"AQEBAQEBAQEBAQEBAQEBAQEB"}"#).contains("is longer than 16"));
    assert!(fault::<IdentityQuestion>(r#"{"lookup":"AQEBAQEBAQEBAQEBAQEBAR"}"#).contains("is no base64url"), "bits that mean nothing");
    assert!(fault::<IdentityQuestion>(r#"{"lookup":"AQEBAQEBAQEBAQEBAQEBAQ","x":1}"#).contains("unknown field"));
    assert!(fault::<Rename>(r#"{"name":"a\u202eb"}"#).contains("not plain text"));
    assert!(fault::<Rename>(r#"{"name":""}"#).contains("is missing"));
    let identity = TestKey::named("identity");
    let key = serde_json::to_string(&identity.public()).unwrap();
    assert!(
        fault::<AskShare>(&format!(r#"{{"pin_key":{key},"proof":{{"message":"","signature":"AA"}}}}"#))
            .contains("signature: is no ECDSA signature in DER")
    );
    let long = serde_json::to_string(&identity.signed(&Payload::new(fixed_parts()).unwrap())).unwrap();
    assert!(fault::<Decide>(&format!(r#"{{"decision":{long},"release":null}}"#)).contains("message: is longer than 256"));
    let four = r#"{"requests":[{"id":"07070707-0707-0707-0707-070707070707"},{"id":"07070707-0707-0707-0707-070707070707"},
        {"id":"07070707-0707-0707-0707-070707070707"},{"id":"07070707-0707-0707-0707-070707070707"}]}"#;
    assert!(fault::<Waiting>(four).contains("list: has more than 3 items"));
    assert!(fault::<Waiting>(&four.replace("070707070707\"}", "07070707070A\"}")).contains("approval: is none of the known values"));
    let too_long = wire::read::<Rename>(&vec![b' '; FROM_PHONE_BYTES + 1], FROM_PHONE_BYTES);
    assert!(matches!(too_long, Err(WireError::TooLong { bound: FROM_PHONE_BYTES })));
    assert!(Bounded::<u8, 2>::new(vec![1, 2, 3]).is_err() && PlainText::<2>::new("abc").is_err());
    assert!(serde_json::from_str::<Attestation>(&format!("[{}]", ["\"AA\""; 13].join(","))).is_err());
}

#[test]
fn no_bytes_make_the_reader_panic() {
    let mut random = Seeded::new(2);
    let decide =
        Decide { decision: TestKey::named("phone").signed(&any_decision(&mut random)), release: None, further: Bounded::default() };
    let good = serde_json::to_vec(&decide).unwrap();
    for _ in 0..5_000 {
        let mut bytes = good.clone();
        for _ in 0..=random.below(3) {
            let place = random.below(bytes.len());
            bytes[place] = random.below(256) as u8;
        }
        bytes.truncate(random.below(good.len() * 2));
        let _ = wire::read::<Decide>(&bytes, FROM_PHONE_BYTES);
        random.fill_bytes(&mut bytes);
        let _ = wire::read::<Request>(&bytes, TO_PHONE_BYTES);
    }
    assert!(wire::read::<Waiting>("[".repeat(100_000).as_bytes(), FROM_PHONE_BYTES).is_err());
}

#[test]
fn a_bearer_names_its_phone_and_is_kept_as_a_hash() {
    let bearer = Bearer { phone: PHONE, token: Secret::new([9; 32]) };
    let read: Bearer = bearer.text().parse().unwrap();
    assert_eq!(read.phone, PHONE);
    assert!(read.is(&bearer.hash()));
    assert!(!Bearer { phone: PhoneId([8; 16]), token: Secret::new([9; 32]) }.is(&bearer.hash()));
    assert!(!Bearer { phone: PHONE, token: Secret::new([8; 32]) }.is(&bearer.hash()));
    assert_eq!(format!("{bearer:?}"), "Bearer(07070707-0707-0707-0707-070707070707, ..)");
    for text in ["", "x", &bearer.text()[1..], &bearer.text().replace('.', "-"), &bearer.text().to_uppercase(), &"ø".repeat(40)] {
        assert!(text.parse::<Bearer>().is_err(), "{text}");
    }
}
