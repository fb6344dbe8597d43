//! The sheets of an xlsx, streamed: cells are taken as they come by, and merged ranges, styles and drawings are not
//! looked at on the way (one real sheet carries 49,691 merged ranges; tables of goods ask for them by themselves). Only the shared strings are kept, in one buffer.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::package::{Entry, Package};
use super::{Range, SheetName};
use crate::bills::error::{BillError, LimitMet, from_io};
use crate::bills::limits::Limits;
use crate::bills::row::{Kind, Row, trim};

/// Sheets of one workbook that are listed.
const MOST_SHEETS: usize = 1_000;
/// Merged ranges of one sheet: the most in a real one are 49,691.
const MOST_MERGES: usize = 200_000;
/// Characters of a formula that are kept: enough for `SUM(C2:C1048576)`.
const FORMULA_BYTES: usize = 64;

/// An opened workbook.
pub(in crate::bills) struct Workbook {
    package: Package,
    sheets: Vec<Listed>,
    strings_path: String,
    strings: Option<Arc<SharedStrings>>,
    epoch_1904: bool,
}

struct Listed {
    name: String,
    visible: bool,
    path: String,
}

impl Workbook {
    pub(super) fn open(path: &Path, limits: &Limits) -> Result<Self, BillError> {
        let mut package = Package::open(path)?;
        let relations = package
            .small_text("xl/_rels/workbook.xml.rels", limits.small_part_bytes)?
            .unwrap_or_default();
        let (targets, strings_path) = read_relations(&relations)?;
        let list = package.small_text("xl/workbook.xml", limits.small_part_bytes)?;
        let list = list.ok_or_else(|| BillError::Container("it has no xl/workbook.xml".to_owned()))?;
        let (sheets, epoch_1904) = read_sheets(&list, &targets)?;
        Ok(Self {
            package,
            sheets,
            strings_path,
            strings: None,
            epoch_1904,
        })
    }

    pub(super) fn sheets(&self) -> Vec<SheetName> {
        self.sheets
            .iter()
            .map(|s| SheetName {
                name: s.name.clone(),
                visible: s.visible,
            })
            .collect()
    }

    pub(super) const fn epoch_1904(&self) -> bool {
        self.epoch_1904
    }

    /// Where the first sheet and the shared strings lie, for the bench's floor.
    pub(in crate::bills) fn parts(mut self) -> (Package, Vec<String>) {
        let mut parts: Vec<String> = self.sheets.drain(..).take(1).map(|s| s.path).collect();
        parts.push(self.strings_path);
        (self.package, parts)
    }

    pub(super) fn rows(&mut self, sheet: usize, limits: &Limits) -> Result<SheetRows, BillError> {
        let strings = match &self.strings {
            Some(strings) => Arc::clone(strings),
            None => {
                let what = "shared_strings_bytes";
                let entry = self
                    .package
                    .entry(&self.strings_path, what, limits.shared_strings_bytes)?;
                let strings = Arc::new(entry.map_or(Ok(SharedStrings::default()), |e| SharedStrings::read(e, limits))?);
                self.strings = Some(Arc::clone(&strings));
                strings
            }
        };
        let path = self.sheets.get(sheet).map_or("", |s| s.path.as_str());
        let entry = self.package.entry(path, "sheet_bytes", limits.sheet_bytes)?;
        let entry = entry.ok_or_else(|| BillError::Container("a listed sheet is missing".to_owned()))?;
        Ok(SheetRows {
            reader: xml_reader(entry, limits),
            buffer: Vec::new(),
            value: String::new(),
            formula: String::new(),
            strings,
            rows: 0,
            last_row: 0,
            row_limit: limits.rows,
            column_limit: limits.columns,
            piece_limit: limits.piece_bytes,
            ended: false,
        })
    }
}

impl Workbook {
    /// The merged ranges of a sheet, which stand behind its rows: for the small tables of goods, read a second time.
    pub(super) fn merges(&mut self, sheet: usize, limits: &Limits) -> Result<Vec<Range>, BillError> {
        let path = self.sheets.get(sheet).map_or("", |s| s.path.as_str());
        let entry = self.package.entry(path, "sheet_bytes", limits.sheet_bytes)?;
        let entry = entry.ok_or_else(|| BillError::Container("a listed sheet is missing".to_owned()))?;
        let mut reader = xml_reader(entry, limits);
        let (mut buffer, mut found) = (Vec::new(), Vec::new());
        loop {
            buffer.clear();
            reader.get_mut().begin();
            match reader.read_event_into(&mut buffer)? {
                Event::Start(tag) | Event::Empty(tag) if tag.local_name().into_inner() == "mergeCell" => {
                    if found.len() >= MOST_MERGES {
                        return Err(BillError::TooLarge {
                            what: "merged ranges",
                            limit: MOST_MERGES as u64,
                        });
                    }
                    found.extend(attribute(&tag, "ref").as_deref().and_then(range_of));
                }
                Event::Eof => return Ok(found),
                _ => {}
            }
        }
    }
}

/// A reader that refuses one piece of XML larger than a limit, however small it is when packed.
pub(in crate::bills) struct Guarded<R> {
    inner: R,
    limit: u64,
    left: u64,
}

impl<R> Guarded<R> {
    /// A new piece begins.
    pub(in crate::bills) const fn begin(&mut self) {
        self.left = self.limit;
    }
}

impl<R: BufRead> Read for Guarded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.inner.read(buffer)
    }
}

impl<R: BufRead> BufRead for Guarded<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.left == 0 {
            return Err(LimitMet {
                what: "piece_bytes",
                limit: self.limit,
            }
            .into_io());
        }
        self.inner.fill_buf()
    }
    fn consume(&mut self, amount: usize) {
        self.left = self.left.saturating_sub(amount as u64);
        self.inner.consume(amount);
    }
}

pub(in crate::bills) fn xml_reader(entry: Entry, limits: &Limits) -> Reader<Guarded<BufReader<Entry>>> {
    let inner = BufReader::with_capacity(1 << 16, entry);
    Reader::from_reader(Guarded {
        inner,
        limit: limits.piece_bytes,
        left: limits.piece_bytes,
    })
}

/// All shared texts, without their padding, in one buffer.
#[derive(Debug, Default)]
struct SharedStrings {
    text: String,
    ends: Vec<u32>,
}

impl SharedStrings {
    fn read(entry: Entry, limits: &Limits) -> Result<Self, BillError> {
        let mut reader = xml_reader(entry, limits);
        let (mut buffer, mut item, mut strings) = (Vec::new(), String::new(), Self::default());
        let (mut in_text, mut in_phonetic) = (false, false);
        loop {
            buffer.clear();
            reader.get_mut().begin();
            match reader.read_event_into(&mut buffer)? {
                Event::Start(tag) => match tag.local_name().into_inner() {
                    "si" => item.clear(),
                    "t" => in_text = !in_phonetic,
                    "rPh" => in_phonetic = true,
                    _ => {}
                },
                Event::Empty(tag) if tag.local_name().into_inner() == "si" => strings.push("", limits)?,
                Event::Text(text) if in_text => item.push_str(&text),
                Event::CData(text) if in_text => item.push_str(&text),
                Event::GeneralRef(reference) if in_text => push_reference(&mut item, &reference),
                Event::End(tag) => match tag.local_name().into_inner() {
                    "si" => strings.push(&item, limits)?,
                    "t" => in_text = false,
                    "rPh" => in_phonetic = false,
                    _ => {}
                },
                Event::Eof => return Ok(strings),
                _ => {}
            }
            within(item.len(), "piece_bytes", limits.piece_bytes)?;
        }
    }

    fn push(&mut self, item: &str, limits: &Limits) -> Result<(), BillError> {
        self.text.push_str(trim(item));
        within(self.text.len(), "shared_text_bytes", limits.shared_text_bytes as u64)?;
        let end = u32::try_from(self.text.len());
        self.ends.push(end.map_err(|_| BillError::TooLarge {
            what: "shared_text_bytes",
            limit: u64::from(u32::MAX),
        })?);
        Ok(())
    }

    fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)? as usize;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        self.text.get(start..end)
    }
}

fn within(size: usize, what: &'static str, limit: u64) -> Result<(), BillError> {
    if size as u64 > limit {
        Err(BillError::TooLarge { what, limit })
    } else {
        Ok(())
    }
}

fn push_reference(text: &mut String, reference: &BytesRef<'_>) {
    match &**reference {
        "amp" => text.push('&'),
        "lt" => text.push('<'),
        "gt" => text.push('>'),
        "quot" => text.push('"'),
        "apos" => text.push('\''),
        _ => {
            if let Ok(Some(character)) = reference.resolve_char_ref() {
                text.push(character);
            }
        }
    }
}

/// The rows of a sheet, as they are inflated.
pub(in crate::bills) struct SheetRows {
    reader: Reader<Guarded<BufReader<Entry>>>,
    buffer: Vec<u8>,
    value: String,
    formula: String,
    strings: Arc<SharedStrings>,
    rows: u32,
    last_row: u32,
    row_limit: u32,
    column_limit: u16,
    piece_limit: u64,
    ended: bool,
}

/// What kind of value a cell announces.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Announced {
    Number,
    Shared,
    Text,
    /// A truth value or an error: nothing a bill says with.
    Other,
}

/// Which text of a cell is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Nothing,
    Value,
    Formula,
}

impl SheetRows {
    pub(super) fn next_row(&mut self, row: &mut Row) -> Result<bool, BillError> {
        if self.ended {
            return Ok(false);
        }
        let (mut column, mut next_column) = (0_u32, 0_u32);
        let mut announced = Announced::Number;
        let mut inside = Inside::Nothing;
        let (mut has_formula, mut in_phonetic) = (false, false);
        loop {
            self.buffer.clear();
            self.reader.get_mut().begin();
            match self.reader.read_event_into(&mut self.buffer)? {
                Event::Start(tag) => match tag.local_name().into_inner() {
                    "c" => {
                        (column, announced) = read_cell_tag(&tag, next_column);
                        next_column = column.saturating_add(1);
                        self.value.clear();
                        self.formula.clear();
                        has_formula = false;
                    }
                    "v" => inside = Inside::Value,
                    "t" if !in_phonetic => inside = Inside::Value,
                    "rPh" => in_phonetic = true,
                    "f" => {
                        inside = Inside::Formula;
                        has_formula = true;
                    }
                    "row" => {
                        let number = row_number(&tag).unwrap_or(self.last_row.saturating_add(1));
                        self.last_row = number;
                        self.rows += 1;
                        if self.rows > self.row_limit {
                            return Err(BillError::TooLarge {
                                what: "rows",
                                limit: u64::from(self.row_limit),
                            });
                        }
                        row.start(number);
                        next_column = 0;
                    }
                    _ => {}
                },
                Event::Empty(tag) => match tag.local_name().into_inner() {
                    "c" => next_column = read_cell_tag(&tag, next_column).0.saturating_add(1),
                    "f" => has_formula = true,
                    "row" => self.last_row = row_number(&tag).unwrap_or(self.last_row.saturating_add(1)),
                    "sheetData" => return self.end(),
                    _ => {}
                },
                Event::Text(text) => match inside {
                    Inside::Value => self.value.push_str(&text),
                    Inside::Formula if self.formula.len() + text.len() <= FORMULA_BYTES => self.formula.push_str(&text),
                    _ => {}
                },
                Event::CData(text) if inside == Inside::Value => self.value.push_str(&text),
                Event::GeneralRef(reference) if inside == Inside::Value => push_reference(&mut self.value, &reference),
                Event::End(tag) => match tag.local_name().into_inner() {
                    "c" => {
                        self.push_cell(row, column, announced, has_formula);
                        within(row.text_len(), "piece_bytes", self.piece_limit)?;
                    }
                    "v" | "t" | "f" => inside = Inside::Nothing,
                    "rPh" => in_phonetic = false,
                    "row" if !row.is_blank() => return Ok(true),
                    "sheetData" => return self.end(),
                    _ => {}
                },
                Event::Eof => return self.end(),
                _ => {}
            }
            within(self.value.len(), "piece_bytes", self.piece_limit)?;
        }
    }

    fn push_cell(&self, row: &mut Row, column: u32, announced: Announced, has_formula: bool) {
        let Ok(column) = u16::try_from(column) else { return };
        if column >= self.column_limit || row.cell_count() >= usize::from(self.column_limit) {
            return;
        }
        let formula = has_formula.then_some(self.formula.as_str());
        match announced {
            Announced::Number => row.push(column, Kind::Number, &self.value, formula),
            Announced::Text => row.push(column, Kind::Text, &self.value, formula),
            Announced::Shared => {
                let text = self.value.trim().parse().ok().and_then(|index| self.strings.get(index));
                row.push(column, Kind::Text, text.unwrap_or_default(), formula);
            }
            Announced::Other => {}
        }
    }

    /// Reads what follows the rows without looking at it, so that the entry's checksum is checked.
    fn end(&mut self) -> Result<bool, BillError> {
        self.ended = true;
        std::io::copy(self.reader.get_mut(), &mut std::io::sink()).map_err(|e| from_io(&e))?;
        Ok(false)
    }
}

fn attribute<'a>(tag: &'a BytesStart<'_>, name: &str) -> Option<std::borrow::Cow<'a, str>> {
    let mut attributes = tag.attributes();
    attributes
        .with_checks(false)
        .flatten()
        .find(|a| a.key.local_name().into_inner() == name)
        .map(|a| a.value)
}

fn row_number(tag: &BytesStart<'_>) -> Option<u32> {
    attribute(tag, "r")?.parse().ok()
}

/// The column (from 0) and the kind of a cell, in one pass over its attributes.
fn read_cell_tag(tag: &BytesStart<'_>, next_column: u32) -> (u32, Announced) {
    let (mut column, mut announced) = (next_column, Announced::Number);
    for attribute in tag.attributes().with_checks(false).flatten() {
        match attribute.key.into_inner() {
            "r" => column = column_of(&attribute.value).unwrap_or(next_column),
            "t" => {
                announced = match &*attribute.value {
                    "s" => Announced::Shared,
                    "str" | "inlineStr" | "d" => Announced::Text,
                    "n" => Announced::Number,
                    _ => Announced::Other,
                };
            }
            _ => {}
        }
    }
    (column, announced)
}

/// `C7` → 2.
fn column_of(reference: &str) -> Option<u32> {
    let letters = reference.bytes().take_while(u8::is_ascii_alphabetic);
    let mut column = 0_u32;
    for letter in letters {
        column = column
            .checked_mul(26)?
            .checked_add(u32::from(letter.to_ascii_uppercase() - b'A') + 1)?;
    }
    column.checked_sub(1)
}

/// `C6:C29` → first row, last row (from 1), first column, last column (from 0).
fn range_of(reference: &str) -> Option<Range> {
    let (from, to) = reference.split_once(':')?;
    let row = |cell: &str| cell.trim_start_matches(|c: char| c.is_ascii_alphabetic()).parse().ok();
    let column = |cell: &str| u16::try_from(column_of(cell)?).ok();
    Some(Range {
        rows: (row(from)?, row(to)?),
        columns: (column(from)?, column(to)?),
    })
}

/// Targets by relation id, and where the shared strings lie.
fn read_relations(xml: &str) -> Result<(BTreeMap<String, String>, String), BillError> {
    let mut reader = Reader::from_str(xml);
    let mut targets = BTreeMap::new();
    let mut strings = "xl/sharedStrings.xml".to_owned();
    loop {
        match reader.read_event()? {
            Event::Start(tag) | Event::Empty(tag) if tag.local_name().into_inner() == "Relationship" => {
                let (Some(id), Some(target)) = (attribute(&tag, "Id"), attribute(&tag, "Target")) else {
                    continue;
                };
                let path = target
                    .strip_prefix('/')
                    .map_or_else(|| format!("xl/{target}"), str::to_owned);
                if attribute(&tag, "Type").is_some_and(|t| t.ends_with("/sharedStrings")) {
                    strings = path;
                } else if targets.len() < MOST_SHEETS {
                    targets.insert(id.into_owned(), path);
                }
            }
            Event::Eof => return Ok((targets, strings)),
            _ => {}
        }
    }
}

fn read_sheets(xml: &str, targets: &BTreeMap<String, String>) -> Result<(Vec<Listed>, bool), BillError> {
    let mut reader = Reader::from_str(xml);
    let (mut sheets, mut epoch_1904) = (Vec::new(), false);
    loop {
        match reader.read_event()? {
            Event::Start(tag) | Event::Empty(tag) => match tag.local_name().into_inner() {
                "sheet" if sheets.len() < MOST_SHEETS => {
                    let path = relation_id(&tag).and_then(|id| targets.get(&*id)).cloned();
                    let name = attribute(&tag, "name").unwrap_or_default().into_owned();
                    let visible = attribute(&tag, "state").is_none_or(|state| state == "visible");
                    let path = path.unwrap_or_else(|| format!("xl/worksheets/sheet{}.xml", sheets.len() + 1));
                    sheets.push(Listed { name, visible, path });
                }
                "workbookPr" => {
                    epoch_1904 = attribute(&tag, "date1904").is_some_and(|v| v == "1" || v == "true");
                }
                _ => {}
            },
            Event::Eof => return Ok((sheets, epoch_1904)),
            _ => {}
        }
    }
}

/// `r:id`, whatever the prefix; `sheetId` is another thing.
fn relation_id<'a>(tag: &'a BytesStart<'_>) -> Option<std::borrow::Cow<'a, str>> {
    attribute(tag, "id")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_names_its_column() {
        assert_eq!(column_of("A1"), Some(0));
        assert_eq!(column_of("AB12"), Some(27));
        assert_eq!(column_of("7"), None);
        assert_eq!(column_of("ZZZZZZZZZZZZZZZ1"), None);
        let range = range_of("C6:D29").expect("a range");
        assert_eq!((range.rows, range.columns), ((6, 29), (2, 3)));
        assert_eq!(range_of("C6"), None);
    }
}
