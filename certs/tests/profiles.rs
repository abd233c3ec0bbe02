//! Every profile makes certificates that other people's software accepts.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::process::Command;

use certs::ca::Issuer;
use certs::profiles::Kind;
use certs::revocation::crl::{List, Scope, make};
use support::{World, pem, pointers, run};
use time::Duration;

fn empty_crl(issuer: &Issuer, scope: Scope<'_>, world: &World) -> Vec<u8> {
    let list = List { scope, number: 1, this_update: world.start, next_update: world.start + Duration::days(2) };
    make(&list, [], issuer, &world.keystore).unwrap()
}

#[test]
fn openssl_accepts_every_certificate_strictly_with_its_crls() {
    let world = World::new();
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| std::fs::write(directory.path().join(name), text).unwrap();
    write("root.pem", pem("CERTIFICATE", world.root.certificate_der()));
    write("issuing.pem", pem("CERTIFICATE", world.issuing.certificate_der()));
    let root_list = empty_crl(&world.root, Scope::Complete, &world);
    let address = pointers().crl;
    let shard = empty_crl(&world.issuing, Scope::Shard(&address), &world);
    write("crls.pem", pem("X509 CRL", &root_list) + &pem("X509 CRL", &shard));
    for (name, issued) in world.every_leaf() {
        write("leaf.pem", pem("CERTIFICATE", &issued.der));
        let mut command = Command::new("openssl");
        command.current_dir(directory.path()).args([
            "verify",
            "-x509_strict",
            "-CAfile",
            "root.pem",
            "-untrusted",
            "issuing.pem",
            "-CRLfile",
            "crls.pem",
        ]);
        // A responder has no distribution point: nobody asks for its status.
        if issued.kind != Kind::Responder {
            command.arg("-crl_check_all");
        }
        let (good, said) = run(command.arg("leaf.pem"));
        assert!(good && said.contains("leaf.pem: OK"), "{name}: {said}");
    }
}
