//! The QR of an invitation, as squares: drawn by the page, black on white in every colour scheme.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

use super::PhoneError;

/// Squares of white around it (ISO/IEC 18004 section 5.3.8).
const QUIET: usize = 4;

/// A drawn QR.
pub struct Qr {
    /// Squares on a side, the quiet zone too.
    pub side: usize,
    /// The black squares, as the path of an SVG.
    pub path: String,
}

/// Draws a text.
///
/// # Errors
/// When it does not fit, which no invitation does.
pub fn qr(text: &str) -> Result<Qr, PhoneError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| PhoneError::Unreadable("invitation"))?;
    let width = code.width();
    let mut path = String::new();
    for (place, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let _never_fails = write!(path, "M{} {}h1v1h-1z", place % width + QUIET, place / width + QUIET);
        }
    }
    Ok(Qr { side: width + 2 * QUIET, path })
}
