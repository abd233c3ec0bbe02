//! A letter: the same words as plain text (for screen readers, and to check what was printed) and as a PDF for the printer.
//!
//! A key card stands on pages of its own, behind the one that shows in the window of the envelope, in the edition that its owner wants.

use zeroize::Zeroizing;

use super::{
    model::Contact,
    render::{Rendered, Sheet},
};
use crate::platform::{
    moment::Moment,
    paper::{Block, Envelope, Pairs, Paper, Print},
    text::people_time,
    words::{Language, Words},
};

/// Lines that the words indent so are set apart: codes.
const INDENT: &str = "    ";

/// A letter ready to be printed.
pub(super) struct Letter {
    envelope: Envelope,
    subject: String,
    text: Zeroizing<String>,
    paper: Zeroizing<String>,
    card: Option<Sheet>,
    language: Language,
}

impl Letter {
    pub fn new(contact: &Contact, rendered: Rendered, at: Moment, sender: &str) -> Self {
        let lines = contact.postal_address.as_deref().unwrap_or_default().lines().map(str::trim).filter(|line| !line.is_empty());
        let address = std::iter::once(contact.name.as_str()).chain(lines).take(8).map(str::to_owned).collect();
        Self {
            envelope: Envelope { sender: sender.to_owned(), address, date: people_time(at, contact.language) },
            subject: rendered.subject,
            text: rendered.text,
            paper: rendered.paper,
            card: rendered.card,
            language: contact.language,
        }
    }

    /// Plain text, UTF-8: sender, address, date, subject and body, parted by empty lines.
    pub fn text(&self) -> Zeroizing<String> {
        let Envelope { sender, address, date } = &self.envelope;
        Zeroizing::new(format!("{sender}\n\n{}\n\n{date}\n\n{}\n\n{}", address.join("\n"), self.subject, self.text.as_str()))
    }

    /// The letter as it is printed.
    pub fn paper(&self) -> Paper {
        let mut blocks = vec![Block::Heading(self.subject.clone())];
        blocks.extend(self.paper.lines().filter(|line| !line.trim().is_empty()).map(|line| match line.strip_prefix(INDENT) {
            Some(code) => Block::Code(Zeroizing::new(code.to_owned())),
            None => Block::Paragraph(Zeroizing::new(line.to_owned())),
        }));
        let mut print = Print::Standard;
        if let Some(card) = &self.card {
            print = card.print;
            blocks.extend(self.sheet(card));
        }
        let (language, title, envelope) = (self.language.tag(), self.subject.clone(), Some(self.envelope.clone()));
        Paper { language, title, print, envelope, blocks }
    }

    fn sheet(&self, card: &Sheet) -> [Block; 4] {
        let words = Words(self.language);
        let pairs = Pairs { heads: [words.say("notices.sheet_number"), words.say("notices.sheet_key")], rows: card.rows.clone() };
        [
            Block::NewPage,
            Block::Heading(words.with("notices.sheet_title", &[("number", &card.number)])),
            Block::Paragraph(Zeroizing::new(words.say("notices.sheet_note"))),
            Block::Pairs(pairs),
        ]
    }
}
