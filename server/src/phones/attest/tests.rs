//! Attestations as phones give them, and as whoever would deceive us: roots and chains of our own.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use openssl::{
    asn1::{Asn1Object, Asn1OctetString, Asn1Time},
    bn::BigNum,
    ec::{EcGroup, EcKey},
    hash::MessageDigest,
    nid::Nid,
    pkey::{PKey, Private},
    x509::{
        X509, X509Extension, X509NameBuilder,
        extension::{BasicConstraints, KeyUsage},
    },
};

use keycard::PublicKey;

use super::*;

mod objects;
mod policies;

const CHALLENGE: [u8; 32] = [7; 32];
/// 27 November 2026.
const NOW: i64 = 1_795_737_600;

struct Authority {
    key: PKey<Private>,
    certificate: X509,
}

fn key() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

fn public(key: &PKey<Private>) -> PublicKey {
    PublicKey::from_spki("key", &key.public_key_to_der().unwrap()).unwrap()
}

fn keys(key: &PKey<Private>) -> PhoneKeys {
    PhoneKeys { sign: public(key), agree: public(key) }
}

/// A certificate: `description` makes it attest, `days` is how long it lasts from a month before now.
fn certificate(name: &str, key: &PKey<Private>, issuer: Option<&Authority>, description: Option<&[u8]>, is_ca: bool, days: i64) -> X509 {
    extended(name, key, issuer, description.map(|value| (KEY_DESCRIPTION, value)), is_ca, days)
}

/// A certificate with an extension of a vendor's.
fn extended(name: &str, key: &PKey<Private>, issuer: Option<&Authority>, extension: Option<(&str, &[u8])>, is_ca: bool, days: i64) -> X509 {
    let mut subject = X509NameBuilder::new().unwrap();
    subject.append_entry_by_text("CN", name).unwrap();
    let subject = subject.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&BigNum::from_u32(1).unwrap().to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&subject).unwrap();
    builder.set_issuer_name(issuer.map_or(&*subject, |issuer| issuer.certificate.subject_name())).unwrap();
    builder.set_not_before(&Asn1Time::from_unix(NOW - 86_400 * 30).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::from_unix(NOW + 86_400 * days).unwrap()).unwrap();
    builder.set_pubkey(key).unwrap();
    if is_ca {
        builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
        builder.append_extension(KeyUsage::new().critical().key_cert_sign().build().unwrap()).unwrap();
    } else {
        builder.append_extension(KeyUsage::new().critical().digital_signature().build().unwrap()).unwrap();
    }
    if let Some((name, value)) = extension {
        let oid = Asn1Object::from_str(name).unwrap();
        let value = Asn1OctetString::new_from_bytes(value).unwrap();
        builder.append_extension(X509Extension::new_from_der(&oid, false, &value).unwrap()).unwrap();
    }
    builder.sign(issuer.map_or(key, |issuer| &issuer.key), MessageDigest::sha256()).unwrap();
    builder.build()
}

fn authority(name: &str, issuer: Option<&Authority>) -> Authority {
    let key = key();
    let certificate = certificate(name, &key, issuer, None, true, 3650);
    Authority { key, certificate }
}

fn tlv(tag: &[u8], content: &[u8]) -> Vec<u8> {
    let length = match content.len() {
        short @ 0..0x80 => vec![short as u8],
        long @ 0x80..0x100 => vec![0x81, long as u8],
        longer => vec![0x82, (longer >> 8) as u8, longer as u8],
    };
    [tag, &length, content].concat()
}

/// What a phone says; each test changes one thing.
#[derive(Clone)]
struct Said {
    level: u8,
    challenge: [u8; 32],
    purposes: Vec<u8>,
    locked: bool,
    boot: u8,
    origin: u8,
    asks_nobody: bool,
}

const GOOD: fn() -> Said =
    || Said { level: 1, challenge: CHALLENGE, purposes: vec![2], locked: true, boot: 0, origin: 0, asks_nobody: false };

impl Said {
    fn der(&self) -> Vec<u8> {
        let integer = |value: u8| tlv(&[2], &[value]);
        let purposes: Vec<u8> = self.purposes.iter().flat_map(|purpose| integer(*purpose)).collect();
        let root = [tlv(&[4], &[1; 32]), tlv(&[1], &[if self.locked { 0xff } else { 0 }]), tlv(&[10], &[self.boot]), tlv(&[4], &[2; 32])];
        let mut list = [tlv(&[0xa1], &tlv(&[0x31], &purposes)), tlv(&[0xa2], &integer(3)), tlv(&[0xaa], &integer(1))].concat();
        if self.asks_nobody {
            list.extend(tlv(&[0xbf, 0x83, 0x77], &[5, 0]));
        }
        list.extend(tlv(&[0xbf, 0x85, 0x3e], &integer(self.origin)));
        list.extend(tlv(&[0xbf, 0x85, 0x40], &tlv(&[0x30], &root.concat())));
        let parts = [
            tlv(&[2], &[0x64]),
            tlv(&[10], &[self.level]),
            tlv(&[2], &[0x64]),
            tlv(&[10], &[self.level]),
            tlv(&[4], &self.challenge),
            tlv(&[4], &[]),
            tlv(&[0x30], &[]),
            tlv(&[0x30], &list),
        ];
        tlv(&[0x30], &parts.concat())
    }
}

struct World {
    root: Authority,
    vendor: Authority,
    key: PKey<Private>,
}

fn world() -> World {
    let root = authority("Vendor Root", None);
    let vendor = authority("Vendor Batch", Some(&root));
    World { root, vendor, key: key() }
}

impl World {
    fn chain(&self, said: &[u8], days: i64) -> Vec<Vec<u8>> {
        let leaf = certificate("Android Keystore Key", &self.key, Some(&self.vendor), Some(said), false, days);
        [leaf, self.vendor.certificate.clone(), self.root.certificate.clone()].iter().map(|one| one.to_der().unwrap()).collect()
    }

    fn judged(&self, chain: &[Vec<u8>]) -> Result<Protection, &'static str> {
        let roots = [self.root.certificate.to_der().unwrap()];
        let expected = Expected { keys: &keys(&self.key), challenge: Some(&CHALLENGE), app: None };
        verify(chain, &roots, &expected, Moment::from_millis(NOW * 1000))
    }

    fn says(&self, said: &Said) -> Result<Protection, &'static str> {
        self.judged(&self.chain(&said.der(), 365))
    }
}

#[test]
fn a_good_chain_proves_the_level_that_it_says() {
    let world = world();
    assert_eq!(world.says(&GOOD()), Ok(Protection::Tee));
    assert_eq!(world.says(&Said { level: 2, ..GOOD() }), Ok(Protection::StrongBox));
}

#[test]
fn what_is_not_as_it_must_be_proves_nothing() {
    let world = world();
    assert_eq!(world.says(&Said { level: 0, ..GOOD() }), Err("a key in software"));
    assert_eq!(world.says(&Said { challenge: [8; 32], ..GOOD() }), Err("another challenge"));
    assert_eq!(world.says(&Said { locked: false, ..GOOD() }), Err("an unlocked or changed system"));
    for boot in [1, 2, 3] {
        assert_eq!(world.says(&Said { boot, ..GOOD() }), Err("an unlocked or changed system"));
    }
    assert_eq!(world.says(&Said { origin: 2, ..GOOD() }), Err("a key of another kind"));
    assert_eq!(world.says(&Said { purposes: vec![2, 6], ..GOOD() }), Err("a key of another kind"));
    assert_eq!(world.says(&Said { asks_nobody: true, ..GOOD() }), Err("a key that asks nobody"));
}

#[test]
fn another_key_another_root_an_expired_leaf_and_a_short_chain_prove_nothing() {
    let world = world();
    let good = world.chain(&GOOD().der(), 365);
    let roots = [world.root.certificate.to_der().unwrap()];
    let now = Moment::from_millis(NOW * 1000);
    let (own, other) = (keys(&world.key), keys(&key()));
    let expecting = |keys| Expected { keys, challenge: Some(&CHALLENGE), app: None };
    assert_eq!(verify(&good, &roots, &expecting(&other), now), Err("another key"));
    let strangers = [authority("Vendor Root", None).certificate.to_der().unwrap()];
    assert_eq!(verify(&good, &strangers, &expecting(&own), now), Err("no chain to a vendor's root"));
    assert_eq!(verify(&good, &[], &expecting(&own), now), Err("no chain to a vendor's root"));
    assert_eq!(world.judged(&world.chain(&GOOD().der(), -1)), Err("no chain to a vendor's root"));
    assert_eq!(world.judged(&good[..1]), Err("no chain to a vendor's root"));
    assert_eq!(world.judged(&[]), Err("no chain to a vendor's root"));
    assert_eq!(world.judged(&[vec![1, 2, 3]]), Err("no chain to a vendor's root"));
}

#[test]
fn whoever_holds_an_attested_key_cannot_attest_another() {
    let world = world();
    // A chip's own key, attested, signs a certificate for a key in software that claims the same.
    let chip = Authority {
        certificate: certificate("Android Keystore Key", &world.key, Some(&world.vendor), Some(&GOOD().der()), false, 365),
        key: world.key.clone(),
    };
    let loose = key();
    let forged = certificate("Forged", &loose, Some(&chip), Some(&GOOD().der()), false, 365);
    let chain: Vec<Vec<u8>> = [&forged, &chip.certificate, &world.vendor.certificate].iter().map(|one| one.to_der().unwrap()).collect();
    let roots = [world.root.certificate.to_der().unwrap()];
    let expected = Expected { keys: &keys(&loose), challenge: Some(&CHALLENGE), app: None };
    let verdict = verify(&chain, &roots, &expected, Moment::from_millis(NOW * 1000));
    assert_eq!(verdict, Err("no chain to a vendor's root"));
}

#[test]
fn a_description_that_breaks_its_form_is_not_read() {
    let good = GOOD().der();
    assert!(KeyDescription::read(&good).is_some());
    for cut in 0..good.len() {
        assert!(KeyDescription::read(&good[..cut]).is_none(), "cut at {cut}");
    }
    assert!(KeyDescription::read(&[&good[..], &[0]].concat()).is_none(), "something follows");
}
