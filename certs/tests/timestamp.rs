//! Time stamps: ours in openssl's hands, openssl's in ours, refusals in the protocol's own words.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod authority;

use authority::{Holder, Purpose, accepted, p256, root, rsa, run, words};
use certs::cms::{CmsError, SignedAttributes, assemble, identifiers};
use certs::timestamp::{Accuracy, Answer, CertificateWish, Failure, Request, TokenError, Unit, accept, answer, reject, verify};
use der::asn1::ObjectIdentifier;
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use std::fs;
use std::path::Path;
use time::OffsetDateTime;
use time::macros::datetime;

const POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.99999.1.3.1");
const AT: OffsetDateTime = datetime!(2026-11-22 20:00:01.5 UTC);
const DATA: &[u8] = b"the signature value";

fn unit(holder: &Holder, root: &Holder) -> Unit {
    let accuracy = Accuracy { seconds: 1, milliseconds: 500 };
    Unit { certificate: holder.der(), chain: vec![root.der()], policy: POLICY, accuracy }
}

fn stamp(request: &[u8], holder: &Holder, root: &Holder) -> Answer {
    answer(request, &unit(holder, root), &[0x80; 8], AT, |digest| Ok::<_, Infallible>(holder.sign_digest(digest)))
}

fn failure(answer: Answer) -> Failure {
    match answer {
        Answer::Granted { .. } => panic!("granted"),
        Answer::Rejected { failure, .. } => failure,
    }
}

fn save(directory: &Path, name: &str, bytes: &[u8]) {
    fs::write(directory.join(name), bytes).unwrap();
}

#[test]
fn openssl_accepts_our_answers_to_its_requests() {
    let root = root();
    for (serial, key) in [(1, p256()), (2, rsa())] {
        let holder = root.issue("TSA", serial, Purpose::TimeStamping, key);
        let directory = tempfile::tempdir().unwrap();
        save(directory.path(), "root.pem", &root.pem());
        save(directory.path(), "tsa.pem", &holder.pem());
        save(directory.path(), "data", DATA);
        for options in [
            vec!["-sha256", "-cert"],
            vec!["-sha512"],
            vec!["-sha384", "-cert", "-no_nonce"],
            vec!["-sha256", "-tspolicy", "1.3.6.1.4.1.99999.1.3.1"],
        ] {
            accepted("openssl", &[&["ts", "-query", "-data", "data", "-out", "q"], &options[..]].concat(), directory.path());
            let request = fs::read(directory.path().join("q")).unwrap();
            save(directory.path(), "r", &stamp(&request, &holder, &root).into_response());
            let verification = ["ts", "-verify", "-queryfile", "q", "-in", "r", "-CAfile", "root.pem", "-untrusted", "tsa.pem"];
            let said = accepted("openssl", &verification, directory.path());
            assert!(said.contains("Verification: OK"), "{said}");
            let text = accepted("openssl", &["ts", "-reply", "-in", "r", "-text"], directory.path());
            assert!(text.contains("Nov 22 20:00:01.5 2026 GMT") && text.contains("1 seconds, 0x01F4 millis"), "{text}");
        }
        save(directory.path(), "data", b"something else");
        let refused = run(
            "openssl",
            &["ts", "-verify", "-data", "data", "-in", "r", "-CAfile", "root.pem", "-untrusted", "tsa.pem"],
            directory.path(),
        );
        assert!(!refused.status.success());
    }
}

#[test]
fn we_verify_what_we_stamp() {
    let root = root();
    let holder = root.issue("TSA", 1, Purpose::TimeStamping, p256());
    let request = Request::new(Sha256::digest(DATA).into(), Some(u64::MAX));
    assert_eq!(Request::parse(&request.to_der()).unwrap(), request);
    let Answer::Granted { response, token } = stamp(&request.to_der(), &holder, &root) else { panic!("refused") };
    assert_eq!(accept(&response, &request).unwrap(), token);
    let stamp = verify(&token, &[&DATA[..3], &DATA[3..]]).unwrap();
    assert_eq!(stamp.at, AT);
    assert_eq!(stamp.policy, POLICY);
    assert_eq!(stamp.serial, [&[0][..], &[0x80; 8]].concat());
    assert_eq!(stamp.certificate, holder.der());
    assert_eq!(stamp.certificates, vec![root.der()]);
    assert_eq!(stamp.nonce, request.nonce);
    assert_eq!(verify(&token, &[b"other data"]), Err(TokenError::Imprint));
    let other = Request::new(Sha256::digest(DATA).into(), Some(7));
    assert_eq!(accept(&response, &other), Err(TokenError::Nonce));
}

#[test]
fn openssls_tokens_verify() {
    let root = root();
    let holder = root.issue("TSA", 1, Purpose::TimeStamping, rsa());
    let directory = tempfile::tempdir().unwrap();
    save(directory.path(), "tsa.pem", &holder.pem());
    save(directory.path(), "key.pem", &holder.key_pem());
    save(directory.path(), "serial", b"01\n");
    save(directory.path(), "conf", b"[tsa]\nserial=serial\nsigner_cert=tsa.pem\nsigner_key=key.pem\nsigner_digest=sha384\ndefault_policy=1.2.3.4\ndigests=sha256,sha512\naccuracy=secs:1\nordering=yes\ntsa_name=yes\nclock_precision_digits=3\ness_cert_id_alg=sha256\n");
    let request = Request::new(Sha256::digest(DATA).into(), Some(0x80));
    save(directory.path(), "q", &request.to_der());
    accepted("openssl", &["ts", "-reply", "-config", "conf", "-section", "tsa", "-queryfile", "q", "-out", "r"], directory.path());
    let token = accept(&fs::read(directory.path().join("r")).unwrap(), &request).unwrap();
    let stamp = verify(&token, &[DATA]).unwrap();
    assert_eq!(stamp.policy.to_string(), "1.2.3.4");
    assert_eq!(stamp.certificate, holder.der());

    // A request of a digest that openssl does not do here comes back as its refusal.
    save(
        directory.path(),
        "conf2",
        b"[tsa]\nserial=serial\nsigner_cert=tsa.pem\nsigner_key=key.pem\nsigner_digest=sha256\ndefault_policy=1.2.3.4\ndigests=sha512\n",
    );
    run("openssl", &["ts", "-reply", "-config", "conf2", "-section", "tsa", "-queryfile", "q", "-out", "r2"], directory.path());
    assert_eq!(accept(&fs::read(directory.path().join("r2")).unwrap(), &request), Err(TokenError::Refused { status: 2 }));
}

#[test]
fn a_token_carries_certificates_only_when_asked() {
    let root = root();
    let holder = root.issue("TSA", 1, Purpose::TimeStamping, p256());
    let mut request = Request::new(Sha256::digest(DATA).into(), None);
    request.certificate = CertificateWish::LeftOut;
    let Answer::Granted { token, .. } = stamp(&request.to_der(), &holder, &root) else { panic!("refused") };
    assert_eq!(verify(&token, &[DATA]), Err(TokenError::Cms(CmsError::SignerCertificateMissing)));
    assert!(!token.windows(holder.der().len()).any(|window| window == holder.der()));
}

#[test]
fn refusals_say_why_and_openssl_reads_them() {
    let root = root();
    let holder = root.issue("TSA", 1, Purpose::TimeStamping, p256());
    let directory = tempfile::tempdir().unwrap();
    save(directory.path(), "data", DATA);
    let query = |options: &[&str]| {
        accepted("openssl", &[&["ts", "-query", "-data", "data", "-out", "q"], options].concat(), directory.path());
        fs::read(directory.path().join("q")).unwrap()
    };
    let sha1 = query(&["-sha1"]);
    let policy = query(&["-sha256", "-tspolicy", "1.2.3.4"]);
    let good = query(&["-sha256"]);
    let mut extended = good.clone();
    extended.extend_from_slice(&[0xa0, 0x0d, 0x30, 0x0b, 0x30, 0x09, 0x06, 0x03, 0x2a, 0x03, 0x04, 0x04, 0x02, 0x05, 0x00]);
    extended[1] += 15;
    let mut short = Request::new([7; 32], None);
    short.digest.truncate(31);

    assert_eq!(failure(stamp(&sha1, &holder, &root)), Failure::BadAlgorithm);
    assert_eq!(failure(stamp(&extended, &holder, &root)), Failure::UnacceptedExtension);
    assert_eq!(failure(stamp(&policy, &holder, &root)), Failure::UnacceptedPolicy);
    assert_eq!(failure(stamp(&short.to_der(), &holder, &root)), Failure::BadDataFormat);
    assert_eq!(failure(stamp(b"not a request", &holder, &root)), Failure::BadRequest);
    // A nonce is echoed as it came: one that is no DER would make a token that nobody reads.
    for nonce in [[0, 0, 1], [0xff, 0xff, 1]] {
        let padded = Request { nonce: Some(nonce.to_vec()), ..Request::new([7; 32], None) };
        assert_eq!(failure(stamp(&padded.to_der(), &holder, &root)), Failure::BadRequest, "{nonce:?}");
    }
    assert_eq!(failure(stamp(&vec![0x30; 5000], &holder, &root)), Failure::BadRequest);
    let broken = answer(&good, &unit(&holder, &root), &[1], AT, |_| Err("the key is away"));
    assert_eq!(failure(broken), Failure::SystemFailure);
    for (failure, text) in [
        (Failure::BadAlgorithm, "unrecognized or unsupported algorithm identifier"),
        (Failure::BadDataFormat, "the data submitted has the wrong format"),
        (Failure::BadRequest, "transaction not permitted or supported"),
        (Failure::SystemFailure, "the request cannot be handled due to system failure"),
        (Failure::TimeNotAvailable, "the TSA's time source is not available"),
        (Failure::UnacceptedExtension, "the requested extension is not supported by the TSA"),
        (Failure::UnacceptedPolicy, "the requested TSA policy is not supported by the TSA"),
    ] {
        save(directory.path(), "r", &reject(failure).into_response());
        let said = words(&run("openssl", &["ts", "-reply", "-in", "r", "-text"], directory.path()));
        assert!(said.contains("Rejected.") && said.contains(text), "{failure:?}: {said}");
    }
}

#[test]
fn a_certificate_without_the_critical_purpose_stamps_nothing() {
    let root = root();
    for purpose in [Purpose::Signing, Purpose::TimeStampingNotCritical] {
        let holder = root.issue("TSA", 1, purpose, p256());
        let request = Request::new(Sha256::digest(DATA).into(), None);
        let Answer::Granted { token, .. } = stamp(&request.to_der(), &holder, &root) else { panic!("refused") };
        assert_eq!(verify(&token, &[DATA]), Err(TokenError::ExtendedKeyUsage));
    }
}

#[test]
fn a_signed_text_is_not_a_time_stamp() {
    let root = root();
    let holder = root.issue("TSA", 1, Purpose::TimeStamping, p256());
    let attributes = SignedAttributes::new(identifiers::DATA, Sha256::digest(DATA).into(), &holder.der(), None).unwrap();
    let signature = holder.sign_digest(&attributes.digest());
    let message = assemble(&attributes, &signature, &holder.der(), &[], None, Some(DATA)).unwrap();
    assert_eq!(verify(&message, &[DATA]), Err(TokenError::NotATimeStamp { content_type: identifiers::DATA }));
}
