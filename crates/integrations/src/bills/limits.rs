//! The named limits of a file (law 9): each with what it protects.

/// How large a file and its parts may be. A file over a limit is refused as a whole, before it fills the memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a file of any kind: what one upload may carry.
    pub file_bytes: u64,
    /// Bytes of a sheet after inflating: 600,000 platform rows are about 120 MB of XML.
    pub sheet_bytes: u64,
    /// Bytes of the shared-strings part after inflating: the one table that grows with the rows.
    pub shared_strings_bytes: u64,
    /// Bytes of shared text kept in memory (blanks at the ends are not kept).
    pub shared_text_bytes: usize,
    /// Bytes of a small part (the workbook's list of sheets).
    pub small_part_bytes: u64,
    /// Bytes of one row of text or one piece of XML: an unclosed quote must not swallow the file.
    pub piece_bytes: u64,
    /// Rows of a sheet or lines of a text. An xlsx sheet ends at 1,048,576.
    pub rows: u32,
    /// Columns that are looked at; what lies to the right is not read.
    pub columns: u16,
    /// Rows above the header (titles, notes): the longest known has 25.
    pub rows_before_header: u32,
    /// Bytes of an xls file, which is read into memory as a whole (its sheets end at 65,536 rows).
    pub xls_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 512 << 20,
            sheet_bytes: 1 << 30,
            shared_strings_bytes: 256 << 20,
            shared_text_bytes: 96 << 20,
            small_part_bytes: 4 << 20,
            piece_bytes: 1 << 20,
            rows: 2_000_000,
            columns: 256,
            rows_before_header: 200,
            xls_bytes: 32 << 20,
        }
    }
}
