//! What can be seen of a paper without foreign tools; what poppler says of it stands in `tests/interop/paper.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::{
    face::Face,
    layout::{self, Element, lay_out},
    *,
};

fn letter(address: &[&str], blocks: Vec<Block>) -> Paper {
    let address = address.iter().map(|line| (*line).to_owned()).collect();
    let envelope = Some(Envelope { sender: "https://segl.example.dk".to_owned(), address, date: "27. november 2026".to_owned() });
    Paper { language: "da", title: "Brev".to_owned(), print: Print::Standard, envelope, blocks }
}

fn text(text: &str) -> Block {
    Block::Paragraph(Zeroizing::new(text.to_owned()))
}

#[test]
fn no_line_is_wider_than_the_page_and_no_word_is_lost() {
    let paragraph = "Ærlighed varer længst og ".repeat(30);
    let lines = layout::wrapped(&paragraph, Face::Regular, 11.0, 450.0);
    assert!(lines.len() > 3);
    assert!(lines.iter().all(|line| Face::Regular.width(line.trim_end(), 11.0) <= 450.0));
    assert_eq!(lines.concat(), paragraph.trim());
}

#[test]
fn a_letter_without_a_glyph_loses_its_accent_and_an_unknown_one_is_asked_about() {
    assert_eq!(Face::Regular.shown("æøåÆØÅ Łódź ć \u{41}\u{30A} 漢\t."), "æøåÆØÅ Łódź ć Å ? .");
    let names = "Ðorđe Þórir Ŵŷ Ёлка Αλφα ½€–—…";
    assert_eq!(Face::Bold.shown(names), names, "Latin, Cyrillic and Greek are there");
}

#[test]
fn digits_are_of_one_width() {
    let width = Face::Bold.width("0", 10.0);
    assert!((1..10).all(|digit| (Face::Bold.width(&digit.to_string(), 10.0) - width).abs() < 0.001));
}

#[test]
fn an_address_of_eight_lines_stays_inside_the_window_and_nothing_else_is_there() {
    let lines = [
        "Åse Ærø",
        "Æbler & Pærer ApS",
        "Att. Regnskab",
        "c/o Hansen",
        "Østergade 1, 2. tv.",
        "Ærø",
        "5970 Ærøskøbing",
        "Danmark",
        "For meget",
    ];
    let laid = lay_out(&letter(&lines, vec![Block::Heading("Brev".to_owned()), text(&"Et langt brev. ".repeat(400))]));
    assert!(laid.pages.len() > 1);
    let inside = |run: &&layout::Run| run.y > 40.0 * layout::MM && run.y < 95.0 * layout::MM;
    let seen: Vec<&str> = laid.pages[0].iter().filter(inside).map(|run| run.text.trim()).collect();
    assert_eq!(seen[0], "https://segl.example.dk");
    assert_eq!(seen[1..], lines[..8]);
    assert!(laid.pages[0].iter().filter(|run| run.text.trim() == "Danmark").all(|run| run.y <= 86.1 * layout::MM));
}

#[test]
fn pairs_are_read_column_by_column_and_none_is_lost_however_they_are_printed() {
    let row = |number: usize| [Zeroizing::new(format!("{number:04}")), Zeroizing::new(format!("{:03} 000", number))];
    let rows: Vec<_> = (0..148).map(row).collect();
    for (print, pages) in [(Print::Standard, 1), (Print::Large, 3)] {
        let pairs = Pairs { heads: ["Nr.".to_owned(), "Nøgle".to_owned()], rows: rows.clone() };
        let blocks = vec![Block::Heading("Kort".to_owned()), text("Kopiér det ikke."), Block::Pairs(pairs)];
        let laid = lay_out(&Paper { language: "da", title: "Kort".to_owned(), print, envelope: None, blocks });
        assert_eq!(laid.pages.len(), pages, "{print:?}");
        assert!(
            laid.pages
                .iter()
                .flatten()
                .all(|run| run.y < layout::HEIGHT - 30.0 && run.x + Face::Bold.width(&run.text, run.size) < layout::WIDTH)
        );
        let runs: Vec<&layout::Run> = laid.pages.iter().flatten().collect();
        let tables = laid.elements.iter().filter_map(|element| match element {
            Element::Table(rows) => Some(&rows[1..]),
            Element::Heading { .. } | Element::Paragraph(_) => None,
        });
        let said = |leaf: usize| runs.iter().find(|run| run.leaf == leaf).unwrap().text.as_str();
        let read: Vec<[&str; 2]> = tables.flatten().map(|[left, right]| [said(*left), said(*right)]).collect();
        assert_eq!(read.len(), 148);
        assert!(read.iter().zip(&rows).all(|(read, row)| read[0] == row[0].as_str() && read[1] == row[1].as_str()));
    }
}

#[test]
fn whatever_a_letter_holds_it_can_be_printed() {
    for odd in ["", " ", "\u{202E}vend", "漢字 \u{0}", &"x".repeat(500), "a\u{300}\u{301}\u{302}"] {
        let blocks = vec![Block::Heading(odd.to_owned()), text(odd), Block::Code(Zeroizing::new(odd.to_owned()))];
        let pdf = letter(&[odd, odd], blocks).pdf().unwrap_or_else(|error| panic!("{odd:?}: {error}"));
        assert!(pdf.starts_with(b"%PDF-1.7"));
    }
}
