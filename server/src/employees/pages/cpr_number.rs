//! The administrator's pages of CPR numbers: the company's subscription, and one employee's number.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use super::employee::Nothing;
use crate::{
    companies::Company,
    cpr_numbers::{self, Subscription},
    employees::{
        Employee, cpr_number,
        routes::{forget_cpr, note_cpr, own_company, own_employee, subscribe_cpr_of, unsubscribe_cpr_of},
    },
    http::{
        body::Form,
        guard::Granted,
        page::{Page, go, prove_first, render},
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{
        actor::Actor,
        ground::Ground,
        id::{CompanyId, EmployeeId},
        secret::Secret,
    },
};

#[derive(Template)]
#[template(path = "employees/cpr_subscription.html")]
struct SubscriptionPage {
    page: Page,
    company: Company,
    subscription: Option<Subscription>,
}

#[derive(Template)]
#[template(path = "employees/cpr_number.html")]
struct NumberPage {
    page: Page,
    company: Company,
    employee: Employee,
    subscribed: bool,
    /// What is known, by the day of birth alone.
    shown: Option<String>,
}

/// What was done.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Visit {
    told: String,
}

impl Visit {
    fn news(&self) -> Option<&'static str> {
        match self.told.as_str() {
            "subscribed" => Some("cpr_numbers.subscribed_news"),
            "unsubscribed" => Some("cpr_numbers.unsubscribed_news"),
            "noted" => Some("cpr_numbers.noted_news"),
            "forgotten" => Some("cpr_numbers.forgotten_news"),
            _ => None,
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroundForm {
    #[serde(rename = "ground")]
    legal_ground: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberForm {
    cpr: Secret<String>,
}

fn subscription_path(company: CompanyId) -> String {
    format!("/companies/{company}/cpr-numbers")
}

fn number_path((company, employee): (CompanyId, EmployeeId)) -> String {
    format!("/companies/{company}/employees/{employee}/cpr-number")
}

async fn subscription_page(
    ground: &Ground,
    page: Page,
    actor: &Actor,
    company: CompanyId,
    status: StatusCode,
) -> Result<HttpResponse, Problem> {
    let company = own_company(ground, actor, company).await?;
    let subscription = cpr_numbers::read::subscription(&mut ground.database.read().await?, company.id).await?;
    render(status, &SubscriptionPage { page, company, subscription })
}

async fn number_page(
    ground: &Ground,
    page: Page,
    actor: &Actor,
    path: (CompanyId, EmployeeId),
    status: StatusCode,
) -> Result<HttpResponse, Problem> {
    let (company, employee) = own_employee(ground, actor, path).await?;
    let subscribed = cpr_numbers::read::subscription(&mut ground.database.read().await?, company.id).await?.is_some();
    let shown = cpr_number::shown(ground, &employee).await?;
    render(status, &NumberPage { page, company, employee, subscribed, shown })
}

#[get("/companies/{company}/cpr-numbers")]
pub async fn show_subscription(
    granted: Granted<right::SubscribeCpr>,
    ground: web::Data<Ground>,
    page: Page,
    visit: web::Query<Visit>,
    company: web::Path<CompanyId>,
) -> Result<HttpResponse, Problem> {
    subscription_page(&ground, page.with_news(visit.news()), &granted.actor, *company, StatusCode::OK).await
}

#[post("/companies/{company}/cpr-numbers")]
pub async fn subscribe(
    granted: Granted<right::SubscribeCpr>,
    ground: web::Data<Ground>,
    page: Page,
    company: web::Path<CompanyId>,
    form: Form<GroundForm>,
) -> Result<HttpResponse, Problem> {
    let (actor, here) = (&granted.actor, subscription_path(*company));
    match subscribe_cpr_of(&ground, actor, *company, &form.0.legal_ground).await {
        Ok(()) => Ok(go(&format!("{here}?told=subscribed"))),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(prove_first(&here)),
        Err(problem) if matches!(problem.kind, Kind::AlreadyDone | Kind::Invalid) => {
            let page = page.refused(&problem).typed("ground", &form.0.legal_ground);
            subscription_page(&ground, page, actor, *company, problem.kind.status()).await
        }
        Err(problem) => Err(problem),
    }
}

#[post("/companies/{company}/cpr-numbers/end")]
pub async fn unsubscribe(
    granted: Granted<right::SubscribeCpr>,
    ground: web::Data<Ground>,
    company: web::Path<CompanyId>,
    _form: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    let here = subscription_path(*company);
    match unsubscribe_cpr_of(&ground, &granted.actor, *company).await {
        Ok(()) => Ok(go(&format!("{here}?told=unsubscribed"))),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(prove_first(&here)),
        Err(problem) => Err(problem),
    }
}

#[get("/companies/{company}/employees/{employee}/cpr-number")]
pub async fn show_number(
    granted: Granted<right::NoteCpr>,
    ground: web::Data<Ground>,
    page: Page,
    visit: web::Query<Visit>,
    path: web::Path<(CompanyId, EmployeeId)>,
) -> Result<HttpResponse, Problem> {
    number_page(&ground, page.with_news(visit.news()), &granted.actor, path.into_inner(), StatusCode::OK).await
}

/// What was typed is not shown again: a CPR number leaves no trace in a page.
#[post("/companies/{company}/employees/{employee}/cpr-number")]
pub async fn note_number(
    granted: Granted<right::NoteCpr>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, EmployeeId)>,
    form: Form<NumberForm>,
) -> Result<HttpResponse, Problem> {
    let (actor, path) = (&granted.actor, path.into_inner());
    match note_cpr(&ground, actor, path, &form.0.cpr).await {
        Ok(()) => Ok(go(&format!("{}?told=noted", number_path(path)))),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(prove_first(&number_path(path))),
        Err(problem) if matches!(problem.kind, Kind::AlreadyDone | Kind::Conflict | Kind::Invalid) => {
            number_page(&ground, page.refused(&problem), actor, path, problem.kind.status()).await
        }
        Err(problem) => Err(problem),
    }
}

#[post("/companies/{company}/employees/{employee}/cpr-number/forget")]
pub async fn forget_number(
    granted: Granted<right::NoteCpr>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, EmployeeId)>,
    _form: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    match forget_cpr(&ground, &granted.actor, path).await {
        Ok(()) => Ok(go(&format!("{}?told=forgotten", number_path(path)))),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(prove_first(&number_path(path))),
        Err(problem) => Err(problem),
    }
}
