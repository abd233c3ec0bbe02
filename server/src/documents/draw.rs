//! Draws a page as a picture, so that a person sees what will be signed without trusting a browser's plug-in.

use hayro::{
    PixmapSettings, RenderCache, RenderSettings, hayro_interpret::InterpreterSettings, hayro_syntax::Pdf,
    vello_cpu::color::palette::css::WHITE,
};

use super::error::DocumentError;

/// The longer side of a picture, pixels.
const LONGEST_SIDE: f32 = 1400.0;

/// Page `number` (from 1) as PNG.
///
/// # Errors
/// [`DocumentError::NoSuchPage`], [`DocumentError::Undrawable`].
pub async fn page(bytes: Vec<u8>, number: usize) -> Result<Vec<u8>, DocumentError> {
    tokio::task::spawn_blocking(move || draw(bytes, number)).await.map_err(|_| DocumentError::Undrawable)?
}

fn draw(bytes: Vec<u8>, number: usize) -> Result<Vec<u8>, DocumentError> {
    let pdf = Pdf::new(bytes).map_err(|_| DocumentError::Undrawable)?;
    let pages = pdf.pages();
    let page = number.checked_sub(1).and_then(|index| pages.get(index)).ok_or(DocumentError::NoSuchPage)?;
    let (width, height) = page.render_dimensions();
    let scale = (LONGEST_SIDE / width.max(height).max(1.0)).clamp(0.05, 2.0);
    let size = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let picture = hayro::render(page, &RenderCache::new(), &InterpreterSettings::default(), &RenderSettings::default(), &size);
    picture.into_png().map_err(|_| DocumentError::Undrawable)
}
