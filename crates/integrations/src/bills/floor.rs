//! The floor of the import bench: inflating and parsing the same parts with nothing done to them.

use std::path::Path;

use quick_xml::events::Event;

use super::error::BillError;
use super::limits::Limits;
use super::source::{Bare, xml_reader};

/// What a bare parse went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Floor {
    /// Inflated bytes of the sheet and its shared strings.
    pub bytes: u64,
    /// Pieces of XML: tags and texts.
    pub events: u64,
}

/// Inflates and parses the first sheet of an xlsx and its shared strings, and counts.
///
/// # Errors
/// [`BillError`] as for [`super::open`].
pub fn bare_parse(path: &Path) -> Result<Floor, BillError> {
    let limits = Limits::default();
    let mut floor = Floor { bytes: 0, events: 0 };
    let mut buffer = Vec::new();
    for entry in Bare::open(path, &limits)?.entries(&limits)? {
        floor.bytes += entry.size();
        let mut reader = xml_reader(entry, &limits);
        loop {
            buffer.clear();
            reader.get_mut().begin();
            if matches!(reader.read_event_into(&mut buffer)?, Event::Eof) {
                break;
            }
            floor.events += 1;
        }
    }
    Ok(floor)
}
