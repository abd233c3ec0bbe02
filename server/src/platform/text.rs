//! Text that people type: normalised, one line, without characters that hide or turn other text; and Danish sort keys.

use jiff::tz::TimeZone;
use unicode_normalization::UnicodeNormalization as _;

use super::{moment::Moment, words::Language};

/// Where the people are whose time pages show.
pub(super) const PEOPLE_ZONE: &str = "Europe/Copenhagen";
const DANISH_MONTHS: [&str; 12] =
    ["januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november", "december"];

/// A moment in Danish time, with its zone: `22. november 2026 kl. 21.05 (CET)`, or `22 November 2026, 21:05 (CET)` in English.
pub fn people_time(moment: Moment, language: Language) -> String {
    let Ok(instant) = jiff::Timestamp::from_millisecond(moment.millis()) else { return moment.rfc3339() };
    let zoned = instant.to_zoned(TimeZone::get(PEOPLE_ZONE).unwrap_or(TimeZone::UTC));
    match language {
        Language::Da => {
            let month = usize::try_from(zoned.month()).ok().and_then(|month| DANISH_MONTHS.get(month.wrapping_sub(1))).unwrap_or(&"");
            let zone = zoned.strftime("%Z");
            format!("{}. {month} {} kl. {:02}.{:02} ({zone})", zoned.day(), zoned.year(), zoned.hour(), zoned.minute())
        }
        Language::En => zoned.strftime("%-d %B %Y, %H:%M (%Z)").to_string(),
    }
}

/// A number of bytes as people say it: `50 MB`, `64 KB`, `100 byte`. Only whole steps of 1024 are shortened.
pub fn size(bytes: usize) -> String {
    const KILO: usize = 1024;
    const MEGA: usize = KILO * KILO;
    match bytes {
        0 => "0 byte".to_owned(),
        _ if bytes.is_multiple_of(MEGA) => format!("{} MB", bytes / MEGA),
        _ if bytes.is_multiple_of(KILO) => format!("{} KB", bytes / KILO),
        _ => format!("{bytes} byte"),
    }
}

/// Why a line of text was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    /// Nothing is left after trimming.
    #[error("must not be empty")]
    Empty,
    /// A control or direction character.
    #[error("character {position} is a control or direction character")]
    Hidden {
        /// Counted from 1.
        position: usize,
    },
    /// Too long.
    #[error("has {length} characters; at most {most} are allowed")]
    Long {
        /// What was given.
        length: usize,
        /// What is allowed.
        most: usize,
    },
}

/// One line of text: trimmed, NFC, 1 to `most` characters, none of them a control or bidirectional formatting character.
///
/// # Errors
/// Which rule it breaks, and where.
pub fn line(text: &str, most: usize) -> Result<String, TextFault> {
    let line: String = text.trim().nfc().collect();
    if line.is_empty() {
        return Err(TextFault::Empty);
    }
    let length = line.chars().count();
    if length > most {
        return Err(TextFault::Long { length, most });
    }
    match line.chars().position(hides) {
        Some(index) => Err(TextFault::Hidden { position: index + 1 }),
        None => Ok(line),
    }
}

/// Text out of a certificate from elsewhere, which may hold anything: what turns or hides text is left out, and it ends after so many characters.
pub fn readable(text: &str, most: usize) -> String {
    text.chars().filter(|character| !hides(*character)).take(most).collect()
}

/// A fingerprint as certificate viewers show it: `AB:CD:..`
pub fn fingerprint(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02X}")).collect::<Vec<_>>().join(":")
}

/// Control characters, bidirectional formatting (UAX #9), zero-width characters, line and paragraph separators.
pub fn hides(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{061C}')
}

/// The key by which names sort and are searched, as bytes: lower case, æ ø å last and in this order, `aa` as å.
pub fn sort_key(text: &str) -> String {
    // PostgreSQL holds no NUL in text; names have none, and what is searched for need not.
    let lower: String = text.trim().nfc().filter(|character| *character != '\0').flat_map(char::to_lowercase).collect();
    let mut key = String::with_capacity(lower.len());
    for character in lower.replace("aa", "å").chars() {
        match character {
            'æ' | 'ä' => key.push('{'),
            'ø' | 'ö' => key.push('|'),
            'å' => key.push('}'),
            other => key.push(other),
        }
    }
    key
}

/// The first key that no text beginning with `prefix` (already a sort key) can have: the end of a prefix search by range.
pub fn after_prefix(prefix: &str) -> String {
    format!("{prefix}\u{10FFFF}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn danish_letters_sort_last_in_their_order() {
        let mut names = ["Åse", "Zita", "Ægir", "Øjvind", "Aase", "Anna"];
        names.sort_by_key(|name| sort_key(name));
        assert_eq!(names, ["Anna", "Zita", "Ægir", "Øjvind", "Åse", "Aase"]);
    }

    #[test]
    fn a_direction_mark_is_refused_by_its_place() {
        assert_eq!(line("ab\u{202E}c", 10), Err(TextFault::Hidden { position: 3 }));
    }

    #[test]
    fn decomposed_letters_are_composed() {
        assert_eq!(line(" A\u{30A}se ", 10), Ok("Åse".to_owned()));
    }
}
