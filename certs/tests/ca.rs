//! Issuing: what is prepared is what is signed, and what breaks a rule is never prepared.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::process::Command;

use certs::ca::ceremony::{CeremonyError, NewKey, make_root};
use certs::ca::lint::Finding;
use certs::ca::request::{RequestError, proven_key};
use certs::ca::{IssueError, Issuer, IssuerError, PrepareError, Prepared, issue, prepare};
use certs::keystore::{KeyKind, Keystore, KeystoreError};
use certs::oid;
use certs::profiles::{Kind, encryption, mail, signing};
use certs::public_key::{PublicKeyError, PublicKeyKind};
use certs::serial::Serial;
use der::{Decode, Encode};
use support::{World, authority, employee, label, mailbox, member, pointers, run, serial};
use time::Duration;
use x509_cert::TbsCertificate;

fn prepared(world: &World, seed: u8) -> Prepared {
    let name = label(&format!("leaf{seed}"));
    let found = world.keystore.find(&name).unwrap();
    let key = found.unwrap_or_else(|| world.keystore.generate(&name, KeyKind::EcP256).unwrap());
    let order = mail::order(&employee(), &mailbox(), &pointers(), &world.practice);
    prepare(&order, &key, &world.issuing, serial(seed), world.start).unwrap()
}

fn findings(result: Result<Prepared, PrepareError>) -> Vec<Finding> {
    match result {
        Err(PrepareError::Lint(findings)) => findings,
        other => panic!("the lint should have spoken: {other:?}"),
    }
}

/// Changes the stored bytes and asks the lint.
fn changed(world: &World, change: impl FnOnce(&mut TbsCertificate)) -> Vec<Finding> {
    let mut tbs = TbsCertificate::from_der(prepared(world, 10).tbs()).unwrap();
    change(&mut tbs);
    findings(Prepared::from_stored(&tbs.to_der().unwrap(), Kind::Mail, &world.issuing))
}

fn content<'a>(tbs: &'a mut TbsCertificate, oid: &const_oid::ObjectIdentifier) -> &'a mut x509_cert::ext::Extension {
    tbs.extensions.as_mut().unwrap().iter_mut().find(|extension| extension.extn_id == *oid).unwrap()
}

fn octets(bytes: impl Into<Vec<u8>>) -> der::asn1::OctetString {
    der::asn1::OctetString::new(bytes).unwrap()
}

#[test]
fn the_signed_bytes_are_exactly_the_stored_ones() {
    let world = World::new();
    let first = prepared(&world, 10);
    let (tbs, number, pin) = (first.tbs().to_vec(), first.serial(), first.spki_sha256());
    assert_eq!(
        first.subject(),
        "C=DK, O=Havnens Bageri ApS, organizationIdentifier=NTRDK-30808460, serialNumber=UI:DK-E:G:7f3b9a50-2c1e-4b0e-9a3d-11d2c4e5f6a7, GN=Åse, SN=Ødegård Sørensen, CN=Åse Ødegård Sørensen"
    );
    drop(first);
    // After a crash the stored bytes are taken up again.
    let again = Prepared::from_stored(&tbs, Kind::Mail, &world.issuing).unwrap();
    assert_eq!((again.serial(), again.spki_sha256()), (number, pin));
    let issued = issue(again, &world.issuing, &world.keystore).unwrap();
    let certificate = x509_cert::Certificate::from_der(&issued.der).unwrap();
    assert_eq!(certificate.tbs_certificate.to_der().unwrap(), tbs);
    assert_eq!(certificate.to_der().unwrap(), issued.der);
    assert!(issued.der.windows(tbs.len()).any(|window| window == tbs));
}

#[test]
fn what_was_prepared_under_one_authority_is_not_signed_by_another() {
    let (one, other) = (World::new(), World::new());
    let refused = issue(prepared(&one, 10), &other.issuing, &other.keystore);
    assert!(matches!(refused, Err(IssueError::OtherIssuer)), "{refused:?}");
    let stored = prepared(&one, 11);
    let refused = findings(Prepared::from_stored(stored.tbs(), Kind::Mail, &one.root));
    assert!(refused.contains(&Finding::IssuerName) && refused.contains(&Finding::AuthorityKeyIdentifier), "{refused:?}");
}

#[test]
fn a_certificate_of_one_kind_is_not_taken_for_another() {
    let world = World::new();
    let stored = prepared(&world, 10);
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Mail) {
        assert!(!findings(Prepared::from_stored(stored.tbs(), kind, &world.issuing)).is_empty(), "{kind:?}");
    }
}

#[test]
fn no_certificate_outlives_its_authority_or_begins_before_it() {
    let world = World::new();
    let key = world.keystore.generate(&label("leaf"), KeyKind::EcP256).unwrap();
    let order = signing::order(&employee(), None, &pointers(), &world.practice);
    let late = world.start + Duration::days(3652 - 1000);
    assert_eq!(findings(prepare(&order, &key, &world.issuing, serial(9), late)), [Finding::OutlivesIssuer]);
    let early = world.start - Duration::SECOND;
    assert_eq!(findings(prepare(&order, &key, &world.issuing, serial(9), early)), [Finding::OutlivesIssuer]);
    assert!(prepare(&order.for_days(30), &key, &world.issuing, serial(9), late).is_ok());
}

#[test]
fn weak_or_foreign_serials_are_refused() {
    let world = World::new();
    let key = world.keystore.generate(&label("leaf"), KeyKind::EcP256).unwrap();
    let order = signing::order(&employee(), None, &pointers(), &world.practice);
    for octets in [vec![7], vec![0x7f; 20], vec![0xff; 16], vec![1; 16]] {
        let number = Serial::from_bytes(&octets).unwrap();
        assert_eq!(findings(prepare(&order, &key, &world.issuing, number, world.start)), [Finding::Serial], "{number}");
    }
}

#[test]
fn an_encryption_certificate_takes_only_p256() {
    let world = World::new();
    let key = world.keystore.generate(&label("leaf"), KeyKind::EcP384).unwrap();
    let order = encryption::order(&employee(), &mailbox(), &pointers(), &world.practice);
    assert_eq!(findings(prepare(&order, &key, &world.issuing, serial(9), world.start)), [Finding::KeyKind]);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a flat table of cases")]
fn the_lint_sees_each_changed_extension() {
    let world = World::new();
    let http = |tbs: &mut TbsCertificate, oid| {
        let extension = content(tbs, oid);
        let bytes = extension.extn_value.as_bytes().to_vec();
        let place = bytes.windows(5).position(|window| window == b"http:").unwrap();
        let mut bytes = bytes;
        bytes[place..place + 5].copy_from_slice(b"ldap:");
        extension.extn_value = octets(bytes);
    };
    let cases: Vec<(Finding, Vec<Finding>)> = vec![
        (Finding::KeyUsage, changed(&world, |tbs| content(tbs, &oid::KEY_USAGE).extn_value = octets([3, 2, 6, 0xc0]))),
        (Finding::KeyUsageNotOfKey, changed(&world, |tbs| content(tbs, &oid::KEY_USAGE).extn_value = octets([3, 2, 5, 0x20]))),
        (
            Finding::ExtendedKeyUsage,
            changed(&world, |tbs| content(tbs, &oid::EXTENDED_KEY_USAGE).extn_value = octets([0x30, 6, 6, 4, 0x55, 0x1d, 0x25, 0])),
        ),
        (
            Finding::AnyExtendedKeyUsage,
            changed(&world, |tbs| content(tbs, &oid::EXTENDED_KEY_USAGE).extn_value = octets([0x30, 6, 6, 4, 0x55, 0x1d, 0x25, 0])),
        ),
        (
            Finding::BasicConstraints,
            changed(&world, |tbs| content(tbs, &oid::BASIC_CONSTRAINTS).extn_value = octets([0x30, 3, 1, 1, 0xff])),
        ),
        (
            Finding::ExtensionCriticality { oid: oid::BASIC_CONSTRAINTS },
            changed(&world, |tbs| content(tbs, &oid::BASIC_CONSTRAINTS).critical = false),
        ),
        (
            Finding::SubjectKeyIdentifier,
            changed(&world, |tbs| content(tbs, &oid::SUBJECT_KEY_IDENTIFIER).extn_value = octets([4, 2, 1, 2])),
        ),
        (
            Finding::AuthorityKeyIdentifier,
            changed(&world, |tbs| content(tbs, &oid::AUTHORITY_KEY_IDENTIFIER).extn_value = octets([0x30, 4, 0x80, 2, 1, 2])),
        ),
        (
            Finding::Policies,
            changed(&world, |tbs| {
                content(tbs, &oid::CERTIFICATE_POLICIES).extn_value = octets([0x30, 8, 0x30, 6, 6, 4, 0x55, 0x1d, 0x20, 0])
            }),
        ),
        (
            Finding::Mail,
            changed(&world, |tbs| content(tbs, &oid::SUBJECT_ALTERNATIVE_NAME).extn_value = octets([0x30, 5, 0x81, 3, b'a', 0, b'b'])),
        ),
        (Finding::Pointer { what: certs::ca::lint::Pointer::Crl }, changed(&world, |tbs| http(tbs, &oid::CRL_DISTRIBUTION_POINTS))),
        (Finding::Pointer { what: certs::ca::lint::Pointer::Ocsp }, changed(&world, |tbs| http(tbs, &oid::AUTHORITY_INFORMATION_ACCESS))),
        (
            Finding::ExtensionUnknown { oid: oid::CRL_NUMBER },
            changed(&world, |tbs| content(tbs, &oid::QC_STATEMENTS).extn_id = oid::CRL_NUMBER),
        ),
        (Finding::Statements, changed(&world, |tbs| content(tbs, &oid::QC_STATEMENTS).extn_id = oid::CRL_NUMBER)),
        (
            Finding::ExtensionRepeated { oid: oid::KEY_USAGE },
            changed(&world, |tbs| {
                let twice = content(tbs, &oid::KEY_USAGE).clone();
                tbs.extensions.as_mut().unwrap().push(twice);
            }),
        ),
        (
            Finding::ExtensionUnreadable { oid: oid::EXTENDED_KEY_USAGE },
            changed(&world, |tbs| content(tbs, &oid::EXTENDED_KEY_USAGE).extn_value = octets([1, 2, 3])),
        ),
    ];
    for (expected, found) in cases {
        assert!(found.contains(&expected), "{expected:?} not in {found:?}");
    }
}

#[test]
fn the_lint_sees_each_changed_field() {
    let world = World::new();
    let other = World::new();
    let name = other.root.certificate().tbs_certificate.subject.clone();
    let p384 = other.root.certificate().tbs_certificate.signature.clone();
    let long = x509_cert::time::Validity {
        not_before: TbsCertificate::from_der(prepared(&world, 20).tbs()).unwrap().validity.not_before,
        not_after: world.issuing.certificate().tbs_certificate.validity.not_after,
    };
    let cases: Vec<(Finding, Vec<Finding>)> = vec![
        (Finding::Version, changed(&world, |tbs| tbs.version = x509_cert::Version::V2)),
        (Finding::SignatureAlgorithm, changed(&world, |tbs| tbs.signature = p384)),
        (Finding::Lifetime { days: 3652, limit: 730 }, changed(&world, |tbs| tbs.validity = long)),
        (Finding::SubjectAttributeMissing { oid: oid::GIVEN_NAME }, changed(&world, |tbs| tbs.subject = name.clone())),
        (Finding::IssuerName, changed(&world, |tbs| tbs.issuer = name.clone())),
        (
            Finding::KeyRefused,
            changed(&world, |tbs| {
                let mut point = tbs.subject_public_key_info.subject_public_key.raw_bytes().to_vec();
                point[40] ^= 1;
                tbs.subject_public_key_info.subject_public_key = der::asn1::BitString::from_bytes(&point).unwrap();
            }),
        ),
        (Finding::UniqueIdentifier, changed(&world, |tbs| tbs.subject_unique_id = Some(der::asn1::BitString::from_bytes(&[1]).unwrap()))),
        (
            Finding::SubjectAttributeValue { oid: oid::COUNTRY },
            changed(&world, |tbs| {
                let mut set = tbs.subject.0[0].0.clone().into_vec();
                set[0].value = der::Any::new(der::Tag::Utf8String, b"DK".to_vec()).unwrap();
                tbs.subject.0[0] = x509_cert::name::RelativeDistinguishedName(set.try_into().unwrap());
            }),
        ),
        (
            Finding::SubjectAttributeValue { oid: oid::COMMON_NAME },
            changed(&world, |tbs| {
                let last = tbs.subject.0.len() - 1;
                let mut set = tbs.subject.0[last].0.clone().into_vec();
                set[0].value = der::Any::new(der::Tag::Utf8String, "x".repeat(65).into_bytes()).unwrap();
                tbs.subject.0[last] = x509_cert::name::RelativeDistinguishedName(set.try_into().unwrap());
            }),
        ),
        (
            Finding::SubjectAttributeRepeated { oid: oid::COUNTRY },
            changed(&world, |tbs| {
                let twice = tbs.subject.0[0].clone();
                tbs.subject.0.push(twice);
            }),
        ),
    ];
    for (expected, found) in cases {
        assert!(found.contains(&expected), "{expected:?} not in {found:?}");
    }
}

#[test]
fn a_baseline_policy_is_only_for_registered_organisations() {
    let world = World::new();
    let key = world.keystore.generate(&label("leaf"), KeyKind::EcP256).unwrap();
    let order = mail::order(&member(), &mailbox(), &pointers(), &world.practice);
    let mut tbs = TbsCertificate::from_der(prepare(&order, &key, &world.issuing, serial(9), world.start).unwrap().tbs()).unwrap();
    let mut registered = TbsCertificate::from_der(prepared(&world, 10).tbs()).unwrap();
    let policies = content(&mut registered, &oid::CERTIFICATE_POLICIES).extn_value.clone();
    content(&mut tbs, &oid::CERTIFICATE_POLICIES).extn_value = policies;
    let found = findings(Prepared::from_stored(&tbs.to_der().unwrap(), Kind::Mail, &world.issuing));
    assert_eq!(found, [Finding::BaselinePolicy]);
}

#[test]
fn an_authority_must_be_one_and_have_its_own_key() {
    let world = World::new();
    let load = |der: &[u8], key: &str| Issuer::load(der, label(key), &world.keystore).err().unwrap();
    let leaf = world.issue(&signing::order(&employee(), None, &pointers(), &world.practice), "leaf", 30);
    assert!(matches!(load(&leaf.der, "leaf"), IssuerError::NotAnAuthority));
    assert!(matches!(load(world.issuing.certificate_der(), "root"), IssuerError::KeyMismatch { .. }));
    assert!(matches!(load(world.issuing.certificate_der(), "nobody"), IssuerError::NoKey { .. }));
    assert!(matches!(load(b"no certificate", "root"), IssuerError::Encoding(_)));
}

#[test]
fn a_name_that_cannot_be_repeated_exactly_makes_no_authority() {
    // Two organizational units: the certificate builder would silently drop one and write another issuer than the authority's subject.
    let directory = tempfile::tempdir().unwrap();
    let mut command = Command::new("openssl");
    command.current_dir(directory.path()).args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]);
    command.args([
        "-keyout",
        "key",
        "-outform",
        "DER",
        "-out",
        "ca",
        "-subj",
        "/CN=Old CA/OU=One/OU=Two",
        "-addext",
        "keyUsage=critical,keyCertSign,cRLSign",
    ]);
    let (good, said) = run(&mut command);
    assert!(good, "{said}");
    let refused = Issuer::load(&std::fs::read(directory.path().join("ca")).unwrap(), label("x"), &World::new().keystore).err();
    assert!(matches!(refused, Some(IssuerError::UnsupportedName)), "{refused:?}");
}

#[test]
fn a_ceremony_repeated_changes_nothing() {
    let world = World::new();
    let key = world.keystore.find(&label("root")).unwrap();
    let again = make_root(&authority("Segl DEMO Root CA"), &NewKey::root(&label("root")), serial(3), world.start, &world.keystore);
    assert!(matches!(again, Err(CeremonyError::Keystore(KeystoreError::LabelTaken { .. }))), "{again:?}");
    assert_eq!(world.keystore.find(&label("root")).unwrap(), key);
}

/// What `openssl req` makes for this key.
fn request(key_options: &[&str], request_options: &[&str]) -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    let mut generate = Command::new("openssl");
    let (good, said) = run(generate.current_dir(directory.path()).arg("genpkey").args(key_options).args(["-out", "key"]));
    assert!(good, "{said}");
    let mut ask = Command::new("openssl");
    ask.current_dir(directory.path()).args([
        "req",
        "-new",
        "-key",
        "key",
        "-subj",
        "/CN=Somebody Else/O=Not Asked",
        "-outform",
        "DER",
        "-out",
        "request",
    ]);
    let (good, said) = run(ask.args(request_options));
    assert!(good, "{said}");
    std::fs::read(directory.path().join("request")).unwrap()
}

#[test]
fn a_request_gives_the_key_that_it_proves_whatever_digest_it_was_signed_with() {
    let curve = |name: &'static str| ["-algorithm", "EC", "-pkeyopt", name];
    let (p256, p384) = (curve("ec_paramgen_curve:P-256"), curve("ec_paramgen_curve:P-384"));
    for (options, digest, kind) in
        [(&p256, "-sha256", PublicKeyKind::EcP256), (&p384, "-sha256", PublicKeyKind::EcP384), (&p256, "-sha384", PublicKeyKind::EcP256)]
    {
        let der = request(options, &[digest, "-addext", "subjectAltName=email:attacker@example.com"]);
        let key = proven_key(&der).unwrap();
        assert_eq!(key.kind(), kind);
        let world = World::new();
        let order = mail::order(&employee(), &mailbox(), &pointers(), &world.practice);
        let issued =
            issue(prepare(&order, &key, &world.issuing, serial(9), world.start).unwrap(), &world.issuing, &world.keystore).unwrap();
        let certificate = openssl::x509::X509::from_der(&issued.der).unwrap();
        assert_eq!(certificate.public_key().unwrap().public_key_to_der().unwrap(), key.spki());
        let text = String::from_utf8_lossy(&issued.der).into_owned();
        assert!(!text.contains("attacker") && !text.contains("Somebody Else"), "only the key comes from the request");
    }
}

#[test]
fn a_request_with_a_weak_key_a_broken_proof_or_other_bytes_is_refused() {
    let rsa = |bits: &'static str| ["-algorithm", "RSA", "-pkeyopt", bits];
    let weak = proven_key(&request(&rsa("rsa_keygen_bits:2048"), &[]));
    assert!(matches!(weak, Err(RequestError::Key(PublicKeyError::RsaModulus { bits: 2048 }))), "{weak:?}");
    let strong = request(&rsa("rsa_keygen_bits:3072"), &[]);
    assert_eq!(proven_key(&strong).unwrap().kind(), PublicKeyKind::Rsa { bits: 3072 });
    let other = proven_key(&request(&["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"], &[]));
    assert!(matches!(other, Err(RequestError::Key(PublicKeyError::Curve))), "{other:?}");
    let edwards = proven_key(&request(&["-algorithm", "ED25519"], &[]));
    assert!(matches!(edwards, Err(RequestError::Key(PublicKeyError::Algorithm { .. }))), "{edwards:?}");
    let mut forged = strong.clone();
    let last = forged.len() - 1;
    forged[last] ^= 1;
    assert!(matches!(proven_key(&forged), Err(RequestError::NoProof)));
    assert!(matches!(proven_key(&strong[..strong.len() - 1]), Err(RequestError::Encoding(_))));
    assert!(matches!(proven_key(&vec![0; 20_000]), Err(RequestError::TooLarge { size_bytes: 20_000 })));
}
