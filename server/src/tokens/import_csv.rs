//! Reads tokens from lines: a head that names the columns, then one token a line, with commas or semicolons between.
//!
//! `serial` and one of `seed_hex`, `seed_base32` must be there; `kind` (hotp, totp), `digits` (6, 8), `hash` (sha1, sha256, sha512), `period`
//! (seconds) and `counter` may be; of a token by time the counter is empty or 0. Everything that counts is ASCII, so that UTF-8, with or without its mark, and Windows-1252 read alike.

use keycard::oath;
use zeroize::Zeroizing;

use super::model::{FIRST_COUNTER, NewToken, PERIOD_SECONDS, SEED_BYTES, TokenKind, digits_of, hash_of, serial};
use crate::platform::fault::FieldFault;

const COLUMNS: [&str; 8] = ["serial", "seed_hex", "seed_base32", "kind", "digits", "hash", "period", "counter"];

/// Reads a file.
///
/// # Errors
/// What is wrong, token by token.
pub fn read(file: &[u8]) -> Result<Vec<NewToken>, Vec<FieldFault>> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let text = Zeroizing::new(file.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { '\u{fffd}' }).collect::<String>());
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let head = lines.next().unwrap_or("");
    let between = if head.contains(';') { ';' } else { ',' };
    let columns: Vec<String> =
        fields(head, between).map(str::to_ascii_lowercase).filter(|field| !head.is_empty() || !field.is_empty()).collect();
    // By its place, never by what stands there: without a head that is a seed.
    if let Some(unknown) = columns.iter().position(|column| !COLUMNS.contains(&column.as_str())) {
        return Err(vec![FieldFault::new("file", "field_token_column").with("column", unknown + 1)]);
    }
    let has = |name: &str| columns.iter().any(|column| column == name);
    let missing = [("serial", has("serial")), ("seed_hex", has("seed_hex") || has("seed_base32"))];
    let missing: Vec<_> = missing.iter().filter(|(_, there)| !there).map(|(name, _)| missing_column(name)).collect();
    if !missing.is_empty() {
        return Err(missing);
    }
    let (mut tokens, mut faults) = (Vec::new(), Vec::new());
    for (index, line) in lines.enumerate() {
        let values: Vec<&str> = fields(line, between).collect();
        let row = Row { number: index + 1, columns: &columns, values: &values };
        match row.token() {
            Ok(token) => tokens.push(token),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(tokens) } else { Err(faults) }
}

fn missing_column(name: &str) -> FieldFault {
    FieldFault::new("file", "field_token_no_column").with("column", name)
}

/// The fields of a line. No value of ours holds a comma or a quotation mark, so that quotation marks around one say nothing.
fn fields(line: &str, between: char) -> impl Iterator<Item = &str> {
    line.split(between).map(|field| {
        let field = field.trim();
        field.strip_prefix('"').and_then(|field| field.strip_suffix('"')).unwrap_or(field).trim()
    })
}

struct Row<'a> {
    number: usize,
    columns: &'a [String],
    values: &'a [&'a str],
}

impl Row<'_> {
    fn value(&self, column: &str) -> Option<&str> {
        let at = self.columns.iter().position(|name| name == column)?;
        self.values.get(at).copied().filter(|value| !value.is_empty())
    }

    fn wrong(&self, column: &str) -> FieldFault {
        FieldFault::new("file", "field_token_value").with("row", self.number).with("column", column)
    }

    fn number_in(&self, column: &str, range: &std::ops::RangeInclusive<i64>, otherwise: i64) -> Result<i64, FieldFault> {
        let Some(text) = self.value(column) else { return Ok(otherwise) };
        text.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| self.wrong(column))
    }

    fn token(&self) -> Result<NewToken, FieldFault> {
        if self.values.len() != self.columns.len() {
            return Err(FieldFault::new("file", "field_token_row").with("row", self.number).with("columns", self.columns.len()));
        }
        let kind = self.value("kind").map_or(Some(TokenKind::Totp), |word| TokenKind::of(&word.to_ascii_lowercase()));
        let hash = self.value("hash").map_or(Some(oath::Hash::Sha1), |word| hash_of(&word.to_ascii_lowercase().replace('-', "")));
        let digits = digits_of(self.number_in("digits", &(6..=8), 6)?).ok_or_else(|| self.wrong("digits"))?;
        let kind = kind.ok_or_else(|| self.wrong("kind"))?;
        // Its counter is the time: another one says that the row is not what it seems.
        let counters = if kind == TokenKind::Totp { 0..=0 } else { FIRST_COUNTER };
        Ok(NewToken {
            serial: self.value("serial").and_then(serial).ok_or_else(|| self.wrong("serial"))?,
            kind,
            oath: oath::Kind { hash: hash.ok_or_else(|| self.wrong("hash"))?, digits },
            period_seconds: self.number_in("period", &PERIOD_SECONDS, 30)?,
            counter: self.number_in("counter", &counters, 0)?,
            drift: 0,
            seed: self.seed()?,
        })
    }

    fn seed(&self) -> Result<Zeroizing<Vec<u8>>, FieldFault> {
        let (column, read) = match (self.value("seed_hex"), self.value("seed_base32")) {
            (Some(_), Some(_)) => return Err(self.wrong("seed_base32")),
            (Some(text), None) => ("seed_hex", hex::decode(text).ok()),
            (None, Some(text)) => ("seed_base32", base32(text)),
            (None, None) => ("seed_hex", None),
        };
        let seed = read.map(Zeroizing::new).filter(|seed| SEED_BYTES.contains(&seed.len()));
        seed.ok_or_else(|| self.wrong(column))
    }
}

/// RFC 4648 section 6, with or without padding.
fn base32(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    let (mut bytes, mut held, mut bits) = (Vec::with_capacity(text.len() * 5 / 8), 0_u32, 0);
    for sign in text.bytes() {
        let value = match sign.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            _ => return None,
        };
        held = (held << 5) | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).ok()?);
        }
    }
    // What is left over is less than a byte, and nothing.
    (bits < 5 && held & ((1 << bits) - 1) == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_is_that_of_rfc_4648() {
        for (plain, text) in
            [("", ""), ("f", "MY======"), ("fo", "MZXQ===="), ("foo", "MZXW6==="), ("foob", "MZXW6YQ="), ("foobar", "mzxw6ytboi")]
        {
            assert_eq!(base32(text).as_deref(), Some(plain.as_bytes()), "{text}");
        }
        for wrong in ["M", "MZ1", "MY=A", "MZXW6Y\u{e5}", "MZX"] {
            assert_eq!(base32(wrong), None, "{wrong}");
        }
    }
}
