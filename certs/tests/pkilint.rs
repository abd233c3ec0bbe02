//! pkilint, a linter by others, judges every kind of certificate, list and answer that we make (S/MIME BR, EN 319 412, RFC 5280, RFC 6960).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::path::Path;
use std::process::Command;

use certs::keystore::KeyKind;
use certs::profiles::Family;
use certs::revocation::crl::{List, Scope, make};
use certs::revocation::ocsp::{Limits, Responder, Status, Times, answer, parse};
use certs::revocation::{Reason, Revocation};
use support::{MAKINGS, World, label, pointers, run, serial, tool};
use time::Duration;

const SPONSORED: &[&str] = &["lint_cabf_smime_cert", "-t", "SPONSORED-MULTIPURPOSE"];
const MAILBOX: &[&str] = &["lint_cabf_smime_cert", "-t", "MAILBOX-STRICT"];
const NATURAL: &[&str] = &["lint_etsi_cert", "-t", "NCP-NATURAL-PERSON-CERTIFICATE"];
const LEGAL: &[&str] = &["lint_etsi_cert", "-t", "NCP-LEGAL-PERSON-CERTIFICATE"];
const ORGANIZATION: &[&str] = &["lint_cabf_smime_cert", "-t", "ORGANIZATION-MULTIPURPOSE"];
const PLAIN: &[&str] = &["lint_pkix_cert"];
const SHARD: &[&str] = &["lint_crl", "-t", "CRL", "-p", "BR"];
const AUTHORITIES: &[&str] = &["lint_crl", "-t", "ARL", "-p", "PKIX"];
const ANSWER: &[&str] = &["lint_ocsp_response"];

/// Which linters judge a certificate of this name in the test world. Names of the family `oces2` are neither BR's nor ETSI's.
fn linters(name: &str, family: Family) -> &'static [&'static [&'static str]] {
    match name {
        // RFC 5280 has no room for NemID's notice: `pkilint_names_the_long_youth_notice_of_oces2_and_nothing_else`.
        "youth-signing" if family == Family::Oces2 => &[],
        "signing" | "signing-mail" | "mail" | "encryption" | "seal" | "function" if family == Family::Oces2 => &[PLAIN],
        "signing" | "signing-mail" | "youth-signing" | "association-signing" | "association-mail" | "association-encryption" => {
            &[NATURAL, PLAIN]
        }
        "mail" | "encryption" => &[SPONSORED, NATURAL, PLAIN],
        "notice" => &[MAILBOX, PLAIN],
        "seal" | "association-seal" => &[LEGAL, PLAIN],
        "function" => &[ORGANIZATION, PLAIN],
        "association-function" | "responder" | "timestamp" | "tls" => &[PLAIN],
        other => panic!("no linter is named for {other}"),
    }
}

struct Manifest<'a> {
    directory: &'a Path,
    lines: String,
}

impl Manifest<'_> {
    fn add(&mut self, name: &str, linters: &[&[&str]], der: &[u8]) {
        let path = self.directory.join(name);
        std::fs::write(&path, der).unwrap();
        for linter in linters {
            let named = format!("{name} by {}", linter.join(" "));
            self.lines += &format!("{named}\t{}\t--document-format\tDER\t{}\n", linter.join("\t"), path.display());
        }
    }

    fn judge(&self) -> (bool, String) {
        let manifest = self.directory.join("manifest");
        std::fs::write(&manifest, &self.lines).unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/lint_all.py");
        run(Command::new(tool("python3")).arg(script).arg(manifest))
    }
}

fn shard(world: &World) -> Vec<u8> {
    let address = pointers().crl;
    let list = List {
        scope: Scope::Shard(&address),
        number: 1_795_000_000_000,
        this_update: world.start,
        next_update: world.start + Duration::hours(24),
    };
    let entries = Reason::ALL.into_iter().filter(|reason| *reason != Reason::CertificateHold && *reason != Reason::CaCompromise);
    let entries = entries.zip(50..).map(|(reason, seed)| (serial(seed), Revocation { at: world.start, reason }));
    make(&list, entries, &world.issuing, &world.keystore).unwrap()
}

fn root_list(world: &World) -> Vec<u8> {
    let list = List { scope: Scope::Complete, number: 1, this_update: world.start, next_update: world.start + Duration::days(180) };
    make(&list, [], &world.root, &world.keystore).unwrap()
}

fn answers(world: &World, responder: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let responder = Responder::load(responder, label("responder"), &world.issuing, &world.keystore).unwrap();
    let times = Times { this_update: world.start, next_update: world.start + Duration::hours(8), produced_at: world.start };
    let revoked = Status::Revoked(Revocation { at: world.start, reason: Reason::KeyCompromise });
    let request = support::ocsp_request(&world.issuing, &[serial(10)], Some(&[5; 32]));
    let request = parse(&request, &Limits::default()).unwrap();
    let made = |status| answer(&request, (&responder, &world.issuing), &times, |_| status, &world.keystore).unwrap();
    vec![("good", made(Status::Good)), ("revoked", made(revoked)), ("unknown", made(Status::Unknown))]
}

#[test]
fn pkilint_finds_no_fault_in_anything_that_we_sign() {
    let world = World::new();
    let directory = tempfile::tempdir().unwrap();
    let mut manifest = Manifest { directory: directory.path(), lines: String::new() };
    manifest.add("root", &[PLAIN], world.root.certificate_der());
    manifest.add("issuing", &[PLAIN], world.issuing.certificate_der());
    let leaves = world.every_leaf();
    for (name, issued) in &leaves {
        manifest.add(name, linters(name, Family::Default), &issued.der);
    }
    manifest.add("shard", &[SHARD], &shard(&world));
    manifest.add("root-list", &[AUTHORITIES], &root_list(&world));
    let (_, responder) = leaves.iter().find(|(name, _)| *name == "responder").unwrap();
    for (name, der) in answers(&world, &responder.der) {
        manifest.add(name, &[ANSWER], &der);
    }
    let (good, said) = manifest.judge();
    assert!(good, "`./dev test` installs pkilint where it is missing\n{said}");
}

#[test]
fn pkilint_finds_no_fault_in_any_profile_with_any_key_in_any_family() {
    let directory = tempfile::tempdir().unwrap();
    let mut manifest = Manifest { directory: directory.path(), lines: String::new() };
    for (making, root, issuing, family) in MAKINGS {
        let world = World::of(root, issuing, family);
        manifest.add(&format!("{making}-root"), &[PLAIN], world.root.certificate_der());
        manifest.add(&format!("{making}-issuing"), &[PLAIN], world.issuing.certificate_der());
        for (name, key, issued) in world.every_leaf_and_key() {
            manifest.add(&format!("{making}-{name}-{}", key.as_str()), linters(name, family), &issued.der);
        }
        manifest.add(&format!("{making}-shard"), &[SHARD], &shard(&world));
        manifest.add(&format!("{making}-root-list"), &[AUTHORITIES], &root_list(&world));
    }
    let (good, said) = manifest.judge();
    assert!(good, "{said}");
}

#[test]
fn pkilint_names_the_long_youth_notice_of_oces2_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let mut manifest = Manifest { directory: directory.path(), lines: String::new() };
    let world = World::of(KeyKind::EcP384, KeyKind::EcP256, Family::Oces2);
    manifest.add("youth", &[PLAIN], &world.leaf_of("youth-signing", KeyKind::EcP256, 9).der);
    let (good, said) = manifest.judge();
    assert!(!good && said.contains("youth by lint_pkix_cert: 1 finding(s)"), "{said}");
    assert!(said.contains("X520OrganizationalUnitName") && said.contains("itu.invalid_asn1_syntax"), "{said}");
}

#[test]
fn pkilint_is_really_asked() {
    let world = World::new();
    let directory = tempfile::tempdir().unwrap();
    let mut manifest = Manifest { directory: directory.path(), lines: String::new() };
    // A root is no sponsored S/MIME certificate.
    manifest.add("root", &[SPONSORED], world.root.certificate_der());
    let (good, said) = manifest.judge();
    assert!(!good && said.contains("cabf.smime."), "{said}");
}
