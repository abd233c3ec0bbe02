//! The password that a person chooses: the long form of NemID's employee signature (Nets, "Krav til adgangskode").

use super::user_id::{UserId, foreign_position};
use crate::platform::{day::Day, fault::FieldFault, password::Strength, secret::Secret};

const FEWEST: usize = 6;
const MOST: usize = 40;
/// So many of the same character in a row are refused.
const SAME_IN_A_ROW: usize = 4;
/// The length of the short form.
const FOUR_DIGITS: usize = 4;
/// The digits of a CPR number: day, month, year, and four more.
const CPR_DIGITS: usize = 10;

/// A password that follows every rule, folded: upper and lower case are the same.
#[derive(Clone)]
pub struct Password(Secret<String>);

impl Password {
    /// Reads what a person chose.
    ///
    /// # Errors
    /// Every rule that it breaks: 6 to 40 characters; letters and digits both; letters a to z (no æ, ø, å) and the signs of user ids
    /// only; not four of a character in a row; no blank first or last; the user id not inside.
    pub fn parse(text: &str, user_id: &UserId) -> Result<Self, Vec<FieldFault>> {
        let fault = |rule| FieldFault::new("password", rule);
        let folded = fold(text);
        let mut faults = Vec::new();
        let length = text.chars().count();
        if length < FEWEST {
            faults.push(fault("field_short").with("length", length).with("least", FEWEST));
        }
        if length > MOST {
            faults.push(fault("field_long").with("length", length).with("most", MOST));
        }
        if let Some(position) = foreign_position(text) {
            faults.push(fault("field_foreign_character").with("position", position));
        }
        if !text.bytes().any(|byte| byte.is_ascii_alphabetic()) || !text.bytes().any(|byte| byte.is_ascii_digit()) {
            faults.push(fault("field_letters_and_digits"));
        }
        if repeats(folded.reveal()) {
            faults.push(fault("field_repeats").with("times", SAME_IN_A_ROW));
        }
        if text != text.trim() {
            faults.push(fault("field_blank_around"));
        }
        if folded.reveal().contains(user_id.text()) {
            faults.push(fault("field_password_user_id"));
        }
        if holds_cpr_number(text) {
            faults.push(fault("field_password_cpr"));
        }
        if faults.is_empty() { Ok(Self(folded)) } else { Err(faults) }
    }

    /// Reads the short form, where the company allows it: it logs on with the key card and opens no signing key.
    ///
    /// # Errors
    /// Every rule that it breaks: exactly four digits; not four equal; not a run such as 1234 or 8765; not a part of the CPR number, as far as the
    /// birth date tells it.
    pub fn parse_four_digits(text: &str, birth: Option<Day>) -> Result<Self, Vec<FieldFault>> {
        let fault = |rule| FieldFault::new("password", rule);
        if !Self::is_four_digits(text) {
            return Err(vec![fault("field_four_digits")]);
        }
        let mut faults = Vec::new();
        if repeats(text) {
            faults.push(fault("field_digits_same"));
        }
        if is_run(text) {
            faults.push(fault("field_digits_run"));
        }
        if birth.is_some_and(|birth| first_of_cpr(birth).contains(text)) {
            faults.push(fault("field_digits_birth"));
        }
        if faults.is_empty() { Ok(Self(fold(text))) } else { Err(faults) }
    }

    /// Whether a text has the short form. A password that was checked and has it opens no signing key.
    pub fn is_four_digits(text: &str) -> bool {
        text.len() == FOUR_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// Which form a text has, that is or was somebody's password.
    pub fn strength_of(text: &str) -> Strength {
        if Self::is_four_digits(text) { Strength::FourDigits } else { Strength::Long }
    }

    /// Which form it has.
    pub(super) fn strength(&self) -> Strength {
        Self::strength_of(self.0.reveal())
    }

    /// The folded text, for hashing.
    pub(super) fn folded(&self) -> &Secret<String> {
        &self.0
    }
}

/// What is hashed: small letters. A typed password is folded too, and checked against no other rule.
pub(super) fn fold(text: &str) -> Secret<String> {
    Secret::new(text.to_ascii_lowercase())
}

fn repeats(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    characters.windows(SAME_IN_A_ROW).any(|window| window.iter().all(|character| Some(character) == window.first()))
}

/// Each digit one more than the one before, or each one less.
fn is_run(digits: &str) -> bool {
    let steps = |by: i16| digits.as_bytes().windows(2).all(|pair| matches!(pair, [one, next] if i16::from(*next) - i16::from(*one) == by));
    steps(1) || steps(-1)
}

/// Day, month and year as a CPR number begins: `ddmmyy`.
fn first_of_cpr(birth: Day) -> String {
    let text = birth.to_string();
    let parts: Vec<&str> = text.split('-').collect();
    match parts.as_slice() {
        [year, month, day] => format!("{day}{month}{}", year.get(2..).unwrap_or_default()),
        _ => String::new(),
    }
}

/// Whether ten digits in a row, with or without a dash or blank after the sixth, begin with a day and a month: whoever chose them chose a CPR number.
fn holds_cpr_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    (0..bytes.len()).any(|from| {
        let rest = &bytes[from..];
        let digits: Vec<u8> = match rest.get(6) {
            Some(b'-' | b' ') => rest.iter().take(6).chain(rest.iter().skip(7).take(4)).copied().collect(),
            Some(_) | None => rest.iter().take(CPR_DIGITS).copied().collect(),
        };
        let number = |at: usize| digits.get(at..at + 2).and_then(|two| std::str::from_utf8(two).ok()?.parse::<u8>().ok());
        let is_whole = digits.len() == CPR_DIGITS && digits.iter().all(u8::is_ascii_digit);
        is_whole && number(0).is_some_and(|day| (1..=31).contains(&day)) && number(2).is_some_and(|month| (1..=12).contains(&month))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn rules(text: &str) -> Vec<&'static str> {
        let user_id = UserId::parse("mette1").unwrap();
        Password::parse(text, &user_id).err().unwrap_or_default().into_iter().map(|fault| fault.rule).collect()
    }

    #[test]
    fn six_to_forty_characters() {
        assert_eq!(rules("abc12"), ["field_short"]);
        assert!(rules("abc123").is_empty());
        assert!(rules(&"ab12".repeat(10)).is_empty());
        assert_eq!(rules(&format!("{}x", "ab12".repeat(10))), ["field_long"]);
    }

    #[test]
    fn letters_and_digits_both() {
        assert_eq!(rules("abcdefgh"), ["field_letters_and_digits"]);
        assert_eq!(rules("12345678"), ["field_letters_and_digits"]);
    }

    #[test]
    fn danish_letters_are_refused_by_their_place() {
        assert_eq!(rules("blåbær12"), ["field_foreign_character"]);
    }

    #[test]
    fn four_of_a_character_in_a_row_are_refused_whatever_their_case() {
        assert_eq!(rules("aAaA1234"), ["field_repeats"]);
        assert!(rules("aaa1234aaa").is_empty());
    }

    #[test]
    fn the_user_id_must_not_be_inside() {
        assert_eq!(rules("xxMETTE1xx"), ["field_password_user_id"]);
    }

    #[test]
    fn every_broken_rule_is_told_at_once() {
        assert_eq!(rules("ååå"), ["field_short", "field_foreign_character", "field_letters_and_digits"]);
    }

    /// Nets, "Krav til adgangskode", and NemID, "Adgangskode": each rule with what it lets pass and what it refuses.
    #[test]
    fn the_rules_of_nemid_hold_word_for_word() {
        const LONG: &[(&str, &[&str])] = &[
            ("abc12", &["field_short"]),
            ("abc123", &[]),
            ("abcdefghijklmnopqrstuvwxyz12345678901234", &[]),
            ("abcdefghijklmnopqrstuvwxyz123456789012345", &["field_long"]),
            ("abcdef", &["field_letters_and_digits"]),
            ("928374", &["field_letters_and_digits"]),
            ("aaa111", &[]),
            ("aaaa11", &["field_repeats"]),
            ("aAaA11", &["field_repeats"]),
            ("a1111b", &["field_repeats"]),
            (" abc123", &["field_blank_around"]),
            ("abc123 ", &["field_blank_around"]),
            ("abc 123", &[]),
            ("abc12æ", &["field_foreign_character"]),
            ("abc12ø", &["field_foreign_character"]),
            ("ÅBC123", &["field_foreign_character"]),
            ("abc12<", &["field_foreign_character"]),
            ("abc12/", &["field_foreign_character"]),
            ("{}!#\"$'%^&a1", &[]),
            (",*()_+-=:;?.@a1", &[]),
            ("a0102701234", &["field_password_cpr"]),
            ("010270-1234a", &["field_password_cpr"]),
            ("a010270 1234", &["field_password_cpr"]),
            ("a3213701234", &[]),
            ("xmette1x", &["field_password_user_id"]),
            ("METTE12", &["field_password_user_id"]),
        ];
        for (text, broken) in LONG {
            assert_eq!(rules(text), *broken, "{text}");
        }
        const SHORT: &[(&str, &[&str])] = &[
            ("2580", &[]),
            ("1235", &[]),
            ("123", &["field_four_digits"]),
            ("12345", &["field_four_digits"]),
            ("12a4", &["field_four_digits"]),
            (" 258", &["field_four_digits"]),
            ("7777", &["field_digits_same"]),
            ("1234", &["field_digits_run"]),
            ("5678", &["field_digits_run"]),
            ("8765", &["field_digits_run"]),
            ("8901", &[]),
            ("1705", &["field_digits_birth"]),
            ("7058", &["field_digits_birth"]),
            ("0580", &["field_digits_birth"]),
            ("1980", &[]),
        ];
        let birth = Day::parse("1980-05-17");
        assert!(birth.is_some());
        for (text, broken) in SHORT {
            let found: Vec<_> = Password::parse_four_digits(text, birth).err().unwrap_or_default().iter().map(|fault| fault.rule).collect();
            assert_eq!(found, *broken, "{text}");
        }
        assert!(Password::parse_four_digits("1705", None).is_ok(), "nobody told the birth date");
        assert_eq!(rules("2580"), ["field_short", "field_letters_and_digits"], "the short form is none of the long form's");
    }

    #[test]
    fn case_is_folded_before_hashing() {
        let user_id = UserId::parse("mette1").unwrap();
        let password = Password::parse("Sommer2026", &user_id).unwrap_or_else(|_| panic!("follows the rules"));
        assert_eq!(password.folded().reveal(), "sommer2026");
    }
}
