//! Every profile makes certificates that other people's software accepts: OpenSSL, GnuTLS and NSS, for every kind of key, in both families.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::path::Path;
use std::process::Command;

use certs::ca::{Issued, Issuer, PrepareError, Prepared, issue, lint::Finding, prepare};
use certs::keystore::{KeyKind, Keystore as _};
use certs::oid;
use certs::profiles::{Family, Kind, function, seal, signing};
use certs::revocation::crl::{List, Scope, make};
use der::{Decode, Encode};
use support::{MAKINGS, World, company, employee, label, mailbox, pem, pointers, run, serial};
use time::Duration;

fn empty_crl(issuer: &Issuer, scope: Scope<'_>, world: &World) -> Vec<u8> {
    let list = List { scope, number: 1, this_update: world.start, next_update: world.start + Duration::days(2) };
    make(&list, [], issuer, &world.keystore).unwrap()
}

/// Root, issuing authority and their lists, as files.
fn lay_out(world: &World, directory: &Path) {
    let write = |name: &str, text: String| std::fs::write(directory.join(name), text).unwrap();
    write("root.pem", pem("CERTIFICATE", world.root.certificate_der()));
    write("issuing.pem", pem("CERTIFICATE", world.issuing.certificate_der()));
    let root_list = empty_crl(&world.root, Scope::Complete, world);
    let address = pointers().crl;
    let shard = empty_crl(&world.issuing, Scope::Shard(&address), world);
    write("crls.pem", pem("X509 CRL", &root_list) + &pem("X509 CRL", &shard));
}

fn openssl_accepts(directory: &Path, issued: &Issued, name: &str) {
    std::fs::write(directory.join("leaf.pem"), pem("CERTIFICATE", &issued.der)).unwrap();
    let mut command = Command::new("openssl");
    command.current_dir(directory).args(["verify", "-x509_strict", "-CAfile", "root.pem", "-untrusted", "issuing.pem"]);
    command.args(["-CRLfile", "crls.pem"]);
    // A responder has no distribution point: nobody asks for its status.
    if issued.kind != Kind::Responder {
        command.arg("-crl_check_all");
    }
    let (good, said) = run(command.arg("leaf.pem"));
    assert!(good && said.contains("leaf.pem: OK"), "{name}: {said}");
}

#[test]
fn openssl_accepts_every_certificate_strictly_with_its_crls() {
    for (making, root, issuing, family) in MAKINGS {
        let world = World::of(root, issuing, family);
        let directory = tempfile::tempdir().unwrap();
        lay_out(&world, directory.path());
        for (name, key, issued) in world.every_leaf_and_key() {
            openssl_accepts(directory.path(), &issued, &format!("{making} {name} {key:?}"));
        }
    }
}

#[test]
fn gnutls_accepts_every_certificate() {
    for (making, root, issuing, family) in MAKINGS {
        let world = World::of(root, issuing, family);
        let directory = tempfile::tempdir().unwrap();
        lay_out(&world, directory.path());
        for (name, key, issued) in world.every_leaf_and_key() {
            let chain = pem("CERTIFICATE", &issued.der) + &pem("CERTIFICATE", world.issuing.certificate_der());
            std::fs::write(directory.path().join("chain.pem"), chain).unwrap();
            let mut command = Command::new("certtool");
            command.current_dir(directory.path()).args(["--verify", "--load-ca-certificate", "root.pem", "--infile", "chain.pem"]);
            let (good, said) = run(&mut command);
            assert!(good && said.contains("Chain verification output: Verified."), "{making} {name} {key:?}: {said}");
        }
    }
}

/// What NSS is asked whether a certificate is good for: e-mail signer and recipient, TLS client and server, status responder. It has no word
/// for time stamps.
fn usages(kind: Kind, family: Family) -> &'static [&'static str] {
    match kind {
        Kind::Signing if family == Family::Oces2 => &["S", "R", "C"],
        Kind::Function => &["S", "R", "C"],
        Kind::Seal if family == Family::Oces2 => &["S", "R", "C"],
        Kind::Signing | Kind::Seal | Kind::Notice => &["S"],
        Kind::Mail => &["S", "C"],
        Kind::Encryption => &["R"],
        Kind::Responder => &["O"],
        Kind::Tls => &["V"],
        Kind::Root | Kind::Issuing | Kind::TimeStamp => &[],
    }
}

fn certutil(directory: &Path, arguments: &[&str]) -> (bool, String) {
    run(Command::new("certutil").current_dir(directory).args(["-d", "sql:."]).args(arguments))
}

#[test]
fn nss_accepts_every_certificate_for_its_usages() {
    for (making, root, issuing, family) in MAKINGS {
        let world = World::of(root, issuing, family);
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        lay_out(&world, directory);
        let told = |(good, said): (bool, String)| assert!(good, "{said}");
        told(certutil(directory, &["-N", "--empty-password"]));
        told(certutil(directory, &["-A", "-n", "root", "-t", "CT,C,C", "-a", "-i", "root.pem"]));
        told(certutil(directory, &["-A", "-n", "issuing", "-t", ",,", "-a", "-i", "issuing.pem"]));
        for (name, key, issued) in world.every_leaf_and_key() {
            // Associations keep the names and usages of the default family.
            let family = if name.starts_with("association") { Family::Default } else { family };
            std::fs::write(directory.join("leaf.pem"), pem("CERTIFICATE", &issued.der)).unwrap();
            told(certutil(directory, &["-A", "-n", "leaf", "-t", ",,", "-a", "-i", "leaf.pem"]));
            for usage in usages(issued.kind, family) {
                let (good, said) = certutil(directory, &["-V", "-n", "leaf", "-u", usage, "-e"]);
                assert!(good && said.contains("certificate is valid"), "{making} {name} {key:?} for {usage}: {said}");
            }
            told(certutil(directory, &["-D", "-n", "leaf"]));
        }
        let (good, said) = certutil(directory, &["-V", "-n", "issuing", "-u", "S", "-e"]);
        assert!(!good, "an authority is no signer of mail: {said}");
    }
}

/// Name and usages as the facts on NemID's certificates have them, read by OpenSSL.
#[test]
fn the_oces2_family_names_and_limits_as_its_integrations_expect() {
    let world = World::of(KeyKind::EcP384, KeyKind::Rsa3072, Family::Oces2);
    let directory = tempfile::tempdir().unwrap();
    let read = |name: &str| {
        let issued = world.leaf_of(name, KeyKind::Rsa3072, 9);
        std::fs::write(directory.path().join("leaf.pem"), pem("CERTIFICATE", &issued.der)).unwrap();
        let mut command = Command::new("openssl");
        command.current_dir(directory.path()).args(["x509", "-in", "leaf.pem", "-noout", "-text", "-nameopt", "RFC2253,-esc_msb,utf8"]);
        run(&mut command).1
    };
    let moces = read("signing-mail");
    let subject = "C=DK,O=Havnens Bageri ApS // CVR:30808460,";
    let reversed = "O=Havnens Bageri ApS // CVR:30808460,C=DK";
    assert!(moces.contains(reversed) || moces.contains(subject), "{moces}");
    assert!(
        moces.contains("CN=Åse Ødegård Sørensen+serialNumber=CVR:30808460-RID:45490598")
            || moces.contains("serialNumber=CVR:30808460-RID:45490598+CN=Åse Ødegård Sørensen"),
        "{moces}"
    );
    assert!(moces.contains("Digital Signature, Non Repudiation, Key Encipherment, Data Encipherment"), "{moces}");
    assert!(
        moces.contains("sha256WithRSAEncryption") && !moces.contains("Extended Key Usage") && moces.contains("email:ase@bageri"),
        "{moces}"
    );
    let voces = read("seal");
    assert!(
        voces.contains("CVR:30808460-UID:45490598") && voces.contains("Digital Signature, Key Encipherment, Data Encipherment"),
        "{voces}"
    );
    let foces = read("function");
    assert!(foces.contains("CVR:30808460-FID:45490598") && !foces.contains("Non Repudiation"), "{foces}");
    // Integrations compare the whole string.
    let youth = read("youth-signing");
    assert!(youth.contains("OU=Ung mellem 15 og 18 - Kan som udgangspunkt ikke lave juridisk bindende aftaler,"), "{youth}");
    assert!(!moces.contains("OU="), "{moces}");
    let association = read("association-signing");
    assert!(association.contains("FO:DK-00042") && !association.contains("CVR:"), "{association}");
}

#[test]
fn each_family_refuses_the_names_of_the_other() {
    let (plain, old) = (World::new(), World::of(KeyKind::EcP384, KeyKind::EcP256, Family::Oces2));
    let key = plain.keystore.generate(&label("leaf"), KeyKind::EcP256).unwrap();
    let refused = |order, world: &World| match prepare(&order, &key, &world.issuing, serial(9), world.start) {
        Err(PrepareError::Lint(findings)) => findings,
        other => panic!("{other:?}"),
    };
    let order = signing::order(&employee(), None, &pointers(), &plain.practice);
    assert!(refused(order, &old).contains(&Finding::SubjectForm));
    let (_, order) = old.every_order().into_iter().find(|(name, _)| *name == "signing").unwrap();
    assert!(refused(order, &plain).contains(&Finding::SubjectAttributeMissing { oid: oid::ORGANIZATION_IDENTIFIER }));
    // An employee's number in the certificate of a function.
    let (_, order) = old.every_order().into_iter().find(|(name, _)| *name == "signing").unwrap();
    let prepared = prepare(&order, &key, &old.issuing, serial(9), old.start).unwrap();
    let taken = Prepared::from_stored(prepared.tbs(), Kind::Function, &old.issuing);
    assert!(matches!(taken, Err(PrepareError::Lint(findings)) if findings.contains(&Finding::SubjectForm)));
}

/// The notice stands where the profile has it, and in its own words.
#[test]
fn the_youth_notice_of_one_family_is_refused_in_the_other_and_in_mail_certificates() {
    let (plain, old) = (World::new(), World::of(KeyKind::EcP384, KeyKind::EcP256, Family::Oces2));
    let unknown = Finding::SubjectAttributeUnknown { oid: oid::ORGANIZATIONAL_UNIT };
    let key = plain.keystore.generate(&label("leaf"), KeyKind::EcP256).unwrap();
    let refused = |order, world: &World| match prepare(&order, &key, &world.issuing, serial(9), world.start) {
        Err(PrepareError::Lint(findings)) => findings,
        other => panic!("{other:?}"),
    };
    let youth = |world: &World| world.every_order().into_iter().find(|(name, _)| *name == "youth-signing").unwrap().1;
    assert!(refused(youth(&old), &plain).contains(&Finding::SubjectAttributeValue { oid: oid::ORGANIZATIONAL_UNIT }));
    assert!(refused(youth(&plain), &old).contains(&Finding::SubjectAttributeValue { oid: oid::ORGANIZATIONAL_UNIT }));
    let prepared = prepare(&youth(&plain), &key, &plain.issuing, serial(9), plain.start).unwrap();
    let as_mail = Prepared::from_stored(prepared.tbs(), Kind::Mail, &plain.issuing);
    assert!(matches!(as_mail, Err(PrepareError::Lint(findings)) if findings.contains(&unknown)));
}

/// The real TBS is the linted one, byte for byte, whatever signs.
#[test]
fn what_is_signed_is_what_was_linted_under_every_kind_of_authority() {
    for (making, root, issuing, family) in MAKINGS {
        let world = World::of(root, issuing, family);
        let key = world.keystore.generate(&label("leaf"), KeyKind::EcP256).unwrap();
        for ((name, order), seed) in world.every_order().into_iter().zip(10..) {
            let prepared = prepare(&order, &key, &world.issuing, serial(seed), world.start).unwrap();
            let tbs = prepared.tbs().to_vec();
            let issued = issue(prepared, &world.issuing, &world.keystore).unwrap();
            let certificate = x509_cert::Certificate::from_der(&issued.der).unwrap();
            assert_eq!(certificate.tbs_certificate.to_der().unwrap(), tbs, "{making} {name}");
            assert_eq!(certificate.signature_algorithm, certificate.tbs_certificate.signature, "{making} {name}");
            assert_eq!(certificate.to_der().unwrap(), issued.der, "{making} {name}");
        }
    }
}

#[test]
fn rsa_keys_get_the_usages_of_rsa_and_curves_theirs() {
    let world = World::new();
    let rsa = world.keystore.generate(&label("rsa"), KeyKind::Rsa3072).unwrap();
    let p384 = world.keystore.generate(&label("p384"), KeyKind::EcP384).unwrap();
    let order = function::order(&company(), &mailbox(), &pointers(), &world.practice);
    let issued = world.issue_for(&order, &rsa, 9);
    let text = openssl::x509::X509::from_der(&issued.der).unwrap().to_text().unwrap();
    assert!(String::from_utf8_lossy(&text).contains("Digital Signature, Key Encipherment"));
    let refused = prepare(&order, &p384, &world.issuing, serial(10), world.start);
    assert!(matches!(refused, Err(PrepareError::Lint(findings)) if findings == [Finding::KeyKind]));
    let order = seal::order(&company(), &pointers(), &world.practice);
    assert!(prepare(&order, &p384, &world.issuing, serial(10), world.start).is_ok());
}
