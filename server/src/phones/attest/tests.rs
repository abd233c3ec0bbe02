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

#[derive(Clone)]
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
    PhoneKeys { sign: public(key), agree: public(&self::key()) }
}

/// A certificate: `description` makes it attest, `days` is how long it lasts from a month before now.
fn certificate(name: &str, key: &PKey<Private>, issuer: Option<&Authority>, description: Option<&[u8]>, is_ca: bool, days: i64) -> X509 {
    let description = description.map(|value| (KEY_DESCRIPTION, value));
    extended(name, key, issuer, description.as_slice(), is_ca, days)
}

/// A certificate with extensions of a vendor's.
fn extended(name: &str, key: &PKey<Private>, issuer: Option<&Authority>, extensions: &[(&str, &[u8])], is_ca: bool, days: i64) -> X509 {
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
    for (name, value) in extensions {
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
    /// What software enforces: elements one after another.
    software: Vec<u8>,
}

const GOOD: fn() -> Said =
    || Said { level: 1, challenge: CHALLENGE, purposes: vec![2], locked: true, boot: 0, origin: 0, asks_nobody: false, software: vec![] };
/// What is said of the key that agrees.
const GOOD_AGREE: fn() -> Said = || Said { purposes: vec![6], ..GOOD() };

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
            tlv(&[0x30], &self.software),
            tlv(&[0x30], &list),
        ];
        tlv(&[0x30], &parts.concat())
    }
}

struct World {
    root: Authority,
    vendor: Authority,
    key: PKey<Private>,
    agree: PKey<Private>,
}

fn world() -> World {
    let root = authority("Vendor Root", None);
    let vendor = authority("Vendor Batch", Some(&root));
    World { root, vendor, key: key(), agree: key() }
}

impl World {
    fn keys(&self) -> PhoneKeys {
        PhoneKeys { sign: public(&self.key), agree: public(&self.agree) }
    }

    /// With the agreeing key's certificate after the signing key's, as the app sends both.
    fn chain_of_both(&self, sign: &Said, agree: &Said) -> Vec<Vec<u8>> {
        let mut chain = self.chain(&sign.der(), 365);
        let leaf = certificate("Android Keystore Key", &self.agree, Some(&self.vendor), Some(&agree.der()), false, 365);
        chain.insert(1, leaf.to_der().unwrap());
        chain
    }

    fn both_say(&self, sign: &Said, agree: &Said) -> Result<Proven, &'static str> {
        self.proven(&self.chain_of_both(sign, agree), None)
    }

    fn chain(&self, said: &[u8], days: i64) -> Vec<Vec<u8>> {
        let leaf = certificate("Android Keystore Key", &self.key, Some(&self.vendor), Some(said), false, days);
        [leaf, self.vendor.certificate.clone(), self.root.certificate.clone()].iter().map(|one| one.to_der().unwrap()).collect()
    }

    fn proven(&self, chain: &[Vec<u8>], android: Option<&AndroidApp>) -> Result<Proven, &'static str> {
        let roots = [self.root.certificate.to_der().unwrap()];
        let expected = Expected { keys: &self.keys(), challenge: Some(&CHALLENGE), apple: None, android };
        verify(chain, &roots, &expected, Moment::from_millis(NOW * 1000))
    }

    /// The level of the signing key alone.
    fn judged(&self, chain: &[Vec<u8>]) -> Result<Protection, &'static str> {
        self.proven(chain, None).map(|proven| {
            assert_eq!(proven.of, Of::SigningKey);
            proven.level
        })
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
fn with_the_agreeing_keys_certificate_both_are_proven_at_the_lower_level() {
    let world = world();
    for (sign, agree, level) in [(1, 1, Protection::Tee), (2, 2, Protection::StrongBox), (2, 1, Protection::Tee), (1, 2, Protection::Tee)] {
        let said = world.both_say(&Said { level: sign, ..GOOD() }, &Said { level: agree, ..GOOD_AGREE() });
        assert_eq!(said, Ok(Proven { level, of: Of::BothKeys }), "{sign} {agree}");
    }
    // Each by a way of its own to the root.
    let chip = authority("Vendor Chip", Some(&world.root));
    let mut chain = world.chain_of_both(&GOOD(), &GOOD_AGREE());
    let leaf = certificate("Android Keystore Key", &world.agree, Some(&chip), Some(&GOOD_AGREE().der()), false, 365);
    chain[1] = leaf.to_der().unwrap();
    assert_eq!(world.proven(&chain, None), Err("no chain to a vendor's root"));
    chain.insert(2, chip.certificate.to_der().unwrap());
    // The root is configured: nobody needs to send it.
    chain.pop();
    assert_eq!(world.proven(&chain, None), Ok(Proven { level: Protection::Tee, of: Of::BothKeys }));
}

#[test]
fn an_agreeing_key_that_is_not_as_it_must_be_spoils_the_signing_keys_level_too() {
    let world = world();
    let with = |agree: &Said| world.both_say(&GOOD(), agree);
    assert_eq!(with(&Said { level: 0, ..GOOD_AGREE() }), Err("a key in software"));
    assert_eq!(with(&Said { challenge: [8; 32], ..GOOD_AGREE() }), Err("another challenge"));
    assert_eq!(with(&Said { locked: false, ..GOOD_AGREE() }), Err("an unlocked or changed system"));
    assert_eq!(with(&Said { boot: 2, ..GOOD_AGREE() }), Err("an unlocked or changed system"));
    assert_eq!(with(&Said { origin: 2, ..GOOD_AGREE() }), Err("a key of another kind"));
    assert_eq!(with(&Said { asks_nobody: true, ..GOOD_AGREE() }), Err("a key that asks nobody"));
    for purposes in [vec![2], vec![6, 2], vec![2, 6], vec![]] {
        assert_eq!(with(&Said { purposes: purposes.clone(), ..GOOD_AGREE() }), Err("a key of another kind"), "{purposes:?}");
    }
    // The signing key may not agree either.
    assert_eq!(world.both_say(&GOOD_AGREE(), &GOOD_AGREE()), Err("a key of another kind"));
    // Of a stranger's key: it stands where what leads to the root stands, and describes a key.
    let stranger = World { agree: key(), root: authority("Root", None), vendor: world.vendor.clone(), key: world.key.clone() };
    let chain = stranger.chain_of_both(&GOOD(), &GOOD_AGREE());
    assert_eq!(world.proven(&chain, None), Err("a description above the key's own"));
    // By another maker.
    let loose = authority("Vendor Batch", None);
    let mut chain = world.chain_of_both(&GOOD(), &GOOD_AGREE());
    let leaf = certificate("Android Keystore Key", &world.agree, Some(&loose), Some(&GOOD_AGREE().der()), false, 365);
    chain[1] = leaf.to_der().unwrap();
    assert_eq!(world.proven(&chain, None), Err("no chain to a vendor's root"));
}

/// Android's AttestationApplicationId under its tag, 709.
fn made_by(packages: &[&str], signers: &[[u8; 32]]) -> Vec<u8> {
    let info = |package: &&str| tlv(&[0x30], &[tlv(&[4], package.as_bytes()), tlv(&[2], &[7])].concat());
    let infos: Vec<u8> = packages.iter().flat_map(info).collect();
    let digests: Vec<u8> = signers.iter().flat_map(|signer| tlv(&[4], signer)).collect();
    let id = tlv(&[0x30], &[tlv(&[0x31], &infos), tlv(&[0x31], &digests)].concat());
    tlv(&[0xbf, 0x85, 0x45], &tlv(&[4], &id))
}

#[test]
fn where_an_app_is_configured_keys_that_another_had_made_prove_nothing() {
    let (world, app) = (world(), AndroidApp { package: "dk.segl.phone".to_owned(), signer: [5; 32] });
    let by = |software: &[u8]| {
        let both = |said: Said| Said { software: software.to_vec(), ..said };
        world.proven(&world.chain_of_both(&both(GOOD()), &both(GOOD_AGREE())), Some(&app))
    };
    let proven = Ok(Proven { level: Protection::Tee, of: Of::BothKeys });
    let good = made_by(&["dk.segl.phone"], &[[5; 32]]);
    // When they were made stands before it.
    let made_at = tlv(&[0xbf, 0x85, 0x3d], &tlv(&[2], &[1, 2, 3]));
    assert_eq!((by(&good), by(&[made_at, good.clone()].concat())), (proven, proven));
    for other in [
        vec![],
        made_by(&["dk.segl.other"], &[[5; 32]]),
        made_by(&["dk.segl.phone"], &[[6; 32]]),
        made_by(&["dk.segl.phone", "dk.segl.other"], &[[5; 32]]),
        made_by(&["dk.segl.phone"], &[[5; 32], [6; 32]]),
        made_by(&[], &[]),
        [good.clone(), good.clone()].concat(),
        good[..good.len() - 1].to_vec(),
    ] {
        assert_eq!(by(&other), Err("another app"), "{other:?}");
    }
    // Either key alone is not enough.
    let ours = Said { software: good.clone(), ..GOOD() };
    assert_eq!(world.proven(&world.chain_of_both(&ours, &GOOD_AGREE()), Some(&app)), Err("another app"));
    // Without a configured app anybody's is taken.
    assert_eq!(world.both_say(&GOOD(), &GOOD_AGREE()), proven);
}

#[test]
fn another_key_another_root_an_expired_leaf_and_a_short_chain_prove_nothing() {
    let world = world();
    let good = world.chain(&GOOD().der(), 365);
    let roots = [world.root.certificate.to_der().unwrap()];
    let now = Moment::from_millis(NOW * 1000);
    let (own, other) = (world.keys(), keys(&key()));
    let expecting = |keys| Expected { keys, challenge: Some(&CHALLENGE), apple: None, android: None };
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
    let expected = Expected { keys: &keys(&loose), challenge: Some(&CHALLENGE), apple: None, android: None };
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
