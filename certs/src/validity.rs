//! From when until when a certificate is valid: whole seconds, both ends included (RFC 5280 section 4.1.2.5).

use time::{Duration, OffsetDateTime, UtcOffset};

/// A period in UTC, whole seconds, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
}

/// Why a period is refused (RFC 5280 section 4.1.2.5).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValidityError {
    /// It ends before it begins.
    #[error("the period ends before it begins")]
    Backwards,
    /// It leaves the years 1950 to 9999 that certificates can express.
    #[error("the period leaves the years 1950 to 9999")]
    OutOfRange,
}

impl Validity {
    /// The period from `not_before` to `not_after`; fractions of a second are cut off.
    ///
    /// # Errors
    /// [`ValidityError`] when it runs backwards or leaves the calendar.
    pub fn between(not_before: OffsetDateTime, not_after: OffsetDateTime) -> Result<Self, ValidityError> {
        let (not_before, not_after) = (whole_second(not_before), whole_second(not_after));
        if not_after < not_before {
            return Err(ValidityError::Backwards);
        }
        if not_before.year() < 1950 || not_after.year() > 9999 {
            return Err(ValidityError::OutOfRange);
        }
        Ok(Self { not_before, not_after })
    }

    /// `lifetime_days` days from `not_before`; the last second is one before the full count, because both ends are included.
    ///
    /// # Errors
    /// [`ValidityError::OutOfRange`] when the end leaves the calendar, [`ValidityError::Backwards`] for zero days.
    pub fn of_days(not_before: OffsetDateTime, lifetime_days: u32) -> Result<Self, ValidityError> {
        let length = Duration::days(i64::from(lifetime_days)) - Duration::SECOND;
        let not_after = whole_second(not_before).checked_add(length).ok_or(ValidityError::OutOfRange)?;
        Self::between(not_before, not_after)
    }

    /// First valid second.
    #[must_use]
    pub fn not_before(&self) -> OffsetDateTime {
        self.not_before
    }

    /// Last valid second.
    #[must_use]
    pub fn not_after(&self) -> OffsetDateTime {
        self.not_after
    }

    /// Whether `at` lies within, fractions of the last second included.
    #[must_use]
    pub fn contains(&self, at: OffsetDateTime) -> bool {
        let at = whole_second(at);
        self.not_before <= at && at <= self.not_after
    }

    /// Whether this whole period lies within `outer`.
    #[must_use]
    pub fn lies_within(&self, outer: &Self) -> bool {
        outer.not_before <= self.not_before && self.not_after <= outer.not_after
    }

    /// Length in days, begun days counted whole.
    #[must_use]
    pub fn days(&self) -> i64 {
        let seconds = (self.not_after - self.not_before).whole_seconds() + 1;
        (seconds + 86_399) / 86_400
    }
}

/// UTC, cut to the second: certificates, CRLs and OCSP answers know no fractions.
pub(crate) fn whole_second(at: OffsetDateTime) -> OffsetDateTime {
    let at = at.to_offset(UtcOffset::UTC);
    at - Duration::nanoseconds(i64::from(at.nanosecond()))
}
