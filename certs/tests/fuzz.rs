//! Whatever a stranger sends: seeds of every input that strangers may send, changed at random but always in the same way, and rules that must
//! hold for all of them. `./dev fuzz SECONDS` goes on for longer, with changes of its own.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use certs::ca::request::proven_key;
use certs::pades::{SignatureRequest, reserve, verify};
use certs::path::check_crl;
use certs::profiles::responder;
use certs::revocation::answer::check_answer;
use certs::revocation::crl::{List, Scope, make};
use certs::revocation::ocsp::{Limits, Responder, Status, Times, answer, parse};
use certs::revocation::{Reason, Revocation};
use certs::timestamp::Request;
use openssl::{hash::MessageDigest, pkey::PKey, x509::X509Req};
use support::{World, authority, label, ocsp_request, pointers, serial};

/// Changes of each seed in a plain test run.
const COUNT: u64 = 400;
/// The slowest that one input may be, in a build without optimisation on a busy machine.
const SLOWEST: Duration = Duration::from_secs(20);

/// A small generator (SplitMix64): the same number gives the same changes on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.roll() % bound.max(1) as u64).unwrap()
    }
}

/// One to four changes: bits, octets that lengths like, pieces cut out, doubled, moved, filled or cut off.
fn change(seed: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=dice.below(4) {
        if bytes.is_empty() {
            break;
        }
        let at = dice.below(bytes.len());
        let to = (at + 1 + dice.below(64)).min(bytes.len());
        match dice.below(9) {
            0 => bytes[at] ^= 1 << dice.below(8),
            1 => bytes[at] = [0, 1, 0x7f, 0x80, 0x81, 0x82, 0x84, 0x88, 0xfe, 0xff][dice.below(10)],
            2 => bytes[at] = bytes[at].wrapping_add(1),
            3 => bytes.truncate(at),
            4 => drop(bytes.drain(at..to)),
            5 => {
                let piece = bytes[at..to].to_vec();
                drop(bytes.splice(at..at, piece));
            }
            6 => {
                let filler = u8::try_from(dice.below(256)).unwrap();
                bytes[at..to].fill(filler);
            }
            7 => {
                let (piece, other) = (bytes[at..to].to_vec(), dice.below(bytes.len()));
                drop(bytes.splice(other..other, piece));
            }
            // Numbers in text: lengths and places of a PDF.
            _ => {
                if let Some(digit) = bytes[at..].iter().position(u8::is_ascii_digit) {
                    bytes[at + digit] = b'0' + u8::try_from(dice.below(10)).unwrap();
                }
            }
        }
    }
    bytes
}

/// For how long beyond the fixed count.
#[expect(clippy::disallowed_methods, reason = "`./dev fuzz` says in the environment how long to go on")]
fn seconds() -> u64 {
    std::env::var("SEGL_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Tries the seeds themselves and changes of them; `rule` panics when something is wrong, and the input is shown.
fn each(name: &str, seeds: &[Vec<u8>], rule: impl Fn(&[u8], &[u8])) {
    let until = Instant::now() + Duration::from_secs(seconds());
    for (number, seed) in seeds.iter().enumerate() {
        rule(seed, seed);
        let mut count = 0;
        while count < COUNT || Instant::now() < until {
            let mut dice = Dice(count * 1000 + number as u64);
            let input = change(seed, &mut dice);
            let begun = Instant::now();
            let outcome = catch_unwind(AssertUnwindSafe(|| rule(seed, &input)));
            let shown = || hex::encode(&input[..input.len().min(2000)]);
            assert!(outcome.is_ok(), "{name}: seed {number}, change {count}: {}", shown());
            assert!(begun.elapsed() < SLOWEST, "{name}: seed {number}, change {count} took {:?}: {}", begun.elapsed(), shown());
            count += 1;
        }
    }
}

#[test]
fn a_changed_certificate_request_proves_no_other_key() {
    let requests: Vec<Vec<u8>> = [openssl::nid::Nid::X9_62_PRIME256V1, openssl::nid::Nid::SECP384R1]
        .map(|curve| {
            let group = openssl::ec::EcGroup::from_curve_name(curve).unwrap();
            let key = PKey::from_ec_key(openssl::ec::EcKey::generate(&group).unwrap()).unwrap();
            let mut builder = X509Req::builder().unwrap();
            builder.set_pubkey(&key).unwrap();
            builder.sign(&key, MessageDigest::sha256()).unwrap();
            builder.build().to_der().unwrap()
        })
        .to_vec();
    each("PKCS#10", &requests, |seed, input| {
        let right = proven_key(seed).unwrap();
        if let Ok(proven) = proven_key(input) {
            assert_eq!(proven.spki(), right.spki(), "a changed request proves another key");
        }
    });
}

#[test]
fn a_changed_ocsp_request_is_answered_about_what_it_asks_or_refused() {
    let world = World::new();
    let order = responder::order(&authority("Segl DEMO OCSP 1"), &pointers().issuer_certificate, 60, &world.practice);
    let issued = world.issue(&order, "responder", 100);
    let responder = Responder::load(&issued.der, label("responder"), &world.issuing, &world.keystore).unwrap();
    let times = Times { this_update: world.start, next_update: world.start + time::Duration::hours(1), produced_at: world.start };
    let seeds = [
        ocsp_request(&world.issuing, &[serial(10)], None),
        ocsp_request(&world.issuing, &[serial(10)], Some(&[7; 32])),
        ocsp_request(&world.issuing, &(0..32).map(serial).collect::<Vec<_>>(), Some(&[7; 128])),
    ];
    each("OCSP request", &seeds, |_, input| {
        let Ok(request) = parse(input, &Limits::default()) else { return };
        assert!((1..=32).contains(&request.len()));
        let asked = request.serials(&world.issuing);
        let Ok(der) = answer(&request, (&responder, &world.issuing), &times, |_| Status::Good, &world.keystore) else { return };
        let told = check_answer(&der, world.issuing.certificate_der(), world.start).unwrap();
        assert!(told.iter().all(|(serial, _)| asked.contains(serial)), "an answer about something else");
    });
}

#[test]
fn a_changed_ocsp_answer_or_list_is_never_believed_to_say_something_else() {
    let world = World::new();
    let issuing = world.issuing.certificate_der();
    let order = responder::order(&authority("Segl DEMO OCSP 1"), &pointers().issuer_certificate, 60, &world.practice);
    let issued = world.issue(&order, "responder", 100);
    let responder = Responder::load(&issued.der, label("responder"), &world.issuing, &world.keystore).unwrap();
    let times = Times { this_update: world.start, next_update: world.start + time::Duration::hours(1), produced_at: world.start };
    let request = parse(&ocsp_request(&world.issuing, &[serial(10)], None), &Limits::default()).unwrap();
    let good = answer(&request, (&responder, &world.issuing), &times, |_| Status::Good, &world.keystore).unwrap();
    each("OCSP answer", &[good], |seed, input| {
        if let Ok(told) = check_answer(input, issuing, world.start) {
            assert_eq!(told, check_answer(seed, issuing, world.start).unwrap());
        }
    });
    let (address, end) = (pointers().crl, world.start + time::Duration::hours(24));
    let list = List { scope: Scope::Shard(&address), number: 7, this_update: world.start, next_update: end };
    let entries = (10..40).map(|seed| (serial(seed), Revocation { at: world.start, reason: Reason::Superseded }));
    let list = make(&list, entries, &world.issuing, &world.keystore).unwrap();
    each("CRL", &[list], |seed, input| {
        if let Ok(told) = check_crl(input, issuing, world.start) {
            let right = check_crl(seed, issuing, world.start).unwrap();
            assert_eq!((told.number(), told.len()), (right.number(), right.len()));
            assert!((10..40).all(|seed| told.lookup(&serial(seed)) == right.lookup(&serial(seed))));
        }
    });
}

#[test]
fn a_changed_key_file_gives_its_own_key_or_none() {
    let group = openssl::ec::EcGroup::from_curve_name(openssl::nid::Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(openssl::ec::EcKey::generate(&group).unwrap()).unwrap();
    let mut certificate = openssl::x509::X509::builder().unwrap();
    certificate.set_version(2).unwrap();
    certificate.set_pubkey(&key).unwrap();
    certificate.set_not_before(&openssl::asn1::Asn1Time::from_unix(0).unwrap()).unwrap();
    certificate.set_not_after(&openssl::asn1::Asn1Time::from_unix(1).unwrap()).unwrap();
    certificate.sign(&key, MessageDigest::sha256()).unwrap();
    let certificate = certificate.build();
    let mut builder = openssl::pkcs12::Pkcs12::builder();
    builder.pkey(&key).cert(&certificate).key_iter(1).mac_iter(1).mac_md(MessageDigest::sha256());
    let seed = builder.build2("fuzz").unwrap().to_der().unwrap();
    each("PKCS#12", &[seed], |seed, input| {
        let right = certs::elsewhere::open(seed, "fuzz").ok().unwrap();
        if let Ok(opened) = certs::elsewhere::open(input, "fuzz") {
            assert!(opened.key.public_key() == right.key.public_key(), "a changed file gives another key");
        }
        // What is inside travels without protection of its own.
        let examined = certs::elsewhere::examine(input, &[], certs::elsewhere::Use::Seal, time::OffsetDateTime::UNIX_EPOCH);
        assert!(examined.is_err(), "a key file is no certificate");
    });
}

#[test]
fn a_changed_time_stamp_request_is_read_or_refused() {
    let seeds = [Request::new([7; 32], None).to_der(), Request::new([8; 32], Some(u64::MAX)).to_der()];
    each("time-stamp request", &seeds, |_, input| {
        if let Ok(request) = Request::parse(input) {
            let again = Request::parse(&request.to_der());
            assert!(again.is_ok(), "what was read can be written and read again");
        }
    });
}

#[test]
fn a_changed_pdf_is_reserved_and_judged_or_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/pdf");
    let mut seeds: Vec<Vec<u8>> =
        ["hybrid.pdf", "linearized-streams.pdf", "object-streams.pdf", "signed-by-pyhanko.pdf", "leading-bytes.pdf"]
            .iter()
            .map(|name| std::fs::read(folder.join(name)).unwrap())
            .filter(|pdf| pdf.len() < 200_000)
            .collect();
    assert!(seeds.len() >= 3, "the seeds are there");
    // The end of a file says where all the rest is: changed alone it is hit every time.
    let tails: Vec<(Vec<u8>, Vec<u8>)> = seeds
        .iter()
        .map(|pdf| {
            let (head, tail) = pdf.split_at(pdf.len() - pdf.len().min(600));
            (head.to_vec(), tail.to_vec())
        })
        .collect();
    let judge = |input: &[u8]| {
        let request = SignatureRequest {
            field_name: None,
            description: None,
            name: Some("Fuzz".into()),
            reason: None,
            location: None,
            signing_time: time::OffsetDateTime::UNIX_EPOCH + Duration::from_secs(1_795_377_600),
            contents_bytes: 4096,
        };
        if let Ok(reserved) = reserve(input, &request) {
            let digested = reserved.digest();
            let signed = digested.embed(&[0x30, 0x03, 0x02, 0x01, 0x01]).unwrap().append_to(input).unwrap();
            assert!(signed.starts_with(input), "what was there stays as it is");
        }
        let _refused_or_reports = verify(input);
    };
    for (head, tail) in &tails {
        each("PDF, its end", std::slice::from_ref(tail), |_, input| judge(&[head.as_slice(), input].concat()));
    }
    seeds.truncate(2);
    each("PDF", &seeds, |_, input| judge(input));
}
