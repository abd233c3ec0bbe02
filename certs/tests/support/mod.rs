//! A small world for the tests: a root, an issuing authority, and one certificate of every kind, all from a keystore in memory.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

pub mod token;

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use certs::ca::ceremony::{NewKey, RootPointers, make_issuing, make_root};
use certs::ca::{Issued, Issuer, issue, prepare};
use certs::keystore::{Digest, KeyKind, KeyLabel, Keystore, KeystoreError, MasterKey, MemoryKeystore, RsaPadding, Secret32};
use certs::name::{
    Checksum, CommonName, Country, Cvr, EmailAddress, GivenName, Host, HttpUrl, LocalIdentifier, OrganizationIdentifier, OrganizationName,
    PersonIdentifier, Surname, UnitIdentifier,
};
use certs::oid::DEFAULT_POLICY_ARC;
use certs::profiles::oces2::{Bearer, ResourceNumber, rename};
use certs::profiles::root::AuthorityName;
use certs::profiles::{
    Age, Employee, Family, Order, Organization, Pointers, Practice, Unit, encryption, function, mail, notice, responder, seal, signing,
    timestamp, tls,
};
use certs::public_key::PublicKey;
use certs::serial::Serial;
use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

pub struct World {
    pub keystore: MemoryKeystore,
    pub root: Issuer,
    pub issuing: Issuer,
    pub practice: Practice,
    pub start: OffsetDateTime,
}

pub fn label(text: &str) -> KeyLabel {
    KeyLabel::parse(text).unwrap()
}

pub fn url(text: &str) -> HttpUrl {
    HttpUrl::parse(text).unwrap()
}

/// A serial that is ours in shape and differs for each `seed`.
pub fn serial(seed: u8) -> Serial {
    let mut random = [0u8; 16];
    for (index, octet) in random.iter_mut().enumerate() {
        *octet = seed.wrapping_mul(31).wrapping_add((index as u8).wrapping_mul(17));
    }
    random[15] = seed;
    Serial::from_random(random)
}

pub fn authority(common_name: &str) -> AuthorityName {
    AuthorityName {
        country: Country::DENMARK,
        organization: OrganizationName::parse("Segl DEMO").unwrap(),
        identifier: None,
        common_name: CommonName::parse(common_name).unwrap(),
    }
}

pub fn pointers() -> Pointers {
    Pointers {
        ocsp: url("http://pki.segl.example.dk/ocsp"),
        issuer_certificate: url("http://pki.segl.example.dk/pki/issuing1.cer"),
        crl: url("http://pki.segl.example.dk/pki/issuing1/0.crl"),
    }
}

pub fn employee() -> Employee {
    Employee {
        organization: Organization {
            name: OrganizationName::parse("Havnens Bageri ApS").unwrap(),
            identifier: OrganizationIdentifier::Registered(Cvr::parse("30808460", Checksum::Required).unwrap()),
        },
        identifier: PersonIdentifier::employee(uuid::Uuid::from_u128(0x7f3b_9a50_2c1e_4b0e_9a3d_11d2_c4e5_f6a7)),
        given_name: GivenName::parse("Åse").unwrap(),
        surname: Surname::parse("Ødegård Sørensen").unwrap(),
        common_name: CommonName::parse("Åse Ødegård Sørensen").unwrap(),
        age: Age::Adult,
    }
}

pub fn youth() -> Employee {
    Employee { age: Age::Youth, ..employee() }
}

pub fn member() -> Employee {
    let mut employee = employee();
    employee.organization = Organization {
        name: OrganizationName::parse("Sejlforeningen Nordhavn").unwrap(),
        identifier: OrganizationIdentifier::Association(LocalIdentifier::parse("00042").unwrap()),
    };
    employee
}

pub fn company() -> Unit {
    let organization = employee().organization;
    let common_name = CommonName::parse(organization.name.as_str()).unwrap();
    Unit { organization, identifier: UnitIdentifier::of(uuid::Uuid::from_u128(5)), common_name }
}

pub fn club() -> Unit {
    let organization = member().organization;
    let common_name = CommonName::parse(organization.name.as_str()).unwrap();
    Unit { organization, common_name, ..company() }
}

pub fn mailbox() -> EmailAddress {
    EmailAddress::parse("ase@bageri.example.com").unwrap()
}

impl World {
    /// The authorities of this making, beginning an hour ago.
    pub fn of(root: KeyKind, issuing: KeyKind, family: Family) -> Self {
        #[allow(clippy::disallowed_methods)]
        let start = OffsetDateTime::now_utc() - Duration::hours(1);
        Self::made(start, (root, issuing), family)
    }

    /// Everything begins now, because OpenSSL's command line tools look at the real clock.
    pub fn new() -> Self {
        #[allow(clippy::disallowed_methods)]
        let start = OffsetDateTime::now_utc() - Duration::hours(1);
        Self::beginning(start)
    }

    pub fn beginning(start: OffsetDateTime) -> Self {
        Self::made(start, (KeyKind::EcP384, KeyKind::EcP256), Family::Default)
    }

    fn made(start: OffsetDateTime, (root_kind, issuing_kind): (KeyKind, KeyKind), family: Family) -> Self {
        let padding = family.padding();
        let keystore = MemoryKeystore::new(MasterKey::from_octets(&[7; 32]).unwrap());
        let name = authority("Segl DEMO Root CA");
        let root = make_root(&name, &NewKey { label: &label("root"), kind: root_kind, padding }, serial(1), start, &keystore).unwrap();
        let root = Issuer::load(&root.der, label("root"), &keystore).unwrap().of_family(family);
        let at = RootPointers {
            certificate: url("http://pki.segl.example.dk/pki/root.cer"),
            crl: url("http://pki.segl.example.dk/pki/root/0.crl"),
            ocsp: None,
        };
        let name = authority("Segl DEMO Issuing CA 1");
        let key = label("issuing1");
        let new = NewKey { label: &key, kind: issuing_kind, padding };
        let issuing = make_issuing(&name, &new, serial(2), start, (&root, &at), &keystore).unwrap();
        let issuing = Issuer::load(&issuing.der, key, &keystore).unwrap().of_family(family);
        let practice = Practice::parse(DEFAULT_POLICY_ARC, "https://segl.example.dk/").unwrap();
        Self { keystore, root, issuing, practice, start }
    }

    pub fn issue(&self, order: &Order, name: &str, seed: u8) -> Issued {
        let key = self.keystore.generate(&label(name), KeyKind::EcP256).unwrap();
        let prepared = prepare(order, &key, &self.issuing, serial(seed), self.start).unwrap();
        issue(prepared, &self.issuing, &self.keystore).unwrap()
    }

    pub fn issue_for(&self, order: &Order, key: &PublicKey, seed: u8) -> Issued {
        let prepared = prepare(order, key, &self.issuing, serial(seed), self.start).unwrap();
        issue(prepared, &self.issuing, &self.keystore).unwrap()
    }

    /// One of every kind that the issuing authority issues, by name, in its family.
    pub fn every_order(&self) -> Vec<(&'static str, Order)> {
        let (pointers, practice, mailbox) = (pointers(), &self.practice, mailbox());
        let operator = authority("Segl DEMO");
        let hosts = ["pki.segl.example.dk", "192.0.2.7", "2001:db8::7"].map(|host| Host::parse(host).unwrap());
        let orders = vec![
            ("signing", signing::order(&employee(), None, &pointers, practice)),
            ("signing-mail", signing::order(&employee(), Some(&mailbox), &pointers, practice)),
            ("youth-signing", signing::order(&youth(), None, &pointers, practice)),
            ("mail", mail::order(&employee(), &mailbox, &pointers, practice)),
            ("encryption", encryption::order(&employee(), &mailbox, &pointers, practice)),
            ("seal", seal::order(&company(), &pointers, practice)),
            ("function", function::order(&company(), &mailbox, &pointers, practice)),
            ("association-signing", signing::order(&member(), None, &pointers, practice)),
            ("association-mail", mail::order(&member(), &mailbox, &pointers, practice)),
            ("association-encryption", encryption::order(&member(), &mailbox, &pointers, practice)),
            ("association-seal", seal::order(&club(), &pointers, practice)),
            ("association-function", function::order(&club(), &mailbox, &pointers, practice)),
            ("responder", responder::order(&authority("Segl DEMO OCSP 1"), &pointers.issuer_certificate, 60, practice)),
            ("timestamp", timestamp::order(&authority("Segl DEMO TSA 1"), &pointers, practice)),
            ("notice", notice::order(&mailbox, &pointers, practice).unwrap()),
            ("tls", tls::order(&operator, &hosts, &pointers, practice).unwrap()),
        ];
        orders.into_iter().map(|(name, order)| (name, self.in_family(name, order))).collect()
    }

    fn in_family(&self, name: &str, order: Order) -> Order {
        let organization = if name.starts_with("association") { member().organization } else { employee().organization };
        let bearer = Bearer {
            organization: &organization,
            common_name: &employee().common_name,
            number: &ResourceNumber::parse("45490598").unwrap(),
        };
        match self.issuing.family() {
            Family::Default => order,
            Family::Oces2 => rename(order, &bearer, &self.practice),
        }
    }

    /// Each of them on P-256.
    pub fn every_leaf(&self) -> Vec<(&'static str, Issued)> {
        let orders = self.every_order();
        orders.iter().zip(10..).map(|((name, order), seed)| (*name, self.issue(order, name, seed))).collect()
    }

    /// The one of this name, for a key of this kind.
    pub fn leaf_of(&self, name: &str, kind: KeyKind, seed: u8) -> Issued {
        let (_, order) = self.every_order().into_iter().find(|(known, _)| *known == name).unwrap();
        let name = label(kind.as_str());
        let key = self.keystore.find(&name).unwrap().unwrap_or_else(|| self.keystore.generate(&name, kind).unwrap());
        self.issue_for(&order, &key, seed)
    }

    /// Each of them for every kind of key that its profile takes.
    pub fn every_leaf_and_key(&self) -> Vec<(&'static str, KeyKind, Issued)> {
        let kinds = [KeyKind::EcP256, KeyKind::EcP384, KeyKind::Rsa3072];
        let keys = kinds.map(|kind| (kind, self.keystore.generate(&label(kind.as_str()), kind).unwrap()));
        let mut issued = Vec::new();
        for (name, order) in self.every_order() {
            for (kind, key) in keys.iter().filter(|(_, key)| order.rules().keys.allow(key.kind())) {
                let seed = 100 + u8::try_from(issued.len()).unwrap();
                issued.push((name, *kind, self.issue_for(&order, key, seed)));
            }
        }
        issued
    }
}

/// Every making of authorities that we offer: elliptic curves and RSA, in both families (PSS in the default one, PKCS#1 v1.5 in the other).
pub const MAKINGS: [(&str, KeyKind, KeyKind, Family); 4] = [
    ("ec", KeyKind::EcP384, KeyKind::EcP256, Family::Default),
    ("rsa-pss", KeyKind::Rsa4096, KeyKind::Rsa3072, Family::Default),
    ("ec-oces2", KeyKind::EcP384, KeyKind::EcP256, Family::Oces2),
    ("rsa-oces2", KeyKind::Rsa3072, KeyKind::Rsa3072, Family::Oces2),
];

/// A foreign tool: in the directory that `SEGL_VENV` names, else on the path. A missing tool is a failure.
pub fn tool(name: &str) -> PathBuf {
    #[allow(clippy::disallowed_methods)]
    let venv = std::env::var_os("SEGL_VENV");
    match venv {
        Some(venv) => PathBuf::from(venv).join("bin").join(name),
        None => PathBuf::from(name),
    }
}

/// Runs a command and returns whether it succeeded, with all that it said.
pub fn run(command: &mut Command) -> (bool, String) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} does not start ({error}): `./dev test` installs it"));
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

pub fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// A request as OpenSSL's and others' clients send it: SHA-1 CertIDs.
pub fn ocsp_request(issuer: &Issuer, serials: &[Serial], nonce: Option<&[u8]>) -> Vec<u8> {
    use der::{Encode, asn1::OctetString};
    use sha1::{Digest, Sha1};
    let questions = serials.iter().map(|serial| x509_ocsp::Request {
        req_cert: x509_ocsp::CertId {
            hash_algorithm: spki::AlgorithmIdentifierOwned { oid: certs::oid::SHA1, parameters: Some(der::asn1::Null.into()) },
            issuer_name_hash: OctetString::new(Sha1::digest(issuer.subject_der()).to_vec()).unwrap(),
            issuer_key_hash: OctetString::new(issuer.key_identifier()).unwrap(),
            serial_number: x509_cert::serial_number::SerialNumber::new(serial.as_bytes()).unwrap(),
        },
        single_request_extensions: None,
    });
    let nonce = nonce.map(|octets| {
        let value = OctetString::new(octets).unwrap().to_der().unwrap();
        vec![x509_cert::ext::Extension { extn_id: certs::oid::OCSP_NONCE, critical: false, extn_value: OctetString::new(value).unwrap() }]
    });
    let tbs_request = x509_ocsp::TbsRequest {
        version: x509_ocsp::Version::V1,
        requestor_name: None,
        request_list: questions.collect(),
        request_extensions: nonce,
    };
    x509_ocsp::OcspRequest { tbs_request, optional_signature: None }.to_der().unwrap()
}

/// A keystore whose signatures can be spoilt, as by a device or a processor that fails.
pub struct Broken<'a> {
    pub store: &'a MemoryKeystore,
    /// What it says of its signing: in this process, or by somebody else.
    pub own_work: bool,
    pub is_broken: AtomicBool,
}

impl Keystore for Broken<'_> {
    fn generate(&self, label: &KeyLabel, kind: KeyKind) -> Result<PublicKey, KeystoreError> {
        self.store.generate(label, kind)
    }

    fn find(&self, label: &KeyLabel) -> Result<Option<PublicKey>, KeystoreError> {
        self.store.find(label)
    }

    fn sign_with(&self, label: &KeyLabel, padding: RsaPadding, digest: &Digest) -> Result<Vec<u8>, KeystoreError> {
        let mut signature = self.store.sign_with(label, padding, digest)?;
        if self.is_broken.load(Ordering::SeqCst)
            && let Some(last) = signature.last_mut()
        {
            *last ^= 1;
        }
        Ok(signature)
    }

    fn signs_at_once(&self, _: &KeyLabel) -> bool {
        self.own_work
    }

    fn agree(&self, label: &KeyLabel, ephemeral: &PublicKey) -> Result<Secret32, KeystoreError> {
        self.store.agree(label, ephemeral)
    }

    fn wrap(&self, plain: &[u8], context: &[u8]) -> Result<Vec<u8>, KeystoreError> {
        self.store.wrap(plain, context)
    }

    fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
        self.store.unwrap(wrapped, context)
    }

    fn generate_wrapped(&self, kind: KeyKind, context: &[u8]) -> Result<(Vec<u8>, PublicKey), KeystoreError> {
        self.store.generate_wrapped(kind, context)
    }

    fn sign_wrapped(&self, wrapped: &[u8], context: &[u8], digest: &Digest) -> Result<Vec<u8>, KeystoreError> {
        self.store.sign_wrapped(wrapped, context, digest)
    }

    fn agree_wrapped(&self, wrapped: &[u8], context: &[u8], ephemeral: &PublicKey) -> Result<Secret32, KeystoreError> {
        self.store.agree_wrapped(wrapped, context, ephemeral)
    }

    fn hmac(&self, purpose: &str, data: &[u8]) -> Result<[u8; 32], KeystoreError> {
        self.store.hmac(purpose, data)
    }
}
