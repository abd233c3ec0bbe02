//! A company's list: found by the beginning of a surname or an address, or by a user id or number (RID), and narrowed to those who need something.
//!
//! What certificates, cards and messages know of a person lies in slices below, each with its own rows. So a list that is narrowed by them reads
//! people in their order, a portion at a time, and asks each slice of the whole portion at once. It looks at so many people and no more; a page may
//! therefore be short, and goes on where it stopped.

use std::collections::BTreeSet;

use time::Duration;

use super::{
    import::model::search_email,
    model::{Employee, EmployeeState},
    store,
};
use crate::{
    accounts, certificates, companies, keycards, notices,
    platform::{
        cursor::{Cursor, Listing},
        database::{DatabaseError, Reader},
        id::{CompanyId, EmployeeId, Id as _, RecipientId},
        limits,
        moment::Moment,
        text,
    },
};

/// So long without log-in or signature is unused.
pub const UNUSED: Duration = Duration::days(90);
/// So many people are read at once.
const PORTION: usize = 250;
/// So many people a page looks at, at most.
const LOOKED_AT: usize = 2_000;
/// So far it is counted.
pub const COUNTED: usize = 1_000;

/// By what somebody is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// The beginning of the e-mail address.
    Email,
    /// The beginning of the surname.
    #[default]
    Name,
    /// The whole number (RID).
    Number,
    /// The whole user id.
    UserId,
}

impl By {
    /// All ways.
    pub const ALL: [Self; 4] = [Self::Name, Self::Email, Self::UserId, Self::Number];

    /// The word in addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Name => "name",
            Self::Number => "rid",
            Self::UserId => "user_id",
        }
    }

    /// The way of a word; by name for none.
    pub fn of(word: &str) -> Option<Self> {
        if word.is_empty() { Some(Self::Name) } else { Self::ALL.into_iter().find(|by| by.word() == word) }
    }
}

/// In which order people stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// By e-mail address.
    Email,
    /// By surname; by address where that was looked for.
    #[default]
    Name,
}

impl Sort {
    /// Both orders.
    pub const ALL: [Self; 2] = [Self::Name, Self::Email];

    /// The word in addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Name => "name",
        }
    }

    /// The order of a word; by name for none.
    pub fn of(word: &str) -> Option<Self> {
        if word.is_empty() { Some(Self::Name) } else { Self::ALL.into_iter().find(|sort| sort.word() == word) }
    }
}

/// Who is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// At work.
    Active,
    /// Who administers the company.
    Administrators,
    /// Certificates end within sixty days, with nothing newer to follow.
    Expiring,
    /// Few keys are left on the cards.
    FewKeys,
    /// Waiting for activation.
    Invited,
    /// Left.
    Left,
    /// Suspended.
    Suspended,
    /// Something could not be delivered.
    Undelivered,
    /// No log-in and no signature for ninety days.
    Unused,
}

impl Filter {
    /// All of them, as a page offers them.
    pub const ALL: [Self; 9] = [
        Self::Active,
        Self::Invited,
        Self::Suspended,
        Self::Left,
        Self::Administrators,
        Self::Expiring,
        Self::Unused,
        Self::FewKeys,
        Self::Undelivered,
    ];

    /// The word in addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Administrators => "administrators",
            Self::Expiring => "expiring",
            Self::FewKeys => "few_keys",
            Self::Invited => "invited",
            Self::Left => "left",
            Self::Suspended => "suspended",
            Self::Undelivered => "undelivered",
            Self::Unused => "unused",
        }
    }

    /// The filter of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|filter| filter.word() == word)
    }

    /// The state that everybody it shows is in; none when that may be any.
    const fn state(self) -> Option<EmployeeState> {
        match self {
            Self::Active | Self::Expiring | Self::FewKeys | Self::Unused => Some(EmployeeState::Active),
            Self::Administrators | Self::Undelivered => None,
            Self::Invited => Some(EmployeeState::Invited),
            Self::Left => Some(EmployeeState::Left),
            Self::Suspended => Some(EmployeeState::Suspended),
        }
    }
}

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// What was typed; empty finds everybody.
    pub text: String,
    /// By what.
    pub by: By,
    /// Who is shown; none: everybody.
    pub filter: Option<Filter>,
    /// Only those of this unit; empty: of all.
    pub unit: String,
    /// In which order.
    pub sort: Sort,
}

impl Wanted {
    /// What the words of an address ask for; none for words that are not ours.
    pub fn of(text: &str, by: &str, filter: &str, unit: &str, sort: &str) -> Option<Self> {
        let filter = if filter.is_empty() { None } else { Some(Filter::of(filter)?) };
        Some(Self { text: text.trim().to_owned(), by: By::of(by)?, filter, unit: text::sort_key(unit), sort: Sort::of(sort)? })
    }

    /// Whether the rows come in the order of their addresses.
    fn is_by_email(&self) -> bool {
        self.sort == Sort::Email || (self.by == By::Email && !self.text.is_empty())
    }

    /// Whether somebody is of the unit, and was looked for: the rows hold others where they come in another order than they were looked for.
    fn holds(&self, employee: &Employee) -> bool {
        let found = match self.by {
            By::Email => search_email(employee.person.email.as_str()).starts_with(&search_email(&self.text)),
            By::Name => search_name(employee).starts_with(&text::sort_key(&self.text)),
            By::Number | By::UserId => true,
        };
        found && (self.unit.is_empty() || text::sort_key(&employee.details.unit) == self.unit)
    }
}

/// A page, by surname (by address where that was looked for), from the cursor on.
///
/// # Errors
/// When the database fails.
pub async fn page(
    reader: &mut Reader,
    company: CompanyId,
    wanted: &Wanted,
    after: &Cursor,
    now: Moment,
) -> Result<Listing<Employee>, DatabaseError> {
    let most = usize::try_from(limits::PAGE_ROWS).unwrap_or(usize::MAX);
    portion(reader, company, wanted, after, now, (most, LOOKED_AT)).await
}

/// As [`page`], of so many rows at most, after a look at so many people at most.
///
/// # Errors
/// When the database fails.
pub(super) async fn portion(
    reader: &mut Reader,
    company: CompanyId,
    wanted: &Wanted,
    after: &Cursor,
    now: Moment,
    (most, looked_at): (usize, usize),
) -> Result<Listing<Employee>, DatabaseError> {
    match (wanted.by, wanted.filter) {
        (By::Number | By::UserId, _) if !wanted.text.is_empty() => return exactly(reader, company, wanted, now).await,
        (_, Some(Filter::Administrators)) => return administrators(reader, company, wanted, after, most).await,
        (By::Email | By::Name | By::Number | By::UserId, _) => {}
    }
    let (mut items, mut last, mut cursor, mut seen) = (Vec::new(), None, after.clone(), 0);
    // Without a filter a row more than the page is enough to know whether it goes on.
    let is_whole = wanted.filter.is_none() && wanted.unit.is_empty() && wanted.sort == Sort::Name;
    let at_once = if is_whole { (most + 1).min(1_000) } else { PORTION };
    loop {
        let rows = read(reader, company, wanted, &cursor, at_once).await?;
        let is_end = rows.len() < at_once;
        seen += rows.len();
        let shown = shown(reader, wanted.filter, &rows, now).await?;
        for (key, employee) in rows {
            cursor = Cursor::at(&key, employee.id);
            if !shown.contains(&employee.id) || !wanted.holds(&employee) {
                continue;
            }
            if items.len() == most {
                return Ok(Listing { items, next: last });
            }
            last = Some(cursor.clone());
            items.push(employee);
        }
        if is_end {
            return Ok(Listing { items, next: None });
        }
        if seen >= looked_at {
            return Ok(Listing { items, next: Some(cursor) });
        }
    }
}

async fn read(
    reader: &mut Reader,
    company: CompanyId,
    wanted: &Wanted,
    after: &Cursor,
    rows: usize,
) -> Result<Vec<(String, Employee)>, DatabaseError> {
    let rows = i64::try_from(rows).unwrap_or(i64::MAX);
    if wanted.is_by_email() {
        let from = if wanted.by == By::Email { search_email(&wanted.text) } else { String::new() };
        return store::by_email(reader, company, (&from, &text::after_prefix(&from)), after, rows).await;
    }
    let from = text::sort_key(&wanted.text);
    let to = text::after_prefix(&from);
    if !wanted.unit.is_empty() {
        return store::of_unit(reader, (company, &wanted.unit), (&from, &to), after, rows).await;
    }
    match wanted.filter.and_then(Filter::state) {
        Some(state) => store::of_state(reader, (company, state), (&from, &to), after, rows).await,
        None => store::employees(reader, company, (&from, &to), after, rows).await,
    }
}

/// The key by which somebody sorts, as the rows have it.
fn search_name(employee: &Employee) -> String {
    text::sort_key(&format!("{} {}", employee.person.surname, employee.person.given_name))
}

/// Who of these is shown.
async fn shown(
    reader: &mut Reader,
    filter: Option<Filter>,
    rows: &[(String, Employee)],
    now: Moment,
) -> Result<BTreeSet<EmployeeId>, DatabaseError> {
    let people: Vec<&Employee> = rows.iter().map(|(_, employee)| employee).collect();
    let Some(filter) = filter else { return Ok(people.iter().map(|one| one.id).collect()) };
    let people: Vec<&Employee> = people.into_iter().filter(|one| filter.state().is_none_or(|state| one.state == state)).collect();
    match filter {
        Filter::Active | Filter::Administrators | Filter::Invited | Filter::Left | Filter::Suspended => {
            Ok(people.iter().map(|one| one.id).collect())
        }
        Filter::Expiring => expiring(reader, &people, now).await,
        Filter::FewKeys => few_keys(reader, &people).await,
        Filter::Undelivered => undelivered(reader, &people).await,
        Filter::Unused => Ok(people.iter().filter(|one| is_unused(one, now)).map(|one| one.id).collect()),
    }
}

async fn expiring(reader: &mut Reader, people: &[&Employee], now: Moment) -> Result<BTreeSet<EmployeeId>, DatabaseError> {
    let ids: Vec<EmployeeId> = people.iter().map(|one| one.id).collect();
    Ok(certificates::ending::among(reader, &ids, now).await?.into_iter().collect())
}

async fn few_keys(reader: &mut Reader, people: &[&Employee]) -> Result<BTreeSet<EmployeeId>, DatabaseError> {
    let accounts: Vec<_> = people.iter().map(|one| one.account).collect();
    let few: BTreeSet<_> = keycards::read::few_keys(reader, &accounts).await?.into_iter().collect();
    Ok(people.iter().filter(|one| few.contains(&one.account)).map(|one| one.id).collect())
}

async fn undelivered(reader: &mut Reader, people: &[&Employee]) -> Result<BTreeSet<EmployeeId>, DatabaseError> {
    let present: Vec<&&Employee> = people.iter().filter(|one| one.state != EmployeeState::Left).collect();
    let recipients: Vec<RecipientId> = present.iter().map(|one| one.id.into()).collect();
    let found: BTreeSet<_> = notices::undelivered_among(reader, &recipients).await?.into_iter().collect();
    Ok(present.iter().filter(|one| found.contains(&RecipientId::from(one.id))).map(|one| one.id).collect())
}

fn is_unused(employee: &Employee, now: Moment) -> bool {
    let last = employee.used_at.or(employee.activated_at);
    employee.state == EmployeeState::Active && last.is_some_and(|last| last.plus(UNUSED) <= now)
}

/// The one person of a user id or a number, if they are of this company and shown.
async fn exactly(reader: &mut Reader, company: CompanyId, wanted: &Wanted, now: Moment) -> Result<Listing<Employee>, DatabaseError> {
    let found = if wanted.by == By::Number {
        let bearer = match certificates::is_number(&wanted.text) {
            true => certificates::bearer_of_number(reader, company, &wanted.text).await?,
            false => None,
        };
        match bearer {
            Some(bearer) => store::employee(reader, company, EmployeeId::from_uuid(bearer)).await?,
            None => None,
        }
    } else {
        match accounts::read::by_user_id(reader, &wanted.text).await? {
            Some(account) => store::by_account(reader, account).await?.filter(|found| found.company == company),
            None => None,
        }
    };
    let rows: Vec<_> = found.into_iter().map(|employee| (String::new(), employee)).collect();
    let mut shown = shown(reader, wanted.filter, &rows, now).await?;
    if wanted.filter == Some(Filter::Administrators) {
        let all = companies::read::administrators(reader, company).await?;
        shown.retain(|id| all.contains(id));
    }
    let items =
        rows.into_iter().map(|(_, employee)| employee).filter(|employee| shown.contains(&employee.id) && wanted.holds(employee)).collect();
    Ok(Listing { items, next: None })
}

/// Who administers the company is known by id: few people, sorted here.
async fn administrators(
    reader: &mut Reader,
    company: CompanyId,
    wanted: &Wanted,
    after: &Cursor,
    most: usize,
) -> Result<Listing<Employee>, DatabaseError> {
    let mut rows = Vec::new();
    for id in companies::read::administrators(reader, company).await? {
        let Some(employee) = store::employee(reader, company, id).await? else { continue };
        let key = if wanted.is_by_email() { search_email(employee.person.email.as_str()) } else { search_name(&employee) };
        if Cursor::at(&key, employee.id).is_after(after) && wanted.holds(&employee) {
            rows.push((key, employee));
        }
    }
    rows.sort_by(|(key, one), (other_key, other)| (key, one.id).cmp(&(other_key, other.id)));
    let more = rows.len() > most;
    rows.truncate(most);
    let next = rows.last().filter(|_| more).map(|(key, employee)| Cursor::at(key, employee.id));
    Ok(Listing { items: rows.into_iter().map(|(_, employee)| employee).collect(), next })
}

/// A number that was counted so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// How many were found.
    pub found: usize,
    /// Whether there may be more.
    pub more: bool,
}

/// How many of a company need something, each with the filter that shows them; none that nobody needs. Counted among its first
/// [`COUNTED`] people.
///
/// # Errors
/// When the database fails.
pub async fn counts(reader: &mut Reader, company: CompanyId, now: Moment) -> Result<Vec<(Filter, Counted)>, DatabaseError> {
    let mut found = Vec::new();
    for filter in [Filter::Invited, Filter::Suspended] {
        let Some(state) = filter.state() else { continue };
        let most = i64::try_from(COUNTED).unwrap_or(i64::MAX);
        let number = usize::try_from(store::count(reader, company, state, most + 1).await?).unwrap_or(0);
        found.push((filter, Counted { found: number.min(COUNTED), more: number > COUNTED }));
    }
    let further = [Filter::Expiring, Filter::Unused, Filter::FewKeys, Filter::Undelivered];
    let (mut numbers, mut cursor, mut seen) = ([0; 4], Cursor::start(), 0);
    let more = loop {
        let rows = read(reader, company, &Wanted::default(), &cursor, PORTION).await?;
        seen += rows.len();
        for (number, filter) in numbers.iter_mut().zip(further) {
            *number += shown(reader, Some(filter), &rows, now).await?.len();
        }
        match rows.last() {
            Some((key, last)) if rows.len() == PORTION => cursor = Cursor::at(key, last.id),
            Some(_) | None => break false,
        }
        if seen >= COUNTED {
            break true;
        }
    };
    found.extend(further.into_iter().zip(numbers).map(|(filter, number)| (filter, Counted { found: number, more })));
    found.retain(|(_, counted)| counted.found > 0);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_an_address_are_ours_or_none() {
        for filter in Filter::ALL {
            assert_eq!(Filter::of(filter.word()), Some(filter));
        }
        for by in By::ALL {
            assert_eq!(By::of(by.word()), Some(by));
        }
        for sort in Sort::ALL {
            assert_eq!(Sort::of(sort.word()), Some(sort));
        }
        assert_eq!(Wanted::of("", "", "", "", ""), Some(Wanted::default()));
        assert_eq!(Wanted::of("", "cpr", "", "", ""), None);
        assert_eq!(Wanted::of("", "", "everybody", "", ""), None);
        assert_eq!(Wanted::of("", "", "", "", "age"), None);
    }
}
