//! Evidence is sound as a whole or not at all.

use keycard::evidence::{Check, Evidence, Outcome};
use keycard::pairing::{Claim, PairingRecord};
use keycard::payload::{Parts, Payload};
use keycard::wire::{Attestation, Base64};
use keycard::{Decision, Number, Proof, Protection, PublicKey, Signed, Verdict};

use crate::support::{PHONE, TestKey, fixed_parts, phone_keys};

struct Case {
    parts: Parts,
    verdict: Verdict,
    phone: keycard::PhoneId,
    record: PairingRecord,
    service: &'static str,
    signer: &'static str,
    device_key: PublicKey,
    attested: bool,
}

fn case() -> Case {
    let certificates = [b"leaf".to_vec(), b"root".to_vec()];
    Case {
        parts: fixed_parts(),
        verdict: Verdict::Approve { proof: Proof::Typed(Number::parse("07").unwrap()), release: Some([3; 32]) },
        phone: PHONE,
        record: PairingRecord {
            phone: PHONE,
            service: "Segl hos Ærø Kommune".into(),
            account: "abj-0042".into(),
            company: "Ærø Kommune".into(),
            keys: phone_keys(),
            protection: Protection::Tee,
            attestation: Some(Claim::attestation_hash(&certificates)),
            confirmation: [4; 32],
            paired_ms: 1_795_000_000_000,
            usable_ms: 1_795_086_400_000,
        },
        service: "identity",
        signer: "phone sign",
        device_key: phone_keys().sign,
        attested: true,
    }
}

fn evidence(case: Case) -> Evidence {
    let service = TestKey::named(case.service);
    let payload = service.signed(&Payload::new(case.parts).unwrap());
    let decision = Decision { payload: payload.hash(), verdict: case.verdict, phone: case.phone };
    let certificates = vec![Base64(b"leaf".to_vec()), Base64(b"root".to_vec())];
    let attestation = case.attested.then(|| Attestation::new(certificates).unwrap());
    Evidence::new(payload, TestKey::named(case.signer).signed(&decision), case.device_key, service.signed(&case.record), attestation)
}

fn failing(evidence: &Evidence) -> Vec<&'static str> {
    let report = evidence.verify(&[TestKey::named("identity").public()]);
    assert_eq!(report.findings.len(), 11);
    let failing = report.findings.iter().filter(|finding| finding.outcome == Outcome::Fails);
    let failing: Vec<_> = failing.map(|finding| finding.check.word()).collect();
    assert_eq!(failing.is_empty(), report.is_sound(), "{report:?}");
    failing
}

fn failing_after(change: impl FnOnce(&mut Case)) -> Vec<&'static str> {
    let mut changed = case();
    change(&mut changed);
    failing(&evidence(changed))
}

#[test]
fn sound_evidence_shows_what_was_decided() {
    let identity = TestKey::named("identity").public();
    let report = evidence(case()).verify(&[TestKey::named("older").public(), identity]);
    assert!(report.is_sound() && report.shows_approval());
    assert_eq!(report.payload.unwrap().parts().title, "Underskriv Købsaftale.pdf");
    let refusal = Case { verdict: Verdict::NotMe, ..case() };
    let report = evidence(refusal).verify(&[identity]);
    assert!(report.is_sound() && !report.shows_approval());
}

#[test]
fn each_check_fails_by_itself() {
    let other = TestKey::named("phone agree").public();
    assert_eq!(failing_after(|case| case.service = "other"), ["payload", "pairing"]);
    assert_eq!(failing_after(|case| case.signer = "thief"), ["decision"]);
    assert_eq!(failing_after(|case| (case.device_key, case.signer) = (other, "phone agree")), ["device-key"]);
    assert_eq!(failing_after(|case| case.phone = keycard::PhoneId([1; 16])), ["same-phone"]);
    assert_eq!(failing_after(|case| case.parts.account = "abj-0043".into()), ["same-account"]);
    assert_eq!(failing_after(|case| case.parts.company = "Samsø Kommune".into()), ["same-account"]);
    assert_eq!(failing_after(|case| case.record.usable_ms = case.parts.issued_ms + 1), ["usable"]);
    assert_eq!(failing_after(|case| case.parts.release_key = None), ["release"]);
    assert_eq!(failing_after(|case| case.attested = false), ["attestation"]);
    assert_eq!(failing_after(|case| case.record.attestation = None), ["attestation"]);
    let exchanged = Evidence::new(
        TestKey::named("identity").signed(&Payload::new(Parts { nonce: [0; 16], ..fixed_parts() }).unwrap()),
        evidence_decision(),
        phone_keys().sign,
        TestKey::named("identity").signed(&case().record),
        None,
    );
    assert_eq!(failing(&exchanged), ["same-request", "attestation"]);
    let report = evidence(Case { service: "other", ..case() }).verify(&[TestKey::named("identity").public()]);
    assert!(report.findings.iter().any(|finding| finding.check == Check::SameAccount && finding.outcome == Outcome::Unjudged));
}

fn evidence_decision() -> Signed<Decision> {
    let payload = Payload::new(fixed_parts()).unwrap();
    TestKey::named("phone sign").signed(&Decision { payload: payload.hash(), verdict: case().verdict, phone: PHONE })
}

#[test]
fn every_changed_byte_of_evidence_is_refused() {
    let identity = TestKey::named("identity").public();
    let json = evidence(case()).to_json().unwrap();
    assert_eq!(Evidence::from_json(&json).unwrap().to_json().unwrap(), json);
    let mut read = 0;
    for place in 0..json.len() {
        let mut changed = json.clone();
        changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
        if let Ok(evidence) = Evidence::from_json(&changed) {
            read += 1;
            assert!(!evidence.verify(&[identity]).is_sound(), "place {place}");
        }
    }
    assert!(read > 1000, "most changes are still evidence in form, here {read}");
    for bit in 0..8 {
        let mut changed = json.clone();
        changed[11] ^= 1 << bit;
        assert!(!Evidence::from_json(&changed).is_ok_and(|evidence| evidence.verify(&[identity]).is_sound()), "version");
    }
}
