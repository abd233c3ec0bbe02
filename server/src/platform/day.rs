//! A day of the calendar, as documents and birth dates have it. What day it is, is told by Danish time.

use std::fmt;

use jiff::{ToSpan as _, civil, tz::TimeZone};

use super::{moment::Moment, text::PEOPLE_ZONE};

/// A day. In rows and JSON it is `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(civil::Date);

impl Day {
    /// Reads `2011-11-27`, as programs and browsers write it, or `27-11-2011` and `27.11.2011`, as people do; nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let parts: Vec<&str> = text.split(['-', '.']).collect();
        let [first, month, last] = parts.as_slice() else { return None };
        let (year, day) = if first.len() == 4 && !text.contains('.') { (first, last) } else { (last, first) };
        let number = |part: &str, digits: usize| {
            let right = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
            if right { part.parse::<i16>().ok() } else { None }
        };
        let year = number(year, 4)?;
        let (month, day) = (i8::try_from(number(month, 2)?).ok()?, i8::try_from(number(day, 2)?).ok()?);
        civil::Date::new(year, month, day).ok().map(Self)
    }

    /// The day that it is in Denmark at this moment.
    pub fn of(moment: Moment) -> Self {
        let instant = jiff::Timestamp::from_millisecond(moment.millis()).unwrap_or_default();
        Self(instant.to_zoned(zone()).date())
    }

    /// When the day begins in Denmark.
    pub fn begins(self) -> Moment {
        self.0.to_zoned(zone()).map_or(Moment::from_millis(0), |zoned| Moment::from_millis(zoned.timestamp().as_millisecond()))
    }

    /// How many whole years lie between this day and a later one: the age of whoever was born on this day. Who was born on a 29 February is
    /// a year older on 1 March where there is no such day; never a day too early.
    pub fn years_until(self, later: Self) -> i16 {
        let reached = (later.0.month(), later.0.day()) >= (self.0.month(), self.0.day());
        later.0.year() - self.0.year() - i16::from(!reached)
    }

    /// So many years later: the first day on which [`Self::years_until`] says so many.
    #[must_use]
    pub fn years_later(self, years: i16) -> Self {
        let leap = (self.0.month(), self.0.day()) == (2, 29);
        let moved = self.0.checked_add(years.years()).unwrap_or(civil::Date::MAX);
        Self(if leap && moved.day() != 29 { moved.tomorrow().unwrap_or(moved) } else { moved })
    }

    /// So many months later; the last day of a shorter month.
    #[must_use]
    pub fn months_later(self, months: i32) -> Self {
        Self(self.0.checked_add(months.months()).unwrap_or(civil::Date::MAX))
    }

    /// So many days later; negative: earlier.
    #[must_use]
    pub fn days_later(self, days: i32) -> Self {
        Self(self.0.checked_add(days.days()).unwrap_or(self.0))
    }
}

fn zone() -> TimeZone {
    TimeZone::get(PEOPLE_ZONE).unwrap_or(TimeZone::UTC)
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

impl serde::Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl utoipa::PartialSchema for Day {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        <String as utoipa::PartialSchema>::schema()
    }
}

impl utoipa::ToSchema for Day {}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn a_day_is_read_as_programs_and_as_people_write_it() {
        for text in ["2011-02-09", " 09-02-2011 ", "09.02.2011"] {
            assert_eq!(day(text).to_string(), "2011-02-09");
        }
        for text in
            ["", "2011-02-30", "2011-2-9", "11-02-09", "2011.02.09", "9/2/2011", "20110209", "2011-02-09T", "+011-02-09", "0900-13-01"]
        {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }

    #[test]
    fn somebody_is_older_on_the_birthday_and_not_the_day_before() {
        let born = day("2011-11-27");
        for (today, years) in [("2026-11-26", 14), ("2026-11-27", 15), ("2029-11-26", 17), ("2029-11-27", 18)] {
            assert_eq!(born.years_until(day(today)), years, "{today}");
        }
        let leap = day("2012-02-29");
        for (today, years) in [("2027-02-28", 14), ("2027-03-01", 15), ("2028-02-28", 15), ("2028-02-29", 16)] {
            assert_eq!(leap.years_until(day(today)), years, "{today}");
        }
        assert_eq!(
            (leap.years_later(15), leap.years_later(16), born.years_later(18)),
            (day("2027-03-01"), day("2028-02-29"), day("2029-11-27"))
        );
    }

    #[test]
    fn months_end_with_the_month() {
        assert_eq!(day("2026-11-30").months_later(3), day("2027-02-28"));
        assert_eq!(day("2026-08-27").months_later(3), day("2026-11-27"));
        assert_eq!(day("2026-03-01").days_later(-1), day("2026-02-28"));
    }

    #[test]
    fn the_day_is_that_of_danish_time() {
        // 2026-11-27T23:30:00Z is 0.30 on the 28th in Denmark.
        let late = Moment::from_datetime(time::macros::datetime!(2026-11-27 23:30 UTC));
        assert_eq!(Day::of(late), day("2026-11-28"));
        assert_eq!(day("2026-11-28").begins(), Moment::from_datetime(time::macros::datetime!(2026-11-27 23:00 UTC)));
    }
}
