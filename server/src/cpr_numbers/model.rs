//! The nouns: a CPR number while it is at hand, a company's subscription.

use crate::platform::{day::Day, moment::Moment, secret::Secret};

/// So many wrong numbers of one employee may be asked about within a day.
pub const MOST_WRONG: i64 = 5;

/// A CPR number, as somebody typed it. It is never printed, and wiped when dropped.
pub struct CprNumber {
    digits: Secret<String>,
    birth: Day,
}

impl CprNumber {
    /// Reads `DDMMYYSSSS`, with a hyphen or a space after the day of birth if one likes.
    ///
    /// The seventh digit and the year tell the century (CPR-kontoret, "Personnummeret i CPR"). The check digit is not asked for: numbers without
    /// one have been given since 1 October 2007, and are valid. Numbers that were made up for whoever has none (their day is over 60) are refused.
    ///
    /// # Errors
    /// The rule that it breaks, for the sentence beside the field.
    pub fn parse(typed: &Secret<String>) -> Result<Self, &'static str> {
        let typed = typed.reveal().trim();
        if typed.is_empty() {
            return Err("field_empty");
        }
        let (day, serial) = typed.split_at_checked(6).ok_or("field_cpr")?;
        let serial = serial.strip_prefix(['-', ' ']).unwrap_or(serial);
        let digits = Secret::new(format!("{day}{serial}"));
        if digits.reveal().len() != 10 || !digits.reveal().bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("field_cpr");
        }
        let birth = birth_of(digits.reveal()).ok_or("field_cpr")?;
        Ok(Self { digits, birth })
    }

    /// When its holder was born.
    pub const fn birth(&self) -> Day {
        self.birth
    }

    /// The ten digits, for the keystore alone.
    pub(super) fn digits(&self) -> &Secret<String> {
        &self.digits
    }
}

/// The day of birth of ten digits; none for a day that there is not.
fn birth_of(digits: &str) -> Option<Day> {
    let number = |from: usize, to: usize| digits.get(from..to)?.parse::<u16>().ok();
    let (day, month, year, seventh) = (number(0, 2)?, number(2, 4)?, number(4, 6)?, number(6, 7)?);
    let century = match (seventh, year) {
        (0..=3, _) | (4 | 9, 37..) => 1900,
        (4 | 9, _) | (5..=8, 0..=57) => 2000,
        _ => 1800,
    };
    Day::parse(&format!("{:04}-{month:02}-{day:02}", century + year))
}

/// That a company takes CPR numbers, and why it may.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema, sqlx::FromRow)]
#[schema(as = CprSubscription)]
pub struct Subscription {
    /// The law or agreement that allows it, in the administrator's words.
    #[sqlx(rename = "legal_ground")]
    pub ground: String,
    /// Since when.
    #[sqlx(rename = "subscribed_at")]
    pub since: Moment,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn born(typed: &str) -> Result<String, &'static str> {
        CprNumber::parse(&Secret::new(typed.to_owned())).map(|number| number.birth().to_string())
    }

    #[test]
    fn the_seventh_digit_and_the_year_tell_the_century() {
        for (typed, day) in [
            ("1302760000", "1976-02-13"),
            ("1302763999", "1976-02-13"),
            ("0101004000", "2000-01-01"),
            ("0101364000", "2036-01-01"),
            ("0101374000", "1937-01-01"),
            ("0101369000", "2036-01-01"),
            ("0101999999", "1999-01-01"),
            ("0101575000", "2057-01-01"),
            ("0101008999", "2000-01-01"),
            ("0101585000", "1858-01-01"),
            ("0101998000", "1899-01-01"),
        ] {
            assert_eq!(born(typed), Ok(day.to_owned()), "{typed}");
        }
    }

    #[test]
    fn a_number_without_check_digit_is_as_good_as_one_with() {
        // 070761-4285 is the example of the CPR office, with its check digit; the next has none.
        assert_eq!(born("070761-4285"), Ok("1961-07-07".to_owned()));
        assert_eq!(born(" 070761 4286 "), Ok("1961-07-07".to_owned()));
    }

    #[test]
    fn what_is_no_day_of_birth_is_refused() {
        assert_eq!(born(""), Err("field_empty"));
        for typed in [
            "3002760000",
            "2902012000",
            "6101760000",
            "130276",
            "130276-",
            "13027600000",
            "130276--000",
            "13027-60000",
            "130276-xxxx",
            "１３０２７６0000",
            "ææææææ",
            "130276000\u{0}",
        ] {
            assert_eq!(born(typed), Err("field_cpr"), "{typed}");
        }
        assert!(born("2902004000").is_ok(), "2000 was a leap year");
    }
}
