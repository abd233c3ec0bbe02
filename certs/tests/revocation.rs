//! Lists and answers: OpenSSL reads them and agrees; broken requests are refused by name.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use certs::keystore::Keystore as _;
use certs::path::{CrlError, check_crl};
use certs::profiles::{responder, signing};
use certs::revocation::answer::{OcspFault, check_answer, question};
use certs::revocation::crl::{List, Scope, make};
use certs::revocation::ocsp::{
    AnswerError, Limits, Refusal, RequestError, Responder, ResponderError, SAMPLE, Status, Times, answer, parse,
};
use certs::revocation::{Reason, Revocation, crl};
use certs::serial::Serial;
use der::{Decode as _, Encode as _};
use support::{Broken, World, authority, employee, label, ocsp_request, pem, pointers, run, serial};
use time::Duration;

fn shard(world: &World, entries: &[(Serial, Reason)]) -> Vec<u8> {
    let address = pointers().crl;
    let list = List {
        scope: Scope::Shard(&address),
        number: 1_795_000_000_123,
        this_update: world.start,
        next_update: world.start + Duration::hours(24),
    };
    let entries = entries.iter().map(|(serial, reason)| (*serial, Revocation { at: world.start, reason: *reason }));
    make(&list, entries, &world.issuing, &world.keystore).unwrap()
}

fn responder(world: &World) -> Responder {
    let order = responder::order(&authority("Segl DEMO OCSP 1"), &pointers().issuer_certificate, 60, &world.practice);
    let issued = world.issue(&order, "responder", 100);
    Responder::load(&issued.der, label("responder"), &world.issuing, &world.keystore).unwrap()
}

fn times(world: &World) -> Times {
    Times { this_update: world.start, next_update: world.start + Duration::hours(8), produced_at: world.start }
}

fn request(der: &[u8]) -> Result<certs::revocation::ocsp::Request, RequestError> {
    parse(der, &Limits::default())
}

#[test]
fn openssl_reads_our_list_with_number_reasons_and_address() {
    let world = World::new();
    let der = shard(&world, &[(serial(10), Reason::KeyCompromise), (serial(11), Reason::Unspecified)]);
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("list.crl"), &der).unwrap();
    std::fs::write(directory.path().join("ca.pem"), pem("CERTIFICATE", world.issuing.certificate_der())).unwrap();
    let mut command = Command::new("openssl");
    command.current_dir(directory.path()).args(["crl", "-inform", "DER", "-in", "list.crl", "-CAfile", "ca.pem", "-noout", "-text"]);
    let (good, said) = run(&mut command);
    assert!(good && said.contains("verify OK"), "{said}");
    let number = "1795000000123".to_owned();
    for words in ["Key Compromise", "http://pki.segl.example.dk/pki/issuing1/0.crl", "Only User Certificates", &number] {
        assert!(said.contains(words), "{words} not in {said}");
    }
    assert!(said.contains(&serial(10).to_string().to_uppercase()), "{said}");
    assert!(!said.contains("Unspecified"), "RFC 5280 section 5.3.1: unspecified is left out\n{said}");
}

#[test]
fn openssl_verify_refuses_what_stands_on_our_list() {
    let world = World::new();
    let leaf = world.issue(&signing::order(&employee(), None, &pointers(), &world.practice), "leaf", 20);
    let list = shard(&world, &[(leaf.serial, Reason::AffiliationChanged)]);
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| std::fs::write(directory.path().join(name), text).unwrap();
    write("root.pem", pem("CERTIFICATE", world.root.certificate_der()));
    write("issuing.pem", pem("CERTIFICATE", world.issuing.certificate_der()));
    write("list.pem", pem("X509 CRL", &list));
    write("leaf.pem", pem("CERTIFICATE", &leaf.der));
    let mut command = Command::new("openssl");
    command.current_dir(directory.path()).args(["verify", "-x509_strict", "-crl_check", "-CAfile", "root.pem"]);
    let (good, said) = run(command.args(["-untrusted", "issuing.pem", "-CRLfile", "list.pem", "leaf.pem"]));
    assert!(!good && said.contains("certificate revoked"), "{said}");
}

#[test]
fn our_own_check_reads_our_list() {
    let world = World::new();
    let der = shard(&world, &[(serial(10), Reason::Superseded), (serial(11), Reason::Unspecified)]);
    let list = check_crl(&der, world.issuing.certificate_der(), world.start + Duration::hours(1)).unwrap();
    assert_eq!(list.lookup(&serial(10)).unwrap().reason, Some(Reason::Superseded));
    assert_eq!(list.lookup(&serial(11)).unwrap().reason, Some(Reason::Unspecified));
    assert!(list.lookup(&serial(12)).is_none());
    assert_eq!(list.number(), Some(1_795_000_000_123));
    let address = pointers().crl;
    use certs::path::Subject::{Authority, EndEntity};
    assert!(list.covers(EndEntity, &[address.as_str()]));
    assert!(!list.covers(Authority, &[address.as_str()]));
    assert!(!list.covers(EndEntity, &["http://pki.segl.example.dk/pki/issuing1/1.crl"]));
}

#[test]
fn a_list_that_is_stale_early_foreign_or_changed_tells_nothing() {
    let world = World::new();
    let mut der = shard(&world, &[(serial(10), Reason::KeyCompromise)]);
    let (issuing, root) = (world.issuing.certificate_der(), world.root.certificate_der());
    let at = world.start + Duration::hours(1);
    let stale = check_crl(&der, issuing, world.start + Duration::hours(25));
    assert!(matches!(stale, Err(CrlError::Stale)), "{stale:?}");
    let early = check_crl(&der, issuing, world.start - Duration::hours(1));
    assert!(matches!(early, Err(CrlError::NotYet)), "{early:?}");
    let foreign = check_crl(&der, root, at);
    assert!(matches!(foreign, Err(CrlError::OtherIssuer)), "{foreign:?}");
    let needle = serial(10);
    let place = der.windows(16).position(|window| window == needle.as_bytes()).unwrap();
    der[place + 5] ^= 1;
    let changed = check_crl(&der, issuing, at);
    assert!(matches!(changed, Err(CrlError::BadSignature)), "{changed:?}");
}

#[test]
fn no_list_is_made_before_its_authority_begins() {
    let world = World::new();
    let list = List { scope: Scope::Complete, number: 1, this_update: world.start - Duration::days(1), next_update: world.start };
    let refused = make(&list, [], &world.issuing, &world.keystore);
    assert!(matches!(refused, Err(crl::CrlError::OutsideIssuer)), "{refused:?}");
}

#[test]
fn openssl_ocsp_reads_good_revoked_and_unknown() {
    let world = World::new();
    let responder = responder(&world);
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    std::fs::write(path("root.pem"), pem("CERTIFICATE", world.root.certificate_der())).unwrap();
    std::fs::write(path("issuing.pem"), pem("CERTIFICATE", world.issuing.certificate_der())).unwrap();
    let revoked = Revocation { at: world.start, reason: Reason::CessationOfOperation };
    for hash in ["-sha1", "-sha256"] {
        let statuses = [("good", Status::Good), ("revoked", Status::Revoked(revoked)), ("unknown", Status::Unknown)];
        for (word, status) in statuses {
            let number = format!("0x{}", serial(30));
            let mut ask = Command::new("openssl");
            ask.current_dir(directory.path()).args(["ocsp", hash, "-issuer", "issuing.pem", "-serial", &number, "-reqout", "request"]);
            let (good, said) = run(&mut ask);
            assert!(good, "{said}");
            let asked = request(&std::fs::read(path("request")).unwrap()).unwrap();
            assert_eq!((asked.len(), asked.has_nonce(), asked.serials(&world.issuing)), (1, true, vec![serial(30)]));
            let der = answer(&asked, (&responder, &world.issuing), &times(&world), |_| status, &world.keystore).unwrap();
            std::fs::write(path("answer"), &der).unwrap();
            let mut read = Command::new("openssl");
            read.current_dir(directory.path()).args(["ocsp", hash, "-issuer", "issuing.pem", "-serial", &number, "-CAfile", "root.pem"]);
            let (_, said) = run(read.args(["-no_nonce", "-reqin", "request", "-respin", "answer"]));
            assert!(said.contains("Response verify OK") && said.contains(&format!(": {word}")), "{hash} {word}: {said}");
            assert!(!said.contains("WARNING: no nonce") && !said.contains("Nonce Verify error"), "{said}");
            assert_eq!(said.contains("cessationOfOperation"), word == "revoked", "{said}");
        }
    }
}

#[test]
fn every_question_of_a_request_is_answered() {
    let world = World::new();
    let responder = responder(&world);
    let asked = request(&ocsp_request(&world.issuing, &[serial(31), serial(32), serial(33)], None)).unwrap();
    let mut seen = Vec::new();
    let status = |serial: &Serial| {
        seen.push(*serial);
        Status::Good
    };
    let der = answer(&asked, (&responder, &world.issuing), &times(&world), status, &world.keystore).unwrap();
    assert_eq!(seen, [serial(31), serial(32), serial(33)]);
    let places = |serial: &Serial| der.windows(16).filter(|window| *window == serial.as_bytes()).count();
    assert_eq!([places(&serial(31)), places(&serial(32)), places(&serial(33))], [1, 1, 1]);
}

#[test]
fn a_question_about_another_authority_is_never_answered_good() {
    let world = World::new();
    let responder = responder(&world);
    let foreign = request(&ocsp_request(&world.root, &[serial(31)], None)).unwrap();
    let refused = answer(&foreign, (&responder, &world.issuing), &times(&world), |_| Status::Good, &world.keystore);
    assert!(matches!(refused, Err(AnswerError::OtherIssuer)), "{refused:?}");
}

#[test]
fn broken_requests_are_refused() {
    let world = World::new();
    assert!(matches!(request(b"not DER"), Err(RequestError::Encoding(_))));
    assert!(matches!(request(&[]), Err(RequestError::Encoding(_))));
    assert!(matches!(request(&vec![0x30; 20_000]), Err(RequestError::TooLarge { .. })));
    let many: Vec<Serial> = (0..33).map(serial).collect();
    let refused = request(&ocsp_request(&world.issuing, &many, None));
    assert!(matches!(refused, Err(RequestError::Count { count: 33, limit: 32 })), "{refused:?}");
    assert!(matches!(request(&ocsp_request(&world.issuing, &[], None)), Err(RequestError::Count { count: 0, .. })));
    let one = [serial(1)];
    assert!(matches!(request(&ocsp_request(&world.issuing, &one, Some(&[]))), Err(RequestError::Nonce)));
    assert!(matches!(request(&ocsp_request(&world.issuing, &one, Some(&[0; 129]))), Err(RequestError::Nonce)));
    assert!(request(&ocsp_request(&world.issuing, &one, Some(&[0; 128]))).is_ok());
}

#[test]
fn openssl_reads_our_refusals() {
    let directory = tempfile::tempdir().unwrap();
    for (refusal, words) in [
        (Refusal::MalformedRequest, "malformedrequest (1)"),
        (Refusal::InternalError, "internalerror (2)"),
        (Refusal::TryLater, "trylater (3)"),
        (Refusal::Unauthorized, "unauthorized (6)"),
    ] {
        std::fs::write(directory.path().join("answer"), refusal.to_der()).unwrap();
        let mut command = Command::new("openssl");
        let (_, said) = run(command.current_dir(directory.path()).args(["ocsp", "-respin", "answer"]));
        assert!(said.contains(words), "{refusal:?}: {said}");
    }
}

#[test]
fn only_a_responder_of_the_authority_with_its_own_key_may_answer() {
    let world = World::new();
    let leaf = world.issue(&signing::order(&employee(), None, &pointers(), &world.practice), "leaf", 40);
    let load = |der: &[u8], key: &str, issuer| Responder::load(der, label(key), issuer, &world.keystore).err();
    assert!(matches!(load(&leaf.der, "leaf", &world.issuing), Some(ResponderError::Purpose)));
    let order = responder::order(&authority("Segl DEMO OCSP 1"), &pointers().issuer_certificate, 60, &world.practice);
    let issued = world.issue(&order, "responder", 100);
    assert!(matches!(load(&issued.der, "leaf", &world.issuing), Some(ResponderError::KeyMismatch { .. })));
    assert!(matches!(load(&issued.der, "nobody", &world.issuing), Some(ResponderError::KeyMismatch { .. })));
    assert!(matches!(load(&issued.der, "responder", &world.root), Some(ResponderError::OtherIssuer)));
    assert!(load(&issued.der, "responder", &world.issuing).is_none());
}

#[test]
fn what_we_write_by_hand_is_der_as_others_write_it() {
    let world = World::new();
    let responder = responder(&world);
    let serials: Vec<Serial> = (31..40).map(serial).collect();
    let status = |one: &Serial| match serials.iter().position(|serial| serial == one) {
        Some(0) => Status::Good,
        Some(at) => {
            Reason::ALL.get(at - 1).map_or(Status::Unknown, |reason| Status::Revoked(Revocation { at: world.start, reason: *reason }))
        }
        None => Status::Unknown,
    };
    for nonce in [None, Some([7; 32].as_slice()), Some([9; 128].as_slice())] {
        for asked in [&serials[..1], &serials[1..2], &serials[2..3], &serials[8..], &serials[..]] {
            let asked = request(&ocsp_request(&world.issuing, asked, nonce)).unwrap();
            let der = answer(&asked, (&responder, &world.issuing), &times(&world), status, &world.keystore).unwrap();
            let response = x509_ocsp::OcspResponse::from_der(&der).unwrap();
            assert_eq!(response.to_der().unwrap(), der);
            let basic = response.response_bytes.unwrap().response;
            let parsed = x509_ocsp::BasicOcspResponse::from_der(basic.as_bytes()).unwrap();
            assert_eq!(parsed.to_der().unwrap(), basic.as_bytes());
            let echoed = parsed.tbs_response_data.response_extensions.unwrap_or_default();
            assert_eq!(echoed.len(), usize::from(nonce.is_some()));
        }
    }
}

#[test]
fn a_wrong_signature_of_a_device_never_leaves_and_one_of_our_own_work_is_found_by_the_sample() {
    let world = World::new();
    let order = responder::order(&authority("Segl DEMO OCSP 1"), &pointers().issuer_certificate, 60, &world.practice);
    let issued = world.issue(&order, "responder", 100);
    for (own_work, nonce) in [(false, None), (false, Some([7; 32])), (true, None), (true, Some([7; 32]))] {
        let broken = Broken { store: &world.keystore, own_work, is_broken: AtomicBool::new(true) };
        let load = || Responder::load(&issued.der, label("responder"), &world.issuing, &broken);
        assert!(matches!(load().err(), Some(ResponderError::KeyMismatch { .. })), "the key must prove itself before it answers");
        broken.is_broken.store(false, Ordering::SeqCst);
        let responder = load().unwrap();
        let asked = request(&ocsp_request(&world.issuing, &[serial(31)], nonce.as_ref().map(|nonce| nonce.as_slice()))).unwrap();
        let answered = || answer(&asked, (&responder, &world.issuing), &times(&world), |_| Status::Good, &broken);
        answered().unwrap();
        broken.is_broken.store(true, Ordering::SeqCst);
        let outcomes: Vec<_> = (0..3 * SAMPLE).map(|_| answered()).collect();
        assert!(outcomes.iter().flat_map(|outcome| outcome.as_ref().err()).all(|error| matches!(error, AnswerError::BadSignature)));
        // What goes to one asker alone, by a key of this process that proved itself, is looked at now and then, and after the first wrong one always.
        let left = outcomes.iter().take_while(|outcome| outcome.is_ok()).count();
        assert_eq!(left, if own_work && nonce.is_some() { SAMPLE as usize - 1 } else { 0 });
        assert!(outcomes[left..].iter().all(Result::is_err), "one more left");
    }
}

#[test]
fn an_expired_responder_answers_nothing() {
    let world = World::new();
    let responder = responder(&world);
    let asked = request(&ocsp_request(&world.issuing, &[serial(31)], None)).unwrap();
    let late = world.start + Duration::days(61);
    let times = Times { this_update: late, next_update: late + Duration::hours(8), produced_at: late };
    let refused = answer(&asked, (&responder, &world.issuing), &times, |_| Status::Good, &world.keystore);
    assert!(matches!(refused, Err(AnswerError::ResponderNotValid)), "{refused:?}");
}

#[test]
fn lists_of_end_entities_keep_what_expired_and_say_since_when() {
    let world = World::new();
    let (address, now) = (pointers().crl, world.start + Duration::hours(2));
    let entries = || [(serial(10), Revocation { at: world.start, reason: Reason::Superseded })];
    for (scope, issuer, keeps) in
        [(Scope::Shard(&address), &world.issuing, true), (Scope::Full, &world.issuing, true), (Scope::Complete, &world.root, false)]
    {
        let list = List { scope, number: 7, this_update: now, next_update: now + Duration::hours(24) };
        let der = make(&list, entries(), issuer, &world.keystore).unwrap();
        let checked = check_crl(&der, issuer.certificate_der(), now).unwrap();
        assert_eq!((checked.number(), checked.len()), (Some(7), 1));
        // Of what had expired before, a list's silence says something only where it keeps that.
        assert!(checked.remembers(now) && checked.remembers(now + Duration::days(1)));
        assert_eq!(checked.remembers(world.start + Duration::hours(1)), keeps, "{scope:?}");
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("list.crl"), &der).unwrap();
        std::fs::write(directory.path().join("ca.pem"), pem("CERTIFICATE", issuer.certificate_der())).unwrap();
        let mut command = Command::new("openssl");
        command.current_dir(directory.path()).args(["crl", "-inform", "DER", "-in", "list.crl", "-CAfile", "ca.pem", "-noout", "-text"]);
        let (good, said) = run(&mut command);
        assert!(good && said.contains("verify OK"), "{said}");
        // OpenSSL 3.0 writes the extension by its number; later ones by its name.
        assert_eq!(said.contains("2.5.29.60") || said.contains("Expired"), keeps, "{scope:?}: {said}");
    }
}

#[test]
fn an_answer_says_since_when_statuses_are_kept() {
    let world = World::new();
    let responder = responder(&world);
    let asked = request(&ocsp_request(&world.issuing, &[serial(31)], None)).unwrap();
    let der = answer(&asked, (&responder, &world.issuing), &times(&world), |_| Status::Good, &world.keystore).unwrap();
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("answer"), &der).unwrap();
    let mut command = Command::new("openssl");
    let (_, said) = run(command.current_dir(directory.path()).args(["ocsp", "-respin", "answer", "-noverify", "-resp_text"]));
    assert!(said.contains("OCSP Archive Cutoff"), "{said}");
}

#[test]
fn an_answer_is_believed_only_from_the_authority_and_while_it_is_current() {
    let world = World::new();
    let responder = responder(&world);
    let (issuing, root) = (world.issuing.certificate_der(), world.root.certificate_der());
    let asked = request(&question(issuing, &[serial(31), serial(32)]).unwrap()).unwrap();
    assert!(asked.is_bare() && !asked.has_nonce());
    let revoked = Revocation { at: world.start, reason: Reason::KeyCompromise };
    let status = |one: &Serial| if *one == serial(31) { Status::Revoked(revoked) } else { Status::Good };
    let der = answer(&asked, (&responder, &world.issuing), &times(&world), status, &world.keystore).unwrap();
    let told = check_answer(&der, issuing, world.start).unwrap();
    let whole = time::OffsetDateTime::from_unix_timestamp(world.start.unix_timestamp()).unwrap();
    assert_eq!(told, [(serial(31), Status::Revoked(Revocation { at: whole, ..revoked })), (serial(32), Status::Good)]);
    let late = check_answer(&der, issuing, world.start + Duration::hours(9));
    assert!(matches!(late, Err(OcspFault::Stale)), "{late:?}");
    let early = check_answer(&der, issuing, world.start - Duration::hours(1));
    assert!(matches!(early, Err(OcspFault::NotYet | OcspFault::BadSignature)), "{early:?}");
    let foreign = check_answer(&der, root, world.start);
    assert!(matches!(foreign, Err(OcspFault::BadSignature)), "{foreign:?}");
    let refused = check_answer(&Refusal::Unauthorized.to_der(), issuing, world.start);
    assert!(matches!(refused, Err(OcspFault::Refused { .. })), "{refused:?}");
    let mut changed = der;
    let place = changed.windows(16).position(|window| window == serial(32).as_bytes()).unwrap();
    changed[place + 3] ^= 1;
    let changed = check_answer(&changed, issuing, world.start);
    assert!(matches!(changed, Err(OcspFault::BadSignature)), "{changed:?}");
}

#[test]
fn only_a_responder_certificate_lends_its_word_to_an_answer() {
    let world = World::new();
    let leaf = world.issue(&signing::order(&employee(), None, &pointers(), &world.practice), "leaf", 41);
    let responder = responder(&world);
    let asked = request(&question(world.issuing.certificate_der(), &[serial(31)]).unwrap()).unwrap();
    let der = answer(&asked, (&responder, &world.issuing), &times(&world), |_| Status::Good, &world.keystore).unwrap();
    // The same answer with an employee's certificate in place of the responder's.
    let mut response = x509_ocsp::OcspResponse::from_der(&der).unwrap();
    let bytes = response.response_bytes.as_mut().unwrap();
    let mut basic = x509_ocsp::BasicOcspResponse::from_der(bytes.response.as_bytes()).unwrap();
    basic.certs = Some(vec![x509_cert::Certificate::from_der(&leaf.der).unwrap()]);
    let data = basic.tbs_response_data.to_der().unwrap();
    let digest = certs::keystore::Digest::of(certs::keystore::KeyKind::EcP256, &data);
    basic.signature = der::asn1::BitString::from_bytes(&world.keystore.sign(&label("leaf"), &digest).unwrap()).unwrap();
    bytes.response = der::asn1::OctetString::new(basic.to_der().unwrap()).unwrap();
    let told = check_answer(&response.to_der().unwrap(), world.issuing.certificate_der(), world.start);
    assert!(matches!(told, Err(OcspFault::BadSignature)), "{told:?}");
}

#[test]
fn reasons_keep_their_codes_and_words() {
    let codes: Vec<u8> = Reason::ALL.iter().map(|reason| reason.code()).collect();
    assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 9]);
    for reason in Reason::ALL {
        assert_eq!(Reason::from_code(reason.code()), Some(reason));
        assert_eq!(Reason::parse(reason.as_str()), Some(reason));
    }
    assert_eq!(Reason::from_code(8), None);
}
