//! What ends soon, and who was told: 60, 30 and 7 days before, each once, whatever the clock and the process do meanwhile.
//!
//! A round looks at what is true now and notes in the same unit whom it told; it keeps no time of its last run. An end that is nearer than
//! two marks is told once, at the nearer one.

use certs::profiles::Kind;
use time::Duration;
use uuid::Uuid;

use super::{
    CertificateError, read,
    store::{self, endings},
};
use crate::{
    authorities::{self, AuthorityError},
    platform::{
        database::{Connection, DatabaseError, Reader, Unit},
        ground::Ground,
        id::{CertificateId, CompanyId, EmployeeId, Id as _},
        moment::Moment,
    },
};

/// The marks, in days before the end, the nearest first.
pub(super) const MARKS: [i64; 3] = [7, 30, 60];
/// From here on an end is near: renewing is possible, pages say so.
pub const NEAR: Duration = Duration::days(60);
/// So many are told of at once; the rest at the next round.
const MOST: i64 = 500;

/// An employee's certificate that ends soon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Which.
    pub certificate: CertificateId,
    /// Whose.
    pub employee: EmployeeId,
    /// Where.
    pub company: CompanyId,
    /// When it ends.
    pub not_after: Moment,
    /// At which mark this is.
    pub days: i64,
}

/// A seal or function of a company that ends soon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyEnding {
    /// Which.
    pub certificate: CertificateId,
    /// Whose.
    pub company: CompanyId,
    /// Its subject, for people.
    pub subject: String,
    /// When it ends.
    pub not_after: Moment,
    /// At which mark this is.
    pub days: i64,
}

/// Something of the service's own that ends soon: a CA, a responder, a time-stamp unit, the certificate of our mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnEnding {
    subject: Uuid,
    /// What it is: `root`, `issuing`, `responder`, `timestamp`, `notice`.
    pub kind: &'static str,
    /// Its subject, for people; an authority's name in URLs.
    pub name: String,
    /// When it ends.
    pub not_after: Moment,
    /// At which mark it is; none while its end is far.
    pub days: Option<i64>,
}

/// Employees' certificates whose holders were not told of the mark that they have reached, by company and employee.
///
/// # Errors
/// When the database fails.
pub async fn untold(reader: &mut Reader, now: Moment) -> Result<Vec<Ending>, DatabaseError> {
    let mut found = Vec::new();
    let mut from = now;
    for days in MARKS {
        let to = now.plus(Duration::days(days));
        found.extend(endings::untold(reader, (from, to), days, MOST).await?.into_iter().map(|row| ending(row, days)));
        from = to;
    }
    found.sort_by_key(|ending| (ending.company, ending.employee, ending.certificate));
    Ok(found)
}

/// Companies' own seals and functions whose administrators were not told of the mark that they have reached, by company.
///
/// # Errors
/// When the database fails.
pub async fn untold_of_companies(reader: &mut Reader, now: Moment) -> Result<Vec<CompanyEnding>, DatabaseError> {
    let (mut found, mut from) = (Vec::new(), now);
    for days in MARKS {
        let to = now.plus(Duration::days(days));
        for row in endings::untold_of_companies(reader, (from, to), days, MOST).await? {
            let (certificate, company) = (row.id, row.company_id);
            found.push(CompanyEnding { certificate, company, subject: row.subject, not_after: row.not_after, days });
        }
        from = to;
    }
    Ok(found)
}

/// Notes that the administrators are told in this very unit; false when they were before.
///
/// # Errors
/// When the database fails.
pub async fn note_of_company(unit: &mut Unit, ending: &CompanyEnding) -> Result<bool, DatabaseError> {
    endings::note(unit, ending.certificate.uuid(), ending.days).await
}

/// Whose certificates, of these people, end within sixty days, with nothing newer to follow.
///
/// # Errors
/// When the database fails.
pub async fn among(reader: &mut Reader, employees: &[EmployeeId], now: Moment) -> Result<Vec<EmployeeId>, DatabaseError> {
    if employees.is_empty() {
        return Ok(Vec::new());
    }
    endings::among(reader, employees, (now, now.plus(NEAR))).await
}

/// A company's certificates that end within sixty days and that nothing newer follows, the first to end first; a page of them.
///
/// # Errors
/// When the database fails.
pub async fn of_company(reader: &mut Reader, company: CompanyId, now: Moment) -> Result<Vec<Ending>, DatabaseError> {
    let rows = endings::of_company(reader, company, (now, now.plus(NEAR)), crate::platform::limits::PAGE_ROWS).await?;
    Ok(rows.into_iter().map(|row| ending(row, NEAR.whole_days())).collect())
}

/// When the first of an employee's newest certificates ends, if that is near or past.
///
/// # Errors
/// When the database fails.
pub async fn of_employee(connection: &mut impl Connection, employee: EmployeeId, now: Moment) -> Result<Option<Moment>, DatabaseError> {
    let kinds = [Kind::Signing, Kind::Mail, Kind::Encryption];
    let first = endings::first_of_employee(connection, employee, &kinds).await?;
    Ok(first.filter(|ends| ends.since(now) <= NEAR))
}

/// Notes that those concerned are told in this very unit; false when they were before.
///
/// # Errors
/// When the database fails.
pub async fn note(unit: &mut Unit, ending: &Ending) -> Result<bool, DatabaseError> {
    endings::note(unit, ending.certificate.uuid(), ending.days).await
}

/// The same for something of the service's own, at the mark that it has reached.
///
/// # Errors
/// When the database fails.
pub async fn note_own(unit: &mut Unit, ending: &OwnEnding) -> Result<bool, DatabaseError> {
    match ending.days {
        Some(days) => endings::note(unit, ending.subject, days).await,
        None => Ok(false),
    }
}

/// The service's own that are in use, each with its end. What renews itself in time never reaches a mark: reaching one means that it failed.
///
/// # Errors
/// When authorities or database fail. Before the founding there is nothing.
pub async fn own(ground: &Ground) -> Result<Vec<OwnEnding>, CertificateError> {
    let now = ground.clock().now();
    let current = match authorities::issuing(ground).await {
        Ok(current) => current,
        Err(AuthorityError::NotFounded) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut found = Vec::new();
    let mut wanted = vec![(current.id, Kind::TimeStamp), (current.id, Kind::Notice)];
    for authority in authorities::all(ground).await?.iter() {
        let validity = authority.issuer.validity();
        let (begins, not_after) = (Moment::from_datetime(validity.not_before()), Moment::from_datetime(validity.not_after()));
        let days = mark(now, begins, not_after);
        found.push(OwnEnding { subject: authority.id.uuid(), kind: authority.kind.word(), name: authority.name.clone(), not_after, days });
        if authority.kind == authorities::Kind::Issuing {
            wanted.push((authority.id, Kind::Responder));
        }
    }
    let mut reader = ground.database.read().await?;
    for (authority, kind) in wanted {
        let Some(own) = read::own(&mut reader, authority, kind).await? else { continue };
        let days = mark(now, own.not_before, own.not_after);
        found.push(OwnEnding { subject: own.id.uuid(), kind: kind.as_str(), name: own.subject, not_after: own.not_after, days });
    }
    Ok(found)
}

/// The mark that an end has reached. A mark longer than a third of the whole life does not count: a responder of 90 days would always be
/// near its end.
fn mark(now: Moment, begins: Moment, ends: Moment) -> Option<i64> {
    // A life includes its last second (RFC 5280 section 4.1.2.5).
    let (left, life) = (ends.since(now), ends.since(begins) + Duration::SECOND);
    MARKS.into_iter().find(|days| left <= Duration::days(*days)).filter(|days| Duration::days(days * 3) <= life)
}

fn ending(row: endings::Row, days: i64) -> Ending {
    Ending { certificate: row.id, employee: row.employee_id, company: row.company_id, not_after: row.not_after, days }
}

/// What an employee has of a kind, whatever became of it: the newest that was not given up.
///
/// # Errors
/// When the database fails.
pub async fn newest(
    connection: &mut impl Connection,
    employee: EmployeeId,
    profile: super::Profile,
) -> Result<Option<super::Certificate>, DatabaseError> {
    store::newest_of_employee(connection, employee, profile.kind()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGINS: Moment = Moment::from_millis(0);

    fn at(days_left: i64, life: i64) -> Option<i64> {
        let ends = BEGINS.plus(Duration::days(life) - Duration::SECOND);
        mark(ends.plus(-Duration::days(days_left)), BEGINS, ends)
    }

    #[test]
    fn a_mark_is_reached_at_its_day_and_kept_until_the_next() {
        assert_eq!(
            [61, 60, 31, 30, 8, 7, 0, -3].map(|left| at(left, 730)),
            [None, Some(60), Some(60), Some(30), Some(30), Some(7), Some(7), Some(7)]
        );
    }

    #[test]
    fn a_life_of_ninety_days_is_not_near_its_end_from_the_start() {
        assert_eq!([89, 60, 45, 30, 7].map(|left| at(left, 90)), [None, None, None, Some(30), Some(7)]);
    }
}
