//! What a payload may say, and that no byte of a signed one can be changed.

use keycard::payload::{AHEAD_MS, LONGEST_LIFETIME_MS, Listed, Parts, Payload, PayloadError, Purpose, Untimely};
use keycard::{Canonical, Fault, Rule, Signature, Signed, SignedError};

use crate::support::{TestKey, changed, fixed_parts, several_parts};

fn fault(change: impl FnOnce(&mut Parts)) -> Fault {
    let mut parts = fixed_parts();
    change(&mut parts);
    Payload::new(parts).expect_err("a rule is broken")
}

fn holds(change: impl FnOnce(&mut Parts)) {
    let mut parts = fixed_parts();
    change(&mut parts);
    let payload = Payload::new(parts).unwrap();
    assert_eq!(Payload::decode(&payload.encode()).unwrap(), payload);
}

#[test]
fn every_bound_holds_at_its_edge_and_is_named_beyond_it() {
    holds(|parts| parts.title = "å".repeat(120));
    assert_eq!(fault(|parts| parts.title = "å".repeat(121)), Rule::TooLong { bound: 120 }.at("title"));
    holds(|parts| parts.lines = vec!["å".repeat(200); 40]);
    assert_eq!(fault(|parts| parts.lines = vec!["å".into(); 41]), Rule::TooMany { bound: 40 }.at("lines"));
    assert_eq!(fault(|parts| parts.lines = vec!["å".repeat(201)]), Rule::TooLong { bound: 200 }.at("lines"));
    let listed = Listed { label: "fil".into(), digest: [1; 32] };
    holds(|parts| parts.digests = vec![listed.clone(); 50]);
    assert_eq!(fault(|parts| parts.digests = vec![listed.clone(); 51]), Rule::TooMany { bound: 50 }.at("digests"));
    holds(|parts| parts.certificate = Some(vec![0; 20]));
    assert_eq!(fault(|parts| parts.certificate = Some(vec![0; 21])), Rule::TooLong { bound: 20 }.at("certificate"));
    holds(|parts| parts.expires_ms = parts.issued_ms + LONGEST_LIFETIME_MS);
    assert_eq!(fault(|parts| parts.expires_ms = parts.issued_ms + LONGEST_LIFETIME_MS + 1), Rule::Misfit.at("expires"));
    assert_eq!(fault(|parts| parts.expires_ms = parts.issued_ms), Rule::Misfit.at("expires"));
}

#[test]
fn text_that_hides_turns_or_heaps_is_refused_in_every_field() {
    for sign in ['\n', '\u{202E}', '\u{2066}', '\u{200B}', '\u{0}', '\u{2028}', '\u{E0041}'] {
        let text = format!("ab{sign}cd");
        assert_eq!(fault(|parts| parts.title.clone_from(&text)), Rule::ForeignSign.at("title"));
        assert_eq!(fault(|parts| parts.lines = vec![text.clone()]), Rule::ForeignSign.at("lines"));
        assert_eq!(fault(|parts| parts.service.clone_from(&text)), Rule::ForeignSign.at("service"));
        assert_eq!(fault(|parts| parts.digests[0].label.clone_from(&text)), Rule::ForeignSign.at("digests"));
        assert_eq!(fault(|parts| parts.place = Some(text.clone())), Rule::ForeignSign.at("place"));
    }
    assert_eq!(fault(|parts| parts.lines = vec![String::new()]), Rule::Absent.at("lines"));
    assert_eq!(fault(|parts| parts.title = "to  blanke".into()), Rule::Spacing.at("title"));
}

#[test]
fn bytes_that_are_no_utf8_name_their_field() {
    let bytes = Payload::new(fixed_parts()).unwrap().encode();
    let place = bytes.windows(3).position(|window| window == "Und".as_bytes()).unwrap();
    let mut broken = bytes;
    broken[place] = 0xff;
    assert_eq!(Payload::decode(&broken).unwrap_err(), Rule::NotUtf8.at("title"));
}

#[test]
fn the_secret_is_asked_for_only_where_it_is_needed() {
    let asked: Vec<&str> = Purpose::ALL.into_iter().filter(|purpose| purpose.may_release()).map(Purpose::word).collect();
    assert_eq!(asked, ["move-phone", "new-password", "pair-phone", "sign-document", "sign-mail-window"]);
    for purpose in Purpose::ALL.into_iter().filter(|purpose| !purpose.may_release()) {
        assert_eq!(fault(|parts| parts.purpose = purpose), Rule::Misfit.at("release key"));
    }
    assert_eq!(fault(|parts| parts.certificate = None), Rule::Misfit.at("release key"));
}

#[test]
fn further_certificates_stand_only_where_a_new_password_is_asked_for() {
    let several = |change: fn(&mut Parts)| {
        let mut parts = several_parts();
        change(&mut parts);
        Payload::new(parts)
    };
    let payload = several(|_| {}).unwrap();
    assert_eq!(Payload::decode(&payload.encode()).unwrap(), payload);
    assert!(several(|parts| parts.further = (0..7).map(|serial| vec![serial; 20]).collect()).is_ok());
    let refused = |change: fn(&mut Parts)| several(change).unwrap_err();
    assert_eq!(refused(|parts| parts.further = vec![vec![1]; 8]), Rule::TooMany { bound: 7 }.at("further certificates"));
    assert_eq!(refused(|parts| parts.further[0] = vec![1; 21]), Rule::TooLong { bound: 20 }.at("further certificates"));
    assert_eq!(refused(|parts| parts.further[0].clear()), Rule::Absent.at("further certificates"));
    assert_eq!(refused(|parts| parts.further[0] = parts.further[1].clone()), Rule::Misfit.at("further certificates"));
    assert_eq!(refused(|parts| parts.further[0] = parts.certificate.clone().unwrap()), Rule::Misfit.at("further certificates"));
    assert_eq!(refused(|parts| (parts.release_key, parts.certificate) = (None, None)), Rule::Misfit.at("further certificates"));
    for purpose in Purpose::ALL.into_iter().filter(|purpose| *purpose != Purpose::NewPassword && purpose.may_release()) {
        assert_eq!(fault(|parts| (parts.purpose, parts.further) = (purpose, vec![vec![1]])), Rule::Misfit.at("further certificates"));
    }
}

#[test]
fn a_payload_has_one_form_only() {
    let version = |bytes: &[u8]| bytes[4 + "segl/payload/v1".len() + 4];
    let one = Payload::new(fixed_parts()).unwrap().encode();
    let several = Payload::new(several_parts()).unwrap().encode();
    assert_eq!((version(&one), version(&several)), (1, 2));
    let at = 4 + "segl/payload/v1".len() + 4;
    let mut called_two = one.clone();
    called_two[at] = 2;
    called_two.extend([0; 4]);
    assert_eq!(Payload::decode(&called_two).unwrap_err(), Rule::Absent.at("further certificates"), "an empty list is version 1");
    let mut called_one = several;
    called_one[at] = 1;
    assert!(Payload::decode(&called_one).is_err(), "the list would go unseen");
    let mut called_three = one;
    called_three[at] = 3;
    assert_eq!(Payload::decode(&called_three).unwrap_err(), Rule::Unknown.at("version"));
}

#[test]
fn a_signature_names_what_it_signs() {
    assert_eq!(fault(|parts| (parts.content, parts.digests) = (None, vec![])), Rule::Absent.at("content"));
    assert_eq!(fault(|parts| (parts.plan, parts.digests) = (None, vec![])), Rule::Absent.at("content"));
    holds(|parts| (parts.content, parts.plan) = (None, None));
    holds(|parts| parts.digests = vec![]);
}

#[test]
fn every_purpose_has_one_word() {
    for purpose in Purpose::ALL {
        assert_eq!(Purpose::from_word(purpose.word()), Some(purpose));
    }
    assert_eq!(Purpose::from_word("Login"), None);
}

#[test]
fn a_request_is_shown_only_in_its_time() {
    let identity = TestKey::named("identity");
    let signed = identity.signed(&Payload::new(fixed_parts()).unwrap());
    let (issued, expires) = (fixed_parts().issued_ms, fixed_parts().expires_ms);
    assert!(signed.verify(&identity.public(), issued - AHEAD_MS).is_ok());
    assert!(signed.verify(&identity.public(), expires - 1).is_ok());
    assert_eq!(signed.verify(&identity.public(), expires), Err(PayloadError::Untimely(Untimely::Lapsed)));
    assert_eq!(signed.verify(&identity.public(), issued - AHEAD_MS - 1), Err(PayloadError::Untimely(Untimely::Ahead)));
    let other = TestKey::named("other").public();
    assert_eq!(signed.verify(&other, issued), Err(PayloadError::Signed(SignedError::Signature)));
}

#[test]
fn every_changed_byte_of_a_signed_payload_is_refused() {
    let identity = TestKey::named("identity");
    let mut parts = fixed_parts();
    parts.lines.truncate(1);
    let signed = identity.signed(&Payload::new(parts).unwrap());
    for bytes in changed(signed.bytes()) {
        let forged = Signed::<Payload>::from_parts(bytes, signed.signature().clone()).unwrap();
        assert_eq!(forged.open(&identity.public()), Err(SignedError::Signature));
    }
    for der in changed(signed.signature().der()) {
        let Ok(signature) = Signature::from_der("signature", &der) else { continue };
        let forged = Signed::<Payload>::from_parts(signed.bytes().to_vec(), signature).unwrap();
        assert_eq!(forged.open(&identity.public()), Err(SignedError::Signature));
    }
}

#[test]
fn a_signed_message_of_another_kind_is_refused() {
    let identity = TestKey::named("identity");
    let time = identity.signed(&keycard::TimeAnswer { nonce: [1; 16], time_ms: 5 });
    let disguised = Signed::<Payload>::from_parts(time.bytes().to_vec(), time.signature().clone()).unwrap();
    assert!(matches!(disguised.open(&identity.public()), Err(SignedError::Fault(Fault { field: "domain", .. }))));
}
