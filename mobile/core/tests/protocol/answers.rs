//! Answers of an independent program (`answers.py`), pinned: what was signed or sealed once must be read the same for ever.

use std::collections::BTreeMap;

use keycard::evidence::Evidence;
use keycard::opener::Opener;
use keycard::pairing::{Claim, ClientData, Code, Invitation, Step, Token, digits};
use keycard::payload::{Payload, ReleaseTo};
use keycard::pin::{Delivery, PinProof, ReplyKey};
use keycard::release::Release;
use keycard::soft::{FileShelf, SoftKeys};
use keycard::wire::Bearer;
use keycard::{
    Canonical, Decision, DeviceKey, KeptOffline, Number, PhoneId, Proof, Protection, Sealed, Secret, Signed, TimeAnswer, UserAuth, Verdict,
};

use crate::support::{CHEAP, Seeded, TestKey, first, fixed_parts, phone_keys, pin, several_parts, sha, share};

fn answers() -> BTreeMap<&'static str, &'static str> {
    include_str!("answers.txt").lines().map(|line| line.split_once(' ').unwrap()).collect()
}

fn answer(name: &str) -> Vec<u8> {
    hex::decode(answers()[name]).unwrap()
}

fn phone() -> PhoneId {
    PhoneId(first(b"phone"))
}

fn assert_signed<T: Canonical>(signed: &Signed<T>, name: &str) {
    assert_eq!(hex::encode(signed.bytes()), answers()[name]);
    assert_eq!(hex::encode(signed.signature().der()), answers()[format!("{name}_signature").as_str()]);
}

#[test]
fn the_identity_key_has_the_known_thumbprint() {
    let identity = TestKey::named("identity").public();
    assert_eq!(identity.sec1().to_vec(), answer("identity"));
    assert_eq!(identity.thumbprint().to_vec(), answer("identity_thumbprint"));
}

#[test]
fn payload_decision_and_time_have_the_known_bytes_and_signatures() {
    let payload = Payload::new(fixed_parts()).unwrap();
    assert_signed(&TestKey::named("identity").signed(&payload), "payload");
    let release = Some(Release::from_bytes(&answer("release")).unwrap().hash());
    let verdict = Verdict::Approve { proof: Proof::Typed(Number::parse("07").unwrap()), release };
    assert_signed(&TestKey::named("phone sign").signed(&Decision { payload: payload.hash(), verdict, phone: phone() }), "decision");
    let time = TimeAnswer { nonce: first(b"question"), time_ms: 1_795_750_000_123 };
    assert_signed(&TestKey::named("identity").signed(&time), "time");
}

#[test]
fn what_another_program_sealed_opens() {
    let agree = TestKey::named("phone agree");
    let opener = Opener::from_bytes(&answer("opener")).unwrap();
    let opened = opener.open(&agree.public(), &[0x00, 0xa1, 0xb2, 0xc3], phone(), |peer| agree.agree(peer)).unwrap();
    assert_eq!(*opened.expose(), sha(b"secret"));
    let kept = KeptOffline::from_bytes(&answer("kept_offline")).unwrap();
    assert_eq!(*kept.open(&agree.public(), phone(), |peer| agree.agree(peer)).unwrap().expose(), sha(b"offline"));
    let reply = reply_key();
    assert_eq!(reply.public(), TestKey::named("reply").public());
    let sealed = Sealed::from_bytes("share", &answer("share")).unwrap();
    assert!(reply.open(&sealed, Delivery::Share, phone(), &sha(b"n")).unwrap().is(&share()));
    assert!(reply.open(&sealed, Delivery::DeviceToken, phone(), &sha(b"n")).is_err());
}

/// A source that gives one scalar.
struct Once(&'static str);

impl rand_core::RngCore for Once {
    fn next_u32(&mut self) -> u32 {
        unreachable!()
    }
    fn next_u64(&mut self) -> u64 {
        unreachable!()
    }
    fn fill_bytes(&mut self, buffer: &mut [u8]) {
        buffer.copy_from_slice(&sha(self.0.as_bytes()));
    }
    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(buffer);
        Ok(())
    }
}

impl rand_core::CryptoRng for Once {}

fn reply_key() -> ReplyKey {
    ReplyKey::draw(&mut Once("reply"))
}

#[test]
fn a_release_of_another_program_opens_for_its_payload() {
    let key = keycard::release::ReleaseKey::draw(fixed_parts().release_key.unwrap().id, &mut Once("release"));
    let ReleaseTo { id, key: public } = key.public();
    assert_eq!((id, public), (fixed_parts().release_key.unwrap().id, TestKey::named("release").public()));
    let release = Release::from_bytes(&answer("release")).unwrap();
    assert_eq!(*key.open(&release, &Payload::new(fixed_parts()).unwrap()).unwrap().expose(), sha(b"secret"));
}

#[test]
fn several_releases_of_another_program_open_each_for_its_certificate() {
    let key = keycard::release::ReleaseKey::draw(fixed_parts().release_key.unwrap().id, &mut Once("release"));
    let payload = Payload::new(several_parts()).unwrap();
    assert_signed(&TestKey::named("identity").signed(&payload), "several");
    let first = Release::from_bytes(&answer("several_release")).unwrap();
    let further = ["several_release_1", "several_release_2"].map(|name| Release::from_bytes(&answer(name)).unwrap());
    assert_eq!(*key.open(&first, &payload).unwrap().expose(), sha(b"secret"));
    for (at, release) in further.iter().enumerate() {
        let opened = key.open_further(release, &payload, &payload.parts().further[at]).unwrap();
        assert_eq!(*opened.expose(), sha(format!("secret {at}").as_bytes()));
    }
    let verdict = Verdict::Approve { proof: Proof::Typed(Number::parse("07").unwrap()), release: Some(Release::hash_of(&first, &further)) };
    assert_signed(&TestKey::named("phone sign").signed(&Decision { payload: payload.hash(), verdict, phone: phone() }), "several_decision");
}

#[test]
fn evidence_of_another_program_is_sound() {
    let evidence = Evidence::from_json(answers()["evidence"].as_bytes()).unwrap();
    assert_eq!(String::from_utf8(evidence.to_json().unwrap()).unwrap(), answers()["evidence"]);
    let report = evidence.verify(&[TestKey::named("identity").public()]);
    assert!(report.shows_approval(), "{report:?}");
}

#[test]
fn the_steps_of_a_pairing_have_the_known_answers() {
    let token = Token::new(first(b"token"));
    let identity = TestKey::named("identity").public();
    let keys = Invitation::parse(answers()["invitation"]).unwrap().token.keys();
    assert_eq!(keys.lookup.to_vec(), answer("lookup"));
    assert_eq!(token.keys().lookup, keys.lookup);
    assert_eq!(keys.challenge.to_vec(), answer("attestation_challenge"));
    let client_data = ClientData { challenge: keys.challenge, keys: phone_keys() };
    assert_eq!(client_data.encode(), answer("client_data"));
    assert_eq!(client_data.hash().to_vec(), answer("client_data_hash"));
    assert_eq!(ClientData::decode(&answer("client_data")).unwrap(), client_data);
    assert_eq!(keys.tag(Step::Begin, &sha(b"n"), &TestKey::named("reply").public()).to_vec(), answer("begin_tag"));
    let claim = Claim {
        pin: identity.thumbprint(),
        lookup: keys.lookup,
        phone: phone(),
        keys: phone_keys(),
        pin_key: Some(TestKey::named("reply").public()),
        protection: Protection::SoftwarePin,
        attestation: None,
        name: "Annes telefon".into(),
    };
    let signed = TestKey::named("phone sign").signed(&claim);
    assert_signed(&signed, "claim");
    assert_eq!(signed.tag(&keys).to_vec(), answer("claim_tag"));
    assert_eq!(digits(&keys, &identity.thumbprint(), &phone_keys(), &sha(b"n")), answers()["digits"]);
}

#[test]
fn a_code_has_the_known_letters_and_vouches_by_the_known_mac() {
    let code = Code::new(first(b"code"));
    assert_eq!(*code.expose(), answers()["code"]);
    assert_eq!(code.token().keys().lookup.to_vec(), answer("code_lookup"));
    assert_eq!(code.identity_mac(&TestKey::named("identity").public()).to_vec(), answer("code_mac"));
}

#[test]
fn a_vault_of_another_program_opens_and_proves_its_pin() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    std::fs::write(&path, answer("vault")).unwrap();
    let mut keys = SoftKeys::new(Box::new(FileShelf::new(path)), Box::new(Seeded::new(1)), CHEAP);
    assert_eq!(keys.public_key().unwrap(), phone_keys());
    let stretched = keys.stretch(&pin("2718")).unwrap();
    assert_eq!(stretched.pin_key().sec1().to_vec(), answer("pin_key"));
    let proof = PinProof { phone: phone(), nonce: sha(b"n"), reply_key: TestKey::named("reply").public() };
    assert_eq!(stretched.prove(&proof).signature().der(), answer("pin_proof_signature"));
    keys.unlock(&stretched, &share()).unwrap();
    assert_eq!(keys.sign(b"message", UserAuth::Unlocked).unwrap(), TestKey::named("phone sign").sign(b"message"));
    assert_eq!(*keys.offline(&pin("2718")).unwrap().expose(), sha(b"offline"));
}

#[test]
fn a_bearer_is_kept_as_the_known_hash() {
    let bearer = Bearer { phone: phone(), token: Secret::new(sha(b"device token")) };
    assert_eq!(bearer.hash().to_vec(), answer("bearer_hash"));
}
