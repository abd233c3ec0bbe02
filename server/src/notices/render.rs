//! Puts a notice into words, in the contact's language.

use std::collections::BTreeMap;

use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use zeroize::Zeroizing;

use super::model::{Channel, Contact, Kind};
use crate::platform::{
    moment::Moment,
    paper::Print,
    text,
    words::{Language, Words},
};

/// The values of a notice by name.
pub(super) type Values = BTreeMap<String, Zeroizing<String>>;

/// A notice in words. Lines are parted by `\n`.
pub(super) struct Rendered {
    pub subject: String,
    pub text: Zeroizing<String>,
    /// The text as it is printed: without the keys of a card, which stand on pages of their own.
    pub paper: Zeroizing<String>,
    /// The card that goes with it.
    pub card: Option<Sheet>,
}

/// A key card to be printed.
pub(super) struct Sheet {
    pub number: String,
    pub print: Print,
    pub rows: Vec<[Zeroizing<String>; 2]>,
}

impl Sheet {
    /// The card that a notice carries, if it carries one: its keys are told as `1234: 123 456`, parted by blanks and lines.
    fn of(values: &Values) -> Option<Self> {
        let keys = values.get("keys")?;
        let words: Vec<&str> = keys.split_whitespace().collect();
        let row = |row: &[&str]| match row {
            [number, left, right] => {
                Some([Zeroizing::new(number.trim_end_matches(':').to_owned()), Zeroizing::new(format!("{left} {right}"))])
            }
            _ => None,
        };
        let print = match values.get("edition").map(|edition| edition.as_str()) {
            Some("large_print" | "text") => Print::Large,
            Some(_) | None => Print::Standard,
        };
        let number = values.get("number").map(|number| number.to_string()).unwrap_or_default();
        Some(Self { number, print, rows: words.chunks(3).filter_map(row).collect() })
    }
}

/// Greeting, body and footer of a notice.
pub(super) fn render(kind: Kind, channel: Channel, contact: &Contact, values: &Values, service: &str) -> Rendered {
    let words = Words(contact.language);
    let value = |name: &str| match name {
        "name" => Some(one_line(&contact.name)),
        "service" => Some(service.to_owned()),
        _ => values.get(name).map(|value| for_people(name, value, contact.language)),
    };
    let say = |key: &str| filled(&words.say(&format!("notices.{key}")), &value);
    let footer = match channel {
        Channel::Letter => say("footer_letter"),
        Channel::Mail => say("footer_mail"),
        Channel::Text => String::new(),
    };
    // A text message is short, and goes to a telephone that others may see: it names nobody.
    let whole = |body: &str| match channel {
        Channel::Letter | Channel::Mail => Zeroizing::new(format!("{}\n\n{}\n\n{}\n", say("greeting"), body.trim(), footer.trim())),
        Channel::Text => Zeroizing::new(body.trim().to_owned()),
    };
    let key = format!("notices.{}_body", kind.word());
    let body = Zeroizing::new(filled(&words.say(&key), &value));
    let on_paper = |name: &str| if name == "keys" { Some(words.say("notices.keys_on_paper")) } else { value(name) };
    let paper = Zeroizing::new(filled(&words.say(&key), &on_paper));
    Rendered {
        subject: one_line(&say(&format!("{}_subject", kind.word()))),
        text: whole(&body),
        paper: whole(&paper),
        card: Sheet::of(values),
    }
}

/// A moment as people write it, a reason of revocation and what is asked of operators in words, anything else as it is.
fn for_people(name: &str, value: &str, language: Language) -> String {
    match name {
        "change" => return Words(language).say(&format!("notices.change_{value}")),
        "outcome" => return Words(language).say(&format!("notices.outcome_{value}")),
        "roles" => {
            let roles: Vec<String> = value.split(',').map(|role| Words(language).say(&format!("notices.role_{role}"))).collect();
            return roles.join(", ");
        }
        _ => {}
    }
    if name == "reason" {
        let key = format!("notices.reason_{value}");
        let said = Words(language).say(&key);
        return if said == key { value.to_owned() } else { said };
    }
    match OffsetDateTime::parse(value, &Rfc3339) {
        Ok(at) => text::people_time(Moment::from_datetime(at), language),
        Err(_) => value.to_owned(),
    }
}

/// Fills in each `{name}` once: what a value holds is never filled in again.
fn filled(template: &str, value: &impl Fn(&str) -> Option<String>) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let found = after.split_once('}').and_then(|(name, after)| Some((value(name)?, after)));
        match found {
            Some((value, after)) => {
                text.push_str(&value);
                rest = after;
            }
            None => {
                text.push('{');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}

/// Without characters that hide or turn others, and without line breaks.
pub(super) fn one_line(subject: &str) -> String {
    let line: String = subject.chars().map(|character| if text::hides(character) { ' ' } else { character }).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::platform::id::{Id as _, RecipientId};

    fn contact(language: Language) -> Contact {
        let recipient = RecipientId::from_uuid(uuid::Uuid::nil());
        Contact { recipient, name: "Åse Ærø".to_owned(), email: None, postal_address: None, language }
    }

    fn values(kind: Kind) -> Values {
        kind.needs().iter().map(|name| ((*name).to_owned(), Zeroizing::new(format!("<{name}>")))).collect()
    }

    #[test]
    fn every_kind_has_words_in_both_languages_that_use_all_its_values() {
        for kind in Kind::ALL.iter().copied() {
            for language in [Language::Da, Language::En] {
                let rendered = render(kind, Channel::Mail, &contact(language), &values(kind), "https://segl.example.dk");
                let all = format!("{}\n{}", rendered.subject, rendered.text.as_str());
                assert!(!all.contains("notices."), "{kind:?} {language:?} has no words: {all}");
                assert!(!all.contains('{'), "{kind:?} {language:?} leaves a gap: {all}");
                for name in kind.needs() {
                    assert!(all.contains(&format!("<{name}>")), "{kind:?} {language:?} does not use {name}");
                }
                assert!(all.contains('?'), "{kind:?} {language:?} does not say what to do if it was not you");
            }
        }
    }

    #[test]
    fn a_value_cannot_pull_in_another_value() {
        let mut values = values(Kind::TemporaryPassword);
        values.insert("company".to_owned(), Zeroizing::new("{code} A/S".to_owned()));
        let rendered = render(Kind::TemporaryPassword, Channel::Letter, &contact(Language::Da), &values, "https://segl.example.dk");
        assert!(rendered.text.contains("{code} A/S"));
    }

    #[test]
    fn a_subject_is_one_line_whatever_its_values_hold() {
        let mut values = values(Kind::DocumentSigned);
        values.insert("title".to_owned(), Zeroizing::new("Aftale\r\nBcc: thief@example.dk\u{202E}".to_owned()));
        let rendered = render(Kind::DocumentSigned, Channel::Mail, &contact(Language::En), &values, "https://segl.example.dk");
        assert_eq!(rendered.subject, "Signed: Aftale Bcc: thief@example.dk");
    }

    #[test]
    fn moments_and_reasons_are_said_in_the_contacts_language() {
        assert_eq!(for_people("until", "2026-11-22T20:05:00Z", Language::Da), "22. november 2026 kl. 21.05 (CET)");
        assert_eq!(for_people("until", "2026-07-22T20:05:00Z", Language::Da), "22. juli 2026 kl. 22.05 (CEST)");
        assert_eq!(for_people("until", "2026-07-22T20:05:00Z", Language::En), "22 July 2026, 22:05 (CEST)");
        assert_eq!(for_people("reason", "superseded", Language::En), "replaced by a new certificate");
        assert_eq!(for_people("reason", "something else", Language::En), "something else");
    }
}
