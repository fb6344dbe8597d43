//! The zip container of an xlsx: entries as owned streams, with their sizes known before a byte is inflated.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Take};
use std::path::{Path, PathBuf};

use flate2::CrcReader;
use flate2::read::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use crate::bills::error::{BillError, LimitMet};

/// Entries of a container: an xlsx with 250 sheets has fewer than a thousand.
const MOST_ENTRIES: usize = 10_000;

/// An opened container.
pub(in crate::bills) struct Package {
    path: PathBuf,
    archive: ZipArchive<BufReader<File>>,
}

/// The inflated bytes of one entry: never more than the entry declares, and checked against its checksum at the end.
pub(in crate::bills) struct Entry {
    bytes: CrcReader<Inflate>,
    left: u64,
    checksum: u32,
}

enum Inflate {
    Stored(Take<BufReader<File>>),
    Deflated(Box<DeflateDecoder<Take<BufReader<File>>>>),
}

impl Package {
    pub(in crate::bills) fn open(path: &Path) -> Result<Self, BillError> {
        let archive = ZipArchive::new(BufReader::new(File::open(path)?)).map_err(|e| damaged(&e))?;
        if archive.len() > MOST_ENTRIES {
            return Err(BillError::TooLarge {
                what: "zip entries",
                limit: MOST_ENTRIES as u64,
            });
        }
        Ok(Self {
            path: path.to_owned(),
            archive,
        })
    }

    /// The entry of this name, `None` when there is none; refused when it declares more than `limit` bytes.
    pub(in crate::bills) fn entry(
        &mut self,
        name: &str,
        what: &'static str,
        limit: u64,
    ) -> Result<Option<Entry>, BillError> {
        let Some(index) = self.archive.index_for_name(name) else {
            return Ok(None);
        };
        let file = self.archive.by_index_raw(index).map_err(|e| damaged(&e))?;
        if file.encrypted() {
            return Err(BillError::Container("encrypted".to_owned()));
        }
        if file.size() > limit {
            return Err(BillError::TooLarge { what, limit });
        }
        let (method, packed, size, checksum) = (file.compression(), file.compressed_size(), file.size(), file.crc32());
        let start = file
            .data_start()
            .ok_or_else(|| BillError::Container("no data".to_owned()))?;
        drop(file);
        // A handle of its own, so that the stream does not borrow the archive.
        let mut bytes = File::open(&self.path)?;
        bytes.seek(SeekFrom::Start(start))?;
        let packed = BufReader::with_capacity(1 << 16, bytes).take(packed);
        let bytes = match method {
            CompressionMethod::Stored => Inflate::Stored(packed),
            CompressionMethod::Deflated => Inflate::Deflated(Box::new(DeflateDecoder::new(packed))),
            other => return Err(BillError::Container(format!("packed by {other}"))),
        };
        Ok(Some(Entry {
            bytes: CrcReader::new(bytes),
            left: size,
            checksum,
        }))
    }

    /// A small entry as text.
    pub(in crate::bills) fn small_text(&mut self, name: &str, limit: u64) -> Result<Option<String>, BillError> {
        let Some(mut entry) = self.entry(name, "small_part_bytes", limit)? else {
            return Ok(None);
        };
        let mut text = String::new();
        entry
            .read_to_string(&mut text)
            .map_err(|e| BillError::Container(e.to_string()))?;
        Ok(Some(text))
    }
}

fn damaged(error: &zip::result::ZipError) -> BillError {
    BillError::Container(error.to_string())
}

impl Entry {
    /// Bytes still to come; all of them before the first is read.
    pub(in crate::bills) const fn size(&self) -> u64 {
        self.left
    }
}

impl Read for Entry {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let read = self.bytes.read(buffer)?;
        if read == 0 {
            if self.left > 0 || self.bytes.crc().sum() != self.checksum {
                return Err(std::io::Error::new(
                    std::io::ErrorKind::InvalidData,
                    "an entry of the container is damaged",
                ));
            }
            return Ok(0);
        }
        let Some(left) = self.left.checked_sub(read as u64) else {
            return Err(LimitMet {
                what: "the declared size of an entry",
                limit: self.left,
            }
            .into_io());
        };
        self.left = left;
        Ok(read)
    }
}

impl Read for Inflate {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Stored(bytes) => bytes.read(buffer),
            Self::Deflated(bytes) => bytes.read(buffer),
        }
    }
}
