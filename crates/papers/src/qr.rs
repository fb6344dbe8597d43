//! A QR code as a small SVG (one path, one rectangle per run of dark modules) and as a PNG.

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

/// The same on white, to stand alone: a code without light around it is not read from a dark page.
///
/// # Errors
/// [`PapersError::QrTooLong`].
pub fn standing(text: &str) -> Result<String, PapersError> {
    let drawn = svg(text)?;
    Ok(drawn.replacen("<path", r##"<rect width="100%" height="100%" fill="#FFF"/><path"##, 1))
}

/// Draws `text` as a grey PNG of one bit, `module` pixels for each module.
///
/// # Errors
/// [`PapersError::QrTooLong`], [`PapersError::Png`].
pub fn png(text: &str, module: usize) -> Result<Vec<u8>, PapersError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| PapersError::QrTooLong(text.len()))?;
    let (width, colors) = (code.width(), code.to_colors());
    let side = (width + 2 * QUIET_ZONE) * module;
    let failed = |error: png::EncodingError| PapersError::Png(error.to_string());
    let pixels = u32::try_from(side).map_err(|_| PapersError::QrTooLong(text.len()))?;
    let dark = |x: usize, y: usize| {
        let at = |n: usize| (n / module).checked_sub(QUIET_ZONE).filter(|n| *n < width);
        at(x)
            .zip(at(y))
            .is_some_and(|(x, y)| colors[y * width + x] == Color::Dark)
    };
    let row_bytes = side.div_ceil(8);
    let mut data = vec![0xff_u8; row_bytes * side];
    for y in 0..side {
        for x in (0..side).filter(|x| dark(*x, y)) {
            data[y * row_bytes + x / 8] &= !(0x80 >> (x % 8));
        }
    }
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, pixels, pixels);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&data).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(out)
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
    fn the_picture_has_the_codes_dark_pixels_and_light_around_it() {
        let text = "http://127.0.0.1:8080/t/abcdefghijklmnopqrstuvwxyz?from=371323";
        let code = QrCode::with_error_correction_level(text, EcLevel::M).expect("it fits");
        let bytes = png(text, 3).expect("drawn");
        let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes))
            .read_info()
            .expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
        let info = reader.next_frame(&mut pixels).expect("a frame");
        let side = (code.width() + 8) * 3;
        assert_eq!((info.width as usize, info.height as usize), (side, side));
        let lit = |x: usize, y: usize| (pixels[y * info.line_size + x / 8] >> (7 - x % 8)) & 1 == 1;
        let dark = (0..side * side).filter(|n| !lit(n % side, n / side)).count();
        let modules = code.to_colors().iter().filter(|c| **c == Color::Dark).count();
        assert_eq!(dark, modules * 9);
        assert!((0..side).all(|x| lit(x, 0) && lit(0, x)));
        assert!(standing(text).expect("it fits").contains("#FFF"));
    }

    #[test]
    fn a_text_beyond_the_largest_code_is_refused() {
        assert_eq!(svg(&"a".repeat(3_000)), Err(PapersError::QrTooLong(3_000)));
    }
}
