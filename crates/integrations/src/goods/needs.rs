//! Needs as JSON: a list of hospitals, each with its supplies. Contacts are not read: they are persons.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use relief::tables::rules::tidied;
use relief::tables::{Found, Line, Quantity, RowReason};
use serde::Deserialize;

use super::GoodsImportError;
use crate::bills::BillError;

/// Bytes of a list: the largest known city has 90 kilobytes.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// Who is in need. What else an entry holds (telephones, links) is not taken in.
#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    city: String,
    #[serde(default)]
    district: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    supplies: Vec<Supply>,
}

#[derive(Deserialize)]
struct Supply {
    #[serde(default)]
    key: String,
    #[serde(default)]
    value: serde_json::Value,
    #[serde(default)]
    specification: Option<String>,
}

/// Whether the file begins as a JSON list.
pub(super) fn is_json(path: &Path) -> Result<bool, GoodsImportError> {
    let mut first = Vec::with_capacity(64);
    let file = File::open(path).map_err(BillError::from)?;
    file.take(64).read_to_end(&mut first).map_err(BillError::from)?;
    let start = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&first);
    Ok(start.trim_ascii_start().first() == Some(&b'['))
}

/// The lines of a list; a row is the entry's place in it, from 1.
pub(super) fn read(path: &Path) -> Result<Found, GoodsImportError> {
    let file = File::open(path).map_err(BillError::from)?;
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(BillError::from)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(BillError::TooLarge {
            what: "file_bytes",
            limit: FILE_BYTES_MAX,
        }
        .into());
    }
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let entries: Vec<Entry> = serde_json::from_slice(start).map_err(|e| {
        // The words of the parser may repeat the file's; where it stopped is enough.
        GoodsImportError::Json(format!("line {}, column {}", e.line(), e.column()))
    })?;
    let mut found = Found {
        tables: 1,
        ..Found::default()
    };
    for (at, entry) in entries.iter().enumerate() {
        let row = u32::try_from(at + 1).unwrap_or(u32::MAX);
        take(&mut found, entry, row);
    }
    Ok(found)
}

fn take(found: &mut Found, entry: &Entry, row: u32) {
    let refused = |reason: &str| RowReason {
        sheet: String::new(),
        row,
        reason: reason.to_owned(),
    };
    let name = tidied(&entry.name);
    if name.is_empty() {
        found.refused.push(refused("no_receiver"));
        return;
    }
    if entry.supplies.is_empty() {
        found.parties_without_lines += 1;
    }
    for supply in &entry.supplies {
        let quantity = match &supply.value {
            serde_json::Value::Null => Quantity::Nothing,
            value => match value.as_i64() {
                Some(1) => Quantity::NotGiven,
                Some(number) if number > 1 => Quantity::Own(number),
                _ => {
                    found.refused.push(refused("quantity_unreadable"));
                    continue;
                }
            },
        };
        let item = tidied(&supply.key);
        if item.is_empty() {
            found.refused.push(refused("no_item"));
            continue;
        }
        found.lines.push(Line {
            row,
            day: None,
            day_words: String::new(),
            party: name.clone(),
            place: tidied(&format!("{} {}", entry.city, entry.district)),
            detail: tidied(&entry.address),
            item,
            spec: tidied(supply.specification.as_deref().unwrap_or_default()),
            unit: String::new(),
            quantity,
        });
    }
}
