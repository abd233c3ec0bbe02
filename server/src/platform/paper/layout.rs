//! Where everything stands: pages of runs, and the tree that says what they are.

use super::{Block, Envelope, Pairs, Paper, Print, face::Face};

/// A4 in points.
pub(super) const WIDTH: f32 = 595.28;
/// A4 in points.
pub(super) const HEIGHT: f32 = 841.89;
/// A millimetre in points.
pub(super) const MM: f32 = 72.0 / 25.4;
/// Left and right margin of running text.
const MARGIN: f32 = 25.0 * MM;
/// Left and right margin of tables.
const TABLE_MARGIN: f32 = 17.0 * MM;
/// The first line of a page.
const TOP: f32 = 22.0 * MM;
/// The lowest line.
const BOTTOM: f32 = HEIGHT - 16.0 * MM;
/// The first line of the address: inside the window of DIN 680 (45 to 90 mm) and of the Danish M65 (55 to 90 mm).
const ADDRESS: f32 = 59.0 * MM;
/// The last line of the address, at most.
const ADDRESS_END: f32 = 86.0 * MM;
/// The sender's line: inside the taller window, above the lower one.
const SENDER: f32 = 52.0 * MM;
/// The first line below the window.
const BELOW_WINDOW: f32 = 100.0 * MM;
/// A table begins on a page where so many rows fit.
const LEAST_ROWS: usize = 5;
/// The most lines of an address.
const ADDRESS_LINES: usize = 8;

/// Text that stands somewhere.
pub(super) struct Run {
    pub x: f32,
    pub y: f32,
    pub face: Face,
    pub size: f32,
    pub text: zeroize::Zeroizing<String>,
    /// Which leaf of the tree it is.
    pub leaf: usize,
}

/// What runs are, in reading order. The numbers are leaves.
pub(super) enum Element {
    Heading {
        level: u16,
        text: String,
        page: usize,
        y: f32,
        leaves: Vec<usize>,
    },
    Paragraph(Vec<usize>),
    /// Rows of two cells, the heads first.
    Table(Vec<[usize; 2]>),
}

/// Pages and tree.
#[derive(Default)]
pub(super) struct Laid {
    pub pages: Vec<Vec<Run>>,
    pub elements: Vec<Element>,
    pub leaves: usize,
    y: f32,
}

/// The measures of a print.
struct Measures {
    text: f32,
    leading: f32,
    heading: f32,
    code: f32,
    pair: f32,
    row: f32,
    columns: usize,
    rows: usize,
}

impl Print {
    const fn measures(self) -> Measures {
        match self {
            Self::Large => Measures { text: 16.0, leading: 21.0, heading: 21.0, code: 22.0, pair: 18.0, row: 24.0, columns: 2, rows: 25 },
            Self::Standard => {
                Measures { text: 11.0, leading: 15.0, heading: 15.0, code: 15.0, pair: 10.5, row: 17.0, columns: 4, rows: 37 }
            }
        }
    }
}

/// Lays a paper out.
pub(super) fn lay_out(paper: &Paper) -> Laid {
    let measures = paper.print.measures();
    let mut laid = Laid { pages: vec![Vec::new()], y: TOP, ..Laid::default() };
    if let Some(envelope) = &paper.envelope {
        laid.envelope(envelope, &measures);
    }
    let mut headings = 0;
    for block in &paper.blocks {
        match block {
            // A heading without words breaks PDF/UA, and a paragraph without any says nothing.
            Block::Code(text) | Block::Paragraph(text) if is_blank(text) => {}
            Block::Heading(text) if is_blank(text) => {}
            Block::Code(code) => laid.paragraph(code, (Face::Bold, measures.code, measures.leading * 1.4), MARGIN * 1.3),
            Block::Heading(text) => {
                headings += 1;
                laid.heading(text, if headings == 1 { 1 } else { 2 }, &measures);
            }
            Block::NewPage => laid.new_page(),
            Block::Pairs(pairs) => laid.pairs(pairs, &measures),
            Block::Paragraph(text) => laid.paragraph(text, (Face::Regular, measures.text, measures.leading), MARGIN),
        }
    }
    laid
}

/// Whether nothing of it is seen.
fn is_blank(text: &str) -> bool {
    Face::Bold.shown(text).trim().is_empty()
}

impl Laid {
    fn put(&mut self, (x, y): (f32, f32), (face, size): (Face, f32), text: &str) -> usize {
        let leaf = self.leaves;
        self.leaves += 1;
        let text = zeroize::Zeroizing::new(face.shown(text));
        if let Some(page) = self.pages.last_mut() {
            page.push(Run { x, y, face, size, text, leaf });
        }
        leaf
    }

    fn new_page(&mut self) {
        self.pages.push(Vec::new());
        self.y = TOP;
    }

    /// Sender, address and date. Longer addresses stand closer.
    fn envelope(&mut self, envelope: &Envelope, measures: &Measures) {
        let sender = self.put((MARGIN, SENDER), (Face::Regular, 7.0), &envelope.sender);
        self.elements.push(Element::Paragraph(vec![sender]));
        let lines: Vec<&String> = envelope.address.iter().take(ADDRESS_LINES).collect();
        let leading = ((ADDRESS_END - ADDRESS) / count(lines.len().saturating_sub(1).max(1))).min(14.0);
        let size = (leading - 1.5).min(11.0);
        let mut leaves = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            leaves.push(self.put((MARGIN, ADDRESS + leading * count(index)), (Face::Regular, size), &format!("{line} ")));
        }
        self.elements.push(Element::Paragraph(leaves));
        let date = self.put((MARGIN, BELOW_WINDOW), (Face::Regular, measures.text), &envelope.date);
        self.elements.push(Element::Paragraph(vec![date]));
        self.y = BELOW_WINDOW + 2.0 * measures.leading;
    }

    fn heading(&mut self, text: &str, level: u16, measures: &Measures) {
        let mut leaves = Vec::new();
        let (page, y) = (self.pages.len() - 1, self.y - measures.heading);
        for line in wrapped(text, Face::Bold, measures.heading, WIDTH - 2.0 * MARGIN) {
            leaves.push(self.put((MARGIN, self.y), (Face::Bold, measures.heading), &line));
            self.y += measures.heading * 1.3;
        }
        self.y += measures.leading * 0.4;
        self.elements.push(Element::Heading { level, text: Face::Bold.shown(text), page, y, leaves });
    }

    fn paragraph(&mut self, text: &str, (face, size, leading): (Face, f32, f32), left: f32) {
        let mut leaves = Vec::new();
        for line in wrapped(text, face, size, WIDTH - MARGIN - left) {
            if self.y > BOTTOM {
                self.new_page();
            }
            leaves.push(self.put((left, self.y), (face, size), &line));
            self.y += leading;
        }
        self.y += leading * 0.5;
        if !leaves.is_empty() {
            self.elements.push(Element::Paragraph(leaves));
        }
    }

    /// Side by side, read downwards; on as many pages as it takes. Each column of pairs is a table of its own, so that it is read in that order too.
    fn pairs(&mut self, pairs: &Pairs, measures: &Measures) {
        let mut left = pairs.rows.as_slice();
        while !left.is_empty() {
            let fits = whole((BOTTOM - self.y) / measures.row).saturating_sub(1);
            let rows = measures.rows.min(fits);
            if rows < LEAST_ROWS && self.y > TOP {
                self.new_page();
                continue;
            }
            let (here, later) = left.split_at(left.len().min(rows.max(1) * measures.columns));
            for (index, column) in here.chunks(rows.max(1)).enumerate() {
                let x = TABLE_MARGIN + (WIDTH - 2.0 * TABLE_MARGIN) / count(measures.columns) * count(index);
                self.column(pairs, column, x, measures);
            }
            self.y += measures.row * count(rows + 1);
            left = later;
        }
    }

    fn column(&mut self, pairs: &Pairs, rows: &[[zeroize::Zeroizing<String>; 2]], x: f32, measures: &Measures) {
        let beside = x + measures.pair * 4.2;
        let head = (Face::Bold, measures.pair * 0.85);
        let [left, right] = &pairs.heads;
        let mut table = vec![[self.put((x, self.y), head, left), self.put((beside, self.y), head, right)]];
        for (index, [left, right]) in rows.iter().enumerate() {
            let y = self.y + measures.row * count(index + 1);
            table.push([self.put((x, y), (Face::Regular, measures.pair), left), self.put((beside, y), (Face::Bold, measures.pair), right)]);
        }
        self.elements.push(Element::Table(table));
    }
}

/// The lines of a text that fit into a width. A word wider than that stands alone. Lines but the last end with the space that parts their words.
pub(super) fn wrapped(text: &str, face: Face, size: f32, most: f32) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in text.split_whitespace() {
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if !line.is_empty() && face.width(&face.shown(&longer), size) > most {
            line.push(' ');
            lines.push(std::mem::replace(&mut line, word.to_owned()));
        } else {
            line = longer;
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// A small count as a measure.
fn count(number: usize) -> f32 {
    f32::from(u16::try_from(number).unwrap_or(u16::MAX))
}

/// How many whole ones a measure holds.
fn whole(measure: f32) -> usize {
    (0..100).take_while(|number| count(number + 1) <= measure).count()
}
