//! A telephone number as the world writes it (ITU-T E.164): a plus, a country, at most fifteen digits.

/// The countries whose numbers can be called, with the digits that follow: Denmark, the Faroe Islands, Greenland.
const CALLED: [(&str, usize); 3] = [("+45", 8), ("+298", 6), ("+299", 6)];
/// The fewest and the most digits (E.164 section 6; shorter ones are nobody's own).
const DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// A number, as `+4512345678`. Not printed whole: [`Telephone::masked`].
#[derive(Clone, PartialEq, Eq)]
pub struct Telephone(String);

impl std::fmt::Debug for Telephone {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.masked())
    }
}

impl Telephone {
    /// Reads what a person typed: blanks, dots, dashes and brackets do not count, `00` is a plus, eight digits alone are Danish. None for whatever is
    /// no number, and for one of the three countries with too many or too few digits.
    pub fn parse(text: &str) -> Option<Self> {
        let bare: String = text.chars().filter(|character| !matches!(character, ' ' | '-' | '.' | '(' | ')' | '\u{a0}')).collect();
        let number = match bare.strip_prefix("00") {
            Some(rest) => format!("+{rest}"),
            None if bare.len() == 8 && !bare.starts_with('+') => format!("+45{bare}"),
            None => bare,
        };
        let digits = number.strip_prefix('+')?;
        let fits = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0') && DIGITS.contains(&digits.len());
        let known = CALLED.iter().find(|(country, _)| number.starts_with(country));
        let whole = known.is_none_or(|(country, rest)| number.len() == country.len() + rest);
        (fits && whole).then_some(Self(number))
    }

    /// The number, as `+4512345678`.
    pub fn number(&self) -> &str {
        &self.0
    }

    /// Whether the service may call it: Denmark, the Faroe Islands, Greenland.
    pub fn is_called(&self) -> bool {
        CALLED.iter().any(|(country, _)| self.0.starts_with(country))
    }

    /// The last two digits alone, for pages and logs.
    pub fn masked(&self) -> String {
        let (hidden, shown) = self.0.split_at(self.0.len().saturating_sub(2));
        let country = CALLED.iter().find(|(country, _)| hidden.starts_with(country)).map_or("+", |(country, _)| country);
        format!("{country}{}{shown}", "\u{2022}".repeat(hidden.len().saturating_sub(country.len())))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (typed, number) in [
            ("12 34 56 78", "+4512345678"),
            ("+45 12 34 56 78", "+4512345678"),
            ("0045-12345678", "+4512345678"),
            ("+298 123456", "+298123456"),
            ("+299 12 34 56", "+299123456"),
            ("+46 (70) 123 45 67", "+46701234567"),
        ] {
            assert_eq!(Telephone::parse(typed).unwrap().number(), number);
        }
    }

    #[test]
    fn whatever_is_no_number_is_refused() {
        for typed in [
            "",
            "1234567",
            "+45 1234567",
            "+45 123456789",
            "+298 1234567",
            "+0123456789",
            "+4512a45678",
            "+1234567890123456",
            "12345678901",
        ] {
            assert!(Telephone::parse(typed).is_none(), "{typed}");
        }
    }

    #[test]
    fn only_three_countries_are_called_and_two_digits_are_shown() {
        assert!(Telephone::parse("+298123456").unwrap().is_called());
        let swedish = Telephone::parse("+46701234567").unwrap();
        assert!(!swedish.is_called());
        assert_eq!(Telephone::parse("12345678").unwrap().masked(), "+45\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}78");
        assert_eq!(format!("{swedish:?}"), swedish.masked());
        assert!(!swedish.masked().contains("123"));
    }
}
