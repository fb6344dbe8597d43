//! Entry bundles: up to 256 entries, each as a big-endian length of two bytes and its bytes.

use super::TlogError;

/// The longest entry the length can say.
pub const ENTRY_BYTES_MAX: usize = u16::MAX as usize;

/// Puts an entry behind those before it.
///
/// # Errors
/// [`TlogError::Malformed`] when it is too long.
pub fn push(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), TlogError> {
    let length = u16::try_from(entry.len()).map_err(|_| TlogError::Malformed("an entry is longer than 65535 bytes"))?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// The entries of a bundle of `width` entries, no byte left over.
///
/// # Errors
/// [`TlogError::Malformed`].
pub fn decode(bundle: &[u8], width: u16) -> Result<Vec<&[u8]>, TlogError> {
    const CUT: TlogError = TlogError::Malformed("a bundle ends inside an entry");
    let mut rest = bundle;
    let mut entries = Vec::with_capacity(usize::from(width).min(256));
    for _ in 0..width {
        let (length, after) = rest.split_first_chunk::<2>().ok_or(CUT)?;
        let (entry, after) = after
            .split_at_checked(usize::from(u16::from_be_bytes(*length)))
            .ok_or(CUT)?;
        entries.push(entry);
        rest = after;
    }
    if rest.is_empty() {
        Ok(entries)
    } else {
        Err(TlogError::Malformed("a bundle has bytes after its last entry"))
    }
}
