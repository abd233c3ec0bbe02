//! A company's list as a file for a spreadsheet: UTF-8 with a byte order mark, parted by semicolons, no cell a formula. So many people a file; where
//! it goes on is told beside it. Each file is recorded, since it carries many people's data away.

use super::{
    error::EmployeeError,
    list::{self, Wanted},
    model::{Employee, EmployeeState},
};
use crate::{
    audit, companies,
    platform::{
        actor::Author,
        csv,
        cursor::{Cursor, Listing},
        day::Day,
        ground::Ground,
        id::{CompanyId, EmployeeId},
        moment::Moment,
        words::{Language, Words},
    },
};

/// So many people stand in one file.
pub const ROWS: usize = 10_000;
/// So many people are looked at for one file.
const LOOKED_AT: usize = 50_000;

/// A file, and where the next one begins.
pub struct Exported {
    /// The file.
    pub bytes: Vec<u8>,
    /// Where the list goes on; none at its end.
    pub next: Option<Cursor>,
}

/// The words of a state.
pub const fn state_words(state: EmployeeState) -> &'static str {
    match state {
        EmployeeState::Active => "employees.state_active",
        EmployeeState::Invited => "employees.state_invited",
        EmployeeState::Left => "employees.state_left",
        EmployeeState::Suspended => "employees.state_suspended",
    }
}

/// Makes a file of those who are shown, from the cursor on, and records it.
///
/// # Errors
/// When the database fails.
pub async fn export(
    ground: &Ground,
    company: CompanyId,
    (wanted, after): (&Wanted, &Cursor),
    language: Language,
    author: Author,
) -> Result<Exported, EmployeeError> {
    let mut reader = ground.database.read().await?;
    let administrators = companies::read::administrators(&mut reader, company).await?;
    let supers = companies::read::superadministrators(&mut reader, company).await?;
    let now = ground.clock().now();
    let Listing { items, next } = list::portion(&mut reader, company, wanted, after, now, (ROWS, LOOKED_AT)).await?;
    drop(reader);
    let words = Words(language);
    let mut lines = vec![head(words)];
    lines.extend(items.iter().map(|employee| line(words, employee, (&administrators, &supers))));
    let event = audit::Event::new("employees.exported", author, format_args!("company:{company}"))
        .company(company)
        .fact("rows", items.len())
        .fact("filter", wanted.filter.map_or("", list::Filter::word));
    ground.database.write(async |unit| audit::record(unit, event.clone()).await).await?;
    Ok(Exported { bytes: csv::file(&lines), next })
}

/// The line that says where the rest of a list is, for whoever sees the file alone.
pub fn rest(language: Language, address: &str) -> Vec<u8> {
    csv::more(&[vec![Words(language).with("employees.file_rest", &[("address", address)])]])
}

fn head(words: Words) -> Vec<String> {
    let keys = [
        "employees.surname",
        "employees.given_name",
        "employees.email",
        "employees.unit",
        "employees.job_title",
        "employees.groups",
        "employees.role",
        "employees.state",
        "employees.email_shown",
        "employees.invited_at",
        "employees.activated_at",
        "employees.used_at",
        "employees.suspended_until",
        "employees.left_at",
        "employees.import_employee",
    ];
    keys.iter().map(|key| words.say(key)).collect()
}

fn line(words: Words, employee: &Employee, (administrators, supers): (&[EmployeeId], &[EmployeeId])) -> Vec<String> {
    let day = |moment: Option<Moment>| moment.map(|moment| Day::of(moment).to_string()).unwrap_or_default();
    let role = match (supers.contains(&employee.id), administrators.contains(&employee.id)) {
        (true, _) => "employees.role_superadministrator",
        (false, true) => "employees.role_administrator",
        (false, false) => "employees.role_employee",
    };
    let shown = if employee.email_in_certificate.is_included() { "employees.yes" } else { "employees.no" };
    vec![
        employee.person.surname.to_string(),
        employee.person.given_name.to_string(),
        employee.person.email.to_string(),
        employee.details.unit.clone(),
        employee.details.title.clone(),
        employee.details.groups.join(", "),
        words.say(role),
        words.say(state_words(employee.state)),
        words.say(shown),
        day(Some(employee.invited_at)),
        day(employee.activated_at),
        day(employee.used_at),
        day(employee.suspension.as_ref().and_then(|suspension| suspension.until)),
        day(employee.left_at),
        employee.id.to_string(),
    ]
}
