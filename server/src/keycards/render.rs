//! The sheet as PDF (one page of A4, or large print) and as plain text. Rendered when fetched, never stored.

use keycard::{Card, Pair};
use pdf_writer::{Content, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};
use zeroize::Zeroizing;

use crate::platform::words::Words;

const WIDTH: f32 = 595.0;
const HEIGHT: f32 = 842.0;
const MARGIN: f32 = 48.0;
const FONT: Name<'static> = Name(b"F1");
const BOLD: Name<'static> = Name(b"F2");

/// How pairs stand on a sheet.
struct Layout {
    columns: usize,
    rows: usize,
    size: f32,
    row_height: f32,
}

const PRINT: Layout = Layout { columns: keycard::SHEET_COLUMNS, rows: keycard::SHEET_ROWS, size: 10.5, row_height: 17.0 };
const LARGE: Layout = Layout { columns: 2, rows: 25, size: 18.0, row_height: 26.0 };

/// The card on one page of A4: four columns, read downwards.
pub fn pdf(card: &Card, words: Words) -> Zeroizing<Vec<u8>> {
    sheet(card, words, &PRINT)
}

/// The card in letters of 18 points, on three pages.
pub fn large_print(card: &Card, words: Words) -> Zeroizing<Vec<u8>> {
    sheet(card, words, &LARGE)
}

/// The card as text, one pair a line, for screen readers and Braille.
pub fn text(card: &Card, words: Words) -> Zeroizing<Vec<u8>> {
    let (card_number, key_number, key) = (words.say("keycards.card_number"), words.say("keycards.key_number"), words.say("keycards.key"));
    let text = card.text(keycard::Words { card_number: &card_number, key_number: &key_number, key: &key });
    Zeroizing::new(text.as_bytes().to_vec())
}

fn sheet(card: &Card, words: Words, layout: &Layout) -> Zeroizing<Vec<u8>> {
    let sheets: Vec<&[Pair]> = card.pairs().chunks(layout.columns * layout.rows).collect();
    let mut references = (1..).map(Ref::new);
    let mut next = || references.next().unwrap_or(Ref::new(i32::MAX));
    let (catalog, tree, info, font, bold) = (next(), next(), next(), next(), next());
    let pages: Vec<(Ref, Ref)> = sheets.iter().map(|_| (next(), next())).collect();
    let title = format!("{} {}", words.say("keycards.card_number"), card.number());
    let mut pdf = Pdf::new();
    let mut root = pdf.catalog(catalog);
    root.pages(tree).lang(TextStr(words.0.tag()));
    root.viewer_preferences().display_doc_title(true);
    root.finish();
    pdf.document_info(info).title(TextStr(&title));
    pdf.pages(tree).kids(pages.iter().map(|(page, _)| *page)).count(i32::try_from(pages.len()).unwrap_or(i32::MAX));
    pdf.type1_font(font).base_font(Name(b"Helvetica")).encoding_predefined(Name(b"WinAnsiEncoding"));
    pdf.type1_font(bold).base_font(Name(b"Helvetica-Bold")).encoding_predefined(Name(b"WinAnsiEncoding"));
    for (pairs, (page_reference, content_reference)) in sheets.iter().zip(&pages) {
        let mut page = pdf.page(*page_reference);
        page.media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT)).parent(tree).contents(*content_reference);
        page.resources().fonts().pair(FONT, font).pair(BOLD, bold);
        page.finish();
        pdf.stream(*content_reference, content(&title, pairs, words, layout).as_slice());
    }
    Zeroizing::new(pdf.finish())
}

fn content(title: &str, pairs: &[Pair], words: Words, layout: &Layout) -> Zeroizing<Vec<u8>> {
    let mut content = Content::new();
    write(&mut content, BOLD, layout.size + 6.0, MARGIN, HEIGHT - MARGIN - 12.0, title);
    write(&mut content, FONT, 10.0, MARGIN, HEIGHT - MARGIN - 32.0, &words.say("keycards.sheet_note"));
    let top = HEIGHT - MARGIN - 62.0;
    let column_width = (WIDTH - 2.0 * MARGIN) / ratio(layout.columns);
    let key_offset = layout.size * 4.2;
    for (index, column) in pairs.chunks(layout.rows).enumerate() {
        let left = MARGIN + column_width * ratio(index);
        write(&mut content, BOLD, layout.size * 0.85, left, top, &words.say("keycards.key_number_short"));
        write(&mut content, BOLD, layout.size * 0.85, left + key_offset, top, &words.say("keycards.key"));
        for (row, pair) in column.iter().enumerate() {
            let baseline = top - layout.row_height * (ratio(row) + 1.0);
            write(&mut content, FONT, layout.size, left, baseline, &pair.number.to_string());
            write(&mut content, BOLD, layout.size, left + key_offset, baseline, &pair.key.expose_grouped());
        }
    }
    Zeroizing::new(content.finish().to_vec())
}

/// A small count as a measure.
fn ratio(count: usize) -> f32 {
    f32::from(u16::try_from(count).unwrap_or(u16::MAX))
}

fn write(content: &mut Content, font: Name<'_>, size: f32, left: f32, baseline: f32, text: &str) {
    let encoded = Zeroizing::new(text.chars().map(win_ansi).collect::<Vec<u8>>());
    content.begin_text().set_font(font, size).next_line(left, baseline).show(Str(&encoded)).end_text();
}

/// WinAnsiEncoding agrees with Latin-1 for every letter of our words.
fn win_ansi(character: char) -> u8 {
    u8::try_from(u32::from(character)).unwrap_or(b'?')
}
