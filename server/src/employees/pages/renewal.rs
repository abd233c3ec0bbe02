//! The page on which an employee renews their certificates.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use askama::Template;

use crate::{
    certificates::ending,
    employees::{Employee, EmployeeError, read, renew, routes::renew_own},
    http::{
        body::Form,
        guard::Granted,
        page::{self, Page},
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{actor::Actor, fault::FieldFault, ground::Ground, moment::Moment, secret::Secret},
};

#[derive(Template)]
#[template(path = "employees/renewal.html")]
struct RenewalPage {
    page: Page,
    employee: Employee,
    /// When the first certificate ends, if that is near or past.
    ends: Option<Moment>,
    due: bool,
}

impl RenewalPage {
    async fn of(ground: &Ground, actor: &Actor, page: Page) -> Result<Self, Problem> {
        let now = ground.clock().now();
        let mut reader = ground.database.read().await?;
        let employee = read::of_account(&mut reader, actor.account).await?.ok_or(EmployeeError::NotFound)?;
        let due = !renew::due(&mut reader, &employee, now).await?.is_empty();
        let ends = ending::of_employee(&mut reader, employee.id, now).await?;
        Ok(Self { page, employee, ends, due })
    }
}

/// What the form sends.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RenewalForm {
    password: Secret<String>,
}

/// The form, after a fresh proof when there is something to renew; without one the way leads there first.
#[get("/renewal")]
pub async fn show_renewal(
    granted: Granted<right::RenewCertificates>,
    ground: web::Data<Ground>,
    page: Page,
    visit: web::Query<super::Visit>,
) -> Result<HttpResponse, Problem> {
    let page = match visit.news() {
        Some(key) => {
            let sentence = page.say(key);
            page.told(sentence)
        }
        None => page,
    };
    let shown = RenewalPage::of(&ground, &granted.actor, page).await?;
    if shown.due && !granted.actor.has_proven(ground.clock().now()) {
        return Ok(page::go("/account/prove?next=%2Frenewal"));
    }
    page::show(&shown)
}

#[post("/renewal")]
pub async fn renew_now(
    granted: Granted<right::RenewCertificates>,
    ground: web::Data<Ground>,
    page: Page,
    form: Form<RenewalForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    match renew_own(&ground, &granted.actor, &form.0.password, &request).await {
        Ok(_) => Ok(page::go("/renewal?told=certificates")),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(page::go("/account/prove?next=%2Frenewal")),
        Err(problem) if matches!(problem.kind, Kind::AlreadyDone | Kind::Conflict | Kind::NotRight | Kind::TooManyTries) => {
            let status = problem.kind.status();
            let problem = match problem.kind == Kind::NotRight {
                true => Problem { faults: vec![FieldFault::new("password", "field_password")], ..problem },
                false => problem,
            };
            page::render(status, &RenewalPage::of(&ground, &granted.actor, page.refused(&problem)).await?)
        }
        Err(problem) => Err(problem),
    }
}
