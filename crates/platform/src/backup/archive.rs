//! The file: gzip'd lines, hashed as they pass.
//!
//! Lines are JSON: objects frame (`{"table":…}`, `{"file":…}`, `{"trailer":…}`), arrays are rows of the table or pieces
//! of the file at hand. A row's cells stand in the order of the table's columns: numbers, texts, base64 for bytes, null.

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use kernel::id::hex;
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use super::{BackupError, FORMAT, Header, Summary};

/// The longest line taken: a row with a long text; bounds the memory a hostile file can ask for.
const LINE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// A whole number.
    Int,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
}

/// A table and its columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<(String, Kind)>,
}

/// A line that frames others.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Frame {
    Table(Table),
    File { sha256: String, length: u64 },
    Trailer { summary: Summary, sha256: String },
}

/// A line as read.
pub(super) enum Line {
    /// Rows of this table follow.
    Table(Table),
    /// One row: its cells.
    Cells(Vec<serde_json::Value>),
    /// Pieces of this file follow.
    File { sha256: String, length: u64 },
    /// The end; the hash was checked.
    End(Summary),
}

/// Writes a backup; the file has its name only when [`Writer::finish`] returned.
pub(super) struct Writer {
    out: GzEncoder<BufWriter<File>>,
    hash: Context,
    part: PathBuf,
    target: PathBuf,
}

impl Writer {
    pub(super) fn create(target: &Path, header: &Header) -> Result<Self, BackupError> {
        if target.exists() {
            return Err(BackupError::Exists(target.display().to_string()));
        }
        let mut name = target.as_os_str().to_owned();
        name.push(".part");
        let part = PathBuf::from(name);
        let file = BufWriter::with_capacity(1 << 20, File::create(&part)?);
        let out = GzEncoder::new(file, Compression::new(4));
        let mut writer = Self {
            out,
            hash: Context::new(&SHA256),
            part,
            target: target.to_path_buf(),
        };
        writer.json(header)?;
        Ok(writer)
    }

    pub(super) fn table(&mut self, table: &Table) -> Result<(), BackupError> {
        self.json(&Frame::Table(table.clone()))
    }

    pub(super) fn file(&mut self, sha256: String, length: u64) -> Result<(), BackupError> {
        self.json(&Frame::File { sha256, length })
    }

    /// Lines already written out, each with its end.
    pub(super) fn lines(&mut self, lines: &[u8]) -> Result<(), BackupError> {
        self.hash.update(lines);
        Ok(self.out.write_all(lines)?)
    }

    fn json(&mut self, value: &impl Serialize) -> Result<(), BackupError> {
        let mut line = serde_json::to_vec(value).map_err(std::io::Error::from)?;
        line.push(b'\n');
        self.lines(&line)
    }

    /// Writes the trailer, makes all durable, gives the file its name.
    pub(super) fn finish(mut self, summary: Summary) -> Result<(), BackupError> {
        let sha256 = hex(self.hash.clone().finish().as_ref());
        self.json(&Frame::Trailer { summary, sha256 })?;
        let Self { out, part, target, .. } = self;
        let file = out
            .finish()?
            .into_inner()
            .map_err(std::io::IntoInnerError::into_error)?;
        file.sync_all()?;
        std::fs::rename(&part, &target)?;
        let folder = target
            .parent()
            .filter(|p| !p.as_os_str().is_empty())
            .unwrap_or_else(|| Path::new("."));
        Ok(File::open(folder)?.sync_all()?)
    }

    /// Where the unfinished file lies, to be removed after a failure.
    pub(super) fn part(&self) -> &Path {
        &self.part
    }
}

/// Reads a backup line by line.
pub(super) struct Reader {
    input: BufReader<GzDecoder<BufReader<File>>>,
    hash: Context,
    line: Vec<u8>,
}

fn damaged(why: &str) -> BackupError {
    BackupError::Damaged(why.to_owned())
}

impl Reader {
    pub(super) fn open(path: &Path) -> Result<Self, BackupError> {
        let input = BufReader::with_capacity(
            1 << 20,
            GzDecoder::new(BufReader::with_capacity(1 << 20, File::open(path)?)),
        );
        Ok(Self {
            input,
            hash: Context::new(&SHA256),
            line: Vec::new(),
        })
    }

    /// Takes a line; its hash is not counted yet. False at the end.
    fn take(&mut self) -> Result<bool, BackupError> {
        use std::io::Read as _;
        self.line.clear();
        let read = (&mut self.input).take(LINE_BYTES_MAX).read_until(b'\n', &mut self.line);
        // A cut or altered gzip stream shows as an I/O error of one of these kinds.
        let read = read.map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => damaged("it is cut short"),
            std::io::ErrorKind::InvalidInput | std::io::ErrorKind::InvalidData => damaged("it is not readable"),
            _ => BackupError::Io(error),
        })?;
        if read > 0 && self.line.last() != Some(&b'\n') {
            return Err(damaged("a line is too long or cut short"));
        }
        Ok(read > 0)
    }

    /// The header, which must be asked for first.
    pub(super) fn header(&mut self) -> Result<Header, BackupError> {
        if !self.take()? {
            return Err(damaged("it is empty"));
        }
        self.hash.update(&self.line);
        let header: Header = serde_json::from_slice(&self.line).map_err(|_| damaged("it has no header of a backup"))?;
        if header.shanqiao_backup == FORMAT {
            Ok(header)
        } else {
            Err(damaged(&format!(
                "it has the format {}, this program reads {FORMAT}",
                header.shanqiao_backup
            )))
        }
    }

    /// The next line; nothing after the trailer.
    pub(super) fn line(&mut self) -> Result<Option<Line>, BackupError> {
        if !self.take()? {
            return Ok(None);
        }
        if self.line.first() == Some(&b'[') {
            self.hash.update(&self.line);
            let cells = serde_json::from_slice(&self.line).map_err(|_| damaged("a row is not readable"))?;
            return Ok(Some(Line::Cells(cells)));
        }
        let frame = serde_json::from_slice(&self.line).map_err(|_| damaged("a line is not readable"))?;
        let line = match frame {
            Frame::Table(table) => Line::Table(table),
            Frame::File { sha256, length } => Line::File { sha256, length },
            Frame::Trailer { summary, sha256 } => {
                if sha256 != hex(self.hash.clone().finish().as_ref()) {
                    return Err(damaged("its content does not match its hash"));
                }
                // What follows the trailer was not part of the backup.
                return if self.take()? {
                    Err(damaged("something follows its end"))
                } else {
                    Ok(Some(Line::End(summary)))
                };
            }
        };
        self.hash.update(&self.line);
        Ok(Some(line))
    }
}
