//! What a file of people may be, and what not.

#![allow(clippy::unwrap_used)]

use std::io::{Cursor, Write as _};

use super::{
    judge::judge,
    model::{FILE_BYTES, MOST_PEOPLE, Row, RowState},
    read::{Cells, Unreadable, read},
    result::example,
};
use crate::platform::{moment::Moment, random::SystemRandom, words::Language};

const HEAD: &str = "Fornavn;Efternavn;E-mail;E-mail i certifikat;Sprog\r\n";
const AASE: &str = "Åse;Ødegård;aase@by.example;ja;engelsk\r\n";

/// A workbook as small as Excel still opens it: the cells of its first sheet as XML, and files beside it.
fn workbook(cells: &str, beside: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let book = format!(
        "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
    );
    let parts = format!(
        "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{office}/worksheet\" Target=\"worksheets/a.xml\"/></Relationships>"
    );
    let sheet = format!("<worksheet xmlns=\"{main}\"><sheetData>{cells}</sheetData></worksheet>");
    let root = parts.replace("/worksheet\"", "/officeDocument\"").replace("worksheets/a.xml", "xl/workbook.xml");
    let own: [(&str, &[u8]); 4] = [
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", parts.as_bytes()),
        ("xl/worksheets/a.xml", sheet.as_bytes()),
    ];
    for (name, bytes) in own.iter().chain(beside) {
        archive.start_file(*name, options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn row(number: usize, texts: &[&str]) -> String {
    let cell = |(at, text): (usize, &&str)| {
        let letter = char::from(b'A' + u8::try_from(at).unwrap());
        format!("<c r=\"{letter}{number}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
    };
    format!("<row r=\"{number}\">{}</row>", texts.iter().enumerate().map(cell).collect::<String>())
}

fn first(bytes: &[u8]) -> Cells {
    read(bytes).unwrap().into_iter().next().unwrap()
}

fn refusal(bytes: &[u8]) -> Unreadable {
    read(bytes).unwrap_err()
}

#[test]
fn every_encoding_and_delimiter_gives_the_same_people() {
    let utf8 = format!("{HEAD}{AASE}");
    let (windows, _, _) = encoding_rs::WINDOWS_1252.encode(&utf8);
    let marked = format!("\u{FEFF}{utf8}");
    let expected = ["Åse", "Ødegård", "aase@by.example", "ja", "engelsk"];
    let book = workbook(&(row(1, &["Fornavn", "Efternavn", "E-mail", "E-mail i certifikat", "Sprog"]) + &row(2, &expected)), &[]);
    let files = [
        utf8.clone().into_bytes(),
        marked.into_bytes(),
        windows.into_owned(),
        utf8.replace(';', ",").into_bytes(),
        utf8.replace(';', "\t").into_bytes(),
        utf8.replace("\r\n", "\n").into_bytes(),
        utf8.replace("\r\n", "\r").into_bytes(),
        book,
    ];
    for (at, file) in files.iter().enumerate() {
        let cells = first(file);
        assert_eq!((cells.line, &cells.texts.each_ref().map(String::as_str)[..5], cells.has_more), (2, &expected[..], false), "file {at}");
    }
    let english = "last name,EMAIL,First_Name\n\"Smith, Jr.\",john@by.example,John\n";
    assert_eq!(first(english.as_bytes()).texts[..3], ["John", "Smith, Jr.", "john@by.example"]);
    for language in [Language::Da, Language::En] {
        assert_eq!(read(&example(language)).unwrap().len(), 2, "our own example");
    }
}

#[test]
fn what_cannot_be_read_is_refused_by_name_in_both_languages() {
    let utf16: Vec<u8> = format!("\u{FEFF}{HEAD}{AASE}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mixed = [format!("{HEAD}{AASE}").as_bytes(), b"J\xF8rn;\xC5s;joern@by.example;;\r\n"].concat();
    let many = format!("{HEAD}{}", "A;B;a@b.dk\n".repeat(100_000));
    let bomb = workbook(&row(1, &["Fornavn"]), &[("xl/sharedStrings.xml", &vec![b' '; 60 * 1024 * 1024])]);
    assert!(bomb.len() < FILE_BYTES, "{}", bomb.len());
    let cases: [(Vec<u8>, Unreadable, &str, &str); 12] = [
        (Vec::new(), Unreadable::Empty, "ingen personer", "no people"),
        (HEAD.into(), Unreadable::Empty, "ingen personer", "no people"),
        (utf16, Unreadable::Encoding, "CSV UTF-8", "CSV UTF-8"),
        (mixed, Unreadable::Encoding, "CSV UTF-8", "CSV UTF-8"),
        (b"\xEF\xBB\xBFFornavn;Efternavn;E-mail\n\xC5se;B;a@b.dk\n".into(), Unreadable::Encoding, "CSV UTF-8", "CSV UTF-8"),
        (
            b"Fornavn;Sprog\nA;da\n".into(),
            Unreadable::Missing { columns: "Efternavn (Surname), E-mail".into() },
            "mangler kolonner: Efternavn",
            "lacks columns: Efternavn",
        ),
        (
            b"Fornavn;Efternavn;E-mail;CPR\nA;B;a@b.dk;1\n".into(),
            Unreadable::Unknown { column: "CPR".into() },
            "CPR kendes ikke",
            "CPR is not known",
        ),
        (
            b"Fornavn;Efternavn;E-mail;email\nA;B;a@b.dk;1\n".into(),
            Unreadable::Twice { column: "email".into() },
            "står to gange",
            "stands twice",
        ),
        (many.into(), Unreadable::TooMany, "højst 20000", "at most 20000"),
        (vec![b'x'; FILE_BYTES + 1], Unreadable::TooLarge, "højst fylde 4 MB", "at most 4 MB"),
        (bomb, Unreadable::Workbook, ".xlsx", ".xlsx"),
        (b"PK\x03\x04 no archive".into(), Unreadable::Workbook, ".xlsx", ".xlsx"),
    ];
    for (file, expected, danish, english) in cases {
        let refused = refusal(&file);
        assert_eq!(refused, expected);
        let fault = refused.fault();
        assert_eq!(fault.field, "file");
        assert!(fault.sentence(Language::Da).contains(danish), "{}", fault.sentence(Language::Da));
        assert!(fault.sentence(Language::En).contains(english), "{}", fault.sentence(Language::En));
    }
}

#[test]
fn a_workbooks_formula_counts_as_its_value_and_its_far_cell_costs_nothing() {
    let formula = "<row r=\"2\"><c r=\"A2\" t=\"str\"><f>\"A\"&amp;\"se\"</f><v>Ase</v></c><c r=\"B2\"><v>7</v></c></row>";
    let far = "<row r=\"1048576\"><c r=\"XFD1048576\" t=\"inlineStr\"><is><t>x</t></is></c></row>";
    let people = read(&workbook(&(row(1, &["Fornavn", "Efternavn", "E-mail"]) + formula + far), &[])).unwrap();
    assert_eq!(people[0].texts[..2], ["Ase", "7"]);
    assert_eq!((people[1].line, people[1].has_more), (1_048_576, true));
    let rows: String = (1..=MOST_PEOPLE + 2).map(|number| format!("<row r=\"{number}\"><c r=\"A{number}\"><v>1</v></c></row>")).collect();
    assert_eq!(refusal(&workbook(&rows, &[])), Unreadable::TooMany);
    // A long text that stands once and is named in every cell.
    let strings =
        format!("<sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><si><t>{}</t></si></sst>", "x".repeat(100_000));
    let named = |number| format!("<row r=\"{number}\"><c r=\"A{number}\" t=\"s\"><v>0</v></c></row>");
    let rows: String = (1..=MOST_PEOPLE).map(named).collect();
    assert_eq!(refusal(&workbook(&rows, &[("xl/sharedStrings.xml", strings.as_bytes())])), Unreadable::Workbook);
    let boasting = strings.replace("<sst ", "<sst uniqueCount=\"99999999999999\" ");
    assert_eq!(refusal(&workbook(&row(1, &["Fornavn"]), &[("xl/sharedStrings.xml", boasting.as_bytes())])), Unreadable::Workbook);
    // Texts without a letter, of which no cell is made.
    for (open, close, text) in [("<sst xmlns=", "</sst>", "<si/>"), ("<x:sst xmlns:x=", "</x:sst>", "<x:si><x:t/></x:si>")] {
        let space = "\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">";
        let [few, many] = [1_000, 400_000].map(|count| format!("{open}{space}{}{close}", text.repeat(count)));
        let with = |texts: &str| {
            read(&workbook(&(row(1, &["Fornavn", "Efternavn", "E-mail"]) + &row(2, &["A"])), &[("xl/sharedStrings.xml", texts.as_bytes())]))
        };
        assert!(with(&few).is_ok());
        assert_eq!(with(&many), Err(Unreadable::Workbook), "{text}");
    }
    let head = row(1, &["Fornavn", "Efternavn", "E-mail"]);
    let long = read(&workbook(&(head + &named(2)), &[("xl/sharedStrings.xml", strings.as_bytes())])).unwrap();
    assert_eq!(long[0].texts[0].len(), 700);
}

#[test]
fn a_day_in_a_workbook_is_read_as_a_day_however_it_is_shown() {
    let head = row(1, &["Fornavn", "Efternavn", "E-mail", "Fødselsdato"]);
    let [day, iso] = ["<c r=\"D2\" s=\"1\"><v>29358</v></c>", "<c r=\"D2\" t=\"d\"><v>1980-05-17T00:00:00</v></c>"];
    let styles: &[u8] = b"<styleSheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><cellXfs count=\"2\">\
<xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>";
    for cell in [day, iso] {
        let names = ["Åse", "Ødegård", "aase@by.example"];
        let line = row(2, &names).replace("</row>", &format!("{cell}</row>"));
        let cells = first(&workbook(&format!("{head}{line}"), &[("xl/styles.xml", styles)]));
        assert_eq!(cells.texts[6], "1980-05-17", "{cell}");
    }
}

#[test]
fn birth_date_unit_title_groups_and_number_are_judged_like_the_other_columns() {
    const MORE: &str = "Fornavn;Efternavn;E-mail;Fødselsdato;Enhed;Stilling;Grupper;RID\n";
    let judged =
        |lines: &str| judge(read(format!("{MORE}{lines}").as_bytes()).unwrap(), Language::Da, Moment::from_millis(0), &SystemRandom);
    let rows = judged("Bo;Bager;bo@by.example;17-05-1950;Bageriet;Bager;Nathold, Vagt,Nathold;1001\nEa;Eng;ea@by.example;;;;;1001\n");
    let good = &rows[0];
    assert_eq!((good.state, good.birth_date.map(|day| day.to_string()).as_deref()), (RowState::Good, Some("1950-05-17")));
    assert_eq!((good.details.unit.as_str(), good.details.title.as_str(), good.rid.as_deref()), ("Bageriet", "Bager", Some("1001")));
    assert_eq!(good.details.groups, ["Nathold", "Vagt"]);
    assert_eq!(rows[1].reasons(Language::Da), ["RID: Samme nummer (RID) står allerede i linje 2."]);
    assert_eq!(rows[1].reasons(Language::En), ["RID: The same number (RID) stands in line 2 already."]);
    let cases: [(&str, &[&str], &str, &str); 4] = [
        ("i går;;;;", &["birth_date"], "Fødselsdato: ", "Birth date: "),
        ("17-05-1960;;;;", &["birth_date"], "15", "15"),
        (";;;;12A", &["rid"], "RID: Nummeret har 1 til 16 cifre", "RID: The number has"),
        (";B\u{202E};;1,2,3,4,5,6,7,8,9,10,11;", &["unit", "groups"], "Grupper: ", "Groups: "),
    ];
    for (rest, fields, danish, english) in cases {
        let rows = judged(&format!("Bo;Bager;bo@by.example;{rest}\n"));
        let found: Vec<&str> = rows[0].faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!((rows[0].state, found.as_slice()), (RowState::Bad, fields), "{rest}");
        assert!(rows[0].reasons(Language::Da).join(" ").contains(danish), "{:?}", rows[0].reasons(Language::Da));
        assert!(rows[0].reasons(Language::En).join(" ").contains(english), "{:?}", rows[0].reasons(Language::En));
    }
}

fn judged(lines: &str) -> Vec<Row> {
    judge(read(format!("{HEAD}{lines}").as_bytes()).unwrap(), Language::Da, Moment::from_millis(0), &SystemRandom)
}

#[test]
fn each_row_has_its_verdict_with_every_reason_in_both_languages() {
    let cases: [(&str, &[&str], &str, &str); 6] = [
        (";Bager;bo@by.example", &["given_name"], "Fornavn: Feltet skal udfyldes.", "Given name: "),
        ("Bo;Bager;intet", &["email"], "E-mail: Skriv en e-mailadresse", "E-mail: "),
        ("Bo;Bager;bo@by.example;måske", &["email_in_certificate"], "Skriv ja eller nej", "Write yes or no"),
        ("Bo;Bager;bo@by.example;;svensk", &["language"], "Skriv dansk eller engelsk", "Write Danish or English"),
        ("Bo;Bager;bo@by.example;;;mere", &[""], "Rækken: Der står tekst uden for", "The row: Text stands outside"),
        ("B\u{202E}o;;x", &["given_name", "surname", "email"], "Efternavn: ", "Surname: "),
    ];
    for (line, fields, danish, english) in cases {
        let rows = judged(&format!("{line}\n"));
        let found: Vec<&str> = rows[0].faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!((rows[0].state, found.as_slice()), (RowState::Bad, fields), "{line}");
        assert!(rows[0].reasons(Language::Da).join(" ").contains(danish), "{:?}", rows[0].reasons(Language::Da));
        assert!(rows[0].reasons(Language::En).join(" ").contains(english), "{:?}", rows[0].reasons(Language::En));
        assert!(!rows[0].given_name.contains('\u{202E}'), "what turns text is not shown");
    }
    let rows = judged("Bo;Bager;bo@by.example;X;\r\n\r\n;;;;\r\nEa;Eng;ea@by.example;nej;English\nBo;B.;BO@by.example\n");
    assert_eq!(
        rows.iter().map(|row| (row.line, row.state)).collect::<Vec<_>>(),
        [(2, RowState::Good), (5, RowState::Good), (6, RowState::Bad)]
    );
    assert!(rows[0].email_in_certificate && rows[0].language == Language::Da && rows[1].language == Language::En);
    assert_eq!(rows[2].reasons(Language::Da), ["E-mail: Samme e-mailadresse står allerede i linje 2."]);
    assert_eq!(rows[2].reasons(Language::En), ["E-mail: The same e-mail address stands in line 2 already."]);
}
