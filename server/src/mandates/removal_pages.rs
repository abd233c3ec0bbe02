//! The forms on an employee's page that end a post, suspend and dismiss.

use actix_web::{HttpResponse, post, web};

use super::{
    pages::{confirmed, lead_on},
    removal_routes::{end, leave, suspend},
};
use crate::{
    companies::pages::{Typed, typed},
    employees::{pages::employee_place, routes::SuspensionBody},
    http::{body::Form, guard::Granted, page::Page, permissions::right, problem::Problem},
    platform::{
        ground::Ground,
        id::{CompanyId, EmployeeId},
    },
};

/// Adds the routes.
pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.service(end_administrator).service(suspend_employee).service(dismiss_employee);
}

#[post("/companies/{company}/employees/{employee}/administrator/end")]
async fn end_administrator(
    granted: Granted<right::AppointAdministrator>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, EmployeeId)>,
    form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let (actor, path) = (&granted.actor, path.into_inner());
    let outcome = match confirmed(&form.0, "confirm_end") {
        Ok(()) => end(&ground, actor, path).await,
        Err(problem) => Err(problem),
    };
    lead_on(&ground, actor, page, path, (outcome, employee_place(path, "ended"))).await
}

#[post("/companies/{company}/employees/{employee}/suspension")]
async fn suspend_employee(
    granted: Granted<right::SuspendEmployee>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, EmployeeId)>,
    form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let (actor, path) = (&granted.actor, path.into_inner());
    let body = SuspensionBody { reason: typed(&form.0, "reason"), until: typed(&form.0, "until") };
    let page = page.typed("reason", &body.reason).typed("until", &body.until);
    let outcome = match confirmed(&form.0, "confirm_suspension") {
        Ok(()) => suspend(&ground, actor, path, &body).await,
        Err(problem) => Err(problem),
    };
    lead_on(&ground, actor, page, path, (outcome, employee_place(path, "suspended"))).await
}

#[post("/companies/{company}/employees/{employee}/dismissal")]
async fn dismiss_employee(
    granted: Granted<right::DismissEmployee>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, EmployeeId)>,
    form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let (actor, path) = (&granted.actor, path.into_inner());
    let outcome = match confirmed(&form.0, "confirm_dismissal") {
        Ok(()) => leave(&ground, actor, path).await,
        Err(problem) => Err(problem),
    };
    lead_on(&ground, actor, page, path, (outcome, format!("/companies/{}?told=dismissed", path.0))).await
}
