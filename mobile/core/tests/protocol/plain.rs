//! What plain text is, and that text from elsewhere can always be made to fit.

use keycard::plain::{judge, tame};
use keycard::{Fault, Rule};

use crate::support::Seeded;

fn rule(text: &str) -> Option<Rule> {
    judge("field", text, 20).err().map(|Fault { rule, .. }| rule)
}

#[test]
fn what_people_write_is_plain() {
    for text in ["Blåbærgrød & co. A/S", "1\u{202F}250\u{A0}kr.", "Łódź — “x” …", "漢字 😀", "שלום", "e\u{301}", "a"]
    {
        assert_eq!(rule(text), None, "{text}");
    }
}

#[test]
fn what_deceives_is_not() {
    for text in
        ["a\u{202E}fdp.exe", "a\u{200D}b", "a\tb", "a\u{7f}", "a\u{85}b", "a\u{3000}b", "a\u{FE0F}", "a\u{E000}", "\u{FFFE}", "a\u{AD}b"]
    {
        assert_eq!(rule(text), Some(Rule::ForeignSign), "{text:?}");
    }
    for text in [" a", "a ", "a  b", "a \u{A0}b", " ", "a\u{301}\u{301}\u{301}\u{301}"] {
        assert_eq!(rule(text), Some(Rule::Spacing), "{text:?}");
    }
    assert_eq!(rule(""), Some(Rule::Absent));
    assert_eq!(rule(&"å".repeat(21)), Some(Rule::TooLong { bound: 20 }));
}

#[test]
fn any_text_is_tamed_into_plain_text_or_nothing() {
    assert_eq!(tame("  Købs\naftale\t\u{202E}.pdf ", 40), "Købs aftale \u{FFFD}.pdf");
    assert_eq!(tame("en meget lang titel", 9), "en meget…");
    assert_eq!(tame("12345 789 bc", 10), "12345 789…");
    assert_eq!(tame("\n \t", 9), "");
    let mut random = Seeded::new(9);
    let odd = ['\u{301}', ' ', '\u{A0}', '\u{202E}', '\n', 'a', 'ø', '\u{200B}', '\u{34F}', '😀'];
    for _ in 0..20_000 {
        let text: String = (0..random.below(40)).map(|_| odd[random.below(odd.len())]).collect();
        let (bound, tamed) = (1 + random.below(20), tame(&text, 20));
        assert!(tamed.is_empty() || judge("field", &tamed, 20).is_ok(), "{text:?} became {tamed:?}");
        let tamed = tame(&text, bound);
        assert!(tamed.is_empty() || judge("field", &tamed, bound).is_ok(), "{text:?} became {tamed:?} within {bound}");
        assert_eq!(tame(&tamed, bound), tamed);
    }
}
