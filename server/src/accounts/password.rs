//! The password that a person chooses: the long form of NemID's employee signature (Nets, "Krav til adgangskode").

use super::user_id::{UserId, foreign_position};
use crate::platform::{fault::FieldFault, secret::Secret};

const FEWEST: usize = 6;
const MOST: usize = 40;
/// So many of the same character in a row are refused.
const SAME_IN_A_ROW: usize = 4;

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
        if faults.is_empty() { Ok(Self(folded)) } else { Err(faults) }
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

    #[test]
    fn case_is_folded_before_hashing() {
        let user_id = UserId::parse("mette1").unwrap();
        let password = Password::parse("Sommer2026", &user_id).unwrap_or_else(|_| panic!("follows the rules"));
        assert_eq!(password.folded().reveal(), "sommer2026");
    }
}
