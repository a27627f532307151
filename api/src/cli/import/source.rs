//! The file, plain or compressed: which rows it has, and which of them make no sense.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, Result};
use csv::{ByteRecord, ReaderBuilder, StringRecord, Trim};
use flate2::read::MultiGzDecoder;

use super::columns::Columns;
use super::row::{Reject, Row};

/// What stands in a file.
pub(super) struct Source {
    pub(super) rows: Vec<Row>,
    pub(super) rejected: Vec<Rejected>,
}

/// A line that was left out, and why.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rejected {
    pub(super) line: u64,
    pub(super) reason: Reject,
}

/// The bytes of a file, unpacked if it is compressed.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>> {
    let named = || format!("cannot read {}", path.display());
    let bytes = std::fs::read(path).with_context(named)?;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut plain = Vec::new();
    MultiGzDecoder::new(&*bytes).read_to_end(&mut plain).with_context(named)?;
    Ok(plain)
}

impl Source {
    /// Reads a file, but no more rows than `limit`.
    pub(super) fn load(path: &Path, limit: Option<usize>) -> Result<Self> {
        let bytes = bytes(path)?;
        Self::read(&bytes, limit).with_context(|| format!("cannot read {}", path.display()))
    }

    /// Reads lines, but no more rows than `limit`. A line that makes no sense is noted and passed
    /// over; only a foreign header stops the reading.
    pub(super) fn read(bytes: &[u8], limit: Option<usize>) -> Result<Self> {
        let mut reader = ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(bytes);
        let columns = Columns::try_new(reader.headers()?)?;
        let mut lines = Lines::new(bytes);
        let mut source = Self { rows: Vec::new(), rejected: Vec::new() };
        for record in reader.into_byte_records().take(limit.unwrap_or(usize::MAX)) {
            let record = record?;
            let line = lines.of(record.position().map_or(0, csv::Position::byte));
            match parse(line, &columns, record) {
                Ok(row) => source.rows.push(row),
                Err(reason) => source.rejected.push(Rejected { line, reason }),
            }
        }
        Ok(source)
    }
}

/// Counts lines. The reader's own count is one behind where lines end in two characters, as in
/// this file: it takes up the second one only with the next record.
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    next: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    /// Counts the lines of a file.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, next: 0, line: 1 }
    }

    /// The line on which the record at or after a byte starts. Records are asked for in order.
    pub(super) fn of(&mut self, byte: u64) -> u64 {
        let start = usize::try_from(byte).unwrap_or(usize::MAX);
        while let Some(byte) = self.bytes.get(self.next) {
            if self.next >= start && !matches!(byte, b'\r' | b'\n') {
                break;
            }
            self.line += u64::from(*byte == b'\n');
            self.next += 1;
        }
        self.line
    }
}

fn parse(line: u64, columns: &Columns, record: ByteRecord) -> Result<Row, Reject> {
    let record = StringRecord::from_byte_record(record)
        .map_err(|error| Reject::Unreadable(error.utf8_error().to_string()))?;
    if record.len() != columns.width() {
        return Err(Reject::Fields { found: record.len(), expected: columns.width() });
    }
    Row::parse(line, columns, &record)
}
