//! A company's own page: for operators its state and signatories, for administrators the home from which they invite.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use super::Visit;
use crate::{
    certificates::ending,
    companies::{
        self, Company, CompanyState, OrderState, Signatory,
        pages::{Typed, next_href},
    },
    employees::{
        Employee, read,
        routes::{close_one, visible_company},
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
        cursor::{Cursor, Listing},
        database::{Connection, DatabaseError},
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
    /// None for those who may not list them.
    employees: Option<Vec<Employee>>,
    next: Option<String>,
    name: String,
    now: Moment,
    may_invite: bool,
    may_list_companies: bool,
    may_resend: bool,
    may_close: bool,
    may_change: bool,
    may_decide: bool,
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
    ground: web::Data<Ground>,
    page: Page,
    company: web::Path<CompanyId>,
    visit: web::Query<Visit>,
) -> Result<HttpResponse, Problem> {
    let page = page.with_news(visit.news());
    show(&ground, granted.actor, *company, (StatusCode::OK, page), &visit).await
}

/// Closes the company: with a tick, and a fresh proof.
#[post("/companies/{company}/closing")]
pub async fn close_company(
    granted: Granted<right::CloseCompany>,
    ground: web::Data<Ground>,
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
            show(&ground, granted.actor, *company, (problem.kind.status(), page), &Visit::default()).await
        }
        Err(problem) => Err(problem),
    }
}

async fn show(
    ground: &Ground,
    actor: Actor,
    company: CompanyId,
    (status, page): (StatusCode, Page),
    visit: &Visit,
) -> Result<HttpResponse, Problem> {
    let company = visible_company(ground, &actor, company).await?;
    let after = match visit.after.as_deref() {
        None => Cursor::start(),
        Some(word) => Cursor::of(word).ok_or_else(|| Problem::of(Kind::BadRequest))?,
    };
    let may_list = permissions::allows(&actor.roles, Permission::ListEmployees);
    let sees_signatories = actor.company.is_none() || actor.is(Role::Administrator);
    let mut reader = ground.database.read().await?;
    let listing = match may_list {
        true => Some(read::list(&mut reader, company.id, &visit.name, &after).await?),
        false => None,
    };
    let (employees, next) = match listing {
        Some(Listing { items, next }) => (Some(items), next.map(|cursor| next_href(&page.path, &visit.name, &cursor.word()))),
        None => (None, None),
    };
    let signatories = match sees_signatories {
        true => companies::read::signatories(&mut reader, company.id).await?,
        false => Vec::new(),
    };
    let administrators = administrators(&mut reader, company.id).await?;
    let endings = match actor.company == Some(company.id) && actor.is(Role::Administrator) {
        true => ending::of_company(&mut reader, company.id, ground.clock().now()).await?,
        false => Vec::new(),
    };
    let content = CompanyPage {
        page: page.typed("name", &visit.name),
        signatories,
        administrators,
        employees,
        next,
        name: visit.name.clone(),
        now: ground.clock().now(),
        may_invite: actor.company == Some(company.id)
            && permissions::allows(&actor.roles, Permission::InviteEmployee)
            && company.state == CompanyState::Active,
        may_list_companies: permissions::allows(&actor.roles, Permission::ListCompanies),
        may_resend: permissions::allows(&actor.roles, Permission::RegisterCompany),
        may_close: permissions::allows(&actor.roles, Permission::CloseCompany) && company.state != CompanyState::Closed,
        may_change: actor.company == Some(company.id) && permissions::allows(&actor.roles, Permission::ChangeAgreement),
        may_decide: actor.company == Some(company.id) && permissions::allows(&actor.roles, Permission::DecideMandate),
        may_refresh: permissions::allows(&actor.roles, Permission::RegisterCompany)
            && company.cvr.is_some()
            && company.state != CompanyState::Closed
            && companies::lookup::is_offered(ground),
        ending: endings.first().map(|first| first.not_after),
        ending_people: endings.iter().map(|one| one.employee).collect::<BTreeSet<_>>().len(),
        company,
    };
    page::render(status, &content)
}
