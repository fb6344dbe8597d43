//! Pictures to share: drawn once for the same words, kept in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use papers::PapersError;
use papers::share::render_png;

use crate::certificates::CertificateError;

pub use papers::share::ShareData;

/// Pictures kept: of some hundred kilobytes each, as many as a giving day's projects in a city.
const KEPT_MAX: usize = 256;

/// A picture as PNG, and the hash of its bytes, by which a browser knows that it has not changed.
pub type Drawn = (Bytes, String);

/// The pictures drawn before. Cheap to clone.
#[derive(Clone, Default)]
pub struct Pictures(Arc<Mutex<HashMap<ShareData, Drawn>>>);

impl Pictures {
    /// The picture.
    ///
    /// # Errors
    /// [`CertificateError`] when it cannot be drawn.
    pub async fn draw(&self, data: ShareData) -> Result<Drawn, CertificateError> {
        if let Some(known) = self.kept().get(&data) {
            return Ok(known.clone());
        }
        let papers = crate::certificates::papers()?;
        let words = data.clone();
        let drawn = tokio::task::spawn_blocking(move || render_png(papers, &words)).await;
        let drawn = drawn.map_err(|e| CertificateError::Sealed(format!("the drawing was cut off: {e}")))??;
        for warning in &drawn.warnings {
            tracing::warn!(?warning, "a picture to share was drawn with a warning");
        }
        let hash = ring::digest::digest(&ring::digest::SHA256, &drawn.bytes);
        let picture = (
            Bytes::from(drawn.bytes),
            data_encoding::HEXLOWER.encode(&hash.as_ref()[..16]),
        );
        let mut kept = self.kept();
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(data, picture.clone());
        Ok(picture)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<ShareData, Drawn>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A text as a QR code in SVG.
///
/// # Errors
/// [`PapersError::QrTooLong`].
pub fn qr_svg(text: &str) -> Result<String, PapersError> {
    papers::share::qr_svg(text)
}
