//! An employee is suspended, and that is lifted: by an administrator, or on the day that was said. Meanwhile nobody logs in, signs or approves as
//! this person; keys, cards, phones and certificates are kept, and serve again afterwards. Only what waits to be issued is given up.
//!
//! Certificates are not put on hold: no profile of ours lets one back from a list (`certificateHold` is nobody's to give), and S/MIME Baseline
//! Requirements 4.9.13 forbid it. Whose keys rest elsewhere can sign there until somebody revokes; the page says so.

use super::{
    error::EmployeeError,
    model::{Employee, EmployeeState},
    store,
};
use crate::{
    accounts, audit, certificates,
    companies::{self, AdministratorPost, Company, CompanyError},
    notices::{self, Kind, Notice, Sealed},
    platform::{
        actor::Author,
        database::Unit,
        day::Day,
        fault::FieldFault,
        ground::Ground,
        id::{CompanyId, EmployeeId},
        moment::Moment,
        text,
    },
};

/// How often the round looks for suspensions that are over.
pub const PAUSE: std::time::Duration = std::time::Duration::from_secs(60);
/// The longest reason, in characters.
const REASON_CHARACTERS: usize = 200;
/// A suspension that ends by itself ends within so many days.
const MOST_DAYS: i32 = 1_830;

/// Why, and how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    reason: String,
    until: Option<Moment>,
}

impl Wanted {
    /// Reads what an administrator said. `until` is the day from whose beginning on the person may act again; empty: until it is lifted.
    ///
    /// # Errors
    /// The faults, each with its field: `reason` (1 to 200 characters), `until` (a day after today, within five years).
    pub fn read(reason: &str, until: &str, now: Moment) -> Result<Self, Vec<FieldFault>> {
        let reason = text::line(reason, REASON_CHARACTERS).map_err(|fault| FieldFault::text("reason", fault));
        let until = if until.trim().is_empty() { Ok(None) } else { end(until, Day::of(now)).map(|day| Some(day.begins())) };
        match (reason, until) {
            (Ok(reason), Ok(until)) => Ok(Self { reason, until }),
            (reason, until) => Err([reason.err(), until.err()].into_iter().flatten().collect()),
        }
    }
}

fn end(typed: &str, today: Day) -> Result<Day, FieldFault> {
    let day = Day::parse(typed).ok_or_else(|| FieldFault::new("until", "field_day"))?;
    let last = today.days_later(MOST_DAYS);
    match day > today && day <= last {
        true => Ok(day),
        false => Err(FieldFault::new("until", "field_between_days").with("first", today.days_later(1)).with("last", last)),
    }
}

/// The mail to somebody who is suspended. It does not give the reason.
///
/// # Errors
/// When it cannot be sealed.
pub async fn told(ground: &Ground, company: &Company, wanted: &Wanted) -> Result<Sealed, EmployeeError> {
    let notice = match wanted.until {
        Some(until) => Notice::mail(Kind::EmployeeSuspendedUntil).with("until", until),
        None => Notice::mail(Kind::EmployeeSuspended),
    };
    Ok(notices::seal(ground, &notice.with("company", &company.legal_name)).await?)
}

/// The mail to somebody who may act again.
///
/// # Errors
/// When it cannot be sealed.
pub async fn told_lifted(ground: &Ground, company: &Company) -> Result<Sealed, EmployeeError> {
    Ok(notices::seal(ground, &Notice::mail(Kind::EmployeeReinstated).with("company", &company.legal_name)).await?)
}

/// Suspends an active employee. Of two administrators at once, one does.
///
/// # Errors
/// [`EmployeeError::NotFound`], [`EmployeeError::AlreadySuspended`], [`EmployeeError::NotActive`] for whoever has not activated or has left, and
/// `LastAdministrator` or `LastSuperadministrator` when nobody could lift it.
pub async fn suspend(
    unit: &mut Unit,
    (company, employee): (CompanyId, EmployeeId),
    wanted: &Wanted,
    told: &Sealed,
    author: Author,
) -> Result<(), EmployeeError> {
    let found = store::employee(unit, company, employee).await?.ok_or(EmployeeError::NotFound)?;
    if !store::suspend(unit, employee, &wanted.reason, wanted.until).await? {
        let now = store::employee(unit, company, employee).await?.map(|found| found.state);
        let suspended = now == Some(EmployeeState::Suspended);
        return Err(if suspended { EmployeeError::AlreadySuspended } else { EmployeeError::NotActive });
    }
    if companies::read::administrators(unit, company).await?.contains(&employee) {
        require_other(unit, company, employee).await?;
    }
    accounts::suspend(unit, found.account, author).await?;
    // What waits for its time after a forgotten password would be signed for somebody who cannot say that it shall not be: it is renewed later.
    certificates::give_up_held(unit, employee, author).await?;
    let mut event = audit::Event::new("employee.suspended", author, format_args!("employee:{employee}"))
        .company(company)
        .fact("account", found.account)
        .personal("reason", &wanted.reason);
    if let Some(until) = wanted.until {
        event = event.fact("until", until);
    }
    audit::record(unit, event).await?;
    notices::tell(unit, employee.into(), told).await?;
    Ok(())
}

/// Lifts a suspension: everything that the person had serves again. Sessions that have not ended count again too. Whose password was ended
/// meanwhile ([`super::reissue::take_back`]) waits for another.
///
/// # Errors
/// [`EmployeeError::NotFound`], [`EmployeeError::NotSuspended`].
pub async fn lift(
    unit: &mut Unit,
    (company, employee): (CompanyId, EmployeeId),
    told: &Sealed,
    author: Author,
) -> Result<(), EmployeeError> {
    let Employee { account, .. } = store::employee(unit, company, employee).await?.ok_or(EmployeeError::NotFound)?;
    if !store::resume(unit, employee).await? {
        return Err(EmployeeError::NotSuspended);
    }
    accounts::resume(unit, account, author).await?;
    if accounts::lacks_password(unit, account).await? && !store::stop(unit, employee).await? {
        return Err(EmployeeError::NotSuspended);
    }
    let event = audit::Event::new("employee.reinstated", author, format_args!("employee:{employee}")).company(company);
    audit::record(unit, event.fact("account", account)).await?;
    notices::tell(unit, employee.into(), told).await?;
    Ok(())
}

/// Somebody else must be left who can do what this administrator may: one who is suspended cannot, and only a superadministrator stands in for a
/// superadministrator. The company's row is taken first, so two at once cannot take each other away.
///
/// # Errors
/// `LastAdministrator`, `LastSuperadministrator`.
pub(super) async fn require_other(unit: &mut Unit, company: CompanyId, employee: EmployeeId) -> Result<(), EmployeeError> {
    companies::hold_open(unit, company).await?;
    let is_super = companies::read::post(unit, company, employee).await? == Some(AdministratorPost::Superadministrator);
    let superadministrators = companies::read::superadministrators(unit, company).await?;
    let mut missing = CompanyError::LastAdministrator;
    for other in companies::read::administrators(unit, company).await?.into_iter().filter(|other| *other != employee) {
        let found = store::employee(unit, company, other).await?;
        if found.is_none_or(|found| found.state != EmployeeState::Active) {
            continue;
        }
        if !is_super || superadministrators.contains(&other) {
            return Ok(());
        }
        missing = CompanyError::LastSuperadministrator;
    }
    Err(missing.into())
}

/// Lifts suspensions whose day has come. Whether there was any.
///
/// # Errors
/// When the database or the keystore fails.
pub async fn end_due(ground: &Ground) -> anyhow::Result<bool> {
    let due = store::suspended_until(&mut ground.database.read().await?, ground.clock().now()).await?;
    let mut lifted = false;
    for path in due {
        let company = companies::read::company(&mut ground.database.read().await?, path.0).await?.ok_or(EmployeeError::NotFound)?;
        let told = told_lifted(ground, &company).await?;
        let done = ground.database.write(async |unit| lift(unit, path, &told, Author::System("employees")).await).await;
        match done {
            // Somebody lifted it, or the person left, meanwhile.
            Err(EmployeeError::NotSuspended) => {}
            other => {
                other?;
                lifted = true;
            }
        }
    }
    Ok(lifted)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(reason: &str, until: &str) -> Result<Wanted, Vec<&'static str>> {
        let now = Day::parse("2026-11-28").unwrap().begins();
        Wanted::read(reason, until, now).map_err(|faults| faults.into_iter().map(|fault| fault.rule).collect())
    }

    #[test]
    fn a_suspension_says_why_and_ends_after_today() {
        assert_eq!(read("Orlov", "").unwrap().until, None);
        assert_eq!(read("Orlov", "29-11-2026").unwrap().until, Some(Day::parse("2026-11-29").unwrap().begins()));
        assert_eq!(read(" ", "i morgen").unwrap_err(), ["field_empty", "field_day"]);
        for until in ["2026-11-28", "2025-01-01", "2036-01-01"] {
            assert_eq!(read("Orlov", until).unwrap_err(), ["field_between_days"], "{until}");
        }
    }
}
