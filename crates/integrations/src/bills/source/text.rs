//! A csv file, decoded and split while it is read.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;

use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, UTF_8};

use crate::bills::error::{BillError, LimitMet, from_io};
use crate::bills::limits::Limits;
use crate::bills::row::{Kind, Row};

/// Bytes read at a time.
const CHUNK: usize = 1 << 16;

/// The rows of a text.
pub(in crate::bills) struct TextRows {
    reader: csv::Reader<Decoded>,
    record: csv::StringRecord,
    rows: u32,
    row_limit: u32,
    column_limit: u16,
}

impl TextRows {
    pub(super) fn open(path: &Path, limits: &Limits) -> Result<Self, BillError> {
        let mut file = File::open(path)?;
        let encoding = encoding_of(&mut file)?;
        file.rewind()?;
        let decoded = Decoded::new(file, encoding, limits.piece_bytes);
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(decoded);
        Ok(Self {
            reader,
            record: csv::StringRecord::new(),
            rows: 0,
            row_limit: limits.rows,
            column_limit: limits.columns,
        })
    }

    pub(super) fn next_row(&mut self, row: &mut Row) -> Result<bool, BillError> {
        loop {
            self.reader.get_mut().begin_record();
            let more = self.reader.read_record(&mut self.record).map_err(from_csv)?;
            if !more {
                return Ok(false);
            }
            self.rows += 1;
            if self.rows > self.row_limit {
                return Err(BillError::TooLarge {
                    what: "rows",
                    limit: u64::from(self.row_limit),
                });
            }
            // Every line ends with one \n here (see `Decoded`), so the record began this many lines before the reader.
            let inner: usize = self
                .record
                .iter()
                .map(|field| field.bytes().filter(|b| *b == b'\n').count())
                .sum();
            let line = self.reader.position().line().saturating_sub(1 + inner as u64);
            row.start(u32::try_from(line).unwrap_or(u32::MAX));
            for (column, field) in (0..self.column_limit).zip(self.record.iter()) {
                row.push(column, Kind::Text, field, None);
            }
            if !row.is_blank() {
                return Ok(true);
            }
        }
    }
}

fn from_csv(error: csv::Error) -> BillError {
    match error.into_kind() {
        csv::ErrorKind::Io(io) => from_io(&io),
        _ => BillError::Encoding,
    }
}

/// Reads the whole file once, in chunks: UTF-8 if all of it is, GB18030 if all of it is, else refused. Reading it to
/// the end first means that no row is imported from a file that turns out damaged further down.
fn encoding_of(file: &mut File) -> Result<&'static Encoding, BillError> {
    let mut start = [0_u8; 2];
    let read = file.read(&mut start)?;
    if read == 2 && matches!(start, [0xff, 0xfe] | [0xfe, 0xff]) {
        return Err(BillError::Utf16);
    }
    for encoding in [UTF_8, GB18030] {
        file.rewind()?;
        if decodes(file, encoding)? {
            return Ok(encoding);
        }
    }
    Err(BillError::Encoding)
}

fn decodes(file: &mut File, encoding: &'static Encoding) -> Result<bool, BillError> {
    let mut decoder = encoding.new_decoder_with_bom_removal();
    let mut chunk = vec![0_u8; CHUNK];
    let mut text = String::with_capacity(CHUNK * 2);
    loop {
        let read = file.read(&mut chunk)?;
        let mut rest = &chunk[..read];
        loop {
            text.clear();
            let (result, used) = decoder.decode_to_string_without_replacement(rest, &mut text, read == 0);
            if matches!(result, DecoderResult::Malformed(..)) || text.contains('\u{fffd}') {
                return Ok(false);
            }
            rest = &rest[used..];
            if result == DecoderResult::InputEmpty {
                break;
            }
        }
        if read == 0 {
            return Ok(true);
        }
    }
}

/// Bytes of a file as UTF-8 with every line ended by one `\n`, the last one too.
struct Decoded {
    file: File,
    decoder: Decoder,
    chunk: Vec<u8>,
    text: String,
    taken: usize,
    last_was_return: bool,
    last: u8,
    ended: bool,
    limit: u64,
    left: u64,
}

impl Decoded {
    fn new(file: File, encoding: &'static Encoding, limit: u64) -> Self {
        Self {
            file,
            decoder: encoding.new_decoder_with_bom_removal(),
            chunk: vec![0; CHUNK],
            text: String::with_capacity(CHUNK * 2),
            taken: 0,
            last_was_return: false,
            last: b'\n',
            ended: false,
            limit,
            left: limit,
        }
    }

    /// A new record begins: the limit of one record counts from here (give or take the csv reader's buffer).
    const fn begin_record(&mut self) {
        self.left = self.limit;
    }

    fn refill(&mut self) -> std::io::Result<()> {
        self.text.clear();
        self.taken = 0;
        while self.text.is_empty() && !self.ended {
            let read = self.file.read(&mut self.chunk)?;
            self.ended = read == 0;
            let mut rest = &self.chunk[..read];
            let mut decoded = String::with_capacity(self.decoder.max_utf8_buffer_length(read).unwrap_or(CHUNK));
            loop {
                let (result, used) = self
                    .decoder
                    .decode_to_string_without_replacement(rest, &mut decoded, self.ended);
                rest = &rest[used..];
                match result {
                    DecoderResult::InputEmpty => break,
                    DecoderResult::OutputFull => decoded.reserve(CHUNK),
                    DecoderResult::Malformed(..) => {
                        return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "the text changed"));
                    }
                }
            }
            for character in decoded.chars() {
                let after_return = std::mem::replace(&mut self.last_was_return, character == '\r');
                match character {
                    '\r' => self.text.push('\n'),
                    '\n' if after_return => {}
                    other => self.text.push(other),
                }
            }
            self.last = self.text.bytes().last().unwrap_or(self.last);
            if self.ended && self.last != b'\n' {
                self.text.push('\n');
            }
        }
        Ok(())
    }
}

impl Read for Decoded {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 {
            return Err(LimitMet {
                what: "piece_bytes",
                limit: self.limit,
            }
            .into_io());
        }
        if self.taken == self.text.len() {
            self.refill()?;
        }
        let waiting = &self.text.as_bytes()[self.taken..];
        let count = waiting.len().min(buffer.len());
        buffer[..count].copy_from_slice(&waiting[..count]);
        self.taken += count;
        self.left = self.left.saturating_sub(count as u64);
        Ok(count)
    }
}
