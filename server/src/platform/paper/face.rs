//! The typeface: IBM Plex Sans (SIL Open Font License), which the pages use too. Its digits are of one width.

use std::sync::LazyLock;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::{FontRef, MetadataProvider as _, instance::LocationRef, instance::Size};
use unicode_normalization::UnicodeNormalization as _;

static REGULAR: &[u8] = include_bytes!("../../../assets/vendor/fonts/IBMPlexSans-Regular.ttf");
static BOLD: &[u8] = include_bytes!("../../../assets/vendor/fonts/IBMPlexSans-Bold.ttf");

static FACES: LazyLock<Option<[Loaded; 2]>> = LazyLock::new(|| Some([Loaded::of(REGULAR)?, Loaded::of(BOLD)?]));

/// A weight of the typeface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    Bold,
    Regular,
}

struct Loaded {
    bytes: &'static [u8],
    units_per_em: f32,
}

impl Loaded {
    fn of(bytes: &'static [u8]) -> Option<Self> {
        let font = FontRef::new(bytes).ok()?;
        let units_per_em = f32::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
        Some(Self { bytes, units_per_em })
    }
}

impl Face {
    fn loaded(self) -> Option<&'static Loaded> {
        let faces = FACES.as_ref()?;
        Some(match self {
            Self::Bold => &faces[1],
            Self::Regular => &faces[0],
        })
    }

    /// The font as it is embedded.
    pub fn font(self) -> Option<Font> {
        let data: std::sync::Arc<dyn AsRef<[u8]> + Send + Sync> = std::sync::Arc::new(self.loaded()?.bytes);
        Font::new(data.into(), 0)
    }

    /// The text as this typeface can show it: composed, a letter that it lacks without its accent, and what then remains unknown as `?`.
    pub fn shown(self, text: &str) -> String {
        let Some(font) = self.loaded().and_then(|face| FontRef::new(face.bytes).ok()) else { return text.to_owned() };
        let charmap = font.charmap();
        // Fonts have glyphs for some control characters; PDF/UA allows none of them.
        let known = |character: char| !character.is_control() && charmap.map(character).is_some_and(|glyph| glyph.to_u32() != 0);
        let nearest = |character: char| match character {
            '\t' => ' ',
            known_one if known(known_one) => known_one,
            other => other.nfd().next().filter(|base| known(*base)).unwrap_or('?'),
        };
        text.nfc().map(nearest).collect()
    }

    /// The glyphs of a text that [`Face::shown`] gave.
    pub fn glyphs(self, text: &str) -> Vec<KrillaGlyph> {
        let Some(face) = self.loaded() else { return Vec::new() };
        let Ok(font) = FontRef::new(face.bytes) else { return Vec::new() };
        let (charmap, metrics) = (font.charmap(), font.glyph_metrics(Size::unscaled(), LocationRef::default()));
        let glyph = |(at, character): (usize, char)| {
            let id = charmap.map(character).unwrap_or_default();
            let advance = metrics.advance_width(id).unwrap_or_default() / face.units_per_em;
            KrillaGlyph::new(GlyphId::new(id.to_u32()), advance, 0.0, 0.0, 0.0, at..at + character.len_utf8(), None)
        };
        text.char_indices().map(glyph).collect()
    }

    /// The width of a text in points.
    pub fn width(self, text: &str, size: f32) -> f32 {
        self.glyphs(text).iter().map(|glyph| glyph.x_advance * size).sum()
    }
}
