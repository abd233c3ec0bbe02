//! Signed documents: ours in poppler's, pyHanko's and qpdf's hands, earlier signatures kept, everything wrong named.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod authority;
#[path = "../../tests/support/papers.rs"]
#[allow(dead_code, reason = "shared with the tests of the whole service")]
mod papers;

use authority::{Holder, Purpose, accepted, p256, python, root, rsa, run, words};
use certs::cms::{SignedAttributes, assemble, estimated_bytes, identifiers};
use certs::pades::{
    Change, ChangesAfter, Coverage, Digested, Format, Integrity, PdfError, SignatureFault, SignatureReport, SignatureRequest, gate,
    reserve, verify,
};
use certs::timestamp::{Accuracy, Answer, Request, Unit, answer};
use papers::{SIGNABLE, fixture, pages, tests_folder};
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use std::fs;
use std::path::Path;
use time::macros::datetime;

/// Every fixture that can be signed, and a large one.
fn signable() -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    SIGNABLE.into_iter().map(|name| (name, fixture(name))).chain([("500 pages", pages(500))])
}

struct World {
    root: Holder,
    signer: Holder,
    unit: Holder,
}

impl World {
    fn new() -> Self {
        let root = root();
        let signer = root.issue("Åse Ødegård", 1, Purpose::Signing, p256());
        let unit = root.issue("TSA", 2, Purpose::TimeStamping, p256());
        Self { root, signer, unit }
    }

    fn request(&self) -> SignatureRequest {
        SignatureRequest {
            field_name: None,
            description: Some("Underskrift af Åse".into()),
            name: Some("Åse Ødegård".into()),
            reason: Some("Approved (by the board)".into()),
            location: None,
            signing_time: datetime!(2026-11-22 20:00 UTC),
            contents_bytes: estimated_bytes(&self.signer.der(), &[self.root.der()], 3000),
        }
    }

    fn message(&self, signer: &Holder, digested: &Digested) -> Vec<u8> {
        let attributes = SignedAttributes::new(identifiers::DATA, digested.sha256(), &signer.der(), None).unwrap();
        let signature = signer.sign_digest(&attributes.digest());
        let token = self.stamp(&signature);
        assemble(&attributes, &signature, &signer.der(), &[self.root.der()], Some(&token), None).unwrap()
    }

    fn stamp(&self, signature: &[u8]) -> Vec<u8> {
        let unit = Unit {
            certificate: self.unit.der(),
            chain: vec![self.root.der()],
            policy: "1.3.6.1.4.1.99999.1.3.1".parse().unwrap(),
            accuracy: Accuracy { seconds: 1, milliseconds: 0 },
        };
        let request = Request::new(Sha256::digest(signature).into(), None).to_der();
        let sign = |digest: &[u8; 32]| Ok::<_, Infallible>(self.unit.sign_digest(digest));
        let Answer::Granted { token, .. } = answer(&request, &unit, &[7], datetime!(2026-11-22 20:00:05 UTC), sign) else {
            panic!("refused")
        };
        token
    }

    /// The whole way, with a pause outside the process between digest and message.
    fn sign(&self, original: &[u8]) -> Vec<u8> {
        self.sign_as(&self.signer, original)
    }

    fn sign_as(&self, signer: &Holder, original: &[u8]) -> Vec<u8> {
        let digested = reserve(original, &self.request()).unwrap().digest();
        let paused = Digested::from_bytes(&digested.to_bytes()).unwrap();
        assert_eq!(paused, digested);
        let message = self.message(signer, &paused);
        let signed = paused.embed(&message).unwrap().append_to(original).unwrap();
        assert!(signed.starts_with(original));
        signed
    }
}

/// What pyHanko says of each signature of these files, as JSON lines.
fn pyhanko(directory: &Path, files: &[String]) -> Vec<String> {
    let judge = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/authority/judge.py");
    let foreign = tests_folder().join("fixtures/pdf/pyhanko.pem");
    let mut arguments = vec![judge.to_str().unwrap(), "root.pem", foreign.to_str().unwrap(), "--"];
    arguments.extend(files.iter().map(String::as_str));
    accepted(&python(), &arguments, directory).lines().map(str::to_owned).collect()
}

fn qpdf_status(directory: &Path, file: &str) -> i32 {
    run("qpdf", &["--check", file], directory).status.code().unwrap()
}

#[test]
fn poppler_pyhanko_and_qpdf_accept_our_signatures_on_every_fixture() {
    let world = World::new();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    fs::write(path.join("root.pem"), world.root.pem()).unwrap();
    let mut judged = Vec::new();
    for (name, original) in signable() {
        let once = world.sign(&original);
        let twice = world.sign(&once);
        fs::write(path.join("original.pdf"), &original).unwrap();
        for (ours, bytes) in [(1, &once), (2, &twice)] {
            let file = format!("{ours} {name}");
            fs::write(path.join(&file), bytes).unwrap();
            let said = accepted("pdfsig", &["-nocert", &file], path);
            assert_eq!(said.matches("Signature is Valid.").count(), signatures_of(name) + ours, "{file}: {said}");
            assert!(said.contains("ETSI.CAdES.detached") && said.contains("Total document signed"), "{file}: {said}");
            assert!(qpdf_status(path, &file) <= qpdf_status(path, "original.pdf"), "{file}");
            judged.push((file, signatures_of(name), ours));
        }
    }
    let files: Vec<String> = judged.iter().map(|(file, _, _)| file.clone()).collect();
    let lines = pyhanko(path, &files);
    for (file, before, ours) in judged {
        let of_file = format!("{{\"file\": \"{file}\"");
        let verdicts: Vec<&String> = lines.iter().filter(|line| line.starts_with(&of_file)).collect();
        assert_eq!(verdicts.len(), before + ours, "{file}: {lines:?}");
        for (at, verdict) in verdicts.iter().enumerate() {
            let coverage = if at + 1 == verdicts.len() { "ENTIRE_FILE" } else { "ENTIRE_REVISION" };
            let coverage = format!("\"coverage\": \"{coverage}\"");
            for fact in ["\"intact\": true", "\"valid\": true", "\"trusted\": true", "\"docmdp_ok\": true", &coverage] {
                assert!(verdict.contains(fact), "{file} {at}: {fact} not in {verdict}");
            }
            assert!(at < before || verdict.contains("\"timestamp\": true"), "{file}: {verdict}");
        }
    }
}

/// How many signatures a fixture brings with it.
fn signatures_of(name: &str) -> usize {
    usize::from(name.starts_with("signed") || name.starts_with("certified"))
}

#[test]
fn bytes_before_the_header_are_kept_and_counted() {
    let world = World::new();
    let directory = tempfile::tempdir().unwrap();
    let signed = world.sign(&world.sign(&fixture("leading-bytes")));
    fs::write(directory.path().join("twice.pdf"), signed).unwrap();
    let said = accepted("pdfsig", &["-nocert", "twice.pdf"], directory.path());
    assert_eq!(said.matches("Signature is Valid.").count(), 2, "{said}");
    assert_eq!(qpdf_status(directory.path(), "twice.pdf"), 0);
}

/// Signed twice, judged by ourselves: each signature holds, the first has only the second after it.
#[test]
fn we_verify_every_fixture_and_the_gate_passes_it() {
    let world = World::new();
    for (name, original) in signable() {
        let earlier = verify(&original).unwrap().len();
        let once = world.sign(&original);
        let twice = world.sign(&once);
        gate::check(&original, &once, &format!("Signature{}", if name == "form" { 2 } else { 1 }))
            .unwrap_or_else(|fault| panic!("{name}: {fault}"));
        gate::check(&once, &twice, &format!("Signature{}", if name == "form" { 3 } else { 2 }))
            .unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let reports = verify(&twice).unwrap();
        assert_eq!(reports.len(), earlier + 2, "{name}");
        for (at, report) in reports.iter().enumerate() {
            let Ok(Integrity::Signature { message, time_stamp }) = &report.integrity else { panic!("{name}: {report:?}") };
            let newest = at + 1 == reports.len();
            assert_eq!(report.changes, if newest { ChangesAfter::None } else { ChangesAfter::OnlySignatures }, "{name} {at}");
            assert_eq!(report.coverage == Some(Coverage::WholeFile), newest, "{name} {at}");
            assert_eq!(report.format, Format::Cades);
            if at >= earlier {
                assert_eq!(message.signer_certificate, world.signer.der());
                let stamp = time_stamp.as_ref().unwrap().as_ref().unwrap();
                assert_eq!(stamp.at, datetime!(2026-11-22 20:00:05 UTC));
                assert_eq!(report.claims.name.as_deref(), Some("Åse Ødegård"));
                assert_eq!(report.claims.reason.as_deref(), Some("Approved (by the board)"));
                assert_eq!(report.claims.date.as_deref(), Some("D:20261122200000Z"));
            }
        }
    }
}

#[test]
fn what_is_wrong_with_a_document_is_named_and_it_is_left_alone() {
    let world = World::new();
    let whole = fixture("cairo");
    let mut moved = fixture("ghostscript");
    let at = moved.windows(9).rposition(|window| window == b"startxref").unwrap();
    moved[at + 10..at + 13].copy_from_slice(b"100");
    let pageless = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n\
        xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000058 00000 n \ntrailer\n<< /Size 3 /Root 1 0 R >>\nstartxref\n110\n%%EOF\n";
    let cases: [(&str, Vec<u8>, PdfError); 8] = [
        ("text", b"Dear Sir or Madam".to_vec(), PdfError::NotPdf),
        ("empty", Vec::new(), PdfError::NotPdf),
        ("half", whole[..whole.len() / 2].to_vec(), PdfError::Truncated),
        ("without its last line", whole[..whole.len() - 5].to_vec(), PdfError::Truncated),
        ("encrypted", fixture("encrypted"), PdfError::Encrypted),
        ("certified", fixture("certified-no-changes"), PdfError::Locked),
        ("XFA", fixture("xfa"), PdfError::Xfa),
        ("without pages", pageless.to_vec(), PdfError::NoPages),
    ];
    for (what, document, expected) in cases {
        assert_eq!(reserve(&document, &world.request()).unwrap_err(), expected, "{what}");
    }
    let broken = reserve(&moved, &world.request()).unwrap_err();
    assert!(matches!(broken, PdfError::CrossReferenceBroken { .. }), "{broken}");
    for name in ["", "a.b", "Signature1"] {
        let request = SignatureRequest { field_name: Some(name.into()), ..world.request() };
        assert_eq!(reserve(&fixture("form"), &request).unwrap_err(), PdfError::FieldName);
    }
}

#[test]
fn too_little_room_is_said_with_the_size_that_is_needed() {
    let world = World::new();
    let original = fixture("cairo");
    let digested = reserve(&original, &SignatureRequest { contents_bytes: 500, ..world.request() }).unwrap().digest();
    let message = world.message(&world.signer, &digested);
    let expected = PdfError::ContentsOverflow { needed_bytes: message.len(), reserved_bytes: 500 };
    assert_eq!(digested.embed(&message).unwrap_err(), expected);
}

#[test]
fn a_paused_signature_fits_only_its_own_document() {
    let world = World::new();
    let (original, other) = (fixture("cairo"), fixture("chromium"));
    let digested = reserve(&original, &world.request()).unwrap().digest();
    let mut damaged = digested.to_bytes();
    damaged[60] ^= 1;
    assert_eq!(Digested::from_bytes(&damaged), Err(PdfError::Paused));
    assert_eq!(Digested::from_bytes(b""), Err(PdfError::Paused));
    let message = world.message(&world.signer, &digested);
    let signed = digested.embed(&message).unwrap();
    assert_eq!(signed.append_to(&other), Err(PdfError::Paused));
    assert_eq!(signed.append_to(&original).unwrap(), [&original[..], signed.increment()].concat());
}

#[test]
fn rsa_signers_are_accepted_too() {
    let world = World::new();
    let signer = world.root.issue("Bjørn", 5, Purpose::Signing, rsa());
    let directory = tempfile::tempdir().unwrap();
    let signed = world.sign_as(&signer, &fixture("libreoffice"));
    fs::write(directory.path().join("signed.pdf"), &signed).unwrap();
    assert!(accepted("pdfsig", &["-nocert", "signed.pdf"], directory.path()).contains("Signature is Valid."));
    assert!(verify(&signed).unwrap()[0].is_intact());
}

#[test]
fn a_flipped_byte_is_found_by_us_and_by_poppler() {
    let world = World::new();
    let original = fixture("libreoffice");
    let signed = world.sign(&original);
    let directory = tempfile::tempdir().unwrap();
    for at in [15, original.len() / 2, original.len() + 2, signed.len() - 60] {
        let mut flipped = signed.clone();
        flipped[at] ^= 0x04;
        let ours = verify(&flipped);
        assert!(ours.as_ref().map_or(true, |reports| !reports.iter().any(SignatureReport::is_intact)), "byte {at}: {ours:?}");
        fs::write(directory.path().join("flipped.pdf"), &flipped).unwrap();
        let said = words(&run("pdfsig", &["-nocert", "flipped.pdf"], directory.path()));
        assert!(!said.contains("Signature is Valid."), "byte {at}: {said}");
        assert!(gate::check(&original, &flipped, "Signature1").is_err());
    }
}

#[test]
fn what_others_do_after_our_signature_is_told_apart() {
    let world = World::new();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let later = world.root.issue("Later", 9, Purpose::Signing, rsa());
    fs::write(path.join("signer.pem"), later.pem()).unwrap();
    fs::write(path.join("key.pem"), later.key_pem()).unwrap();
    let unit = world.root.issue("Later TSA", 10, Purpose::TimeStamping, rsa());
    fs::write(path.join("tsa.pem"), unit.pem()).unwrap();
    fs::write(path.join("tsa-key.pem"), unit.key_pem()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/authority/later.py");
    for source in ["form", "object-streams"] {
        fs::write(path.join("signed.pdf"), world.sign(&fixture(source))).unwrap();
        let mut all = vec![
            "sign",
            "sign-visible",
            "sign-older-format",
            "stamp",
            "evidence",
            "empty-field",
            "content",
            "contents-stream",
            "title",
            "note",
            "action",
        ];
        if source == "form" {
            all.push("fill");
        }
        accepted(&python(), &[&[script.to_str().unwrap(), "signed.pdf"], &all[..]].concat(), path);
        for what in all {
            let reports = verify(&fs::read(path.join(format!("{what}.pdf"))).unwrap()).unwrap();
            let ours = &reports[0];
            assert!(ours.is_intact(), "{source} {what}: {ours:?}");
            let named = |wanted: fn(&Change) -> bool| match &ours.changes {
                ChangesAfter::Other(list) => list.iter().any(wanted),
                ChangesAfter::None | ChangesAfter::OnlySignatures | ChangesAfter::OnlyValidationData | ChangesAfter::Unknown => false,
            };
            let right = match what {
                // pyHanko renews the XMP metadata of documents that have some, which is named but shows nowhere.
                "sign" | "sign-visible" | "sign-older-format" | "empty-field" => {
                    ours.changes.leaves_pages_alone() && (source != "form" || ours.changes == ChangesAfter::OnlySignatures)
                }
                "stamp" | "evidence" => {
                    ours.changes.leaves_pages_alone() && (source != "form" || ours.changes == ChangesAfter::OnlyValidationData)
                }
                "title" => named(|change| *change == Change::DocumentInformation) && ours.changes.leaves_pages_alone(),
                _ if ours.changes.leaves_pages_alone() => false,
                "content" | "note" => named(|change| matches!(change, Change::Page { .. })),
                "contents-stream" => named(|change| matches!(change, Change::Object { .. })),
                "fill" => named(|change| matches!(change, Change::FormField { .. })),
                _ => named(|change| *change == Change::Catalog { key: "OpenAction".into() }),
            };
            assert!(right, "{source} {what}: {:?}", ours.changes);
            if what.starts_with("sign") || what == "stamp" {
                assert!(reports[1].is_intact(), "{source} {what}: {:?}", reports[1]);
                assert_eq!(reports[1].changes, ChangesAfter::None);
            }
        }
    }
}

#[test]
fn a_byte_range_that_leaves_out_more_than_the_message_is_refused() {
    let world = World::new();
    let original = fixture("cairo");
    let digested = reserve(&original, &world.request()).unwrap().digest();
    let message = world.message(&world.signer, &digested);
    let signed = digested.embed(&message).unwrap().append_to(&original).unwrap();
    let at = signed.windows(12).rposition(|window| window == b"/ByteRange [").unwrap() + 12;
    let end = at + signed[at..].iter().position(|byte| *byte == b']').unwrap();
    let numbers: Vec<usize> =
        std::str::from_utf8(&signed[at..end]).unwrap().split_whitespace().map(|number| number.parse().unwrap()).collect();
    let change = |range: [usize; 4]| {
        let mut changed = signed.clone();
        let text = format!("{} {} {} {}", range[0], range[1], range[2], range[3]);
        changed[at..end].fill(b' ');
        changed[at..at + text.len()].copy_from_slice(text.as_bytes());
        verify(&changed).unwrap().remove(0).integrity.unwrap_err()
    };
    let [zero, before, start, length] = numbers[..] else { panic!("{numbers:?}") };
    assert_eq!(change([1, before - 1, start, length]), SignatureFault::ByteRange);
    assert_eq!(change([zero, before - 1, start, length]), SignatureFault::ContentsPlace);
    assert_eq!(change([zero, before, start + 1, length - 1]), SignatureFault::ContentsPlace);
    assert_eq!(change([zero, before, start, length + 1]), SignatureFault::ByteRange);
    assert_eq!(change([zero, before, before, length]), SignatureFault::ByteRange);

    // Bytes hidden behind the message within its place are not covered by anything.
    let mut hidden = signed.clone();
    hidden[start - 3] = b'7';
    assert_eq!(verify(&hidden).unwrap()[0].integrity, Err(SignatureFault::ContentsPadding));
}

#[test]
fn damaged_documents_get_an_answer_and_never_a_valid_signature() {
    let world = World::new();
    for name in ["form", "hybrid", "object-streams"] {
        let signed = world.sign(&fixture(name));
        let step = signed.len() / 400 + 1;
        for length in (0..signed.len()).step_by(step) {
            // A cut document may end at the original's end, never at a valid signature's.
            let cut = verify(&signed[..length]);
            assert!(cut.map_or(true, |reports| reports.is_empty() || reports.iter().all(|report| !report.is_intact())), "{name} {length}");
        }
        // In the message's own place only what the signature covers must hold, and `tests/cms.rs` sees to that.
        let place = signed.windows(10).rposition(|window| window == b"/Contents ").unwrap();
        let place = place..place + signed[place..].iter().position(|byte| *byte == b'>').unwrap();
        for at in (0..signed.len()).step_by(step).filter(|at| !place.contains(at)) {
            for value in [0, b'9', b'<', 0xff] {
                let mut damaged = signed.clone();
                if damaged[at] == value {
                    continue;
                }
                damaged[at] = value;
                let intact = verify(&damaged).is_ok_and(|reports| reports.iter().any(SignatureReport::is_intact));
                assert!(!intact, "{name}: byte {at} = {value}");
                let _ = reserve(&damaged, &world.request());
            }
        }
    }
}
