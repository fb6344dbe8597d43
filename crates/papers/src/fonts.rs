//! The fonts of every paper, embedded in release and read from `generated/fonts` in development.

use rust_embed::RustEmbed;
use typst::foundations::Bytes;
use typst::text::Font;

use crate::PapersError;

#[derive(RustEmbed)]
#[folder = "../../generated/fonts/"]
struct FontFiles;

/// All faces, in the order of their file names, so that two programs with the same files choose alike.
pub(crate) fn load() -> Result<Vec<Font>, PapersError> {
    let mut names: Vec<_> = FontFiles::iter().filter(|name| name.ends_with(".ttf")).collect();
    names.sort();
    let mut fonts = Vec::new();
    for name in &names {
        let file = FontFiles::get(name).ok_or_else(|| PapersError::Fonts(name.to_string()))?;
        let before = fonts.len();
        fonts.extend(Font::iter(Bytes::new(file.data)));
        if fonts.len() == before {
            return Err(PapersError::Fonts(name.to_string()));
        }
    }
    if fonts.is_empty() {
        return Err(PapersError::Fonts("none found".to_owned()));
    }
    Ok(fonts)
}
