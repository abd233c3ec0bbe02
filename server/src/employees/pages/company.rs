//! A company's own page: for operators its state and signatories, for administrators the home from which they invite.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use super::Visit;
use crate::{
    certificates::ending,
    companies::{self, Company, CompanyKind, CompanyState, OrderState, Signatory, pages::Typed},
    employees::{
        Employee,
        agenda::{SharedAgenda, Waiting},
        list::{self, By, Counted, Filter, Sort},
        read,
        routes::{Find, Readers, close_one, export_one, visible_company},
    },
    http::{
        body::Form,
        guard::Granted,
        page::{self, Page},
        permissions::{self, Permission, right},
        problem::{Kind, Problem},
    },
    platform::{
        actor::{Actor, Role},
        cursor::Listing,
        database::{Connection, DatabaseError, Reader},
        fault::FieldFault,
        ground::Ground,
        id::{CompanyId, EmployeeId},
        moment::Moment,
        text,
    },
};

/// So many administrators are named; the list of employees has them all.
const SHOWN_ADMINISTRATORS: usize = 50;

#[derive(Template)]
#[template(path = "employees/company.html")]
struct CompanyPage {
    page: Page,
    company: Company,
    /// Empty for those who may not see them.
    signatories: Vec<Signatory>,
    administrators: Vec<Employee>,
    superadministrators: Vec<EmployeeId>,
    /// None for those who may not list them.
    employees: Option<Vec<Employee>>,
    next: Option<String>,
    /// The same list as a file.
    file: String,
    /// Who needs something: how many, with the words and the address that shows them.
    needs: Vec<(String, String)>,
    ways: Vec<(&'static str, String)>,
    orders: Vec<(&'static str, String)>,
    filters: Vec<(&'static str, String)>,
    /// Whether the list is narrowed otherwise than by a surname.
    narrowed: bool,
    name: String,
    now: Moment,
    may_invite: bool,
    may_list_companies: bool,
    may_resend: bool,
    may_close: bool,
    may_change: bool,
    may_decide: bool,
    may_take_over: bool,
    may_change_board: bool,
    may_see_successions: bool,
    may_refresh: bool,
    /// When the first certificate that must be renewed ends; only for administrators.
    ending: Option<Moment>,
    /// Whose must be renewed.
    ending_people: usize,
}

impl CompanyPage {
    fn is_administrator(&self, id: &EmployeeId) -> bool {
        self.administrators.iter().any(|administrator| administrator.id == *id)
    }

    fn role_words(&self, id: &EmployeeId) -> &'static str {
        match (self.superadministrators.contains(id), self.is_administrator(id)) {
            (true, _) => "employees.role_superadministrator",
            (false, true) => "employees.role_administrator",
            (false, false) => "employees.role_employee",
        }
    }

    /// Why somebody did not sign who may sign for a company whose agreement stands.
    fn unsigned_words(&self, signatory: &Signatory) -> &'static str {
        if signatory.came_later(&self.company) { "companies.signatory_came_later" } else { "companies.signatory_not_needed" }
    }

    /// How far the agreement is, as a badge; none for those who see no signatories.
    fn order_badge(&self) -> Option<(&'static str, &'static str)> {
        if self.signatories.is_empty() || self.company.state == CompanyState::Closed {
            return None;
        }
        Some(match OrderState::of(&self.company, &self.signatories, self.now) {
            OrderState::Declined => ("error", "companies.order_declined"),
            OrderState::Expired => ("warning", "companies.order_expired"),
            OrderState::Pending => ("warning", "companies.order_pending"),
            OrderState::Signed => ("success", "companies.order_signed"),
            OrderState::Withdrawn => ("info", "companies.order_withdrawn_state"),
        })
    }

    /// Whether signatures are waited for, and the reader may ask and record them.
    fn may_ask(&self) -> bool {
        self.may_resend && self.company.state == CompanyState::Registered && self.company.pending > 0
    }

    /// The signing rule in words.
    fn rule(&self) -> String {
        match self.company.needed {
            1 => self.page.say("companies.rule_alone"),
            needed => self.page.with2("companies.rule_jointly", "needed", needed, "count", self.signatories.len()),
        }
    }

    fn has_expired(&self, signatory: &Signatory) -> bool {
        signatory.link_expires_at <= self.now
    }
}

const fn by_words(by: By) -> &'static str {
    match by {
        By::Email => "employees.by_email",
        By::Name => "employees.by_name",
        By::Number => "employees.by_number",
        By::UserId => "employees.by_user_id",
    }
}

const fn sort_words(sort: Sort) -> &'static str {
    match sort {
        Sort::Email => "employees.sort_email",
        Sort::Name => "employees.sort_name",
    }
}

const fn filter_words(filter: Filter) -> &'static str {
    match filter {
        Filter::Active => "employees.show_active",
        Filter::Administrators => "employees.show_administrators",
        Filter::Expiring => "employees.show_expiring",
        Filter::FewKeys => "employees.show_few_keys",
        Filter::Invited => "employees.show_invited",
        Filter::Left => "employees.show_left",
        Filter::Suspended => "employees.show_suspended",
        Filter::Undelivered => "employees.show_undelivered",
        Filter::Unused => "employees.show_unused",
    }
}

fn filters(page: &Page) -> Vec<(&'static str, String)> {
    let all = std::iter::once(("", page.say("employees.show_all")));
    all.chain(Filter::ALL.iter().map(|filter| (filter.word(), page.say(filter_words(*filter))))).collect()
}

/// How much waits for the reader, in words, with the address that shows it.
fn waits(waiting: &[Waiting], company: CompanyId, page: &Page) -> Vec<(String, String)> {
    let one = |waiting: &Waiting| {
        let number = if waiting.more { page.with("employees.at_least", "count", waiting.count) } else { waiting.count.to_string() };
        (format!("{}: {number}", page.say(waiting.words)), format!("/companies/{company}/agenda"))
    };
    waiting.iter().map(one).collect()
}

/// How many need something, in words, and the addresses that show them.
async fn needs(reader: &mut Reader, company: CompanyId, page: &Page, now: Moment) -> Result<Vec<(String, String)>, DatabaseError> {
    let counted = list::counts(reader, company, now).await?;
    let need = |(filter, Counted { found, more }): (Filter, Counted)| {
        let number = if more { page.with("employees.at_least", "count", found) } else { found.to_string() };
        (format!("{}: {number}", page.say(filter_words(filter))), format!("/companies/{company}?filter={}", filter.word()))
    };
    Ok(counted.into_iter().map(need).collect())
}

/// Those who administer a company, by name.
async fn administrators(connection: &mut impl Connection, company: CompanyId) -> Result<Vec<Employee>, DatabaseError> {
    let mut found = Vec::new();
    for id in companies::read::administrators(connection, company).await?.into_iter().take(SHOWN_ADMINISTRATORS) {
        found.extend(read::employee(connection, company, id).await?);
    }
    found.sort_by_key(|employee| text::sort_key(employee.name()));
    Ok(found)
}

#[get("/companies/{company}")]
pub async fn show_company(
    granted: Granted<right::SeeCompany>,
    (ground, agenda): (web::Data<Ground>, web::Data<SharedAgenda>),
    page: Page,
    company: web::Path<CompanyId>,
    visit: web::Query<Visit>,
) -> Result<HttpResponse, Problem> {
    let page = page.with_news(visit.news());
    show((&ground, &agenda), granted.actor, *company, (StatusCode::OK, page), &visit).await
}

/// The list that the page shows, as a file.
#[get("/companies/{company}/employees.csv")]
pub async fn export_employees(
    granted: Granted<right::ListEmployees>,
    ground: web::Data<Ground>,
    page: Page,
    company: web::Path<CompanyId>,
    find: web::Query<Find>,
) -> Result<HttpResponse, Problem> {
    export_one(&ground, &granted.actor, *company, (&find.0, &page.path, Readers::People), page.words.0).await
}

/// Closes the company: with a tick, and a fresh proof.
#[post("/companies/{company}/closing")]
pub async fn close_company(
    granted: Granted<right::CloseCompany>,
    (ground, agenda): (web::Data<Ground>, web::Data<SharedAgenda>),
    page: Page,
    company: web::Path<CompanyId>,
    form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let ticked = form.0.contains_key("confirm_closing");
    let outcome = match ticked {
        true => close_one(&ground, &granted.actor, *company).await.map(drop),
        false => Err(Problem::invalid(vec![FieldFault::new("confirm_closing", "field_tick")])),
    };
    match outcome {
        Ok(()) => Ok(page::go(&format!("/companies/{company}?told=closed"))),
        Err(problem) if matches!(problem.kind, Kind::AlreadyDone | Kind::Invalid) => {
            let page = page.refused(&problem);
            show((&ground, &agenda), granted.actor, *company, (problem.kind.status(), page), &Visit::default()).await
        }
        Err(problem) => Err(problem),
    }
}

fn has_board(company: &Company) -> bool {
    company.kind == CompanyKind::Association && company.state == CompanyState::Active
}

fn is_in_register(company: &Company) -> bool {
    company.cvr.is_some() && company.state != CompanyState::Closed
}

/// What waits for whoever administers it, and what the company needs.
async fn own_needs(
    reader: &mut Reader,
    agenda: &SharedAgenda,
    (actor, company): (&Actor, &Company),
    (page, now): (&Page, Moment),
) -> Result<Vec<(String, String)>, Problem> {
    let waiting = agenda.waiting(reader, actor, company.id, now).await?;
    Ok([waits(&waiting, company.id, page), needs(reader, company.id, page, now).await?].concat())
}

async fn show(
    (ground, agenda): (&Ground, &SharedAgenda),
    actor: Actor,
    company: CompanyId,
    (status, page): (StatusCode, Page),
    visit: &Visit,
) -> Result<HttpResponse, Problem> {
    let company = visible_company(ground, &actor, company).await?;
    let (find, path) = (visit.find(), format!("/companies/{}", company.id));
    let (wanted, after) = find.read()?;
    let (now, may) = (ground.clock().now(), |permission| permissions::allows(&actor.roles, permission));
    let sees_signatories = actor.company.is_none() || actor.is(Role::Administrator);
    let mut reader = ground.database.read().await?;
    let listing = match may(Permission::ListEmployees) {
        true => Some(list::page(&mut reader, company.id, &wanted, &after, now).await?),
        false => None,
    };
    let (employees, next) = match listing {
        Some(Listing { items, next }) => (Some(items), next.map(|cursor| find.address(&path, Some(&cursor))).transpose()?),
        None => (None, None),
    };
    let is_own = actor.company == Some(company.id) && actor.is(Role::Administrator);
    let needs = if is_own { own_needs(&mut reader, agenda, (&actor, &company), (&page, now)).await? } else { Vec::new() };
    let signatories = match sees_signatories {
        true => companies::read::signatories(&mut reader, company.id).await?,
        false => Vec::new(),
    };
    let administrators = administrators(&mut reader, company.id).await?;
    let superadministrators = companies::read::superadministrators(&mut reader, company.id).await?;
    let endings = if is_own { ending::of_company(&mut reader, company.id, now).await? } else { Vec::new() };
    let content = CompanyPage {
        file: find.address(&format!("{path}/employees.csv"), None)?,
        needs,
        ways: By::ALL.iter().map(|by| (by.word(), page.say(by_words(*by)))).collect(),
        orders: Sort::ALL.iter().map(|sort| (sort.word(), page.say(sort_words(*sort)))).collect(),
        filters: filters(&page),
        narrowed: wanted.filter.is_some() || !wanted.unit.is_empty() || wanted.by != By::Name,
        page: visit.typed(page),
        signatories,
        administrators,
        superadministrators,
        employees,
        next,
        name: visit.name.clone(),
        now,
        may_invite: actor.company == Some(company.id) && may(Permission::InviteEmployee) && company.state == CompanyState::Active,
        may_list_companies: may(Permission::ListCompanies),
        may_resend: may(Permission::RegisterCompany),
        may_close: may(Permission::CloseCompany) && company.state != CompanyState::Closed,
        may_change: actor.company == Some(company.id) && may(Permission::ChangeAgreement),
        may_take_over: may(Permission::DecideSuccession) && company.state == CompanyState::Active,
        may_change_board: may(Permission::AskSuccession) && has_board(&company) && actor.company.is_none_or(|own| own == company.id),
        may_see_successions: may(Permission::SeeSuccessions) && (actor.company.is_none() || is_own),
        may_decide: may(Permission::SeeMandates) && (actor.company.is_none() || is_own),
        may_refresh: may(Permission::RegisterCompany) && is_in_register(&company) && companies::lookup::is_offered(ground),
        ending: endings.first().map(|first| first.not_after),
        ending_people: endings.iter().map(|one| one.employee).collect::<BTreeSet<_>>().len(),
        company,
    };
    page::render(status, &content)
}
