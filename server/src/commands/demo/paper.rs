//! The demonstration's papers: a one-page contract made here, and a signed one changed by a stranger.

use pdf_writer::{Content, Date, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};

const LINES: [&str; 5] = [
    "Dette dokument er lavet til demonstrationen af Segl.",
    "Parterne er enige om, at brødet skal være friskt hver morgen kl. 6,",
    "og at bådene lægger til ved havnens nordlige mole.",
    // Without Danish letters, so that the line stands readable in the file.
    "Pris: 4.220 kr.",
    "Korsør, november 2026",
];

/// A one-page PDF with a title and a few lines of Danish.
pub fn contract(title: &str) -> Vec<u8> {
    let [catalog, tree, page, font, content, info] = [1, 2, 3, 4, 5, 6].map(Ref::new);
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(tree).lang(TextStr("da"));
    pdf.document_info(info).title(TextStr(title)).creation_date(Date::new(2026));
    pdf.pages(tree).kids([page]).count(1);
    let mut sheet = pdf.page(page);
    sheet.parent(tree).media_box(Rect::new(0.0, 0.0, 595.0, 842.0)).contents(content);
    sheet.resources().fonts().pair(Name(b"F1"), font);
    sheet.finish();
    pdf.type1_font(font).base_font(Name(b"Helvetica")).encoding_predefined(Name(b"WinAnsiEncoding"));
    let mut text = Content::new();
    text.begin_text().set_font(Name(b"F1"), 20.0).next_line(60.0, 760.0).show(Str(&latin(title)));
    text.set_font(Name(b"F1"), 12.0);
    for line in LINES {
        text.next_line(0.0, -28.0).show(Str(&latin(line)));
    }
    text.end_text();
    pdf.stream(content, &text.finish());
    pdf.finish()
}

/// Windows-1252 for our Danish lines (ISO 32000-2 annex D): one byte a letter.
fn latin(text: &str) -> Vec<u8> {
    text.chars().map(|character| u8::try_from(u32::from(character)).unwrap_or(b'?')).collect()
}

/// The amount of a signed contract, changed by somebody who thinks that nobody looks.
pub fn tampered(signed: &[u8]) -> Vec<u8> {
    let mut changed = signed.to_vec();
    let amount = b"4.220 kr";
    if let Some(at) = changed.windows(amount.len()).position(|window| window == amount) {
        changed[at..at + amount.len()].copy_from_slice(b"9.990 kr");
    }
    changed
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_tampered_contract_differs_in_its_amount_only() {
        let paper = super::contract("Aftale");
        let changed = super::tampered(&paper);
        assert_eq!(paper.iter().zip(&changed).filter(|(before, after)| before != after).count(), 3);
    }
}
