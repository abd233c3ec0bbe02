//! Signed documents: ours in poppler's, pyHanko's and qpdf's hands, earlier signatures kept, everything wrong named.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod authority;

use authority::{Holder, Purpose, accepted, p256, python, root, run, words};
use certs::cms::{SignedAttributes, assemble, estimated_bytes, identifiers};
use certs::pades::{ChangesAfter, Coverage, Digested, Format, Integrity, SignatureRequest, gate, reserve, verify};
use certs::timestamp::{Accuracy, Answer, Request, Unit, answer};
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};
use time::macros::datetime;

const SIGNABLE: [&str; 14] = [
    "libreoffice.pdf",
    "libreoffice-archive.pdf",
    "cairo.pdf",
    "ghostscript.pdf",
    "chromium.pdf",
    "object-streams.pdf",
    "linearized.pdf",
    "linearized-streams.pdf",
    "hybrid.pdf",
    "form.pdf",
    "signed-by-pyhanko.pdf",
    "signed-by-pyhanko-streams.pdf",
    "certified-fill-forms.pdf",
    "500 pages",
];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/pdf")
}

fn fixture(name: &str) -> Vec<u8> {
    if name == "500 pages" {
        return pages(500);
    }
    fs::read(fixtures().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A document of the crate pdf-writer.
fn pages(count: i32) -> Vec<u8> {
    use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str};
    let (mut pdf, catalog, tree, font) = (Pdf::new(), Ref::new(1), Ref::new(2), Ref::new(3));
    let page = |number: i32| Ref::new(4 + number * 2);
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree).kids((0..count).map(page)).count(count);
    pdf.type1_font(font).base_font(Name(b"Helvetica"));
    for number in 0..count {
        let content = Ref::new(5 + number * 2);
        let mut writer = pdf.page(page(number));
        writer.parent(tree).media_box(Rect::new(0.0, 0.0, 595.32, 841.92)).contents(content);
        writer.resources().fonts().pair(Name(b"F1"), font);
        writer.finish();
        let mut text = Content::new();
        text.begin_text().set_font(Name(b"F1"), 14.0).next_line(72.0, 760.0);
        text.show(Str(format!("Page {}", number + 1).as_bytes())).end_text();
        pdf.stream(content, &text.finish());
    }
    pdf.finish()
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

/// What pyHanko says of each signature, as JSON lines.
fn pyhanko(directory: &Path, file: &str) -> Vec<String> {
    let judge = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/authority/judge.py");
    let foreign = fixtures().join("pyhanko.pem");
    let arguments = [judge.to_str().unwrap(), file, "root.pem", foreign.to_str().unwrap()];
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
    for name in SIGNABLE {
        let original = fixture(name);
        let before = usize::from(name.starts_with("signed") || name.starts_with("certified"));
        let once = world.sign(&original);
        let twice = world.sign(&once);
        for (file, bytes) in [("original.pdf", &original), ("once.pdf", &once), ("twice.pdf", &twice)] {
            fs::write(path.join(file), bytes).unwrap();
        }
        for (file, ours) in [("once.pdf", 1), ("twice.pdf", 2)] {
            let said = accepted("pdfsig", &["-nocert", file], path);
            assert_eq!(said.matches("Signature is Valid.").count(), before + ours, "{name} {file}: {said}");
            assert!(said.contains("ETSI.CAdES.detached") && said.contains("Total document signed"), "{name}: {said}");
            assert!(
                qpdf_status(path, file) <= qpdf_status(path, "original.pdf"),
                "{name}: {}",
                words(&run("qpdf", &["--check", file], path))
            );
            let verdicts = pyhanko(path, file);
            assert_eq!(verdicts.len(), before + ours, "{name}: {verdicts:?}");
            for (at, verdict) in verdicts.iter().enumerate() {
                let whole = if at + 1 == verdicts.len() { "\"coverage\": \"ENTIRE_FILE\"" } else { "\"coverage\": \"ENTIRE_REVISION\"" };
                for fact in ["\"intact\": true", "\"valid\": true", "\"trusted\": true", "\"docmdp_ok\": true", whole] {
                    assert!(verdict.contains(fact), "{name} {file} {at}: {fact} not in {verdict}");
                }
                assert!(at < before || verdict.contains("\"timestamp\": true"), "{name}: {verdict}");
            }
        }
    }
}

#[test]
fn bytes_before_the_header_are_kept_and_counted() {
    let world = World::new();
    let directory = tempfile::tempdir().unwrap();
    let signed = world.sign(&world.sign(&fixture("leading-bytes.pdf")));
    fs::write(directory.path().join("twice.pdf"), signed).unwrap();
    let said = accepted("pdfsig", &["-nocert", "twice.pdf"], directory.path());
    assert_eq!(said.matches("Signature is Valid.").count(), 2, "{said}");
    assert_eq!(qpdf_status(directory.path(), "twice.pdf"), 0);
}

/// Signed twice, judged by ourselves: each signature holds, the first has only the second after it.
#[test]
fn we_verify_every_fixture_and_the_gate_passes_it() {
    let world = World::new();
    for name in SIGNABLE {
        let original = fixture(name);
        let earlier = verify(&original).unwrap().len();
        let once = world.sign(&original);
        let twice = world.sign(&once);
        gate::check(&original, &once, &format!("Signature{}", if name == "form.pdf" { 2 } else { 1 }))
            .unwrap_or_else(|fault| panic!("{name}: {fault}"));
        gate::check(&once, &twice, &format!("Signature{}", if name == "form.pdf" { 3 } else { 2 }))
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
