//! A small world for the tests: a root, an issuing authority, and one certificate of every kind, all from a keystore in memory.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

pub mod token;

use std::path::PathBuf;
use std::process::Command;

use certs::ca::ceremony::{RootPointers, make_issuing, make_root};
use certs::ca::{Issued, Issuer, issue, prepare};
use certs::keystore::{KeyKind, KeyLabel, Keystore, MasterKey, MemoryKeystore};
use certs::name::{
    Checksum, CommonName, Country, Cvr, EmailAddress, GivenName, HttpUrl, LocalIdentifier, OrganizationIdentifier, OrganizationName,
    PersonIdentifier, Surname,
};
use certs::oid::DEFAULT_POLICY_ARC;
use certs::profiles::root::AuthorityName;
use certs::profiles::{Employee, Order, Organization, Pointers, Practice, encryption, mail, notice, responder, signing, timestamp};
use certs::serial::Serial;
use time::{Duration, OffsetDateTime};

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
    }
}

pub fn member() -> Employee {
    let mut employee = employee();
    employee.organization = Organization {
        name: OrganizationName::parse("Sejlforeningen Nordhavn").unwrap(),
        identifier: OrganizationIdentifier::Association(LocalIdentifier::parse("00042").unwrap()),
    };
    employee
}

pub fn mailbox() -> EmailAddress {
    EmailAddress::parse("ase@bageri.example.com").unwrap()
}

impl World {
    /// Everything begins now, because OpenSSL's command line tools look at the real clock.
    pub fn new() -> Self {
        #[allow(clippy::disallowed_methods)]
        let start = OffsetDateTime::now_utc() - Duration::hours(1);
        Self::beginning(start)
    }

    pub fn beginning(start: OffsetDateTime) -> Self {
        let keystore = MemoryKeystore::new(MasterKey::from_octets(&[7; 32]).unwrap());
        let name = authority("Segl DEMO Root CA");
        let root = make_root(&name, &label("root"), serial(1), start, &keystore).unwrap();
        let root = Issuer::load(&root.der, label("root"), &keystore).unwrap();
        let at = RootPointers {
            certificate: url("http://pki.segl.example.dk/pki/root.cer"),
            crl: url("http://pki.segl.example.dk/pki/root/0.crl"),
            ocsp: None,
        };
        let name = authority("Segl DEMO Issuing CA 1");
        let issuing = make_issuing(&name, &label("issuing1"), serial(2), start, (&root, &at), &keystore).unwrap();
        let issuing = Issuer::load(&issuing.der, label("issuing1"), &keystore).unwrap();
        let practice = Practice::parse(DEFAULT_POLICY_ARC, "https://segl.example.dk/").unwrap();
        Self { keystore, root, issuing, practice, start }
    }

    pub fn issue(&self, order: &Order, name: &str, seed: u8) -> Issued {
        let key = self.keystore.generate(&label(name), KeyKind::EcP256).unwrap();
        let prepared = prepare(order, &key, &self.issuing, serial(seed), self.start).unwrap();
        issue(prepared, &self.issuing, &self.keystore).unwrap()
    }

    /// One of every kind that the issuing authority issues, with the linter that judges it.
    pub fn every_leaf(&self) -> Vec<(&'static str, Issued)> {
        let (pointers, practice, mailbox) = (pointers(), &self.practice, mailbox());
        let orders = [
            ("signing", signing::order(&employee(), None, &pointers, practice)),
            ("signing-mail", signing::order(&employee(), Some(&mailbox), &pointers, practice)),
            ("mail", mail::order(&employee(), &mailbox, &pointers, practice)),
            ("encryption", encryption::order(&employee(), &mailbox, &pointers, practice)),
            ("association-signing", signing::order(&member(), None, &pointers, practice)),
            ("association-mail", mail::order(&member(), &mailbox, &pointers, practice)),
            ("association-encryption", encryption::order(&member(), &mailbox, &pointers, practice)),
            ("responder", responder::order(&authority("Segl DEMO OCSP 1"), &pointers.issuer_certificate, 60, practice)),
            ("timestamp", timestamp::order(&authority("Segl DEMO TSA 1"), &pointers, practice)),
            ("notice", notice::order(&mailbox, &pointers, practice).unwrap()),
        ];
        let mut seed = 9;
        let mut issued = Vec::new();
        for (name, order) in &orders {
            seed += 1;
            issued.push((*name, self.issue(order, name, seed)));
        }
        issued
    }
}

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
