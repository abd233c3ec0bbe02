//! What somebody may append to a signed document, written by hand: each is named, none passes for harmless.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod authority;

use authority::{Holder, Purpose, accepted, p256, root};
use certs::cms::{SignedAttributes, assemble, identifiers};
use certs::pades::{Change, ChangesAfter, PdfError, SignatureFault, SignatureReport, SignatureRequest, gate, reserve, verify};
use std::fmt::Write as _;
use time::macros::datetime;

const PAGES: &str = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>";
const PAGE: &str = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>";
const TEXT: &str = "<< /Length 45 >>\nstream\nBT /F1 18 Tf 72 760 Td (Six rye loaves) Tj ET\nendstream";

/// A document of these objects, numbered from 1.
fn document(objects: &[&str]) -> Vec<u8> {
    let numbered: Vec<(usize, &str)> = (1..).zip(objects.iter().copied()).collect();
    append(b"%PDF-1.7\n".to_vec(), &numbered, "/Root 1 0 R")
}

/// One more revision with a cross-reference table.
fn append(mut pdf: Vec<u8>, objects: &[(usize, &str)], trailer: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(&pdf).into_owned();
    let previous = text.rsplit_once("startxref\n").map(|(_, rest)| rest.lines().next().unwrap().to_owned());
    let mut table = String::from("xref\n0 1\n0000000000 65535 f \n");
    for (number, body) in objects {
        write!(table, "{number} 1\n{:010} 00000 n \n", pdf.len()).unwrap();
        pdf.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    }
    let start = pdf.len();
    let previous = previous.map_or_else(String::new, |offset| format!("/Prev {offset}"));
    pdf.extend(format!("{table}trailer\n<< /Size 200 {trailer} {previous} >>\nstartxref\n{start}\n%%EOF\n").bytes());
    pdf
}

fn signer() -> Holder {
    root().issue("Åse", 1, Purpose::Signing, p256())
}

fn sign(signer: &Holder, original: &[u8]) -> Vec<u8> {
    let request = SignatureRequest {
        field_name: None,
        description: None,
        name: None,
        reason: None,
        location: None,
        signing_time: datetime!(2026-11-22 20:00 UTC),
        contents_bytes: 2000,
    };
    let digested = reserve(original, &request).unwrap().digest();
    let attributes = SignedAttributes::new(identifiers::DATA, digested.sha256(), &signer.der(), None).unwrap();
    let message = assemble(&attributes, &signer.sign_digest(&attributes.digest()), &signer.der(), &[], None, None).unwrap();
    digested.embed(&message).unwrap().append_to(original).unwrap()
}

fn only(pdf: &[u8]) -> SignatureReport {
    let mut reports = verify(pdf).unwrap();
    assert_eq!(reports.len(), 1);
    reports.remove(0)
}

fn assert_named(pdf: &[u8], change: Change) {
    let report = only(pdf);
    assert!(report.is_intact(), "{report:?}");
    let ChangesAfter::Other(changes) = &report.changes else { panic!("{change:?} passed as {:?}", report.changes) };
    assert!(changes.contains(&change), "{change:?} is not among {changes:?}");
    assert!(!report.changes.leaves_pages_alone());
}

fn plain() -> Vec<u8> {
    document(&["<< /Type /Catalog /Pages 2 0 R >>", PAGES, PAGE, TEXT])
}

const SEVEN: &str = "<< /Length 47 >>\nstream\nBT /F1 18 Tf 72 760 Td (Seven rye loaves) Tj ET\nendstream";

#[test]
fn replaced_content_is_named() {
    let signed = sign(&signer(), &plain());
    assert_named(&append(signed, &[(4, SEVEN)], "/Root 1 0 R"), Change::Object { number: 4 });
}

#[test]
fn a_replaced_catalog_is_named() {
    let signed = sign(&signer(), &plain());
    let text = String::from_utf8_lossy(&signed).into_owned();
    let form = text.split_once("/AcroForm ").unwrap().1.split_once(" R").unwrap().0;
    let catalog = format!("<< /Type /Catalog /Pages 2 0 R /AcroForm {form} R /X 1 >>");
    assert_named(&append(signed, &[(50, &catalog)], "/Root 50 0 R"), Change::Root);
}

#[test]
fn a_reference_that_was_left_open_for_later_is_named() {
    let prepared = PAGE.replace("4 0 R", "[4 0 R 99 0 R]");
    let signed = sign(&signer(), &document(&["<< /Type /Catalog /Pages 2 0 R >>", PAGES, &prepared, TEXT]));
    assert_named(&append(signed, &[(99, SEVEN)], "/Root 1 0 R"), Change::DanglingReferenceFilled { number: 99 });
}

#[test]
fn content_that_calls_itself_metadata_is_named_as_content() {
    let disguised = TEXT.replace("<< ", "<< /Type /Metadata ");
    for catalog in ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Catalog /Pages 2 0 R /Metadata 4 0 R >>"] {
        let signed = sign(&signer(), &document(&[catalog, PAGES, PAGE, &disguised]));
        assert_named(&append(signed, &[(4, SEVEN)], "/Root 1 0 R"), Change::Object { number: 4 });
    }
}

#[test]
fn a_page_that_calls_itself_document_information_is_named() {
    let original = append(plain(), &[], "/Root 1 0 R /Info 3 0 R");
    let signed = sign(&signer(), &original);
    let page = PAGE.replace("4 0 R", "90 0 R");
    let changed = append(signed, &[(3, &page), (90, SEVEN)], "/Root 1 0 R /Info 3 0 R");
    assert_named(&changed, Change::Page { number: 3 });
}

/// The array of the form's fields is also the page tree's: a new field would be a new page.
#[test]
fn a_field_that_is_also_a_page_is_named() {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R >>",
        "<< /Type /Pages /Kids 5 0 R /Count 1 >>",
        PAGE,
        TEXT,
        "[3 0 R]",
        "<< /Fields 5 0 R >>",
    ];
    let signed = sign(&signer(), &document(&objects));
    let text = String::from_utf8_lossy(&signed);
    let (_, tail) = text.rsplit_once("\n5 0 obj\n[").unwrap();
    let fields = tail.split_once(']').unwrap().0.to_owned();
    let page = "<< /FT /Sig /T (Later) /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 91 0 R >>";
    let changed = append(signed, &[(5, &format!("[{fields} 90 0 R]")), (90, page), (91, SEVEN)], "/Root 1 0 R");
    assert_named(&changed, Change::Object { number: 5 });
}

#[test]
fn an_unsigned_field_that_shows_something_is_named() {
    let signed = sign(&signer(), &plain());
    let text = String::from_utf8_lossy(&signed).into_owned();
    let field = text.split_once("/Fields [").unwrap().1.split_once(']').unwrap().0.to_owned();
    let form = text.split_once("/AcroForm ").unwrap().1.split_once(" 0 R").unwrap().0.parse::<usize>().unwrap();
    let widget = "<< /FT /Sig /T (Later) /Subtype /Widget /Rect [0 0 595 842] /P 3 0 R /AP << /N 91 0 R >> >>";
    let fields = format!("<< /Fields [{field} 90 0 R] /SigFlags 3 >>");
    let changed = append(signed, &[(form, &fields), (90, widget), (91, SEVEN)], "/Root 1 0 R");
    assert_named(&changed, Change::VisibleUnsignedField { number: 90 });
}

#[test]
fn bytes_after_the_end_are_named_and_blank_ones_are_not() {
    let signed = sign(&signer(), &plain());
    assert_eq!(only(&[&signed[..], b"\n\n"].concat()).changes, ChangesAfter::None);
    assert_named(&[&signed[..], b"% PAID\n"].concat(), Change::TrailingBytes);
}

/// The signature dictionary is copied into a later revision, its byte range still pointing at the first.
#[test]
fn a_copied_signature_proves_nothing() {
    let signed = sign(&signer(), &plain());
    let text = String::from_utf8_lossy(&signed).into_owned();
    let dictionary = text.split_once("200 0 obj\n").unwrap().1.split_once("\nendobj").unwrap().0.to_owned();
    assert!(dictionary.contains("/Type /Sig"));
    let copied = append(signed, &[(200, &dictionary), (4, SEVEN)], "/Root 1 0 R");
    assert_eq!(only(&copied).integrity, Err(SignatureFault::ContentsPlace));
}

#[test]
fn a_cross_reference_chain_that_bites_its_tail_is_refused() {
    let pdf = plain();
    let text = String::from_utf8_lossy(&pdf).into_owned();
    let start = text.rsplit_once("startxref\n").unwrap().1.lines().next().unwrap().to_owned();
    let biting = text.replace("/Root 1 0 R ", &format!("/Root 1 0 R /Prev {start} "));
    assert!(matches!(verify(biting.as_bytes()), Err(PdfError::CrossReferenceBroken { .. })));
}

#[test]
fn the_gate_keeps_back_what_is_not_the_original_and_one_signature_more() {
    let original = plain();
    let signed = sign(&signer(), &original);
    gate::check(&original, &signed, "Signature1").unwrap();
    assert_eq!(gate::check(&original, &signed, "Signature2"), Err(gate::GateFault::NewSignature));
    assert_eq!(gate::check(&original, &original, "Signature1"), Err(gate::GateFault::NewSignature));
    assert_eq!(gate::check(&signed, &original, "Signature1"), Err(gate::GateFault::Prefix));
    let changed = append(signed.clone(), &[(4, SEVEN)], "/Root 1 0 R");
    let twice = sign(&signer(), &changed);
    assert_eq!(gate::check(&signed, &twice, "Signature2"), Err(gate::GateFault::EarlierSignature { index: 0 }));
    let pages = "<< /Type /Pages /Kids [3 0 R 92 0 R] /Count 2 >>";
    let longer = append(original.clone(), &[(2, pages), (92, PAGE)], "/Root 1 0 R");
    assert!(matches!(gate::check(&original, &sign(&signer(), &longer), "Signature1"), Err(gate::GateFault::Pages { .. })));
}

#[test]
fn thirty_signatures_stand_on_one_document() {
    let signer = signer();
    let mut pdf = plain();
    for _ in 0..30 {
        pdf = sign(&signer, &pdf);
    }
    let reports = verify(&pdf).unwrap();
    assert_eq!(reports.len(), 30);
    for (at, report) in reports.iter().enumerate() {
        assert!(report.is_intact());
        assert_eq!(report.changes, if at == 29 { ChangesAfter::None } else { ChangesAfter::OnlySignatures });
        assert_eq!(report.field_name, format!("Signature{}", at + 1));
    }
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("many.pdf"), &pdf).unwrap();
    let said = accepted("pdfsig", &["-nocert", "many.pdf"], directory.path());
    assert_eq!(said.matches("Signature is Valid.").count(), 30);
}

/// Two pages' worth of objects in an object stream with the number 5, behind a cross-reference stream of one-byte rows or wider.
fn with_streams(length_of_objects: &str, rows: &dyn Fn(usize, usize) -> (String, Vec<u8>)) -> Vec<u8> {
    let mut pdf = b"%PDF-1.7\n".to_vec();
    let inside = "1 0 7 60 << /Type /Catalog /Pages 2 0 R >>".to_owned();
    let inside = format!("{inside:<72} 100 ");
    let objects = pdf.len();
    let head = format!("5 0 obj\n<< /Type /ObjStm /N 2 /First 9 /Length {length_of_objects} >>\nstream\n{inside}\nendstream\nendobj\n");
    pdf.extend(head.bytes());
    let start = pdf.len();
    let (entries, data) = rows(objects, start);
    let length = data.len();
    pdf.extend(format!("6 0 obj\n<< /Type /XRef /Root 1 0 R {entries} /Length {length} >>\nstream\n").bytes());
    pdf.extend(data);
    pdf.extend(format!("\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n").bytes());
    pdf
}

#[test]
fn an_object_stream_that_holds_its_own_length_is_read_once() {
    let pdf = with_streams("7 0 R", &|objects, start| {
        let row = |kind: u8, at: usize| [&[kind][..], &u32::try_from(at).unwrap().to_be_bytes()].concat();
        let data = [row(0, 0), row(2, 5), row(0, 0), row(0, 0), row(0, 0), row(1, objects), row(1, start), row(2, 5)].concat();
        ("/Size 8 /W [1 4 0]".to_owned(), data)
    });
    assert_eq!(verify(&pdf).unwrap(), []);
}

#[test]
fn millions_of_cross_references_in_a_few_bytes_are_refused() {
    let pdf = with_streams("80", &|_, _| {
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut packed, &vec![0; 30_000_000]).unwrap();
        ("/Size 30000000 /W [1 0 0] /Filter /FlateDecode".to_owned(), packed.finish().unwrap())
    });
    assert!(pdf.len() < 100_000);
    assert!(verify(&pdf).is_err());
}

#[test]
fn an_object_of_millions_of_values_is_refused() {
    let many = format!("<< /Type /Catalog /Pages 2 0 R /Many [{}] >>", "0 ".repeat(1_000_001));
    assert!(verify(&document(&[&many, PAGES, PAGE, TEXT])).is_err());
}
