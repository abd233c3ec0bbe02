//! Draws a page as a picture, so that a person sees what will be signed without trusting a browser's plug-in.

use hayro::{
    PixmapSettings, RenderCache, RenderSettings, hayro_interpret::InterpreterSettings, hayro_syntax::Pdf,
    vello_cpu::color::palette::css::WHITE,
};

use super::{
    error::DocumentError,
    seats::{Whose, seated},
};
use crate::platform::ground::Ground;

/// The longer side of a picture, pixels.
const LONGEST_SIDE: f32 = 1400.0;

/// Page `number` (from 1) as PNG.
///
/// # Errors
/// [`DocumentError::NoSuchPage`], [`DocumentError::Undrawable`], [`DocumentError::Busy`].
pub async fn page(ground: &Ground, bytes: Vec<u8>, number: usize) -> Result<Vec<u8>, DocumentError> {
    seated(ground, Whose::Person, move || draw(bytes, number)).await
}

fn draw(bytes: Vec<u8>, number: usize) -> Result<Vec<u8>, DocumentError> {
    let pdf = Pdf::new(bytes).map_err(|_| DocumentError::Undrawable)?;
    let pages = pdf.pages();
    let page = number.checked_sub(1).and_then(|index| pages.get(index)).ok_or(DocumentError::NoSuchPage)?;
    let (width, height) = page.render_dimensions();
    let scale = scale(width, height).ok_or(DocumentError::Undrawable)?;
    let size = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let picture = hayro::render(page, &RenderCache::new(), &InterpreterSettings::default(), &RenderSettings::default(), &size);
    picture.into_png().map_err(|_| DocumentError::Undrawable)
}

/// No picture is larger than [`LONGEST_SIDE`] squared, whatever size a page claims: the memory is asked for before anything is drawn.
fn scale(width: f32, height: f32) -> Option<f32> {
    let sane = width.is_finite() && height.is_finite() && width > 0.0 && height > 0.0;
    sane.then(|| (LONGEST_SIDE / width.max(height)).min(2.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_any_size_becomes_a_picture_of_a_bounded_size() {
        for (width, height) in [(595.0, 842.0), (1e9, 1e9), (1.0, 1e30), (3.0, 3.0)] {
            let scale = scale(width, height).unwrap_or(f32::NAN);
            assert!(width * scale <= LONGEST_SIDE * 1.001 && height * scale <= LONGEST_SIDE * 1.001, "{width} x {height}");
        }
        assert_eq!(scale(f32::INFINITY, 1.0), None);
        assert_eq!(scale(0.0, 1.0), None);
    }
}
