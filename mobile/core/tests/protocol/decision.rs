//! What a decision answers, and that nothing of it can be changed.

use keycard::{
    ApprovalId, Canonical, Decision, Number, PhoneId, Proof, QrSecret, Rule, Scan, Shown, Signature, Signed, SignedError, Unanswered,
    UserAuth, Verdict,
};
use rand_core::RngCore as _;

use crate::support::{PHONE, Seeded, TestKey, changed, pin, share, soft_phone};

fn approval(proof: Proof, release: Option<[u8; 32]>) -> Decision {
    Decision { payload: [1; 32], verdict: Verdict::Approve { proof, release }, phone: PHONE }
}

fn typed(number: &str) -> Proof {
    Proof::Typed(Number::parse(number).unwrap())
}

#[test]
fn only_what_the_page_shows_answers() {
    let (number, qr) = (Number::parse("07").unwrap(), QrSecret::new([9; 16]));
    let shown = Shown { number: &number, qr: &qr };
    let judge = |decision: Decision, release: Option<&[u8; 32]>| decision.answers(&[1; 32], PHONE, release, &shown);
    assert_eq!(judge(approval(typed("07"), None), None), Ok(()));
    assert_eq!(judge(approval(Proof::Scanned(QrSecret::new([9; 16])), None), None), Ok(()));
    for wrong in (0..100).filter(|value| *value != 7) {
        assert_eq!(judge(approval(typed(&format!("{wrong:02}")), None), None), Err(Unanswered::WrongNumber));
    }
    assert_eq!(judge(approval(Proof::Scanned(QrSecret::new([8; 16])), None), None), Err(Unanswered::WrongNumber));
    assert_eq!(judge(approval(typed("07"), Some([2; 32])), Some(&[2; 32])), Ok(()));
    assert_eq!(judge(approval(typed("07"), Some([2; 32])), None), Err(Unanswered::OtherRelease));
    assert_eq!(judge(approval(typed("07"), None), Some(&[2; 32])), Err(Unanswered::OtherRelease));
    assert_eq!(judge(approval(typed("07"), Some([3; 32])), Some(&[2; 32])), Err(Unanswered::OtherRelease));
    assert_eq!(approval(typed("08"), None).answers(&[4; 32], PHONE, None, &shown), Err(Unanswered::OtherPayload));
    assert_eq!(approval(typed("08"), None).answers(&[1; 32], PhoneId([0; 16]), None, &shown), Err(Unanswered::OtherPhone));
    let refusal = Decision { payload: [1; 32], verdict: Verdict::NotMe, phone: PHONE };
    assert_eq!(judge(refusal.clone(), None), Ok(()));
    assert_eq!(judge(refusal, Some(&[2; 32])), Err(Unanswered::OtherRelease));
}

#[test]
fn a_number_is_two_digits_and_each_is_as_likely() {
    assert_eq!(Number::parse(" 0 7 ").unwrap().to_string(), "07");
    for wrong in ["", "7", "007", "ab", "1a", "１２", "-1", "1 2 3", "                 07"] {
        assert!(Number::parse(wrong).is_err(), "{wrong}");
    }
    let (mut random, mut counts) = (Seeded::new(5), [0_u32; 100]);
    for _ in 0..100_000 {
        counts[Number::draw(&mut random).to_string().parse::<usize>().unwrap()] += 1;
    }
    let chi_squared: f64 = counts.iter().map(|count| (f64::from(*count) - 1000.0).powi(2) / 1000.0).sum();
    assert!(chi_squared < 160.0, "99 degrees of freedom, {chi_squared}");
}

#[test]
fn the_qr_names_its_request() {
    let scan = Scan { approval: ApprovalId([7; 16]), secret: QrSecret::new([1; 16]) };
    let text = "segl-approve:1?r=07070707-0707-0707-0707-070707070707&s=AQEBAQEBAQEBAQEBAQEBAQ";
    assert_eq!(scan.text(), text);
    assert_eq!(Scan::parse(text), Ok(scan));
    for wrong in [
        &text[1..],
        &text[..text.len() - 1],
        &format!("{text}A"),
        &text.replace("s=AQ", "s=A*"),
        &text.replace("0707&", "070A&"),
        &"x".repeat(1000),
    ] {
        assert!(Scan::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_refusal_carries_neither_proof_nor_release() {
    let bytes = |word: &str, proof: &[u8], release: &[u8]| {
        let fields = [b"segl/decision/v1".as_slice(), &[1; 32], word.as_bytes(), proof, &[7; 16], release];
        fields.iter().flat_map(|field| [&(field.len() as u32).to_be_bytes()[..], field].concat()).collect::<Vec<u8>>()
    };
    assert!(Decision::decode(&bytes("reject", b"", &[0; 32])).is_ok());
    assert_eq!(Decision::decode(&bytes("reject", b"07", &[0; 32])), Err(Rule::Misfit.at("proof")));
    assert_eq!(Decision::decode(&bytes("not-me", b"", &[1; 32])), Err(Rule::Misfit.at("release")));
    assert_eq!(Decision::decode(&bytes("approve", b"", &[0; 32])), Err(Rule::Unknown.at("proof")));
    assert_eq!(Decision::decode(&bytes("approve", b"7x", &[0; 32])), Err(Rule::Unknown.at("proof")));
    assert_eq!(Decision::decode(&bytes("maybe", b"07", &[0; 32])), Err(Rule::Unknown.at("decision")));
}

#[test]
fn every_changed_byte_of_a_signed_decision_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let phone = soft_phone(&folder);
    let key = keycard::DeviceKey::public_key(&phone).unwrap().sign;
    let auth = UserAuth::Pin { pin: &pin("2718"), share: &share() };
    let signed = approval(typed("42"), Some([2; 32])).sign(&phone, auth).unwrap();
    assert_eq!(signed.open(&key).unwrap(), approval(typed("42"), Some([2; 32])));
    for bytes in changed(signed.bytes()) {
        let forged = Signed::<Decision>::from_parts(bytes, signed.signature().clone()).unwrap();
        assert_eq!(forged.open(&key), Err(SignedError::Signature));
    }
    let mut refused = 0;
    for der in changed(signed.signature().der()) {
        match Signature::from_der("signature", &der) {
            Err(fault) => assert_eq!(fault, Rule::NotSignature.at("signature")),
            Ok(signature) => {
                refused += 1;
                let forged = Signed::<Decision>::from_parts(signed.bytes().to_vec(), signature).unwrap();
                assert_eq!(forged.open(&key), Err(SignedError::Signature));
            }
        }
    }
    assert!(refused > 300, "most changed signatures are still DER, here {refused}");
    assert_eq!(signed.open(&TestKey::named("other").public()), Err(SignedError::Signature));
}

#[test]
fn the_mirrored_signature_of_key_hardware_is_taken() {
    let (key, mut seen) = (TestKey::named("phone sign"), [false; 2]);
    let mut random = Seeded::new(6);
    for _ in 0..20 {
        let message = random.next_u64().to_be_bytes();
        let read = p256::ecdsa::Signature::from_der(key.sign(&message).der()).unwrap();
        let (r, s) = read.split_scalars();
        let mirrored = p256::ecdsa::Signature::from_scalars(r.to_bytes(), (-*s).to_bytes()).unwrap();
        seen[usize::from(read.normalize_s().is_some())] = true;
        assert!(key.public().verifies(&message, &Signature::from_der("signature", mirrored.to_der().as_bytes()).unwrap()));
    }
    assert_eq!(seen, [true; 2]);
}
