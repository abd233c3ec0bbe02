//! Apple's objects: the example that Apple publishes, against Apple's own root; and objects of our own, each with one thing that is not as it must be.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{collections::BTreeMap, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use keycard::{
    Canonical as _, PhoneId,
    pairing::ClientData,
    wire::{self, Base64},
};
use sha2::{Digest as _, Sha256};

use super::*;
use crate::platform::testing;

const APP: &str = "A1B2C3D4E5.dk.segl.phone";
const NONCE: &str = "1.2.840.113635.100.8.2";

fn bytes_item(kind: u8, content: &[u8]) -> Vec<u8> {
    let kind = kind << 5;
    let head = match content.len() {
        short @ 0..24 => vec![kind | short as u8],
        long @ 24..0x100 => vec![kind | 24, long as u8],
        longer => vec![kind | 25, (longer >> 8) as u8, longer as u8],
    };
    [&head, content].concat()
}

fn text(text: &str) -> Vec<u8> {
    bytes_item(3, text.as_bytes())
}

fn binary(content: &[u8]) -> Vec<u8> {
    bytes_item(2, content)
}

fn object(format: &str, chain: &[Vec<u8>], authenticator_data: &[u8]) -> Vec<u8> {
    let mut parts = vec![vec![0xa3], text("fmt"), text(format), text("attStmt"), vec![0xa2], text("x5c"), vec![0x80 | chain.len() as u8]];
    parts.extend(chain.iter().map(|certificate| binary(certificate)));
    parts.extend([text("receipt"), binary(&[0x30; 3000]), text("authData"), binary(authenticator_data)]);
    parts.concat()
}

/// The example of Apple's "Attestation Object Validation Guide", whose certificate was good for three days of April 2024, with another receipt.
/// What Apple calls the challenge there stands in the place of the hash.
#[test]
fn apples_own_example_leads_to_apples_own_root_and_a_changed_one_does_not() {
    let example: BTreeMap<&str, Vec<u8>> = include_str!("apple_example.txt")
        .lines()
        .map(|line| line.split_once(' ').unwrap())
        .map(|(name, value)| (name, STANDARD.decode(value).unwrap()))
        .collect();
    let chain = [example["leaf"].clone(), example["intermediate"].clone()];
    let whole = object("apple-appattest", &chain, &example["authenticator_data"]);
    let (roots, said) = ([example["root"].clone()], b"test_server_challenge".as_slice());
    let app = Some("0352187391.com.apple.example_app_attest");
    let then = Moment::from_millis(1_713_441_600_000);
    assert_eq!(apple::verify_object(&whole, &roots, said, app, then), Ok(()));
    assert_eq!(apple::verify_object(&whole, &roots, said, None, then), Ok(()));
    assert_eq!(apple::verify_object(&whole, &roots, b"test_server_challengf", app, then), Err("another nonce"));
    assert_eq!(apple::verify_object(&whole, &roots, said, Some("0352187391.com.apple.another"), then), Err("another app"));
    let later = Moment::from_millis(NOW * 1000);
    assert_eq!(apple::verify_object(&whole, &roots, said, app, later), Err("no chain to a vendor's root"));
    let strangers = [authority("Apple App Attestation Root CA", None).certificate.to_der().unwrap()];
    assert_eq!(apple::verify_object(&whole, &strangers, said, app, then), Err("no chain to a vendor's root"));
    for place in 0..example["authenticator_data"].len() {
        let mut changed = example["authenticator_data"].clone();
        changed[place] ^= 1;
        let changed = object("apple-appattest", &chain, &changed);
        assert_eq!(apple::verify_object(&changed, &roots, said, app, then), Err("another nonce"), "byte {place}");
    }
}

/// Apple, and an app of its making; each test changes one thing.
struct Maker {
    root: Authority,
    vendor: Authority,
    keys: PhoneKeys,
}

/// What Apple says of one attestation.
#[derive(Clone)]
struct Told {
    app: &'static str,
    counter: u8,
    aaguid: [u8; 16],
    credential: Option<[u8; 32]>,
    nonce: Option<[u8; 32]>,
    format: &'static str,
    challenge: [u8; 32],
    days: i64,
    /// What stands before the nonce in its extension.
    head: &'static [u8],
    /// How often the extension stands there.
    nonces: usize,
    /// The length that the credential's id claims.
    credential_bytes: u8,
    /// So much of the authenticator data is there.
    data_bytes: usize,
}

const FAIR: fn() -> Told = || Told {
    app: APP,
    counter: 0,
    aaguid: *b"appattest\0\0\0\0\0\0\0",
    credential: None,
    nonce: None,
    format: "apple-appattest",
    challenge: CHALLENGE,
    days: 3,
    head: &[0x30, 0x24, 0xa1, 0x22, 0x04, 0x20],
    nonces: 1,
    credential_bytes: 32,
    data_bytes: usize::MAX,
};

fn maker() -> Maker {
    let root = authority("App Attestation Root", None);
    let vendor = authority("App Attestation CA 1", Some(&root));
    Maker { root, vendor, keys: PhoneKeys { sign: public(&key()), agree: public(&key()) } }
}

impl Maker {
    /// The two items that a phone sends.
    fn items(&self, told: &Told) -> Vec<Vec<u8>> {
        let said = ClientData { challenge: told.challenge, keys: self.keys };
        let attest_key = key();
        let credential: [u8; 32] = told.credential.unwrap_or_else(|| Sha256::digest(public(&attest_key).sec1()).into());
        let whole = [
            &Sha256::digest(told.app)[..],
            &[0x40, 0, 0, 0, told.counter],
            &told.aaguid,
            &[0, told.credential_bytes],
            &credential,
            // The credential's key in COSE, which nothing reads.
            &[0xa5, 1, 2, 3, 0x26],
        ]
        .concat();
        let data = whole[..whole.len().min(told.data_bytes)].to_vec();
        let nonce: [u8; 32] = told.nonce.unwrap_or_else(|| Sha256::digest([&data[..], &said.hash()].concat()).into());
        let value = [told.head, &nonce].concat();
        let nonces = vec![(NONCE, &value[..]); told.nonces];
        let leaf = extended("key", &attest_key, Some(&self.vendor), &nonces, false, told.days);
        let chain = [leaf.to_der().unwrap(), self.vendor.certificate.to_der().unwrap()];
        vec![object(told.format, &chain, &data), said.encode()]
    }

    fn roots(&self) -> Vec<Vec<u8>> {
        vec![self.root.certificate.to_der().unwrap()]
    }

    fn expected(&self) -> Expected<'_> {
        Expected { keys: &self.keys, challenge: Some(&CHALLENGE), apple: Some(APP), android: None }
    }

    fn judged(&self, items: &[Vec<u8>]) -> Result<Protection, &'static str> {
        verify(items, &self.roots(), &self.expected(), Moment::from_millis(NOW * 1000)).map(|proven| {
            assert_eq!(proven.of, Of::BothKeys, "the app named both, or Apple said nothing of it");
            proven.level
        })
    }

    fn tells(&self, told: &Told) -> Result<Protection, &'static str> {
        self.judged(&self.items(told))
    }
}

#[test]
fn what_apple_vouches_for_proves_the_secure_enclave_and_anything_else_nothing() {
    let maker = maker();
    assert_eq!(maker.tells(&FAIR()), Ok(Protection::SecureEnclave));
    assert_eq!(maker.tells(&Told { app: "A1B2C3D4E5.dk.segl.another", ..FAIR() }), Err("another app"));
    assert_eq!(maker.tells(&Told { counter: 1, ..FAIR() }), Err("a key that was used before"));
    assert_eq!(maker.tells(&Told { aaguid: *b"appattestdevelop", ..FAIR() }), Err("not a customer's device"));
    assert_eq!(maker.tells(&Told { credential: Some([1; 32]), ..FAIR() }), Err("another credential"));
    assert_eq!(maker.tells(&Told { nonce: Some([1; 32]), ..FAIR() }), Err("another nonce"));
    assert_eq!(maker.tells(&Told { format: "packed", ..FAIR() }), Err("an object that does not read"));
    assert_eq!(maker.tells(&Told { challenge: [8; 32], ..FAIR() }), Err("another challenge"));
    assert_eq!(maker.tells(&Told { days: -1, ..FAIR() }), Err("no chain to a vendor's root"));
}

#[test]
fn a_certificate_without_one_nonce_in_apples_form_and_data_that_ends_early_prove_nothing() {
    const HEADS: [&[u8]; 4] = [&[0x30, 0x24, 0xa1, 0x22, 0x04, 0x21], &[0x30, 0x24, 0xa0, 0x22, 0x04, 0x20], &[0x04, 0x20], &[]];
    let maker = maker();
    for nonces in [0, 2] {
        assert_eq!(maker.tells(&Told { nonces, ..FAIR() }), Err("no nonce"), "{nonces}");
    }
    for head in HEADS {
        assert_eq!(maker.tells(&Told { head, ..FAIR() }), Err("another nonce"), "{head:?}");
    }
    for credential_bytes in [0, 31, 33, 255] {
        assert_eq!(maker.tells(&Told { credential_bytes, ..FAIR() }), Err("authenticator data that does not read"), "{credential_bytes}");
    }
    // Up to the end of the credential's id; the key after it nobody reads.
    for data_bytes in [0, 31, 32, 36, 54, 55, 86] {
        assert_eq!(maker.tells(&Told { data_bytes, ..FAIR() }), Err("authenticator data that does not read"), "{data_bytes}");
    }
    assert_eq!(maker.tells(&Told { data_bytes: 87, ..FAIR() }), Ok(Protection::SecureEnclave));
}

#[test]
fn an_object_vouches_for_the_keys_and_the_pairing_that_the_app_named_alone() {
    let maker = maker();
    let good = maker.items(&FAIR());
    // Another phone's keys, with what Apple said of this one's.
    let thief = PhoneKeys { sign: public(&key()), agree: public(&key()) };
    for keys in [thief, PhoneKeys { agree: thief.agree, ..maker.keys }, PhoneKeys { sign: thief.sign, ..maker.keys }] {
        let expected = Expected { keys: &keys, ..maker.expected() };
        assert_eq!(verify(&good, &maker.roots(), &expected, Moment::from_millis(NOW * 1000)), Err("another key"));
        let said = ClientData { challenge: CHALLENGE, keys }.encode();
        let forged = [good[0].clone(), said];
        assert_eq!(verify(&forged, &maker.roots(), &expected, Moment::from_millis(NOW * 1000)), Err("another nonce"));
    }
    // What the app said in another pairing.
    let old = [maker.items(&Told { challenge: [8; 32], ..FAIR() })[0].clone(), good[1].clone()];
    assert_eq!(maker.judged(&old), Err("another nonce"));
    assert_eq!(maker.judged(&good[..1]), Err("not an object and what the app said"));
    assert_eq!(maker.judged(&[good.clone(), good.clone()].concat()), Err("not an object and what the app said"));
    assert_eq!(maker.judged(&[good[0].clone(), b"words".to_vec()]), Err("the app said nothing of its keys"));
    assert_eq!(maker.judged(&[good[1].clone(), good[0].clone()]), Err("no chain to a vendor's root"));
}

#[test]
fn another_root_proves_nothing_and_an_attested_key_cannot_attest() {
    let maker = maker();
    let good = maker.items(&FAIR());
    let stranger = self::maker();
    assert_eq!(verify(&good, &stranger.roots(), &maker.expected(), Moment::from_millis(NOW * 1000)), Err("no chain to a vendor's root"));
    assert_eq!(verify(&good, &[], &maker.expected(), Moment::from_millis(NOW * 1000)), Err("no chain to a vendor's root"));
    // A leaf of Apple's signs another.
    let leaf = Authority {
        certificate: certificate("key", &stranger.vendor.key, Some(&maker.root), None, false, 3),
        key: stranger.vendor.key.clone(),
    };
    let forger = Maker { vendor: leaf, root: maker.root, keys: maker.keys };
    assert_eq!(forger.tells(&FAIR()), Err("no chain to a vendor's root"));
}

#[test]
fn the_evidence_is_judged_later_without_challenge_and_app() {
    let maker = maker();
    let expected = Expected { challenge: None, apple: None, ..maker.expected() };
    let proven = Proven { level: Protection::SecureEnclave, of: Of::BothKeys };
    assert_eq!(verify(&maker.items(&FAIR()), &maker.roots(), &expected, Moment::from_millis(NOW * 1000)), Ok(proven));
}

#[test]
fn an_object_that_breaks_its_form_is_not_read() {
    let maker = maker();
    let good = maker.items(&FAIR());
    let judged = |object: Vec<u8>| maker.judged(&[object, good[1].clone()]);
    for cut in 1..good[0].len() {
        assert_eq!(judged(good[0][..cut].to_vec()), Err("an object that does not read"), "cut at {cut}");
    }
    assert_eq!(judged([&good[0][..], &[0]].concat()), Err("an object that does not read"), "something follows");
    // The same in longer forms: of a text, of the list, of indefinite length.
    let place = |part: &[u8]| good[0].windows(part.len()).position(|window| window == part).unwrap();
    let swapped = |part: &[u8], other: &[u8]| {
        let at = place(part);
        [&good[0][..at], other, &good[0][at + part.len()..]].concat()
    };
    for other in [&b"\x78\x03fmt"[..], b"\x79\x00\x03fmt", b"\x7f\x63fmt\xff", b"\x43fmt", b"\x63fmu"] {
        assert_eq!(judged(swapped(b"\x63fmt", other)), Err("an object that does not read"), "{other:?}");
    }
    for other in [&b"x5c\x98\x02"[..], b"x5c\x9f", b"x5c\x81", b"x5c\x83", b"x5c\xc2"] {
        assert_eq!(judged(swapped(b"x5c\x82", other)), Err("an object that does not read"), "{other:?}");
    }
}

#[actix_web::test]
async fn the_policy_decides_and_without_a_known_app_nothing_of_apples_counts() {
    let maker = maker();
    let items = maker.items(&FAIR());
    let claim = Claim {
        pin: [1; 32],
        lookup: [2; 16],
        phone: PhoneId([3; 16]),
        keys: maker.keys,
        pin_key: None,
        protection: Protection::SecureEnclave,
        attestation: Some(Claim::attestation_hash(&items)),
        name: "Annes telefon".to_owned(),
    };
    let given = wire::Attestation::new(items.iter().cloned().map(Base64).collect()).unwrap();
    for (policy, app, judged) in [
        (Attestation::Require, Some(APP), Ok((Protection::SecureEnclave, "verified"))),
        (Attestation::Prefer, Some(APP), Ok((Protection::SecureEnclave, "verified"))),
        (Attestation::Ignore, Some(APP), Ok((Protection::SoftwarePin, "not looked at"))),
        (Attestation::Require, None, Err("no app of Apple's is known")),
        (Attestation::Prefer, None, Ok((Protection::SoftwarePin, "no app of Apple's is known"))),
        (Attestation::Require, Some("Z9Z9Z9Z9Z9.dk.segl.phone"), Err("another app")),
        (Attestation::Prefer, Some("Z9Z9Z9Z9Z9.dk.segl.phone"), Ok((Protection::SoftwarePin, "another app"))),
    ] {
        let mut made = testing::ground().await.unwrap();
        let mut config = made.ground.config.as_ref().clone();
        config.phones.attestation = policy;
        config.phones.roots = maker.roots();
        config.phones.apple_app = app.map(str::to_owned);
        made.ground.config = Arc::new(config);
        let found = match judge(&made, &claim, Some(&given), &CHALLENGE) {
            Ok(Attested { protection, told }) => Ok((protection, told)),
            Err(PhoneError::NotAttested(why)) => Err(why),
            Err(other) => panic!("{other}"),
        };
        assert_eq!(found, judged, "{policy:?} {app:?}");
    }
}
