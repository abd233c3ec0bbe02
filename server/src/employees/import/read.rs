//! Reads a file of people: CSV (UTF-8, with or without a byte order mark, or Windows-1252; `;`, `,` or tabulator) or an Excel workbook.
//!
//! The first row names the columns, in Danish or English, in any order. Refused, each by its name: a file that is too large, has too many rows,
//! is empty or in another encoding, lacks a column, has one that is unknown or stands twice. Pure: bytes in, cells out.

use super::{
    model::{FILE_BYTES, MOST_PEOPLE},
    workbook,
};
use crate::platform::{fault::FieldFault, text, words::Language};

/// So many cells of a line are looked at.
const COLUMNS: usize = 16;

/// The columns that a file may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// Given names.
    GivenName,
    /// Surname.
    Surname,
    /// Where mail goes.
    Email,
    /// Whether the address stands in the certificate.
    EmailInCertificate,
    /// The language of mails and letters.
    Language,
    /// Where the person is called and gets text messages.
    Telephone,
    /// The birth date.
    BirthDate,
    /// The organisational unit.
    Unit,
    /// The job title.
    Title,
    /// Groups, several in one cell.
    Groups,
    /// The number (RID) that certificates of the family `oces2` carry.
    Number,
}

/// How many there are.
pub const KNOWN: usize = 11;

impl Column {
    /// All of them, in the order of our own files.
    pub const ALL: [Self; KNOWN] = [
        Self::GivenName,
        Self::Surname,
        Self::Email,
        Self::EmailInCertificate,
        Self::Language,
        Self::Telephone,
        Self::BirthDate,
        Self::Unit,
        Self::Title,
        Self::Groups,
        Self::Number,
    ];
    const NEEDED: [Self; 3] = [Self::GivenName, Self::Surname, Self::Email];

    /// Its name in our own files.
    pub const fn name(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::GivenName, Language::Da) => "Fornavn",
            (Self::GivenName, Language::En) => "Given name",
            (Self::Surname, Language::Da) => "Efternavn",
            (Self::Surname, Language::En) => "Surname",
            (Self::Email, Language::Da | Language::En) => "E-mail",
            (Self::EmailInCertificate, Language::Da) => "E-mail i certifikat",
            (Self::EmailInCertificate, Language::En) => "E-mail in certificate",
            (Self::Language, Language::Da) => "Sprog",
            (Self::Language, Language::En) => "Language",
            (Self::Telephone, Language::Da) => "Telefon",
            (Self::Telephone, Language::En) => "Telephone",
            (Self::BirthDate, Language::Da) => "Fødselsdato",
            (Self::BirthDate, Language::En) => "Birth date",
            (Self::Unit, Language::Da) => "Enhed",
            (Self::Unit, Language::En) => "Unit",
            (Self::Title, Language::Da) => "Stilling",
            (Self::Title, Language::En) => "Job title",
            (Self::Groups, Language::Da) => "Grupper",
            (Self::Groups, Language::En) => "Groups",
            (Self::Number, Language::Da | Language::En) => "RID",
        }
    }

    /// Its field in faults, as in the API.
    pub const fn field(self) -> &'static str {
        match self {
            Self::GivenName => "given_name",
            Self::Surname => "surname",
            Self::Email => "email",
            Self::EmailInCertificate => "email_in_certificate",
            Self::Language => "language",
            Self::Telephone => "telephone",
            Self::BirthDate => "birth_date",
            Self::Unit => "unit",
            Self::Title => "title",
            Self::Groups => "groups",
            Self::Number => "rid",
        }
    }

    /// The column of a fault's field.
    pub fn of_field(field: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.field() == field)
    }

    /// The column that a name of the first row means: letters alone count, in any case.
    pub fn of(name: &str) -> Option<Self> {
        let letters: String = name.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        match letters.as_str() {
            "fornavn" | "fornavne" | "givenname" | "givennames" | "firstname" => Some(Self::GivenName),
            "efternavn" | "surname" | "lastname" | "familyname" => Some(Self::Surname),
            "email" | "mail" | "emailadresse" | "mailadresse" | "emailaddress" => Some(Self::Email),
            "emailicertifikat" | "emailicertifikatet" | "emailincertificate" => Some(Self::EmailInCertificate),
            "sprog" | "language" => Some(Self::Language),
            "telefon" | "telefonnummer" | "mobil" | "telephone" | "phone" | "mobile" => Some(Self::Telephone),
            "fødselsdato" | "fødselsdag" | "birthdate" | "dateofbirth" => Some(Self::BirthDate),
            "enhed" | "afdeling" | "unit" | "department" => Some(Self::Unit),
            "stilling" | "titel" | "jobtitle" | "title" => Some(Self::Title),
            "gruppe" | "grupper" | "group" | "groups" => Some(Self::Groups),
            "rid" | "ridnummer" | "ridnumber" => Some(Self::Number),
            _ => None,
        }
    }

    fn both_names(self) -> String {
        let (danish, english) = (self.name(Language::Da), self.name(Language::En));
        if danish == english { danish.to_owned() } else { format!("{danish} ({english})") }
    }
}

/// Why a file cannot be read. Nothing is stored of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It has no row below the first.
    #[error("the file has no people in it")]
    Empty,
    /// Neither UTF-8 nor Windows-1252, or both.
    #[error("the file is neither UTF-8 nor Windows-1252")]
    Encoding,
    /// Columns that it must have.
    #[error("the file lacks columns: {columns}")]
    Missing {
        /// Their names.
        columns: String,
    },
    /// A quotation mark without its other: it swallows what stands below.
    #[error("a quotation mark in line {line} has no other")]
    Quotes {
        /// Where the record begins.
        line: u64,
    },
    /// More people than a file may have.
    #[error("the file has more than {MOST_PEOPLE} people")]
    TooMany,
    /// More octets than a file may have.
    #[error("the file is larger than {FILE_BYTES} octets")]
    TooLarge,
    /// A column that stands twice.
    #[error("the column {column} stands twice")]
    Twice {
        /// Its name.
        column: String,
    },
    /// A column that means nothing here.
    #[error("nobody knows the column {column}")]
    Unknown {
        /// Its name, as far as it can be shown.
        column: String,
    },
    /// No workbook that Excel writes, or one that unpacks to too much.
    #[error("the workbook cannot be read")]
    Workbook,
}

impl Unreadable {
    /// As a fault of the field `file`.
    pub fn fault(&self) -> FieldFault {
        let fault = |rule| FieldFault::new("file", rule);
        match self {
            Self::Empty => fault("field_people_none"),
            Self::Encoding => fault("field_people_encoding"),
            Self::Missing { columns } => fault("field_people_missing").with("columns", columns),
            Self::Quotes { line } => fault("field_people_quotes").with("line", line),
            Self::TooMany => fault("field_people_many").with("most", MOST_PEOPLE),
            Self::TooLarge => fault("field_people_large").with("most", text::size(FILE_BYTES)),
            Self::Twice { column } => fault("field_people_twice").with("column", column),
            Self::Unknown { column } => fault("field_people_unknown").with("column", column),
            Self::Workbook => fault("field_people_workbook"),
        }
    }
}

/// A row as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cells {
    /// The line, counted from 1 with the names of the columns.
    pub line: i64,
    /// The text of each column, in the order of [`Column::ALL`]; empty where there is none.
    pub texts: [String; KNOWN],
    /// Whether text stands beyond the last column.
    pub has_more: bool,
}

/// Any row, before anybody knows its columns: its line and its texts.
pub(super) type Line = (i64, Vec<String>);

/// Reads a file.
///
/// # Errors
/// [`Unreadable`].
pub fn read(bytes: &[u8]) -> Result<Vec<Cells>, Unreadable> {
    if bytes.len() > FILE_BYTES {
        return Err(Unreadable::TooLarge);
    }
    let mut lines = if workbook::is_one(bytes) { workbook::lines(bytes)? } else { delimited(&decode(bytes)?)? }.into_iter();
    let (_, head) = lines.next().ok_or(Unreadable::Empty)?;
    let columns = columns(&head)?;
    let people: Vec<Cells> = lines.map(|(line, texts)| cells(line, texts, &columns)).collect();
    if people.is_empty() { Err(Unreadable::Empty) } else { Ok(people) }
}

fn cells(line: i64, texts: Vec<String>, columns: &[Column]) -> Cells {
    let mut cells = Cells { line, has_more: texts.iter().skip(columns.len()).any(|text| !text.trim().is_empty()), ..Cells::default() };
    for (column, text) in columns.iter().zip(texts) {
        if let Some(place) = Column::ALL.iter().position(|known| known == column) {
            cells.texts[place] = text;
        }
    }
    cells
}

fn columns(head: &[String]) -> Result<Vec<Column>, Unreadable> {
    let named = head.iter().rposition(|name| !name.trim().is_empty()).map_or(0, |last| last + 1);
    let mut found = Vec::new();
    for name in &head[..named] {
        let shown = || text::readable(name, 60);
        let column = Column::of(name).ok_or_else(|| Unreadable::Unknown { column: shown() })?;
        if found.contains(&column) {
            return Err(Unreadable::Twice { column: shown() });
        }
        found.push(column);
    }
    let missing: Vec<String> = Column::NEEDED.iter().filter(|needed| !found.contains(needed)).map(|column| column.both_names()).collect();
    if missing.is_empty() { Ok(found) } else { Err(Unreadable::Missing { columns: missing.join(", ") }) }
}

/// The text of a CSV file, each line ended by a line feed. What is no UTF-8 is Windows-1252, unless a letter of UTF-8 stands in it: then it is neither, and would be read wrongly.
fn decode(bytes: &[u8]) -> Result<String, Unreadable> {
    let text = match bytes.strip_prefix(b"\xEF\xBB\xBF") {
        Some(marked) => String::from_utf8(marked.to_vec()).map_err(|_| Unreadable::Encoding)?,
        None => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) if bytes.windows(2).any(|pair| pair[0] == 0xC3 && (0x80..0xC0).contains(&pair[1])) => return Err(Unreadable::Encoding),
            Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
        },
    };
    // UTF-16 has a NUL in every letter of ASCII; five octets mean nothing in Windows-1252 and become control characters.
    let is_strange = |character: char| character.is_control() && !matches!(character, '\n' | '\r' | '\t');
    if text.chars().any(is_strange) { Err(Unreadable::Encoding) } else { Ok(text.replace("\r\n", "\n").replace('\r', "\n")) }
}

/// The lines of a CSV file that hold anything.
fn delimited(text: &str) -> Result<Vec<Line>, Unreadable> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter(text)).from_reader(text.as_bytes());
    let (mut lines, mut counted) = (Vec::new(), (0, 1));
    for record in reader.records() {
        let record = record.map_err(|_| Unreadable::Encoding)?;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        // A quotation mark without its other swallows the lines below it.
        if record.iter().any(|cell| cell.contains('\n')) {
            return Err(Unreadable::Quotes { line: record.position().map_or(0, csv::Position::line) });
        }
        if lines.len() > MOST_PEOPLE {
            return Err(Unreadable::TooMany);
        }
        let begins = record.position().and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or_default();
        let line = line_of(text, begins, &mut counted);
        // Of what stands beyond all columns one cell is enough to say so.
        let beyond = record.iter().skip(COLUMNS).find(|cell| !cell.trim().is_empty());
        lines.push((line, record.iter().take(COLUMNS).chain(beyond).map(str::to_owned).collect()));
    }
    Ok(lines)
}

/// The line in which a record is, when empty lines before it count too. `counted` is how far the lines were counted: place and line.
fn line_of(text: &str, begins: usize, counted: &mut (usize, i64)) -> i64 {
    let bytes = text.as_bytes();
    let place = begins + bytes[begins..].iter().take_while(|byte| **byte == b'\n').count();
    let more = bytes[counted.0..place].iter().filter(|byte| **byte == b'\n').count();
    *counted = (place, counted.1 + i64::try_from(more).unwrap_or(i64::MAX));
    counted.1
}

/// The sign that parts the most columns of the first row that we know.
fn delimiter(text: &str) -> u8 {
    let head = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let known = |sign: u8| head.split(char::from(sign)).filter(|name| Column::of(name).is_some()).count();
    // Of several that part as many, `max_by_key` takes the last.
    [b'\t', b',', b';'].into_iter().max_by_key(|sign| known(*sign)).unwrap_or(b';')
}
