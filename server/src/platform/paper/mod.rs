//! Paper: A4 as PDF for the printer and for those who have it read aloud.
//!
//! Promises: PDF/UA-1 (ISO 14289-1): every word is tagged in reading order, headings and tables as such, with language, title and outline; every font is
//! embedded, and every letter has its glyph. The address of a letter stands in the window of a DL, M65 or C5 envelope, with marks where to fold; nothing
//! else shows there. Knows no capability: whoever prints says what stands where. What it makes is never stored here, and no error carries the text.

mod draw;
mod face;
mod layout;
#[cfg(test)]
mod tests;

use zeroize::Zeroizing;

/// Why a paper could not be made. Says nothing of what stands on it.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// The embedded font cannot be read.
    #[error("the embedded font cannot be read")]
    Font,
    /// What would come out is not PDF/UA.
    #[error("the paper would break {faults} rule(s) of PDF/UA")]
    Rules {
        /// How many.
        faults: usize,
    },
}

/// How large the print is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Print {
    /// 18 points for what must be read off, 16 for running text.
    Large,
    /// 10.5 points for what must be read off, 11 for running text.
    Standard,
}

/// The outside of a letter.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// One line above the address.
    pub sender: String,
    /// The lines of the address, the name first; the first eight are printed.
    pub address: Vec<String>,
    /// The day, in words.
    pub date: String,
}

/// What stands on a paper, from top to bottom.
#[derive(Clone)]
pub enum Block {
    /// A code that stands apart, never broken.
    Code(Zeroizing<String>),
    /// A heading; the first of a paper is its title.
    Heading(String),
    /// A new page begins.
    NewPage,
    /// Two columns of a table, read downwards and set side by side as often as they fit.
    Pairs(Pairs),
    /// Running text.
    Paragraph(Zeroizing<String>),
}

/// A table of two columns.
#[derive(Clone)]
pub struct Pairs {
    /// What the columns are called.
    pub heads: [String; 2],
    /// The rows: what one looks for, and what stands beside it.
    pub rows: Vec<[Zeroizing<String>; 2]>,
}

/// A paper to be printed.
pub struct Paper {
    /// The tag of its language: `da`, `en`.
    pub language: &'static str,
    /// Its title.
    pub title: String,
    /// How large.
    pub print: Print,
    /// Its outside, for a letter.
    pub envelope: Option<Envelope>,
    /// What stands on it.
    pub blocks: Vec<Block>,
}

impl Paper {
    /// The PDF.
    ///
    /// # Errors
    /// [`PaperError`]; never for what the text holds: a letter without a glyph is printed without its accent, or as a question mark.
    pub fn pdf(&self) -> Result<Zeroizing<Vec<u8>>, PaperError> {
        pdf_of(std::slice::from_ref(self))
    }
}

/// Several papers as one PDF, each with its own pages, numbers and language; titled by the first.
///
/// # Errors
/// As [`Paper::pdf`].
pub fn pdf_of(papers: &[Paper]) -> Result<Zeroizing<Vec<u8>>, PaperError> {
    let laid: Vec<_> = papers.iter().map(layout::lay_out).collect();
    draw::draw(papers, &laid)
}
