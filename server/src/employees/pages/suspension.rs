//! The forms on an employee's page that suspend and lift.

use actix_web::{HttpResponse, post, web};

use super::employee::{Nothing, confirmed, lead_on, place};
use crate::{
    companies::pages::{Typed, typed},
    employees::routes::{SuspensionBody, lift_one, suspend_one},
    http::{body::Form, guard::Granted, page::Page, permissions::right, problem::Problem},
    platform::{
        ground::Ground,
        id::{CompanyId, EmployeeId},
    },
};

#[post("/companies/{company}/employees/{employee}/suspension")]
pub async fn suspend_employee(
    granted: Granted<right::SuspendEmployee>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, EmployeeId)>,
    form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let (actor, path) = (&granted.actor, path.into_inner());
    let body = SuspensionBody { reason: typed(&form.0, "reason"), until: typed(&form.0, "until") };
    let page = page.typed("reason", &body.reason).typed("until", &body.until);
    let done = match confirmed(&form.0, "confirm_suspension") {
        Ok(()) => suspend_one(&ground, actor, path, &body).await.map(|()| place(path, "suspended")),
        Err(problem) => Err(problem),
    };
    lead_on(&ground, actor, page, path, done).await
}

#[post("/companies/{company}/employees/{employee}/suspension/end")]
pub async fn lift_suspension(
    granted: Granted<right::SuspendEmployee>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, EmployeeId)>,
    _form: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    let (actor, path) = (&granted.actor, path.into_inner());
    let done = lift_one(&ground, actor, path).await.map(|()| place(path, "lifted"));
    lead_on(&ground, actor, page, path, done).await
}
