//! A pairing from the QR or the code to the record, and who fails to get between.

use std::collections::BTreeSet;

use keycard::pairing::{
    Address, Claim, Code, CodeError, Collect, Invitation, Offer, PairingRecord, Registered, Step, Token, TokenKeys, agree_answer,
    agree_challenge, digits, open_agree_challenge,
};
use keycard::pin::{Delivery, ReplyKey, deliver};
use keycard::{DeviceKey as _, Protection, Rule, Secret, Signed, SignedError, UserAuth};
use rand_core::RngCore as _;

use crate::support::{PHONE, Seeded, TestKey, changed, phone_keys, pin, share, soft_phone};

fn keys() -> TokenKeys {
    Token::new([5; 16]).keys()
}

fn claim() -> Claim {
    Claim {
        pin: TestKey::named("identity").public().thumbprint(),
        lookup: keys().lookup,
        phone: PHONE,
        keys: phone_keys(),
        pin_key: Some(TestKey::named("pin").public()),
        protection: Protection::SoftwarePin,
        attestation: None,
        name: "Annes telefon".into(),
    }
}

fn judge(signed: &Signed<Claim>, tag: &[u8; 32]) -> Result<Claim, keycard::Fault> {
    signed.judge(&keys(), tag, &TestKey::named("identity").public().thumbprint(), PHONE)
}

#[test]
fn phone_and_service_pair_and_show_the_same_digits() {
    let (identity, folder) = (TestKey::named("identity"), tempfile::tempdir().unwrap());
    let shown =
        Invitation { address: Address::parse("segl.example.dk").unwrap(), pin: identity.public().thumbprint(), token: Token::new([5; 16]) };
    let scanned = Invitation::parse(&shown.text()).unwrap();
    let (server, phone) = (keys(), scanned.token.keys());
    let reply = ReplyKey::draw(&mut Seeded::new(1));
    let tag = phone.tag(Step::Begin, &[1; 32], &reply.public());
    assert!(server.tagged(Step::Begin, &[1; 32], &reply.public(), &tag));
    let sealed = deliver(&reply.public(), Delivery::Share, PHONE, &[1; 32], &share(), &mut Seeded::new(2));
    let offer = Offer {
        nonce: [1; 32],
        phone: PHONE,
        service: "Segl".into(),
        company: "Ærø Kommune".into(),
        name: "Anne Bæk Jørgensen".into(),
        account: "abj-0042".into(),
        successor: Some([9; 32]),
        expires_ms: 5,
        share: sealed,
    };
    let offered = identity.signed(&offer).verify(&identity.public(), &scanned.pin, &[1; 32]).unwrap();
    assert_eq!(offered, offer);
    assert!(reply.open(&offered.share, Delivery::Share, PHONE, &[1; 32]).unwrap().is(&share()));
    let device = soft_phone(&folder);
    let auth = || UserAuth::Pin { pin: Box::leak(Box::new(pin("2718"))), share: Box::leak(Box::new(share())) };
    let pin_key = Some(device.stretch(&pin("2718")).unwrap().pin_key());
    let claim = Claim { keys: device.public_key().unwrap(), pin_key, ..claim() };
    let claimed = Signed::sign(&claim, |bytes| device.sign(bytes, auth())).unwrap();
    assert_eq!(judge(&claimed, &claimed.tag(&phone)).unwrap(), claim);
    let challenge = Secret::new([6; 32]);
    let sealed = agree_challenge(&claim, &claimed.hash(), &challenge, &mut Seeded::new(3));
    let registered = identity.signed(&Registered { claim: claimed.hash(), nonce: [8; 32], challenge: sealed });
    let registered = registered.verify(&identity.public(), &claimed.hash()).unwrap();
    let opened = open_agree_challenge(&registered, &claim, |peer| device.agree(peer, auth())).unwrap();
    assert_eq!(agree_answer(&opened), agree_answer(&challenge));
    let on_phone = digits(&phone, &scanned.pin, &claim.keys, &registered.nonce);
    assert_eq!(on_phone, digits(&server, &identity.public().thumbprint(), &claim.keys, &[8; 32]));
    assert!(on_phone.len() == 6 && on_phone.bytes().all(|byte| byte.is_ascii_digit()));
}

#[test]
fn the_digits_hang_on_everything() {
    let (pin, own) = ([1; 32], phone_keys());
    let mut swapped = own;
    std::mem::swap(&mut swapped.sign, &mut swapped.agree);
    let all = [
        digits(&keys(), &pin, &own, &[2; 32]),
        digits(&Token::new([6; 16]).keys(), &pin, &own, &[2; 32]),
        digits(&keys(), &[2; 32], &own, &[2; 32]),
        digits(&keys(), &pin, &swapped, &[2; 32]),
        digits(&keys(), &pin, &own, &[3; 32]),
    ];
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 5);
}

#[test]
fn a_man_in_the_middle_with_his_own_identity_key_is_refused() {
    let (identity, thief) = (TestKey::named("identity"), TestKey::named("thief"));
    let code = Code::new([3; 10]);
    let mac = code.identity_mac(&identity.public());
    assert!(code.vouches(&identity.public(), &mac));
    assert!(!code.vouches(&thief.public(), &mac));
    assert!(!Code::new([4; 10]).vouches(&identity.public(), &mac));
    let reply = ReplyKey::draw(&mut Seeded::new(1));
    let sealed = deliver(&reply.public(), Delivery::Share, PHONE, &[1; 32], &share(), &mut Seeded::new(2));
    let text = || "Segl".to_owned();
    let offer = Offer {
        nonce: [1; 32],
        phone: PHONE,
        service: text(),
        company: text(),
        name: text(),
        account: text(),
        successor: None,
        expires_ms: 5,
        share: sealed,
    };
    let pin = identity.public().thumbprint();
    let refused = Err(SignedError::Signature);
    assert_eq!(thief.signed(&offer).verify(&thief.public(), &pin, &[1; 32]), refused);
    assert_eq!(thief.signed(&offer).verify(&identity.public(), &pin, &[1; 32]), refused);
    assert!(identity.signed(&offer).verify(&identity.public(), &pin, &[2; 32]).is_err(), "the answer to another question");
}

#[test]
fn a_claim_is_good_for_its_own_service_token_and_phone() {
    let phone = TestKey::named("phone sign");
    let signed = phone.signed(&claim());
    let tag = signed.tag(&keys());
    assert_eq!(judge(&signed, &tag).unwrap(), claim());
    assert_eq!(judge(&signed, &[0; 32]), Err(Rule::Misfit.at("tag")));
    assert_eq!(judge(&signed, &signed.tag(&Token::new([6; 16]).keys())), Err(Rule::Misfit.at("tag")));
    let tagged = |claim: &Claim, key: &TestKey| {
        let signed = key.signed(claim);
        judge(&signed, &signed.tag(&keys()))
    };
    assert_eq!(tagged(&Claim { pin: [0; 32], ..claim() }, &phone), Err(Rule::Misfit.at("pin")));
    assert_eq!(tagged(&Claim { lookup: [0; 16], ..claim() }, &phone), Err(Rule::Misfit.at("lookup")));
    assert_eq!(tagged(&Claim { phone: keycard::PhoneId([0; 16]), ..claim() }, &phone), Err(Rule::Misfit.at("phone")));
    assert_eq!(tagged(&claim(), &TestKey::named("thief")), Err(Rule::NotSignature.at("signature")));
    assert_eq!(tagged(&Claim { pin_key: None, ..claim() }, &phone), Err(Rule::Absent.at("PIN key")));
    let mut twice = claim();
    twice.keys.agree = twice.keys.sign;
    assert_eq!(tagged(&twice, &phone), Err(Rule::Misfit.at("agreement key")));
    for bytes in changed(signed.bytes()) {
        let forged = Signed::<Claim>::from_parts(bytes, signed.signature().clone()).unwrap();
        assert!(judge(&forged, &tag).is_err() && judge(&forged, &forged.tag(&keys())).is_err());
    }
}

#[test]
fn a_phone_whose_keys_were_exchanged_shows_no_digits() {
    let identity = TestKey::named("identity");
    let (own, thief) = (TestKey::named("phone sign").signed(&claim()), Claim { name: "Tyv".into(), ..claim() });
    let thief = TestKey::named("phone sign").signed(&thief);
    let challenge = agree_challenge(&claim(), &thief.hash(), &Secret::new([6; 32]), &mut Seeded::new(3));
    let registered = identity.signed(&Registered { claim: thief.hash(), nonce: [8; 32], challenge });
    assert_eq!(registered.verify(&identity.public(), &own.hash()), Err(Rule::Misfit.at("claim").into()));
}

#[test]
fn a_record_is_for_its_own_phone_and_unchangeable() {
    let identity = TestKey::named("identity");
    let record = PairingRecord {
        phone: PHONE,
        service: "Segl".into(),
        account: "abj-0042".into(),
        company: "Ærø Kommune".into(),
        keys: phone_keys(),
        protection: Protection::StrongBox,
        attestation: Some([1; 32]),
        confirmation: [2; 32],
        paired_ms: 5,
        usable_ms: 6,
    };
    let signed = identity.signed(&record);
    assert_eq!(signed.verify(&identity.public(), PHONE, &phone_keys()).unwrap(), record);
    assert!(signed.verify(&identity.public(), keycard::PhoneId([0; 16]), &phone_keys()).is_err());
    for bytes in changed(signed.bytes()) {
        let forged = Signed::<PairingRecord>::from_parts(bytes, signed.signature().clone()).unwrap();
        assert!(forged.open(&identity.public()).is_err());
    }
    let early = identity.signed(&PairingRecord { usable_ms: 4, ..record });
    assert_eq!(early.open(&identity.public()), Err(Rule::Misfit.at("usable").into()));
}

#[test]
fn a_code_is_read_as_people_type_it() {
    let code = Code::new([0x00, 0x44, 0x32, 0x14, 0xc7, 0x42, 0x54, 0xb6, 0x35, 0xcf]);
    let shown = code.expose();
    assert_eq!(shown.len(), 21);
    let same = |typed: &str| *Code::parse(typed).unwrap().expose() == *shown;
    assert!(
        same(&shown) && same(&shown.to_lowercase()) && same(&shown.replace('-', "")) && same(&format!(" {} ", shown.replace('-', " ")))
    );
    assert!(same(&shown.replace('0', "O")) && same(&shown.replace('1', "l")) && same(&shown.replace('1', "I")));
    assert_eq!(Code::parse("").err(), Some(CodeError::Count { found: 0 }));
    assert_eq!(Code::parse(&shown[..20]).err(), Some(CodeError::Count { found: 16 }));
    assert_eq!(Code::parse("ABC?").err(), Some(CodeError::ForeignSign { place: 4 }));
    assert!(Code::parse("ABCU").is_err() && Code::parse(&"A".repeat(100_000)).is_err() && Code::parse("æøå").is_err());
}

#[test]
fn a_slip_of_the_finger_is_found() {
    let mut random = Seeded::new(7);
    let alphabet = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    for _ in 0..100 {
        let text = Code::new(random.bytes()).expose().replace('-', "");
        assert_eq!(*Code::parse(&text).unwrap().expose().replace('-', ""), text);
        for place in 0..17 {
            for letter in alphabet.iter().filter(|letter| **letter != text.as_bytes()[place]) {
                let mut slip = text.clone().into_bytes();
                slip[place] = *letter;
                assert_eq!(Code::parse(str::from_utf8(&slip).unwrap()).err(), Some(CodeError::Slip));
            }
            let mut exchanged = text.clone().into_bytes();
            exchanged.swap(place, (place + 1).min(16));
            let exchanged = String::from_utf8(exchanged).unwrap();
            assert!(exchanged == text || Code::parse(&exchanged).err() == Some(CodeError::Slip));
        }
    }
}

#[test]
fn an_invitation_has_one_form_and_an_address_one_scheme() {
    let good = "segl-pair:1?a=segl.example.dk:8443&i=gSwtpOIsnS1nAC6mr4hTk0eg7inB91SE4e6AQnb0AVs&t=AAAAAAAAAAAAAAAAAAAAAA";
    assert_eq!(Invitation::parse(&format!(" {good}\n")).unwrap().text(), good);
    let refused = [
        good.replace("pair:1", "pair:2"),
        good.replace("&t=A", "&t=*"),
        good.replace("&i=gS", "&i="),
        format!("{good}&x=1"),
        format!("{good}A"),
        good.replace("&t=AAAAAAAAAAAAAAAAAAAAAA", "&t=AAAAAAAAAAAAAAAAAAAAAB"),
        good.replace("a=segl", "a=http://segl"),
        good.replace("a=segl", "a=anne@segl"),
        "x".repeat(10_000),
        String::new(),
    ];
    for text in refused {
        assert!(Invitation::parse(&text).is_err(), "{text}");
    }
    for (typed, read) in [
        (" HTTPS://Segl.Example.dk/ ", "segl.example.dk"),
        ("127.0.0.1:8443", "127.0.0.1:8443"),
        ("[::1]:8443", "[::1]:8443"),
        ("xn--blbr-roa.dk", "xn--blbr-roa.dk"),
    ] {
        assert_eq!(Address::parse(typed).unwrap().url(), format!("https://{read}"));
    }
    for typed in [
        "",
        "http://a.dk",
        "a.dk/path",
        "a..dk",
        "-a.dk",
        "a.dk:0",
        "a.dk:65536",
        "a.dk:",
        "a b.dk",
        "[::1",
        "[x]:1",
        "blåbær.dk",
        "a.dk?x",
        "a.dk#x",
    ] {
        assert!(Address::parse(typed).is_err(), "{typed}");
    }
    let mut random = Seeded::new(11);
    for _ in 0..10_000 {
        let mut bytes = vec![0; random.below(60)];
        random.fill_bytes(&mut bytes);
        let text = String::from_utf8_lossy(&bytes);
        assert!(Invitation::parse(&format!("segl-pair:1?a={text}&i={text}&t={text}")).is_err());
        let _ = (Address::parse(&text), Code::parse(&text));
    }
}

#[test]
fn the_token_is_collected_by_the_claimed_key_for_its_own_pairing_alone() {
    let (own, other) = (TestKey::named("sign"), TestKey::named("thief"));
    let reply_key = ReplyKey::draw(&mut Seeded::new(3)).public();
    let asked = Collect { lookup: keys().lookup, phone: PHONE, reply_key };
    let signed = own.signed(&asked);
    assert_eq!(signed.verify(&own.public(), &keys().lookup, PHONE), Ok(reply_key));
    assert_eq!(signed.verify(&other.public(), &keys().lookup, PHONE), Err(SignedError::Signature));
    assert_eq!(other.signed(&asked).verify(&own.public(), &keys().lookup, PHONE), Err(SignedError::Signature));
    assert_eq!(signed.verify(&own.public(), &[1; 16], PHONE), Err(Rule::Misfit.at("lookup").into()));
    let elsewhere = own.signed(&Collect { phone: keycard::PhoneId([9; 16]), ..asked });
    assert_eq!(elsewhere.verify(&own.public(), &keys().lookup, PHONE), Err(Rule::Misfit.at("phone").into()));
}
