//! PDFs to be signed: the fixtures from several producers, a large one made here, and broken ones.

use std::path::PathBuf;

use pdf_writer::{Content, Finish as _, Name, Pdf, Rect, Ref, Str};

/// Every fixture that can be signed, by many producers; two of them carry a signature of pyHanko already.
pub const SIGNABLE: [&str; 13] = [
    "libreoffice",
    "libreoffice-archive",
    "cairo",
    "ghostscript",
    "chromium",
    "object-streams",
    "linearized",
    "linearized-streams",
    "hybrid",
    "form",
    "signed-by-pyhanko",
    "signed-by-pyhanko-streams",
    "certified-fill-forms",
];

/// The folder of the tests, from any crate of the workspace.
pub fn tests_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests")
}

/// A fixture's path.
pub fn path(name: &str) -> PathBuf {
    tests_folder().join(format!("fixtures/pdf/{name}.pdf"))
}

/// A fixture's bytes.
///
/// # Panics
/// When it is not there.
pub fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A document of so many pages, made by the crate pdf-writer.
pub fn pages(count: i32) -> Vec<u8> {
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

/// The same bytes with one of them flipped inside what the last signature covers.
///
/// # Panics
/// When there is no signature.
pub fn flipped(signed: &[u8]) -> Vec<u8> {
    let mut broken = signed.to_vec();
    // A digit of the producer's own first page object is among the covered bytes; the header line stays as it is.
    let at = 20 + broken[20..].iter().position(u8::is_ascii_digit).expect("a PDF holds digits");
    broken[at] ^= 1;
    broken
}
