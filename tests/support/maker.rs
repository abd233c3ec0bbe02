//! A maker of phones whose hardware attests keys, with a root of its own: what Google is to Android, for the tests.

use keycard::PublicKey;
use openssl::{
    asn1::{Asn1Object, Asn1OctetString, Asn1Time},
    bn::BigNum,
    ec::{EcGroup, EcKey},
    hash::MessageDigest,
    nid::Nid,
    pkey::{PKey, PKeyRef, Private, Public},
    x509::{
        X509, X509Extension, X509NameBuilder,
        extension::{BasicConstraints, KeyUsage},
    },
};

const KEY_DESCRIPTION: &str = "1.3.6.1.4.1.11129.2.1.17";

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

    /// What the phone's trusted environment says of a key: the key's certificate and the root's, DER.
    ///
    /// # Panics
    /// When openssl fails.
    pub fn attests(&self, key: &PublicKey, challenge: &[u8; 32], boot: Boot) -> Vec<Vec<u8>> {
        let leaf = certificate("Android Keystore Key", &public(&key.spki()), &self.key, Some(&self.root), Some(&said(challenge, boot)));
        vec![leaf.to_der().unwrap(), self.root.to_der().unwrap()]
    }
}

fn public(spki: &[u8]) -> PKey<Public> {
    PKey::public_key_from_der(spki).unwrap()
}

fn certificate(name: &str, key: &PKeyRef<Public>, signer: &PKey<Private>, issuer: Option<&X509>, description: Option<&[u8]>) -> X509 {
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
    if let Some(description) = description {
        let oid = Asn1Object::from_str(KEY_DESCRIPTION).unwrap();
        let value = Asn1OctetString::new_from_bytes(description).unwrap();
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

/// Android's key description (version 100): a key for signing alone, P-256, made inside, that asks the person; and how the phone was started.
fn said(challenge: &[u8; 32], boot: Boot) -> Vec<u8> {
    let integer = |value: u8| tlv(&[2], &[value]);
    let (locked, state) = match boot {
        Boot::Verified => (0xff, 0),
        Boot::Unverified => (0, 2),
    };
    let root = [tlv(&[4], &[1; 32]), tlv(&[1], &[locked]), tlv(&[10], &[state]), tlv(&[4], &[2; 32])].concat();
    let list = [
        tlv(&[0xa1], &tlv(&[0x31], &integer(2))),
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
