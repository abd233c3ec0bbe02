//! Draws what is laid out, tagged, as PDF/UA-1.

use std::num::NonZeroU16;

use krilla::{
    Document, SerializeSettings,
    configure::{Configuration, Validator},
    destination::XyzDestination,
    error::KrillaError,
    geom::{PathBuilder, Point},
    metadata::Metadata,
    outline::{Outline, OutlineNode},
    page::PageSettings,
    paint::Stroke,
    surface::Surface,
    tagging::{ArtifactType, ContentTag, Identifier, SpanTag, TableHeaderScope, Tag, TagGroup, TagTree},
    text::Font,
};
use zeroize::Zeroizing;

use super::{
    Paper, PaperError,
    face::Face,
    layout::{Element, HEIGHT, Laid, MM, Run, WIDTH},
};

/// Where A4 is folded: in thirds for DL and M65, in half for C5; from the top.
const FOLDS: [f32; 3] = [105.0 * MM, 148.5 * MM, 210.0 * MM];

struct Fonts {
    regular: Font,
    bold: Font,
}

/// The PDF.
pub(super) fn draw(papers: &[Paper], laid: &[Laid]) -> Result<Zeroizing<Vec<u8>>, PaperError> {
    let first = papers.first().ok_or(PaperError::Rules { faults: 1 })?;
    let fonts = Fonts { regular: Face::Regular.font().ok_or(PaperError::Font)?, bold: Face::Bold.font().ok_or(PaperError::Font)? };
    let configuration = Configuration::new_with_validator(Validator::UA1);
    let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    let metadata = Metadata::new().title(first.title.clone()).language(first.language.to_owned()).creator("Segl".to_owned());
    document.set_metadata(metadata);
    let (mut tree, mut outline, mut before) = (TagTree::new(), Outline::new(), 0);
    for (paper, laid) in papers.iter().zip(laid) {
        let leaves = pages(&mut document, &fonts, paper, laid)?;
        outline_of(&mut outline, laid, before);
        before += laid.pages.len();
        tree.push(part(paper, laid, &leaves));
    }
    document.set_outline(outline);
    document.set_tag_tree(tree);
    document.finish().map(Zeroizing::new).map_err(refused)
}

/// The pages of one paper. Gives what its leaves are called.
fn pages(document: &mut Document, fonts: &Fonts, paper: &Paper, laid: &Laid) -> Result<Vec<Option<Identifier>>, PaperError> {
    let mut leaves: Vec<Option<Identifier>> = vec![None; laid.leaves];
    let count = laid.pages.len();
    for (index, runs) in laid.pages.iter().enumerate() {
        let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or(PaperError::Rules { faults: 1 })?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        for run in runs {
            let identifier = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
            write(&mut surface, fonts, run);
            surface.end_tagged();
            if let Some(place) = leaves.get_mut(run.leaf) {
                *place = Some(identifier);
            }
        }
        margin(&mut surface, fonts, paper.envelope.is_some() && index == 0, (index + 1, count));
        surface.finish();
        page.finish();
    }
    Ok(leaves)
}

fn refused(error: KrillaError) -> PaperError {
    match error {
        KrillaError::Validation(faults) => PaperError::Rules { faults: faults.len() },
        KrillaError::Font(..) => PaperError::Font,
        KrillaError::DuplicateTagId(..) | KrillaError::UnknownTagId(..) => PaperError::Rules { faults: 1 },
    }
}

fn write(surface: &mut Surface<'_>, fonts: &Fonts, run: &Run) {
    let font = match run.face {
        Face::Bold => &fonts.bold,
        Face::Regular => &fonts.regular,
    };
    surface.draw_glyphs(Point::from_xy(run.x, run.y), &run.face.glyphs(&run.text), font.clone(), &run.text, run.size, false);
}

/// What is no part of the text: where to fold, and which page of how many.
fn margin(surface: &mut Surface<'_>, fonts: &Fonts, folds: bool, (page, pages): (usize, usize)) {
    if folds {
        surface.start_tagged(ContentTag::Artifact(ArtifactType::Page));
        surface.set_stroke(Some(Stroke { width: 0.5, ..Stroke::default() }));
        for fold in FOLDS {
            let mut path = PathBuilder::new();
            path.move_to(5.0 * MM, fold);
            path.line_to(9.0 * MM, fold);
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
        }
        surface.set_stroke(None);
        surface.end_tagged();
    }
    if pages > 1 {
        surface.start_tagged(ContentTag::Artifact(ArtifactType::Footer));
        let text = Zeroizing::new(format!("{page}/{pages}"));
        write(surface, fonts, &Run { x: WIDTH - 30.0 * MM, y: HEIGHT - 9.0 * MM, face: Face::Regular, size: 9.0, text, leaf: 0 });
        surface.end_tagged();
    }
}

fn outline_of(outline: &mut Outline, laid: &Laid, before: usize) {
    for element in &laid.elements {
        if let Element::Heading { text, page, y, .. } = element {
            outline.push_child(OutlineNode::new(text.clone(), XyzDestination::new(before + *page, Point::from_xy(0.0, *y))));
        }
    }
}

/// What a paper is, in reading order.
fn part(paper: &Paper, laid: &Laid, leaves: &[Option<Identifier>]) -> TagGroup {
    let mut part = TagGroup::new(Tag::Part.with_lang(Some(paper.language.to_owned())));
    for element in &laid.elements {
        let group = match element {
            Element::Heading { level, text, leaves: own, .. } => {
                let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
                filled(TagGroup::new(Tag::Hn(level, Some(text.clone()))), own, leaves)
            }
            Element::Paragraph(own) => filled(TagGroup::new(Tag::P), own, leaves),
            Element::Table(rows) => table(rows, leaves),
        };
        part.push(group);
    }
    part
}

fn table(rows: &[[usize; 2]], leaves: &[Option<Identifier>]) -> TagGroup {
    let mut table = TagGroup::new(Tag::Table);
    for (index, [left, right]) in rows.iter().enumerate() {
        let head = index == 0;
        let scope = if head { TableHeaderScope::Column } else { TableHeaderScope::Row };
        let mut row = TagGroup::new(Tag::TR);
        row.push(filled(TagGroup::new(Tag::TH(scope)), &[*left], leaves));
        let second = if head { TagGroup::new(Tag::TH(TableHeaderScope::Column)) } else { TagGroup::new(Tag::TD) };
        row.push(filled(second, &[*right], leaves));
        table.push(row);
    }
    table
}

fn filled(mut group: TagGroup, own: &[usize], leaves: &[Option<Identifier>]) -> TagGroup {
    for identifier in own.iter().filter_map(|number| leaves.get(*number).copied().flatten()) {
        group.push(identifier);
    }
    group
}
