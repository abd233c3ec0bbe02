//! The pages: posts given and handed over, the agreement changed, and what waits for a second administrator.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::{Mandate, MandateError, MandateState, Outcome, Wish, describe, read, routes::ask_in};
use crate::{
    companies::{
        self, AdministratorPost,
        amend::AmendmentBody,
        pages::{Typed, applicants, rows_of, typed},
    },
    employees::pages::{employee_place, employee_refused},
    http::{
        body::Form,
        guard::Granted,
        listing::AfterTold,
        page::{self, Page, prove_first},
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{
        actor::Actor,
        fault::FieldFault,
        ground::Ground,
        id::{CompanyId, EmployeeId, MandateId},
        limits,
    },
};

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(appoint_administrator).service(hand_over).service(show_agreement).service(change_agreement);
    config.configure(super::stop_pages::configure).configure(super::removal_pages::configure);
    config.service(show_list).service(show_one).service(approve_one).service(end_one);
}

/// The words of a state, and the colour of its badge.
pub fn state_badge(state: MandateState) -> (&'static str, &'static str) {
    match state {
        MandateState::Approved => ("success", "mandates.state_approved"),
        MandateState::Asked => ("warning", "mandates.state_asked"),
        MandateState::Lapsed => ("info", "mandates.state_lapsed"),
        MandateState::Performed => ("success", "mandates.state_performed"),
        MandateState::Refused => ("error", "mandates.state_refused"),
        MandateState::Withdrawn => ("info", "mandates.state_withdrawn"),
    }
}

fn one_place(id: MandateId) -> String {
    format!("/mandates/{id}")
}

/// The page of one that was just asked for, with a word about it.
pub(super) fn one_asked(id: MandateId, told: &str) -> String {
    format!("{}?told={told}", one_place(id))
}

/// A change that weighs is ticked before its button counts.
pub(super) fn confirmed(form: &Typed, field: &str) -> Result<(), Problem> {
    match form.contains_key(field) {
        true => Ok(()),
        false => Err(Problem::invalid(vec![FieldFault::new(field, "field_tick")])),
    }
}

/// After a change from an employee's page: where it leads, home for those who changed their own standing, to what waits, the page once more when it
/// was refused.
pub(super) async fn lead_on(
    ground: &Ground,
    actor: &Actor,
    page: Page,
    path: (CompanyId, EmployeeId),
    (outcome, then): (Result<Outcome, Problem>, String),
) -> Result<HttpResponse, Problem> {
    match outcome {
        Ok(Outcome::Waits(id)) => Ok(page::go(&one_asked(id, "asked"))),
        Ok(Outcome::WaitsAlone(id)) => Ok(page::go(&one_asked(id, "alone"))),
        Ok(Outcome::Done) if actor.employee == Some(path.1) => Ok(page::go("/")),
        Ok(Outcome::Done) => Ok(page::go(&then)),
        Err(problem) => employee_refused(ground, actor, page, path, problem).await,
    }
}

/// Asks from an employee's page, and goes back there; home for whoever gave the own post away.
async fn ask_from_employee(
    ground: &Ground,
    actor: &Actor,
    page: Page,
    path: (CompanyId, EmployeeId),
    wish: Result<Wish, Problem>,
) -> Result<HttpResponse, Problem> {
    let (outcome, then) = match wish {
        Ok(wish) => {
            let then = if matches!(wish, Wish::Transfer { .. }) { "/".to_owned() } else { employee_place(path, "appointed") };
            (ask_in(ground, actor, path.0, &wish).await, then)
        }
        Err(problem) => (Err(problem), String::new()),
    };
    lead_on(ground, actor, page, path, (outcome, then)).await
}

#[post("/companies/{company}/employees/{employee}/administrator")]
async fn appoint_administrator(
    granted: Granted<right::AppointAdministrator>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, EmployeeId)>,
    form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    let post = match typed(&form.0, "post").as_str() {
        "" => Ok(AdministratorPost::Administrator),
        word => AdministratorPost::of(word).ok_or_else(|| Problem::invalid(vec![FieldFault::new("post", "field_choice")])),
    };
    let wish = confirmed(&form.0, "confirm_appointment").and(post).map(|post| Wish::Appoint { employee: path.1, post });
    ask_from_employee(&ground, &granted.actor, page, path, wish).await
}

#[post("/companies/{company}/employees/{employee}/transfer")]
async fn hand_over(
    granted: Granted<right::AppointAdministrator>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, EmployeeId)>,
    form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    let wish = confirmed(&form.0, "confirm_transfer").map(|()| Wish::Transfer { employee: path.1 });
    ask_from_employee(&ground, &granted.actor, page, path, wish).await
}

#[derive(Template)]
#[template(path = "mandates/agreement.html")]
struct AgreementPage {
    page: Page,
    company: CompanyId,
    name: String,
    rows: usize,
    most: usize,
}

async fn own_company(ground: &Ground, actor: &Actor, company: CompanyId) -> Result<companies::Company, Problem> {
    let id = actor.company.filter(|own| *own == company).ok_or_else(|| Problem::of(Kind::NotFound))?;
    let found = companies::read::company(&mut ground.database.read().await?, id).await?;
    found.ok_or_else(|| Problem::of(Kind::NotFound))
}

/// What the agreement says now is filled in.
#[get("/companies/{company}/agreement-change")]
async fn show_agreement(
    granted: Granted<right::ChangeAgreement>,
    ground: web::Data<Ground>,
    page: Page,
    company: web::Path<CompanyId>,
) -> Result<HttpResponse, Problem> {
    let company = own_company(&ground, &granted.actor, *company).await?;
    if !granted.actor.has_proven(ground.clock().now()) {
        return Ok(prove_first(&format!("/companies/{}/agreement-change", company.id)));
    }
    let signatories = companies::read::signatories(&mut ground.database.read().await?, company.id).await?;
    let mut page = page.typed("street", &company.street).typed("postal_code", &company.postal_code).typed("city", &company.city);
    page = page.typed("needed", &company.needed.to_string());
    for (row, signatory) in signatories.iter().enumerate() {
        page = page
            .typed(&format!("signatories/{row}/name"), &signatory.name)
            .typed(&format!("signatories/{row}/email"), &signatory.email)
            .typed(&format!("signatories/{row}/role"), signatory.role.as_deref().unwrap_or_default());
    }
    let rows = (signatories.len() + 1).min(limits::SIGNATORIES);
    page::show(&AgreementPage { page, company: company.id, name: company.legal_name, rows, most: limits::SIGNATORIES })
}

#[post("/companies/{company}/agreement-change")]
async fn change_agreement(
    granted: Granted<right::ChangeAgreement>,
    ground: web::Data<Ground>,
    page: Page,
    company: web::Path<CompanyId>,
    form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let found = own_company(&ground, &granted.actor, *company).await?;
    let page = form.0.iter().fold(page, |page, (field, text)| page.typed(field, text));
    let shown = |page, rows: usize| {
        let rows = rows.min(limits::SIGNATORIES);
        AgreementPage { page, company: found.id, name: found.legal_name.clone(), rows, most: limits::SIGNATORIES }
    };
    if form.0.contains_key("more") {
        return page::show(&shown(page, rows_of(&form.0) + 1));
    }
    let needed = Some(typed(&form.0, "needed")).filter(|text| !text.trim().is_empty());
    let agreement = AmendmentBody {
        street: typed(&form.0, "street"),
        postal_code: typed(&form.0, "postal_code"),
        city: typed(&form.0, "city"),
        signatories: applicants(&form.0),
        needed: needed.map(|text| text.trim().parse().unwrap_or(0)),
    };
    match ask_in(&ground, &granted.actor, *company, &Wish::Agreement { agreement }).await {
        Ok(Outcome::Done) => Ok(page::go(&format!("/companies/{company}?told=agreement"))),
        Ok(Outcome::Waits(id)) => Ok(page::go(&one_asked(id, "asked"))),
        Ok(Outcome::WaitsAlone(id)) => Ok(page::go(&one_asked(id, "alone"))),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(prove_first(&format!("/companies/{company}/agreement-change"))),
        Err(problem) if matches!(problem.kind, Kind::AlreadyDone | Kind::Conflict | Kind::Invalid | Kind::NotReady) => {
            page::render(problem.kind.status(), &shown(page.refused(&problem), rows_of(&form.0)))
        }
        Err(problem) => Err(problem),
    }
}

#[derive(Template)]
#[template(path = "mandates/list.html")]
struct ListPage {
    page: Page,
    items: Vec<(Mandate, &'static str)>,
    next: Option<String>,
}

#[get("/mandates")]
async fn show_list(
    granted: Granted<right::SeeMandates>,
    ground: web::Data<Ground>,
    page: Page,
    query: web::Query<AfterTold>,
) -> Result<HttpResponse, Problem> {
    let listing = read::list(&mut ground.database.read().await?, &granted.actor, query.cursor()?.as_ref()).await?;
    let mut items = Vec::with_capacity(listing.items.len());
    for mandate in listing.items {
        let words = Wish::of(&mandate)?.words();
        items.push((mandate, words));
    }
    let page = page.with_news(query.told.as_deref().filter(|told| *told == "ended").map(|_| "mandates.ended_news"));
    page::show(&ListPage { page, items, next: listing.next.map(|cursor| cursor.word()) })
}

#[derive(Template)]
#[template(path = "mandates/one.html")]
struct OnePage {
    page: Page,
    mandate: Mandate,
    words: &'static str,
    lines: Vec<String>,
    is_open: bool,
    is_own: bool,
    /// Whether the reader may consent, and refuse.
    may_approve: bool,
    may_refuse: bool,
}

async fn page_of(ground: &Ground, actor: &Actor, page: Page, id: MandateId) -> Result<OnePage, Problem> {
    let mut reader = ground.database.read().await?;
    let mandate = read::visible(&mut reader, actor, id).await?.ok_or(MandateError::NotFound)?;
    let wish = Wish::of(&mandate)?;
    let lines = describe(&mut reader, &mandate, &wish).await?;
    let lines = lines.into_iter().map(|(key, value)| page.with(key, "value", value)).collect();
    let (is_open, is_own) = (mandate.is_open(ground.clock().now()), mandate.asked_by == actor.account);
    let is_against = actor.employee.is_some() && wish.against() == actor.employee;
    let may_approve = is_open && !is_own && !is_against && actor.company.is_some();
    let may_refuse = is_open && !is_own && (!is_against || mandate.performs_at.is_some());
    Ok(OnePage { page, words: wish.words(), mandate, lines, is_open, is_own, may_approve, may_refuse })
}

#[get("/mandates/{id}")]
async fn show_one(
    granted: Granted<right::SeeMandates>,
    ground: web::Data<Ground>,
    page: Page,
    id: web::Path<MandateId>,
    query: web::Query<AfterTold>,
) -> Result<HttpResponse, Problem> {
    let news = match query.told.as_deref() {
        Some("alone") => Some("mandates.alone_news"),
        Some("asked") => Some("mandates.asked_news"),
        Some("approved") => Some("mandates.approved_news"),
        Some(_) | None => None,
    };
    page::show(&page_of(&ground, &granted.actor, page.with_news(news), *id).await?)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[post("/mandates/{id}/approval")]
async fn approve_one(
    granted: Granted<right::DecideMandate>,
    ground: web::Data<Ground>,
    page: Page,
    id: web::Path<MandateId>,
    _form: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    match super::approve(&ground, &granted.actor, *id).await.map_err(Problem::from) {
        Ok(()) => Ok(page::go(&format!("{}?told=approved", one_place(*id)))),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(prove_first(&one_place(*id))),
        Err(problem) if matches!(problem.kind, Kind::AlreadyDone | Kind::Conflict | Kind::Forbidden | Kind::Gone | Kind::NotReady) => {
            let again = page_of(&ground, &granted.actor, page.refused(&problem), *id).await?;
            page::render(problem.kind.status(), &again)
        }
        Err(problem) => Err(problem),
    }
}

#[post("/mandates/{id}/end")]
async fn end_one(
    granted: Granted<right::SeeMandates>,
    ground: web::Data<Ground>,
    id: web::Path<MandateId>,
    _form: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    match super::end(&ground, &granted.actor, *id).await {
        Ok(()) => Ok(page::go("/mandates?told=ended")),
        Err(MandateError::ProveAgain) => Ok(prove_first(&one_place(*id))),
        Err(error) => Err(error.into()),
    }
}
