//! The inner form: zlib (RFC 1950) over records, one after another: 1 octet kind, 4 octets length, big endian, the content.
//!
//! | kind | content |
//! |---|---|
//! | 1 head, the first | JSON: [`Head`] |
//! | 2 file | its name: folder and path, UTF-8, parted by `/` |
//! | 3 data | the next octets of the file before |
//! | 4 table | JSON: [`Table`] |
//! | 5 row | the cells of a row of the table before: 1 octet kind, then 0 null: nothing; 1 integer and 4 real: 8 octets, big endian; 2 text and 3 bytes: 4 octets length, the octets |
//! | 6 end, the last | JSON: [`End`] |
//!
//! Integers stand for truths, 16 octets for UUIDs, so that rows of SQLite load into PostgreSQL and the other way round.

use std::io::{self, Read, Write};

use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};
use serde::{Deserialize, Serialize};

use super::BackupError;
use crate::platform::{
    database::cell::{Cell, Table},
    moment::Moment,
};

/// The largest record: a row may hold a document.
const MOST_RECORD_BYTES: usize = 768 * 1024 * 1024;
/// The largest piece of a file.
const FILE_PIECE_BYTES: usize = 64 * 1024;

const HEAD: u8 = 1;
const FILE: u8 = 2;
const DATA: u8 = 3;
const TABLE: u8 = 4;
const ROW: u8 = 5;
const END: u8 = 6;

/// What a backup says of itself. Unknown members are ignored: a newer program may say more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The program's version.
    pub program: String,
    /// When the snapshot was taken.
    pub made_at: Moment,
    /// The engine that the rows come from, for people.
    pub engine: String,
    /// The schema steps that were taken, in order.
    pub schema: Vec<String>,
}

/// What must have been read when the end is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// How many files.
    pub files: u64,
    /// How many rows.
    pub rows: u64,
}

/// One record.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// The next octets of the file before.
    Data(Vec<u8>),
    /// The end.
    End(End),
    /// A file begins.
    File(String),
    /// What the backup says of itself.
    Head(Head),
    /// A row of the table before.
    Row(Vec<Cell>),
    /// A table begins.
    Table(Table),
}

/// Writes records.
pub struct Writer<W: Write> {
    out: ZlibEncoder<W>,
    buffer: Vec<u8>,
    end: End,
}

impl<W: Write> Writer<W> {
    /// Writes the head.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(out: W, head: &Head) -> Result<Self, BackupError> {
        let mut writer = Self { out: ZlibEncoder::new(out, Compression::fast()), buffer: Vec::new(), end: End::default() };
        writer.json(HEAD, head)?;
        Ok(writer)
    }

    /// Writes a file.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn file(&mut self, name: &str, content: &mut impl Read) -> Result<(), BackupError> {
        self.record(FILE, name.as_bytes())?;
        let mut piece = vec![0; FILE_PIECE_BYTES];
        loop {
            let length = content.read(&mut piece)?;
            if length == 0 {
                break;
            }
            self.record(DATA, &piece[..length])?;
        }
        self.end.files += 1;
        Ok(())
    }

    /// Begins a table.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn table(&mut self, table: &Table) -> Result<(), BackupError> {
        self.json(TABLE, table)
    }

    /// Writes a row of the table before.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn row(&mut self, cells: &[Cell]) -> Result<(), BackupError> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        for cell in cells {
            put_cell(&mut buffer, cell)?;
        }
        let written = self.record(ROW, &buffer);
        // One row with a whole document must not hold its memory to the end.
        if buffer.capacity() < 1024 * 1024 {
            self.buffer = buffer;
        }
        self.end.rows += 1;
        written
    }

    /// Writes the end; gives what was written, and what it was written to.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> Result<(End, W), BackupError> {
        let end = self.end;
        self.json(END, &end)?;
        Ok((end, self.out.finish()?))
    }

    fn json(&mut self, kind: u8, content: &impl Serialize) -> Result<(), BackupError> {
        let octets = serde_json::to_vec(content).map_err(io::Error::other)?;
        self.record(kind, &octets)
    }

    fn record(&mut self, kind: u8, content: &[u8]) -> Result<(), BackupError> {
        self.out.write_all(&[kind])?;
        self.out.write_all(&length_of(content)?)?;
        Ok(self.out.write_all(content)?)
    }
}

fn length_of(content: &[u8]) -> Result<[u8; 4], BackupError> {
    let too_large = BackupError::Damaged { what: "a row is larger than 768 MiB" };
    if content.len() > MOST_RECORD_BYTES {
        return Err(too_large);
    }
    Ok(u32::try_from(content.len()).map_err(|_| too_large)?.to_be_bytes())
}

fn put_cell(buffer: &mut Vec<u8>, cell: &Cell) -> Result<(), BackupError> {
    match cell {
        Cell::Null => buffer.push(0),
        Cell::Integer(number) => {
            buffer.push(1);
            buffer.extend_from_slice(&number.to_be_bytes());
        }
        Cell::Text(text) => {
            buffer.push(2);
            buffer.extend_from_slice(&length_of(text.as_bytes())?);
            buffer.extend_from_slice(text.as_bytes());
        }
        Cell::Bytes(octets) => {
            buffer.push(3);
            buffer.extend_from_slice(&length_of(octets)?);
            buffer.extend_from_slice(octets);
        }
        Cell::Real(number) => {
            buffer.push(4);
            buffer.extend_from_slice(&number.to_be_bytes());
        }
    }
    Ok(())
}

/// Reads records.
pub struct Reader<R: Read> {
    input: ZlibDecoder<R>,
    seen: End,
    ended: bool,
}

impl<R: Read> Reader<R> {
    /// Reads the head.
    ///
    /// # Errors
    /// [`BackupError::Damaged`] when there is none.
    pub fn new(input: R) -> Result<(Self, Head), BackupError> {
        let mut reader = Self { input: ZlibDecoder::new(input), seen: End::default(), ended: false };
        match reader.next_record()? {
            Some(Record::Head(head)) => Ok((reader, head)),
            _ => Err(BackupError::Damaged { what: "it does not begin with its head" }),
        }
    }

    /// The next record; none after the end, which must count what was read.
    ///
    /// # Errors
    /// [`BackupError::Damaged`] with the rule that is broken; what the sealed form refuses with.
    pub fn next_record(&mut self) -> Result<Option<Record>, BackupError> {
        if self.ended {
            return Ok(None);
        }
        let (kind, content) = self.record()?;
        let record = understood(kind, content)?;
        match &record {
            Record::File(_) => self.seen.files += 1,
            Record::Row(_) => self.seen.rows += 1,
            Record::End(end) if *end != self.seen => return Err(BackupError::Damaged { what: "its end counts other files or rows" }),
            Record::End(_) => {
                self.ended = true;
                if self.input.read(&mut [0; 1]).map_err(unsealing)? != 0 {
                    return Err(BackupError::Damaged { what: "something follows its end" });
                }
            }
            Record::Data(_) | Record::Head(_) | Record::Table(_) => {}
        }
        Ok(Some(record))
    }

    fn record(&mut self) -> Result<(u8, Vec<u8>), BackupError> {
        let mut head = [0; 5];
        self.input.read_exact(&mut head).map_err(unsealing)?;
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        if length > MOST_RECORD_BYTES {
            return Err(BackupError::Damaged { what: "a record is larger than 768 MiB" });
        }
        let mut content = Vec::new();
        (&mut self.input).take(length as u64).read_to_end(&mut content).map_err(unsealing)?;
        if content.len() < length {
            return Err(BackupError::Truncated);
        }
        Ok((head[0], content))
    }
}

/// The sealed form's own refusal, if it is one.
fn unsealing(error: io::Error) -> BackupError {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        return BackupError::Truncated;
    }
    match error.downcast::<BackupError>() {
        Ok(refused) => refused,
        Err(error) => BackupError::Storage(error),
    }
}

fn understood(kind: u8, content: Vec<u8>) -> Result<Record, BackupError> {
    match kind {
        HEAD => serde_json::from_slice(&content).map(Record::Head).map_err(|_| BackupError::Damaged { what: "its head is not understood" }),
        FILE => String::from_utf8(content).map(Record::File).map_err(|_| BackupError::Damaged { what: "a file's name is not UTF-8" }),
        DATA => Ok(Record::Data(content)),
        TABLE => {
            serde_json::from_slice(&content).map(Record::Table).map_err(|_| BackupError::Damaged { what: "a table is not understood" })
        }
        ROW => cells(&content).map(Record::Row).ok_or(BackupError::Damaged { what: "a row is not understood" }),
        END => serde_json::from_slice(&content).map(Record::End).map_err(|_| BackupError::Damaged { what: "its end is not understood" }),
        _ => Err(BackupError::Damaged { what: "a record is of an unknown kind" }),
    }
}

fn cells(mut rest: &[u8]) -> Option<Vec<Cell>> {
    let mut cells = Vec::new();
    while let Some((&kind, after)) = rest.split_first() {
        rest = after;
        cells.push(match kind {
            0 => Cell::Null,
            1 => Cell::Integer(i64::from_be_bytes(taken(&mut rest)?)),
            2 => Cell::Text(String::from_utf8(sized(&mut rest)?.to_vec()).ok()?),
            3 => Cell::Bytes(sized(&mut rest)?.to_vec()),
            4 => Cell::Real(f64::from_be_bytes(taken(&mut rest)?)),
            _ => return None,
        });
    }
    Some(cells)
}

fn taken<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (octets, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*octets)
}

fn sized<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u32::from_be_bytes(taken(rest)?) as usize;
    let (octets, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(octets)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn head() -> Head {
        let schema = vec!["20261122000001".to_owned()];
        Head { program: "0.1.0".to_owned(), made_at: Moment::from_millis(1_795_348_800_000), engine: "SQLite".to_owned(), schema }
    }

    fn written() -> Vec<u8> {
        let mut writer = Writer::new(Vec::new(), &head()).unwrap();
        writer.file("keys/keystore.check", &mut vec![9; 100_000].as_slice()).unwrap();
        writer.table(&Table { name: "installation".to_owned(), columns: vec!["name".to_owned(), "value".to_owned()] }).unwrap();
        writer.row(&[Cell::Text("Åse".to_owned()), Cell::Null]).unwrap();
        writer.row(&[Cell::Bytes(vec![0; 3]), Cell::Integer(-1), Cell::Real(0.5)]).unwrap();
        writer.finish().unwrap().1
    }

    fn read(octets: &[u8]) -> Result<Vec<Record>, BackupError> {
        let (mut reader, found) = Reader::new(octets)?;
        assert_eq!(found, head());
        let mut records = Vec::new();
        while let Some(record) = reader.next_record()? {
            records.push(record);
        }
        Ok(records)
    }

    #[test]
    fn records_are_read_as_they_were_written() {
        let records = read(&written()).unwrap();
        let data: usize = records.iter().map(|record| if let Record::Data(octets) = record { octets.len() } else { 0 }).sum();
        assert_eq!(data, 100_000);
        assert!(records.contains(&Record::Row(vec![Cell::Bytes(vec![0; 3]), Cell::Integer(-1), Cell::Real(0.5)])));
        assert_eq!(records.last(), Some(&Record::End(End { files: 1, rows: 2 })));
    }

    #[test]
    fn without_its_end_it_is_cut_off() {
        let mut writer = Writer::new(Vec::new(), &head()).unwrap();
        writer.table(&Table { name: "job".to_owned(), columns: Vec::new() }).unwrap();
        let octets = writer.out.finish().unwrap();
        assert!(matches!(read(&octets), Err(BackupError::Truncated)));
    }

    #[test]
    fn a_row_that_breaks_the_form_is_refused() {
        for broken in [&[1, 0, 0][..], &[2, 0, 0, 0, 9, 65], &[2, 0, 0, 0, 1, 255], &[7]] {
            assert!(cells(broken).is_none(), "{broken:?}");
        }
    }
}
