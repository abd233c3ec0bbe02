//! The user id that a person chooses (NemID's rules for self-chosen user ids).

use crate::platform::fault::FieldFault;

/// The fewest characters of a user id.
pub(super) const FEWEST: usize = 5;
/// The most characters of a user id.
pub(super) const MOST: usize = 48;
/// The signs that user ids and passwords may hold beside letters and digits.
const SIGNS: &str = "{}!#\"$'%^&,*()_+-=:;?.@";
/// The lengths of numbers that a user id must not look like: NemID number, CPR number.
const NUMBER_DIGITS: std::ops::RangeInclusive<usize> = 9..=10;

/// A user id: 5 to 48 characters, folded to small letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserId(String);

impl UserId {
    /// Reads what a person typed. Case does not count.
    ///
    /// # Errors
    /// Every rule that it breaks: length, characters (letters a to z, digits, blanks inside, and the signs
    /// `{}!#"$'%^&,*()_+-=:;?.@`), blanks around, and that it must not look like a NemID number (9 digits) or a CPR number (10 digits).
    pub fn parse(text: &str) -> Result<Self, Vec<FieldFault>> {
        let fault = |rule| FieldFault::new("user_id", rule);
        let mut faults = Vec::new();
        let length = text.chars().count();
        if length < FEWEST {
            faults.push(fault("field_short").with("length", length).with("least", FEWEST));
        }
        if length > MOST {
            faults.push(fault("field_long").with("length", length).with("most", MOST));
        }
        if text != text.trim() {
            faults.push(fault("field_blank_around"));
        }
        if let Some(position) = foreign_position(text) {
            faults.push(fault("field_foreign_character").with("position", position));
        }
        if looks_like_a_number(text) {
            faults.push(fault("field_user_id_number"));
        }
        if faults.is_empty() { Ok(Self(text.to_ascii_lowercase())) } else { Err(faults) }
    }

    /// The folded text, as rows hold it.
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// The first character, counted from 1, that neither user ids nor passwords may hold.
pub(super) fn foreign_position(text: &str) -> Option<usize> {
    let known = |character: char| character.is_ascii_alphanumeric() || character == ' ' || SIGNS.contains(character);
    text.chars().position(|character| !known(character)).map(|index| index + 1)
}

fn looks_like_a_number(text: &str) -> bool {
    let bare: String = text.chars().filter(|character| !matches!(character, ' ' | '-')).collect();
    NUMBER_DIGITS.contains(&bare.len()) && bare.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn rules(text: &str) -> Vec<&'static str> {
        UserId::parse(text).err().unwrap_or_default().into_iter().map(|fault| fault.rule).collect()
    }

    #[test]
    fn case_does_not_count() {
        assert_eq!(UserId::parse("Mette.Hansen").unwrap().text(), "mette.hansen");
    }

    #[test]
    fn five_to_forty_eight_characters() {
        assert_eq!(rules("mett"), ["field_short"]);
        assert!(rules("mette").is_empty());
        assert!(rules(&"m".repeat(48)).is_empty());
        assert_eq!(rules(&"m".repeat(49)), ["field_long"]);
    }

    #[test]
    fn danish_letters_and_foreign_signs_are_refused_by_their_place() {
        let faults = UserId::parse("jørgen").unwrap_err();
        assert_eq!(faults, [FieldFault::new("user_id", "field_foreign_character").with("position", 2)]);
        assert_eq!(rules("mette<b>"), ["field_foreign_character"]);
    }

    #[test]
    fn it_must_not_look_like_a_cpr_or_nemid_number() {
        for number in ["123456789", "0101701234", "010170-1234", "010170 1234"] {
            assert_eq!(rules(number), ["field_user_id_number"], "{number}");
        }
        assert!(rules("12345678").is_empty());
        assert!(rules("a123456789").is_empty());
    }

    #[test]
    fn blanks_around_are_refused_and_blanks_inside_are_not() {
        assert_eq!(rules(" mette"), ["field_blank_around"]);
        assert!(rules("mette hansen").is_empty());
    }
}
