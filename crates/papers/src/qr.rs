//! A QR code as a small SVG: one path, one rectangle per run of dark modules.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

use crate::PapersError;

/// Light modules around the code, as ISO/IEC 18004 asks.
const QUIET_ZONE: usize = 4;

/// Draws `text` with error correction M (15 % of the code may be damaged), black on transparent.
///
/// # Errors
/// [`PapersError::QrTooLong`] when the text does not fit the largest code (2,331 bytes).
pub(crate) fn svg(text: &str) -> Result<String, PapersError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| PapersError::QrTooLong(text.len()))?;
    let width = code.width();
    let side = width + 2 * QUIET_ZONE;
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|one, next| one == next) {
            if run.first() == Some(&Color::Dark) {
                let (left, top, length) = (x + QUIET_ZONE, y + QUIET_ZONE, run.len());
                // Writing to a String cannot fail.
                let _ = write!(path, "M{left} {top}h{length}v1h-{length}z");
            }
            x += run.len();
        }
    }
    Ok(format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><path d="{path}"/></svg>"#
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawing_has_as_many_dark_modules_as_the_code() {
        let text = "http://127.0.0.1:8080/v/abcdefghijklmnopqrstuvwxyz#0123456789abcdef";
        let code = QrCode::with_error_correction_level(text, EcLevel::M).expect("it fits");
        let dark = code.to_colors().iter().filter(|c| **c == Color::Dark).count();
        let drawn = svg(text).expect("it fits");
        let runs = drawn
            .split('h')
            .skip(1)
            .filter_map(|part| part.split_once("v1").map(|(n, _)| n));
        let covered: usize = runs.filter_map(|n| n.parse::<usize>().ok()).sum();
        assert_eq!(covered, dark);
    }

    #[test]
    fn a_text_beyond_the_largest_code_is_refused() {
        assert_eq!(svg(&"a".repeat(3_000)), Err(PapersError::QrTooLong(3_000)));
    }
}
