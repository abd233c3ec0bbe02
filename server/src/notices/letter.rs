//! A letter: the same words as plain text (for screen readers, and to check what was printed) and as a PDF for the printer.

use pdf_writer::{Content, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use super::{model::Contact, render::Rendered};
use crate::platform::{moment::Moment, text::people_time, words::Language};

/// A4 in points.
const PAGE: (f32, f32) = (595.0, 842.0);
/// Left and right margin: 25 mm.
const MARGIN: f32 = 71.0;
/// The first line of the address, from the top: it stands in the window of a C5 or DL envelope.
const ADDRESS_TOP: f32 = 150.0;
/// The first line below the address, from the top.
const BODY_TOP: f32 = 270.0;
/// The lowest line.
const BOTTOM: f32 = 80.0;
const SIZE: f32 = 11.0;
const LEADING: f32 = 15.0;
/// Lines that the words indent so are set apart: codes.
const INDENT: &str = "    ";
const CODE_SIZE: f32 = 14.0;

const TEXT_FONT: Name<'static> = Name(b"F1");
const BOLD_FONT: Name<'static> = Name(b"F2");
const CODE_FONT: Name<'static> = Name(b"F3");

/// A letter ready to be printed.
pub(super) struct Letter {
    sender: String,
    address: Vec<String>,
    date: String,
    subject: String,
    body: Zeroizing<String>,
    language: Language,
}

impl Letter {
    pub fn new(contact: &Contact, rendered: Rendered, at: Moment, sender: &str) -> Self {
        let lines = contact.postal_address.as_deref().unwrap_or_default().lines().map(str::trim).filter(|line| !line.is_empty());
        let address = std::iter::once(contact.name.as_str()).chain(lines).take(8).map(str::to_owned).collect();
        Self {
            sender: sender.to_owned(),
            address,
            date: people_time(at, contact.language),
            subject: rendered.subject,
            body: rendered.text,
            language: contact.language,
        }
    }

    /// Plain text, UTF-8: sender, address, date, subject and body, parted by empty lines.
    pub fn text(&self) -> String {
        format!("{}\n\n{}\n\n{}\n\n{}\n\n{}", self.sender, self.address.join("\n"), self.date, self.subject, self.body.as_str())
    }

    /// The PDF, in the fonts that every reader has.
    pub fn pdf(&self) -> Vec<u8> {
        let pages = self.pages();
        let (catalog, tree, info) = (Ref::new(1), Ref::new(2), Ref::new(3));
        let fonts =
            [(TEXT_FONT, Ref::new(4), "Helvetica"), (BOLD_FONT, Ref::new(5), "Helvetica-Bold"), (CODE_FONT, Ref::new(6), "Courier-Bold")];
        let count = i32::try_from(pages.len()).unwrap_or(1);
        let page_ref = |index: i32| Ref::new(10 + 2 * index);
        let mut pdf = Pdf::new();
        let mut root = pdf.catalog(catalog);
        root.pages(tree).lang(TextStr(self.language.tag()));
        root.viewer_preferences().display_doc_title(true);
        root.finish();
        pdf.document_info(info).title(TextStr(&self.subject)).creator(TextStr("Segl"));
        pdf.pages(tree).kids((0..count).map(page_ref)).count(count);
        for (index, content) in (0..count).zip(pages) {
            let body = Ref::new(11 + 2 * index);
            let mut page = pdf.page(page_ref(index));
            page.media_box(Rect::new(0.0, 0.0, PAGE.0, PAGE.1)).parent(tree).contents(body);
            let mut resources = page.resources();
            let mut table = resources.fonts();
            for (name, reference, _) in fonts {
                table.pair(name, reference);
            }
            table.finish();
            resources.finish();
            page.finish();
            pdf.stream(body, &content.finish());
        }
        for (_, reference, base) in fonts {
            pdf.type1_font(reference).base_font(Name(base.as_bytes())).encoding_predefined(Name(b"WinAnsiEncoding"));
        }
        pdf.finish()
    }

    fn pages(&self) -> Vec<Content> {
        let mut first = Content::new();
        line(&mut first, TEXT_FONT, 8.0, PAGE.1 - ADDRESS_TOP + 30.0, &self.sender);
        for (index, text) in self.address.iter().enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "at most eight lines")]
            let down = index as f32 * 14.0;
            line(&mut first, TEXT_FONT, SIZE, PAGE.1 - ADDRESS_TOP - down, text);
        }
        let mut height = PAGE.1 - BODY_TOP;
        line(&mut first, TEXT_FONT, SIZE, height, &self.date);
        height -= 2.0 * LEADING;
        line(&mut first, BOLD_FONT, 13.0, height, &self.subject);
        height -= 2.0 * LEADING;
        let mut pages = vec![first];
        for paragraph in self.body.lines() {
            for text in wrapped(paragraph) {
                if height < BOTTOM {
                    pages.push(Content::new());
                    height = PAGE.1 - BOTTOM;
                }
                if let Some(page) = pages.last_mut() {
                    match text.strip_prefix(INDENT) {
                        Some(code) => line(page, CODE_FONT, CODE_SIZE, height, &format!("  {code}")),
                        None => line(page, TEXT_FONT, SIZE, height, &text),
                    }
                }
                height -= LEADING;
            }
        }
        pages
    }
}

fn line(content: &mut Content, font: Name<'_>, size: f32, height: f32, text: &str) {
    let bytes = win_ansi(text);
    content.begin_text().set_font(font, size).next_line(MARGIN, height).show(Str(&bytes)).end_text();
}

/// The lines of a paragraph that fit between the margins. An indented line is never broken.
fn wrapped(paragraph: &str) -> Vec<String> {
    if paragraph.starts_with(INDENT) || paragraph.trim().is_empty() {
        return vec![paragraph.to_owned()];
    }
    let most = (PAGE.0 - 2.0 * MARGIN) / SIZE * 1000.0;
    let (mut lines, mut current, mut width) = (Vec::new(), String::new(), 0.0);
    for word in paragraph.split_whitespace() {
        let needed = measure(word);
        if !current.is_empty() && width + measure(" ") + needed > most {
            lines.push(std::mem::take(&mut current));
            width = 0.0;
        }
        if !current.is_empty() {
            current.push(' ');
            width += measure(" ");
        }
        current.push_str(word);
        width += needed;
    }
    lines.push(current);
    lines
}

/// The width in thousandths of the font size, as Helvetica's metrics have it; letters with accents as their base letter.
fn measure(text: &str) -> f32 {
    text.nfd().map(|character| f32::from(width(character))).sum()
}

/// Widths of Helvetica from U+0020 to U+007E (Adobe Font Metrics).
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278,
    278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722,
    667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556,
    556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

fn width(character: char) -> u16 {
    match character {
        ' '..='~' => WIDTHS.get(character as usize - 32).copied().unwrap_or(556),
        '\u{0300}'..='\u{036F}' => 0,
        'Æ' | '—' | '…' => 1000,
        'æ' => 889,
        'Ø' => 778,
        'ø' => 611,
        _ => 556,
    }
}

/// WinAnsiEncoding (ISO 32000-1 annex D.2). A letter that it lacks loses its accent; what then remains unknown becomes `?`.
fn win_ansi(text: &str) -> Vec<u8> {
    text.nfc().map(|character| encode(character).or_else(|| character.nfd().next().and_then(encode)).unwrap_or(b'?')).collect()
}

fn encode(character: char) -> Option<u8> {
    Some(match character {
        ' '..='~' | '\u{A0}'..='\u{FF}' => u8::try_from(u32::from(character)).ok()?,
        '€' => 0x80,
        '…' => 0x85,
        'Š' => 0x8A,
        'Œ' => 0x8C,
        'Ž' => 0x8E,
        '‘' => 0x91,
        '’' => 0x92,
        '“' => 0x93,
        '”' => 0x94,
        '•' => 0x95,
        '–' => 0x96,
        '—' => 0x97,
        'š' => 0x9A,
        'œ' => 0x9C,
        'ž' => 0x9E,
        'Ÿ' => 0x9F,
        'Ł' => b'L',
        'ł' => b'l',
        'Đ' => b'D',
        'đ' => b'd',
        'ı' => b'i',
        '\t' => b' ',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn danish_letters_have_their_place_in_the_encoding() {
        assert_eq!(win_ansi("æøåÆØÅ"), [0xE6, 0xF8, 0xE5, 0xC6, 0xD8, 0xC5]);
        assert_eq!(win_ansi("Łódź ć 漢"), b"L\xF3dz c ?");
    }

    #[test]
    fn no_line_is_wider_than_the_page_and_no_word_is_lost() {
        let paragraph = "Ærlighed varer længst og ".repeat(30);
        let lines = wrapped(&paragraph);
        assert!(lines.len() > 5);
        assert!(lines.iter().all(|line| measure(line) * SIZE / 1000.0 <= PAGE.0 - 2.0 * MARGIN));
        assert_eq!(lines.join(" "), paragraph.trim());
    }
}
