//! Reads what our own mail says (RFC 5322, 2045, 2047): subject, recipient, date, the first plain text. For showing only; it trusts
//! nothing and verifies nothing.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The deepest nesting of multiparts that is followed.
const DEPTH: usize = 5;

/// A message as people read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// To whom.
    pub to: String,
    /// About what.
    pub subject: String,
    /// The plain text.
    pub text: String,
}

/// Reads a message.
pub fn read(bytes: &[u8]) -> Message {
    let entity = Entity::of(bytes);
    Message { to: entity.words("to"), subject: entity.words("subject"), text: entity.text(DEPTH).unwrap_or_default() }
}

struct Entity<'a> {
    headers: Vec<(String, String)>,
    body: &'a [u8],
}

impl<'a> Entity<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        let (head, body) = split_head(bytes);
        let head = String::from_utf8_lossy(head);
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in head.lines() {
            match (line.starts_with([' ', '\t']), headers.last_mut()) {
                (true, Some((_, value))) => {
                    value.push(' ');
                    value.push_str(line.trim());
                }
                _ => {
                    if let Some((name, value)) = line.split_once(':') {
                        headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
                    }
                }
            }
        }
        Self { headers, body }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(header, _)| header == name).map_or("", |(_, value)| value.as_str())
    }

    fn words(&self, name: &str) -> String {
        encoded_words(self.header(name))
    }

    /// The first plain text, at most `depth` multiparts down.
    fn text(&self, depth: usize) -> Option<String> {
        let kind = self.header("content-type");
        let lower = kind.to_ascii_lowercase();
        if lower.starts_with("multipart/") {
            let boundary = parameter(kind, "boundary")?;
            let depth = depth.checked_sub(1)?;
            return parts(self.body, &boundary).into_iter().find_map(|part| Entity::of(part).text(depth));
        }
        if !(lower.is_empty() || lower.starts_with("text/plain")) {
            return None;
        }
        let bytes = match self.header("content-transfer-encoding").to_ascii_lowercase().as_str() {
            "base64" => base64_octets(self.body),
            "quoted-printable" => quoted_printable(self.body, false),
            _ => self.body.to_vec(),
        };
        Some(String::from_utf8_lossy(&bytes).replace("\r\n", "\n"))
    }
}

fn split_head(bytes: &[u8]) -> (&[u8], &[u8]) {
    let find = |needle: &[u8]| bytes.windows(needle.len()).position(|window| window == needle).map(|at| (at, at + needle.len()));
    let (end, begin) = find(b"\r\n\r\n").or_else(|| find(b"\n\n")).unwrap_or((bytes.len(), bytes.len()));
    (&bytes[..end], &bytes[begin..])
}

fn parameter(value: &str, name: &str) -> Option<String> {
    value.split(';').skip(1).find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

/// The parts between the lines `--boundary` (RFC 2046 section 5.1.1).
fn parts<'a>(body: &'a [u8], boundary: &str) -> Vec<&'a [u8]> {
    let (mark, mut found, mut begun, mut at) = (format!("--{boundary}"), Vec::new(), None, 0);
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(mark.as_bytes()) {
            if let Some(begun) = begun {
                found.push(&body[begun..at]);
            }
            begun = Some(at + line.len());
        }
        at += line.len();
    }
    found
}

fn base64_octets(text: &[u8]) -> Vec<u8> {
    let packed: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(packed).unwrap_or_default()
}

/// RFC 2045 section 6.7; in words (RFC 2047 section 4.2) `_` is a space.
fn quoted_printable(text: &[u8], in_word: bool) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match (first, after) {
            (b'=', [b'\r', b'\n', tail @ ..] | [b'\n', tail @ ..]) => rest = tail,
            (b'=', [high, low, tail @ ..]) => {
                let octet = std::str::from_utf8(&[*high, *low]).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
                match octet {
                    Some(octet) => {
                        decoded.push(octet);
                        rest = tail;
                    }
                    None => decoded.push(b'='),
                }
            }
            (b'_', _) if in_word => decoded.push(b' '),
            (other, _) => decoded.push(other),
        }
    }
    decoded
}

/// Decodes `=?utf-8?Q?...?=`; white space between two of them is dropped (RFC 2047 section 6.2).
fn encoded_words(value: &str) -> String {
    let (mut text, mut after_word) = (String::new(), false);
    for piece in value.split_inclusive(' ') {
        let word = piece.trim_end();
        match decode_word(word) {
            Some(decoded) => {
                if after_word {
                    text.truncate(text.trim_end().len());
                }
                text.push_str(&decoded);
                text.push_str(&piece[word.len()..]);
                after_word = true;
            }
            None => {
                text.push_str(piece);
                after_word = false;
            }
        }
    }
    text.trim().to_owned()
}

fn decode_word(word: &str) -> Option<String> {
    let mut pieces = word.strip_prefix("=?")?.strip_suffix("?=")?.splitn(3, '?');
    let (_charset, encoding, text) = (pieces.next()?, pieces.next()?, pieces.next()?);
    let octets = if encoding.eq_ignore_ascii_case("b") { base64_octets(text.as_bytes()) } else { quoted_printable(text.as_bytes(), true) };
    Some(String::from_utf8_lossy(&octets).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_signed_mail_is_found_and_decoded() {
        let mail = b"To: =?utf-8?B?w4VzZQ==?= =?utf-8?Q?_Holm?= <aase@example.dk>\r\nSubject: =?utf-8?Q?N=C3=B8glekort?=\r\n\
            Content-Type: multipart/signed; micalg=sha-256;\r\n protocol=\"application/pkcs7-signature\"; boundary=\"b=1\"\r\n\r\n\
            preamble\r\n--b=1\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
            Hej =C3=85se,\r\nfr=\r\nem\r\n--b=1\r\nContent-Type: application/pkcs7-signature\r\n\r\nMIAG\r\n--b=1--\r\n";
        let message = read(mail);
        assert_eq!((message.to.as_str(), message.subject.as_str()), ("Åse Holm <aase@example.dk>", "Nøglekort"));
        assert_eq!(message.text.trim(), "Hej Åse,\nfrem");
    }

    #[test]
    fn rubbish_is_shown_as_rubbish_and_breaks_nothing() {
        for rubbish in [&b""[..], b"\xff\xfe", b"Content-Type: multipart/mixed; boundary=\"x\"\n\n--x\n--x\n--x--", b"a: =?q\n\n=Z="] {
            let _message = read(rubbish);
        }
        assert_eq!(read(b"subject: x\n\nbody =C3").text, "body =C3");
    }

    #[test]
    fn base64_text_is_decoded() {
        assert_eq!(read(b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nSGVq\n").text, "Hej");
    }
}
