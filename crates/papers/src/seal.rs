//! The image of a seal as a unit hands it in: decoded under limits and drawn anew, so that what reaches the typesetter
//! is a small PNG of our own making, whatever the file was.
//!
//! A society hands in its own seal (公章 or 捐赠专用章). The protected red cross emblem is not ours to ship and no
//! seal: whoever uploads vouches for the right to use what it shows.

use std::io::Cursor;

use image::{ImageError, ImageFormat, ImageReader, Limits, imageops};

/// The largest file taken: a photograph of a seal from a phone, made small by its owner.
pub const SEAL_BYTES_MAX: usize = 2 * 1024 * 1024;
/// The longest side of a picture that is decoded at all: 16 million pixels are 64 MB in memory.
pub const SEAL_PIXELS_MAX: u32 = 4_000;
/// The shortest side: below it a seal of 40 mm is a blur on paper.
pub const SEAL_PIXELS_MIN: u32 = 120;
/// The longest side of what is kept: 40 mm at 450 dots an inch.
const KEPT_PIXELS_MAX: u32 = 720;
/// What decoding may take in memory.
const DECODING_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// Why a picture is no seal. Nothing of the file is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// More bytes than are looked at.
    #[error("the file has more than {SEAL_BYTES_MAX} bytes")]
    TooLarge,
    /// Neither PNG nor JPEG nor WebP.
    #[error("the file is neither PNG nor JPEG nor WebP")]
    Kind,
    /// Its bytes are damaged, or made to harm.
    #[error("the picture cannot be decoded")]
    Broken,
    /// Too few or too many pixels.
    #[error("each side must have {SEAL_PIXELS_MIN} to {SEAL_PIXELS_MAX} pixels")]
    Pixels,
    /// It cannot be written anew.
    #[error("the picture cannot be written")]
    Written,
}

/// Decodes a seal's picture and draws it anew as PNG: no metadata, no profile, at most 720 pixels a side.
///
/// # Errors
/// [`SealError`].
pub fn redrawn(bytes: &[u8]) -> Result<Vec<u8>, SealError> {
    if bytes.len() > SEAL_BYTES_MAX {
        return Err(SealError::TooLarge);
    }
    let reader = || {
        let mut reader = ImageReader::new(Cursor::new(bytes))
            .with_guessed_format()
            .map_err(|_| SealError::Kind)?;
        match reader.format() {
            Some(ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP) => {}
            _ => return Err(SealError::Kind),
        }
        let mut limits = Limits::default();
        limits.max_image_width = Some(SEAL_PIXELS_MAX);
        limits.max_image_height = Some(SEAL_PIXELS_MAX);
        limits.max_alloc = Some(DECODING_BYTES_MAX);
        reader.limits(limits);
        Ok(reader)
    };
    // The head says how large it is before anything is decoded.
    let (width, height) = reader()?.into_dimensions().map_err(undecodable)?;
    let sides = SEAL_PIXELS_MIN..=SEAL_PIXELS_MAX;
    if !sides.contains(&width) || !sides.contains(&height) {
        return Err(SealError::Pixels);
    }
    let mut picture = reader()?.decode().map_err(undecodable)?;
    if width.max(height) > KEPT_PIXELS_MAX {
        picture = picture.resize(KEPT_PIXELS_MAX, KEPT_PIXELS_MAX, imageops::FilterType::Lanczos3);
    }
    let mut png = Vec::new();
    picture
        .to_rgba8()
        .write_to(&mut Cursor::new(&mut png), ImageFormat::Png)
        .map_err(|_| SealError::Written)?;
    Ok(png)
}

fn undecodable(error: ImageError) -> SealError {
    match error {
        ImageError::Limits(_) => SealError::Pixels,
        _ => SealError::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgba, RgbaImage};

    fn picture(side: u32, format: ImageFormat) -> Vec<u8> {
        let red = RgbaImage::from_pixel(side, side, Rgba([200, 30, 30, 255]));
        let mut bytes = Vec::new();
        let drawn = image::DynamicImage::from(red).to_rgb8();
        drawn.write_to(&mut Cursor::new(&mut bytes), format).expect("drawn");
        bytes
    }

    #[test]
    fn a_seal_is_drawn_anew_and_made_small() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            let kept = redrawn(&picture(1_000, format)).expect("a seal");
            let again = image::load_from_memory_with_format(&kept, ImageFormat::Png).expect("a PNG");
            assert_eq!((again.width(), again.height()), (720, 720));
        }
        let small = redrawn(&picture(200, ImageFormat::Png)).expect("a seal");
        let again = image::load_from_memory(&small).expect("a PNG");
        assert_eq!(again.width(), 200, "it is never blown up");
        assert_eq!(
            redrawn(&small).expect("again"),
            small,
            "drawing it again changes nothing"
        );
    }

    #[test]
    fn what_follows_the_picture_does_not_travel_on() {
        let mut bytes = picture(200, ImageFormat::Png);
        bytes.extend_from_slice(b"<script>hidden</script>");
        let kept = redrawn(&bytes).expect("a seal");
        assert!(!kept.windows(8).any(|part| part == b"<script>"));
    }

    #[test]
    fn no_seal_is_refused_by_what_is_wrong_with_it() {
        let svg = br#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>"#;
        for (bytes, error) in [
            (svg.to_vec(), SealError::Kind),
            (b"GIF89a\x01\x00\x01\x00".to_vec(), SealError::Kind),
            (Vec::new(), SealError::Kind),
            (picture(60, ImageFormat::Png), SealError::Pixels),
            (picture(4_001, ImageFormat::Jpeg), SealError::Pixels),
            (b"\x89PNG\r\n\x1a\nbroken".to_vec(), SealError::Broken),
            (vec![0; SEAL_BYTES_MAX + 1], SealError::TooLarge),
        ] {
            assert_eq!(redrawn(&bytes), Err(error));
        }
        let mut cut = picture(300, ImageFormat::Jpeg);
        cut.truncate(300);
        assert!(
            matches!(redrawn(&cut), Err(SealError::Broken)),
            "half a picture is none"
        );
        let mut bomb = picture(200, ImageFormat::Png);
        // The head of the PNG claims 2,000,000,000 pixels a side.
        bomb[16..24].copy_from_slice(&[0x77, 0x35, 0x94, 0x00, 0x77, 0x35, 0x94, 0x00]);
        assert!(redrawn(&bomb).is_err());
    }
}
