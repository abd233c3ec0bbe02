//! OpenSSL as the judge.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use actix_web::test::TestRequest;
use certs::revocation::Reason;
use sha2::{Digest as _, Sha256};

use super::{Person, Profile, ask, fetch, publish, revoke_id, world};
use crate::{platform::ground::Ground, timestamps};

/// A directory of the files that OpenSSL reads.
pub(super) struct Desk(tempfile::TempDir);

impl Desk {
    /// With `root.pem` and `issuing.pem`, fetched from where certificates point.
    pub(super) async fn of(world: &Ground) -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        for (name, path) in [("root.pem", "/pki/root1.cer"), ("issuing.pem", "/pki/issuing1.cer")] {
            let answer = fetch(world, path).await;
            assert_eq!(answer.content_type, "application/pkix-cert");
            desk.pem(name, &answer.body);
        }
        desk
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(super) fn save(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    pub(super) fn pem(&self, name: &str, der: &[u8]) {
        self.save(name, &openssl::x509::X509::from_der(der).unwrap().to_pem().unwrap());
    }

    pub(super) async fn lists(&self, world: &Ground) {
        for (name, path) in [("root.crl", "/pki/root1/0.crl"), ("shard.crl", "/pki/issuing1/0.crl")] {
            let answer = fetch(world, path).await;
            assert_eq!(answer.content_type, "application/pkix-crl");
            self.save(name, &openssl::x509::X509Crl::from_der(&answer.body).unwrap().to_pem().unwrap());
        }
        let both = [std::fs::read(self.path("root.crl")).unwrap(), std::fs::read(self.path("shard.crl")).unwrap()].concat();
        self.save("lists.pem", &both);
    }

    /// What `openssl` says; the arguments name files of this desk.
    pub(super) fn openssl(&self, arguments: &[&str]) -> (bool, String) {
        run(self.0.path(), arguments)
    }
}

fn run(directory: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new("openssl").current_dir(directory).args(arguments).output().expect("openssl is installed: ./dev test");
    (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

const VERIFY: &[&str] =
    &["verify", "-x509_strict", "-crl_check_all", "-CAfile", "root.pem", "-untrusted", "issuing.pem", "-CRLfile", "lists.pem", "leaf.pem"];

/// Asks our responder with OpenSSL's own request, nonce included.
pub(super) async fn ocsp(world: &Ground, desk: &Desk) -> String {
    let (made, said) = desk.openssl(&["ocsp", "-issuer", "issuing.pem", "-cert", "leaf.pem", "-reqout", "request.der"]);
    assert!(made, "{said}");
    let request = TestRequest::post().uri("/ocsp").insert_header(("content-type", "application/ocsp-request"));
    let answer = ask(world, None, request.set_payload(std::fs::read(desk.path("request.der")).unwrap())).await;
    assert_eq!(answer.content_type, "application/ocsp-response");
    desk.save("answer.der", &answer.body);
    let trust = ["-respin", "answer.der", "-CAfile", "root.pem", "-verify_other", "issuing.pem"];
    let (_, said) = desk.openssl(&[&["ocsp", "-reqin", "request.der"], trust.as_slice()].concat());
    assert!(said.contains("Response verify OK") && !said.to_lowercase().contains("nonce"), "{said}");
    let about = ["ocsp", "-no_nonce", "-issuer", "issuing.pem", "-cert", "leaf.pem"];
    let (_, said) = desk.openssl(&[about.as_slice(), &trust].concat());
    assert!(said.contains("Response verify OK"), "{said}");
    said
}

#[actix_web::test]
async fn openssl_accepts_every_profile_with_our_lists_and_answers() {
    let world = world().await;
    let person = Person::new(&world);
    let issued = person.issue(&world, &[Profile::Signing, Profile::Mail, Profile::Encryption]).await;
    let desk = Desk::of(&world).await;
    desk.lists(&world).await;
    for certificate in issued {
        desk.pem("leaf.pem", certificate.der.as_deref().unwrap());
        let (good, said) = desk.openssl(VERIFY);
        assert!(good, "{said}");
        assert!(ocsp(&world, &desk).await.contains("leaf.pem: good"));
    }
}

#[actix_web::test]
async fn a_revoked_certificate_is_refused_by_list_and_by_ocsp() {
    let world = world().await;
    let person = Person::new(&world);
    let certificate = person.issue(&world, &[Profile::Signing]).await.remove(0);
    let desk = Desk::of(&world).await;
    desk.pem("leaf.pem", certificate.der.as_deref().unwrap());
    revoke_id(&world, certificate.id, Reason::KeyCompromise).await.unwrap();
    let said = ocsp(&world, &desk).await;
    assert!(said.contains("leaf.pem: revoked") && said.contains("Reason: keyCompromise"), "{said}");
    world.clock.advance(time::Duration::seconds(5));
    assert_eq!(publish(&world).await, 1);
    desk.lists(&world).await;
    let (good, said) = desk.openssl(VERIFY);
    assert!(!good && said.contains("certificate revoked"), "{said}");
}

#[actix_web::test]
async fn ocsp_by_get_answers_as_by_post() {
    let world = world().await;
    let person = Person::new(&world);
    let certificate = person.issue(&world, &[Profile::Signing]).await.remove(0);
    let desk = Desk::of(&world).await;
    desk.pem("leaf.pem", certificate.der.as_deref().unwrap());
    let (made, said) = desk.openssl(&["ocsp", "-no_nonce", "-issuer", "issuing.pem", "-cert", "leaf.pem", "-reqout", "request.der"]);
    assert!(made, "{said}");
    let text = openssl::base64::encode_block(&std::fs::read(desk.path("request.der")).unwrap());
    let path = format!("/ocsp/{}", text.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"));
    let answer = fetch(&world, &path).await;
    desk.save("answer.der", &answer.body);
    let (_, said) = desk.openssl(&[
        "ocsp",
        "-respin",
        "answer.der",
        "-CAfile",
        "root.pem",
        "-verify_other",
        "issuing.pem",
        "-issuer",
        "issuing.pem",
        "-cert",
        "leaf.pem",
    ]);
    assert!(said.contains("Response verify OK") && said.contains("leaf.pem: good"), "{said}");
}

#[actix_web::test]
async fn an_intention_is_unknown_to_ocsp_until_it_is_signed() {
    let world = world().await;
    let person = Person::new(&world);
    let issued = person.issue(&world, &[Profile::Signing]).await.remove(0);
    let intended = person.intend(&world, &[Profile::Signing]).await[0];
    let intended = super::certificate(&world, intended).await;
    let desk = Desk::of(&world).await;
    // OpenSSL asks by serial number: the request for the issued one is made for the other's.
    let (made, said) = desk.openssl(&[
        "ocsp",
        "-no_nonce",
        "-issuer",
        "issuing.pem",
        "-serial",
        &format!("0x{}", intended.serial),
        "-reqout",
        "request.der",
    ]);
    assert!(made, "{said}");
    let request = TestRequest::post().uri("/ocsp").insert_header(("content-type", "application/ocsp-request"));
    let answer = ask(&world, None, request.set_payload(std::fs::read(desk.path("request.der")).unwrap())).await;
    desk.save("answer.der", &answer.body);
    let serial = format!("0x{}", intended.serial);
    let (_, said) = desk.openssl(&[
        "ocsp",
        "-no_nonce",
        "-respin",
        "answer.der",
        "-CAfile",
        "root.pem",
        "-verify_other",
        "issuing.pem",
        "-issuer",
        "issuing.pem",
        "-serial",
        &serial,
    ]);
    assert!(said.contains(": unknown"), "{said}");
    assert_ne!(issued.serial, intended.serial);
}

#[actix_web::test]
async fn openssl_accepts_our_time_stamps() {
    let world = world().await;
    let desk = Desk::of(&world).await;
    desk.save("data", b"En aftale om havnens br\xc3\xb8d");
    let (made, said) = desk.openssl(&["ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "query.tsq"]);
    assert!(made, "{said}");
    let request = TestRequest::post().uri("/timestamp").insert_header(("content-type", "application/timestamp-query"));
    let answer = ask(&world, None, request.set_payload(std::fs::read(desk.path("query.tsq")).unwrap())).await;
    assert_eq!(answer.content_type, "application/timestamp-reply");
    desk.save("reply.tsr", &answer.body);
    let trust = ["-CAfile", "root.pem", "-untrusted", "issuing.pem"];
    let (good, said) = desk.openssl(&[&["ts", "-verify", "-queryfile", "query.tsq", "-in", "reply.tsr"], trust.as_slice()].concat());
    assert!(good, "{said}");
    let token = timestamps::stamp(&world, Sha256::digest(b"other data").into()).await.unwrap();
    desk.save("token.der", &token);
    desk.save("other", b"other data");
    let own = ["ts", "-verify", "-data", "other", "-in", "token.der", "-token_in"];
    let (good, said) = desk.openssl(&[own.as_slice(), &trust].concat());
    assert!(good, "{said}");
    let (good, _) = desk.openssl(&[&["ts", "-verify", "-data", "data", "-in", "token.der", "-token_in"], trust.as_slice()].concat());
    assert!(!good);
}

#[actix_web::test]
async fn a_signature_by_password_verifies_under_the_certificate() {
    let world = world().await;
    let person = Person::new(&world);
    let certificate = person.issue(&world, &[Profile::Signing]).await.remove(0);
    let desk = Desk::of(&world).await;
    desk.pem("leaf.pem", certificate.der.as_deref().unwrap());
    desk.save("data", b"a document");
    let signature = person.sign(&world, certificate.id, Sha256::digest(b"a document").into()).await.unwrap();
    desk.save("signature", &signature);
    let (made, said) = desk.openssl(&["x509", "-in", "leaf.pem", "-pubkey", "-noout", "-out", "key.pem"]);
    assert!(made, "{said}");
    let (good, said) = desk.openssl(&["dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "data"]);
    assert!(good, "{said}");
}
