//! Signed messages: ours in openssl's hands, openssl's in ours, and what we refuse.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod authority;

use authority::{Holder, Purpose, accepted, elliptic, p256, root, rsa, run};
use certs::cms::{
    CmsError, Content, DigestAlgorithm, SignatureAlgorithm, SignedAttributes, SigningCertificate, assemble, estimated_bytes, identifiers,
    verify,
};
use openssl::nid::Nid;
use sha2::{Digest, Sha256};
use std::fs;
use time::macros::datetime;

const TEXT: &[u8] = b"Content-Type: text/plain\r\n\r\nSix rye loaves.\r\n";

fn detached(signer: &Holder, chain: &[Vec<u8>], content: &[u8]) -> Vec<u8> {
    let attributes =
        SignedAttributes::new(identifiers::DATA, Sha256::digest(content).into(), &signer.der(), Some(datetime!(2026-11-22 20:00 UTC)))
            .unwrap();
    let paused = SignedAttributes::from_der(&attributes.to_be_signed()).unwrap();
    assert_eq!(paused, attributes);
    let signature = signer.sign_digest(&paused.digest());
    assemble(&paused, &signature, &signer.der(), chain, None, None).unwrap()
}

#[test]
fn what_we_sign_we_verify_and_openssl_verifies() {
    let root = root();
    for (serial, key) in [(1, p256()), (2, rsa())] {
        let signer = root.issue("Åse Ødegård", serial, Purpose::Signing, key);
        let message = detached(&signer, &[root.der()], TEXT);
        assert!(message.len() <= estimated_bytes(&signer.der(), &[root.der()], 0));

        let verified = verify(&message, Content::Detached(&[&TEXT[..10], &TEXT[10..]])).unwrap();
        assert_eq!(verified.signer_certificate, signer.der());
        assert_eq!(verified.certificates, vec![root.der()]);
        assert_eq!(verified.signing_certificate, SigningCertificate::Version2);
        assert_eq!(verified.signing_time, Some(datetime!(2026-11-22 20:00 UTC)));
        assert_eq!(verified.digest_algorithm, DigestAlgorithm::Sha256);
        assert_eq!(verified.content, None);

        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("root.pem"), root.pem()).unwrap();
        fs::write(directory.path().join("message.der"), &message).unwrap();
        fs::write(directory.path().join("text"), TEXT).unwrap();
        let arguments = [
            "cms",
            "-verify",
            "-cades",
            "-inform",
            "DER",
            "-in",
            "message.der",
            "-content",
            "text",
            "-CAfile",
            "root.pem",
            "-purpose",
            "any",
            "-binary",
        ];
        let said = accepted("openssl", &arguments, directory.path());
        assert!(said.contains("CAdES Verification successful"), "{said}");
        fs::write(directory.path().join("text"), b"seven").unwrap();
        assert!(!run("openssl", &arguments, directory.path()).status.success());
    }
}

#[test]
fn content_can_travel_inside_the_message() {
    let root = root();
    let signer = root.issue("Signer", 1, Purpose::Signing, p256());
    let attributes = SignedAttributes::new(identifiers::DATA, Sha256::digest(TEXT).into(), &signer.der(), None).unwrap();
    let signature = signer.sign_digest(&attributes.digest());
    let message = assemble(&attributes, &signature, &signer.der(), &[], None, Some(TEXT)).unwrap();
    let verified = verify(&message, Content::Embedded).unwrap();
    assert_eq!(verified.content.as_deref(), Some(TEXT));
    assert_eq!(verified.signing_time, None);
    assert_eq!(verify(&message, Content::Detached(&[TEXT])), Err(CmsError::ContentPlace));
}

#[test]
fn openssls_signatures_of_all_kinds_verify() {
    let root = root();
    let keys = [
        ("P-256", p256(), vec!["-md", "sha256", "-cades"]),
        ("P-384", elliptic(Nid::SECP384R1), vec!["-md", "sha384"]),
        ("RSA", rsa(), vec!["-md", "sha512"]),
        ("PSS", rsa(), vec!["-md", "sha256", "-keyopt", "rsa_padding_mode:pss"]),
        (
            "PSS with a long salt",
            rsa(),
            vec!["-md", "sha384", "-keyid", "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:64"],
        ),
    ];
    for (serial, (what, key, options)) in (1..).zip(keys) {
        let signer = root.issue(what, serial, Purpose::Signing, key);
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("signer.pem"), signer.pem()).unwrap();
        fs::write(directory.path().join("key.pem"), signer.key_pem()).unwrap();
        fs::write(directory.path().join("text"), TEXT).unwrap();
        let mut arguments = vec![
            "cms",
            "-sign",
            "-binary",
            "-in",
            "text",
            "-signer",
            "signer.pem",
            "-inkey",
            "key.pem",
            "-outform",
            "DER",
            "-out",
            "message.der",
        ];
        arguments.extend(options);
        accepted("openssl", &arguments, directory.path());
        let message = fs::read(directory.path().join("message.der")).unwrap();
        let verified = verify(&message, Content::Detached(&[TEXT])).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(verified.signer_certificate, signer.der(), "{what}");
        assert_eq!(matches!(verified.signature_algorithm, SignatureAlgorithm::RsaPss { .. }), what.starts_with("PSS"));
        let expected = if what == "P-256" { SigningCertificate::Version2 } else { SigningCertificate::Absent };
        assert_eq!(verified.signing_certificate, expected);
        assert_eq!(verify(&message, Content::Detached(&[b"another text"])), Err(CmsError::ContentChanged));
    }
}

#[test]
fn no_flipped_byte_of_the_message_is_overlooked() {
    let root = root();
    let signer = root.issue("Signer", 1, Purpose::Signing, p256());
    let message = detached(&signer, &[], TEXT);
    let original = verify(&message, Content::Detached(&[TEXT])).unwrap();
    let mut refused = 0;
    for at in 0..message.len() {
        let mut changed = message.clone();
        changed[at] ^= 0x01;
        match verify(&changed, Content::Detached(&[TEXT])) {
            Err(_) => refused += 1,
            // Versions and the outer digest list are not signed; they must not change what is reported.
            Ok(verified) => assert_eq!(verified, original, "byte {at}"),
        }
    }
    assert!(refused > message.len() * 9 / 10, "{refused} of {}", message.len());
}

#[test]
fn a_certificate_of_the_same_key_cannot_be_slipped_in() {
    let root = root();
    let signer = root.issue("Åse", 1, Purpose::Signing, p256());
    let twin = root.issue("Bo", 1, Purpose::Signing, signer.key.clone());
    let attributes = SignedAttributes::new(identifiers::DATA, Sha256::digest(TEXT).into(), &signer.der(), None).unwrap();
    let signature = signer.sign_digest(&attributes.digest());
    let message = assemble(&attributes, &signature, &twin.der(), &[], None, None).unwrap();
    assert_eq!(verify(&message, Content::Detached(&[TEXT])), Err(CmsError::CertificateMismatch));
}

#[test]
fn another_key_and_two_signers_are_refused() {
    let root = root();
    let signer = root.issue("Åse", 1, Purpose::Signing, p256());
    let attributes = SignedAttributes::new(identifiers::DATA, Sha256::digest(TEXT).into(), &signer.der(), None).unwrap();
    let forged = root.sign_digest(&attributes.digest());
    let message = assemble(&attributes, &forged, &signer.der(), &[], None, None).unwrap();
    assert_eq!(verify(&message, Content::Detached(&[TEXT])), Err(CmsError::SignatureInvalid));

    let other = root.issue("Bo", 2, Purpose::Signing, p256());
    let directory = tempfile::tempdir().unwrap();
    for (name, holder) in [("a", &signer), ("b", &other)] {
        let pem = [holder.pem(), holder.key_pem()].concat();
        fs::write(directory.path().join(format!("{name}.pem")), pem).unwrap();
    }
    fs::write(directory.path().join("text"), TEXT).unwrap();
    accepted(
        "openssl",
        &["cms", "-sign", "-binary", "-in", "text", "-signer", "a.pem", "-signer", "b.pem", "-outform", "DER", "-out", "m"],
        directory.path(),
    );
    let message = fs::read(directory.path().join("m")).unwrap();
    assert_eq!(verify(&message, Content::Detached(&[TEXT])), Err(CmsError::SignerCount { count: 2 }));
}

#[test]
fn sha1_and_bare_signatures_are_refused() {
    let root = root();
    let signer = root.issue("Åse", 1, Purpose::Signing, rsa());
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("a.pem"), [signer.pem(), signer.key_pem()].concat()).unwrap();
    fs::write(directory.path().join("text"), TEXT).unwrap();
    let sign = ["cms", "-sign", "-binary", "-in", "text", "-signer", "a.pem", "-outform", "DER", "-out", "m"];
    accepted("openssl", &[&sign[..], &["-md", "sha1"]].concat(), directory.path());
    let sha1 = fs::read(directory.path().join("m")).unwrap();
    assert_eq!(verify(&sha1, Content::Detached(&[TEXT])), Err(CmsError::DigestAlgorithm { algorithm: identifiers::SHA1 }));
    accepted("openssl", &[&sign[..], &["-md", "sha256", "-noattr"]].concat(), directory.path());
    let bare = fs::read(directory.path().join("m")).unwrap();
    assert_eq!(verify(&bare, Content::Detached(&[TEXT])), Err(CmsError::NoSignedAttributes));
}

#[test]
fn curves_beyond_the_three_of_nist_are_refused() {
    let root = root();
    let signer = root.issue("Åse", 1, Purpose::Signing, elliptic(Nid::SECP256K1));
    let message = detached(&signer, &[], TEXT);
    assert_eq!(verify(&message, Content::Detached(&[TEXT])), Err(CmsError::PublicKey));
}

#[test]
fn truncated_messages_are_refused_at_every_length() {
    let root = root();
    let message = detached(&root.issue("Åse", 1, Purpose::Signing, p256()), &[root.der()], TEXT);
    for length in 0..message.len() {
        assert!(matches!(verify(&message[..length], Content::Detached(&[TEXT])), Err(CmsError::Malformed(_))), "{length}");
    }
}
