//! A maker of phones whose hardware attests keys, with a root of its own: what Google is to Android, and Apple to iPhones, for the tests.

use keycard::{Canonical as _, PhoneKeys, PublicKey, pairing::ClientData};
use openssl::{
    asn1::{Asn1Object, Asn1OctetString, Asn1Time},
    bn::BigNum,
    ec::{EcGroup, EcKey},
    hash::MessageDigest,
    nid::Nid,
    pkey::{PKey, PKeyRef, Private, Public},
    sha::sha256,
    x509::{
        X509, X509Extension, X509NameBuilder,
        extension::{BasicConstraints, KeyUsage},
    },
};

const KEY_DESCRIPTION: &str = "1.3.6.1.4.1.11129.2.1.17";
const APPLES_NONCE: &str = "1.2.840.113635.100.8.2";
const SIGNS: u8 = 2;
const AGREES: u8 = 6;

/// How a phone was started, as its hardware says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boot {
    /// Locked, with its vendor's own system.
    Verified,
    /// Unlocked, with another system: rooted.
    Unverified,
}

/// A maker.
#[derive(Debug)]
pub struct Maker {
    key: PKey<Private>,
    root: X509,
}

impl Default for Maker {
    fn default() -> Self {
        Self::new()
    }
}

impl Maker {
    /// A maker with a new root.
    ///
    /// # Panics
    /// When openssl fails.
    pub fn new() -> Self {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        let root = certificate("Tests' Phones Root", public(&key.public_key_to_der().unwrap()).as_ref(), &key, None, None);
        Self { key, root }
    }

    /// The root, PEM.
    ///
    /// # Panics
    /// When openssl fails.
    pub fn root_pem(&self) -> Vec<u8> {
        self.root.to_pem().unwrap()
    }

    /// What the phone's trusted environment says of both keys: their certificates and the root's, DER.
    ///
    /// # Panics
    /// When openssl fails.
    pub fn attests(&self, keys: &PhoneKeys, challenge: &[u8; 32], boot: Boot) -> Vec<Vec<u8>> {
        vec![
            self.described(&keys.sign, &said(SIGNS, challenge, boot)),
            self.described(&keys.agree, &said(AGREES, challenge, boot)),
            self.root.to_der().unwrap(),
        ]
    }

    /// What phones said before they attested the agreeing key: the signing key's certificate and the root's, DER.
    ///
    /// # Panics
    /// When openssl fails.
    pub fn attests_signing(&self, keys: &PhoneKeys, challenge: &[u8; 32]) -> Vec<Vec<u8>> {
        vec![self.described(&keys.sign, &said(SIGNS, challenge, Boot::Verified)), self.root.to_der().unwrap()]
    }

    fn described(&self, key: &PublicKey, description: &[u8]) -> Vec<u8> {
        let extension = Some((KEY_DESCRIPTION, description));
        certificate("Android Keystore Key", &public(&key.spki()), &self.key, Some(&self.root), extension).to_der().unwrap()
    }

    /// What Apple's service says of an app, in an object of so many bytes, and what the app said of its keys. The receipt fills the object up.
    ///
    /// # Panics
    /// When openssl fails, or when the object has no room.
    pub fn vouches(&self, keys: &PhoneKeys, challenge: &[u8; 32], app: &str, object_bytes: usize) -> Vec<Vec<u8>> {
        let said = ClientData { challenge: *challenge, keys: *keys };
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = public(&PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap().public_key_to_der().unwrap());
        let point = PublicKey::from_spki("key", &key.public_key_to_der().unwrap()).unwrap();
        let credential = [&[0, 32][..], &sha256(point.sec1())].concat();
        let data = [&sha256(app.as_bytes())[..], &[0x40, 0, 0, 0, 0], b"appattest\0\0\0\0\0\0\0", &credential, &[0xa0]].concat();
        let nonce = sha256(&[&data[..], &said.hash()].concat());
        let value = [&[0x30, 0x24, 0xa1, 0x22, 0x04, 0x20][..], &nonce].concat();
        let leaf = certificate("App Attest", &key, &self.key, Some(&self.root), Some((APPLES_NONCE, &value)));
        let chain = [leaf.to_der().unwrap(), self.root.to_der().unwrap()];
        let least = apples_object(&chain, 0x100, &data).len();
        let receipt_bytes = 0x100 + object_bytes.checked_sub(least).unwrap();
        vec![apples_object(&chain, receipt_bytes, &data), said.encode()]
    }
}

/// The CBOR of Apple's object: format, statement of chain and receipt, authenticator data.
fn apples_object(chain: &[Vec<u8>], receipt_bytes: usize, data: &[u8]) -> Vec<u8> {
    let item = |kind: u8, content: &[u8]| {
        let head = match content.len() {
            short @ 0..24 => vec![kind << 5 | u8::try_from(short).unwrap()],
            long @ 24..0x100 => vec![kind << 5 | 24, u8::try_from(long).unwrap()],
            longer => [&[kind << 5 | 25][..], &u16::try_from(longer).unwrap().to_be_bytes()].concat(),
        };
        [&head, content].concat()
    };
    let (text, binary) = (|text: &str| item(3, text.as_bytes()), |content: &[u8]| item(2, content));
    let mut parts = vec![vec![0xa3], text("fmt"), text("apple-appattest"), text("attStmt"), vec![0xa2], text("x5c"), vec![0x82]];
    parts.extend(chain.iter().map(|certificate| binary(certificate)));
    parts.extend([text("receipt"), binary(&vec![0x30; receipt_bytes]), text("authData"), binary(data)]);
    parts.concat()
}

fn public(spki: &[u8]) -> PKey<Public> {
    PKey::public_key_from_der(spki).unwrap()
}

fn certificate(name: &str, key: &PKeyRef<Public>, signer: &PKey<Private>, issuer: Option<&X509>, extension: Option<(&str, &[u8])>) -> X509 {
    let mut subject = X509NameBuilder::new().unwrap();
    subject.append_entry_by_text("CN", name).unwrap();
    let subject = subject.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&BigNum::from_u32(1).unwrap().to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&subject).unwrap();
    builder.set_issuer_name(issuer.map_or(&*subject, |issuer| issuer.subject_name())).unwrap();
    // From 2020 to 2050: the tests' clocks stand in between.
    builder.set_not_before(&Asn1Time::from_unix(1_577_836_800).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::from_unix(2_524_608_000).unwrap()).unwrap();
    builder.set_pubkey(key).unwrap();
    if issuer.is_none() {
        builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
        builder.append_extension(KeyUsage::new().critical().key_cert_sign().build().unwrap()).unwrap();
    }
    if let Some((name, value)) = extension {
        let oid = Asn1Object::from_str(name).unwrap();
        let value = Asn1OctetString::new_from_bytes(value).unwrap();
        builder.append_extension(X509Extension::new_from_der(&oid, false, &value).unwrap()).unwrap();
    }
    builder.sign(signer, MessageDigest::sha256()).unwrap();
    builder.build()
}

fn tlv(tag: &[u8], content: &[u8]) -> Vec<u8> {
    let length = match content.len() {
        short @ 0..0x80 => vec![u8::try_from(short).unwrap()],
        long @ 0x80..0x100 => vec![0x81, u8::try_from(long).unwrap()],
        long => vec![0x82, u8::try_from(long >> 8).unwrap(), u8::try_from(long & 0xff).unwrap()],
    };
    [tag, &length, content].concat()
}

/// Android's key description (version 100): a key for one purpose alone, P-256, made inside, that asks the person; and how the phone was started.
fn said(purpose: u8, challenge: &[u8; 32], boot: Boot) -> Vec<u8> {
    let integer = |value: u8| tlv(&[2], &[value]);
    let (locked, state) = match boot {
        Boot::Verified => (0xff, 0),
        Boot::Unverified => (0, 2),
    };
    let root = [tlv(&[4], &[1; 32]), tlv(&[1], &[locked]), tlv(&[10], &[state]), tlv(&[4], &[2; 32])].concat();
    let list = [
        tlv(&[0xa1], &tlv(&[0x31], &integer(purpose))),
        tlv(&[0xa2], &integer(3)),
        tlv(&[0xaa], &integer(1)),
        tlv(&[0xbf, 0x85, 0x3e], &integer(0)),
        tlv(&[0xbf, 0x85, 0x40], &tlv(&[0x30], &root)),
    ];
    let parts = [
        tlv(&[2], &[0x64]),
        tlv(&[10], &[1]),
        tlv(&[2], &[0x64]),
        tlv(&[10], &[1]),
        tlv(&[4], challenge),
        tlv(&[4], &[]),
        tlv(&[0x30], &[]),
        tlv(&[0x30], &list.concat()),
    ];
    tlv(&[0x30], &parts.concat())
}
