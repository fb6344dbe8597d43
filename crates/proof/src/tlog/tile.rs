//! Tiles (C2SP tlog-tiles): where they are, what is in them, which ones a tree has.

use super::TlogError;
use super::frontier::perfect_root;
use super::hash::{HASH_BYTES, Hash};

/// Hashes of a full tile.
pub const TILE_WIDTH: u64 = 256;
/// The highest level the format knows.
const LEVEL_MAX: u8 = 63;

/// A tile, full or partial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// The level: 0 holds hashes of leaves.
    pub level: u8,
    /// The place on the level.
    pub index: u64,
    /// How many hashes, 1 to 256.
    pub width: u16,
}

impl Tile {
    /// `tile/<L>/<N>[.p/<W>]`.
    pub fn path(self) -> String {
        format!("tile/{}/{}", self.level, number_path(self.index, self.width))
    }

    /// The tile of a path, `None` when it is not one in its only spelling.
    pub fn from_path(path: &str) -> Option<Self> {
        let rest = path.strip_prefix("tile/")?;
        let (level, rest) = rest.split_once('/')?;
        let level = super::decimal(level).and_then(|l| u8::try_from(l).ok())?;
        let (index, width) = number_from_path(rest)?;
        let tile = Self { level, index, width };
        (level <= LEVEL_MAX && tile.path() == path).then_some(tile)
    }

    /// The same tile, full.
    pub const fn full(self) -> Self {
        Self {
            width: TILE_WIDTH as u16,
            ..self
        }
    }

    /// Whether it has all 256 hashes.
    pub const fn is_full(self) -> bool {
        self.width as u64 == TILE_WIDTH
    }

    /// Its bytes from its hashes.
    pub fn encode(hashes: &[Hash]) -> Vec<u8> {
        hashes.iter().flat_map(|h| h.0).collect()
    }

    /// Its hashes from its bytes.
    ///
    /// # Errors
    /// [`TlogError::Malformed`] when the length is not its width.
    pub fn decode(self, bytes: &[u8]) -> Result<Vec<Hash>, TlogError> {
        if bytes.len() != usize::from(self.width) * HASH_BYTES {
            return Err(TlogError::Malformed("a tile does not have the length of its width"));
        }
        Ok(bytes.chunks_exact(HASH_BYTES).filter_map(Hash::from_slice).collect())
    }
}

/// `tile/entries/<N>[.p/<W>]`.
pub fn entries_path(index: u64, width: u16) -> String {
    format!("tile/entries/{}", number_path(index, width))
}

/// The bundle of a path: its place and width.
pub fn entries_from_path(path: &str) -> Option<(u64, u16)> {
    let (index, width) = number_from_path(path.strip_prefix("tile/entries/")?)?;
    (entries_path(index, width) == path).then_some((index, width))
}

fn number_path(index: u64, width: u16) -> String {
    let mut text = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        text = format!("x{:03}/{text}", rest % 1000);
        rest /= 1000;
    }
    if u64::from(width) == TILE_WIDTH {
        text
    } else {
        format!("{text}.p/{width}")
    }
}

fn number_from_path(text: &str) -> Option<(u64, u16)> {
    let (number, width) = match text.split_once(".p/") {
        Some((number, width)) => {
            let width = super::decimal(width).filter(|w| (1..TILE_WIDTH).contains(w))?;
            (number, u16::try_from(width).ok()?)
        }
        None => (text, TILE_WIDTH as u16),
    };
    let mut index = 0u64;
    for group in number.split('/') {
        let digits = group.strip_prefix('x').unwrap_or(group);
        if digits.len() != 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        index = index.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    Some((index, width))
}

/// The hashes of a level of a tree: ⌊size / 256^level⌋.
pub fn level_size(size: u64, level: u8) -> u64 {
    size.checked_shr(u32::from(level) * 8).unwrap_or(0)
}

/// The tiles that a tree of `to` leaves has and a tree of `from` leaves had not, in this width: what publishing adds.
pub fn tiles_between(from: u64, to: u64) -> Vec<Tile> {
    let mut tiles = Vec::new();
    for level in 0..=LEVEL_MAX / 8 {
        let (before, now) = (level_size(from, level), level_size(to, level));
        if now == 0 {
            break;
        }
        let widths = bundles_between(before, now);
        tiles.extend(widths.into_iter().map(|(index, width)| Tile { level, index, width }));
    }
    tiles
}

/// The same for one row: places and widths of the groups of 256 that change between two lengths.
pub fn bundles_between(from: u64, to: u64) -> Vec<(u64, u16)> {
    if to <= from {
        return Vec::new();
    }
    let mut found: Vec<(u64, u16)> = (from / TILE_WIDTH..to / TILE_WIDTH)
        .map(|index| (index, TILE_WIDTH as u16))
        .collect();
    let rest = to % TILE_WIDTH;
    if rest > 0 {
        found.push((to / TILE_WIDTH, rest as u16));
    }
    found
}

/// Where tiles are read from.
pub trait TileReader {
    /// The hashes of a tile of exactly this width.
    ///
    /// # Errors
    /// [`TlogError::Tile`] when it cannot be had.
    fn read(&mut self, tile: Tile) -> Result<Vec<Hash>, TlogError>;
}

/// The hash of the perfect subtree of 2^`height` leaves at place `index`, in a tree of `size` leaves, from its tile.
///
/// # Errors
/// [`TlogError::Tile`].
pub fn perfect_subtree(reader: &mut impl TileReader, size: u64, height: u32, index: u64) -> Result<Hash, TlogError> {
    let level = u8::try_from(height / 8).unwrap_or(u8::MAX);
    let span = 1u64 << (height % 8);
    let outside = TlogError::Malformed("a subtree lies outside its tree");
    let first = index.checked_mul(span).ok_or(outside.clone())?;
    let row = level_size(size, level);
    if first.checked_add(span).is_none_or(|end| end > row) {
        return Err(outside);
    }
    let tile_index = first / TILE_WIDTH;
    let width = (row - tile_index * TILE_WIDTH).min(TILE_WIDTH) as u16;
    let tile = Tile {
        level,
        index: tile_index,
        width,
    };
    let hashes = reader.read(tile)?;
    let begin = (first % TILE_WIDTH) as usize;
    let part = hashes.get(begin..begin + span as usize);
    part.map(perfect_root)
        .ok_or_else(|| TlogError::Tile(tile.path(), "it is shorter than its width"))
}
