//! The JSON edge of what takes somebody away: a post ended, an employee suspended or dismissed.

use actix_web::{HttpResponse, delete, put, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    Outcome, Wish, ask_to_remove,
    routes::{Waiting, told},
};
use crate::{
    employees::routes::{SuspensionBody, dismiss, end_one, suspend_one},
    http::{body::Json, guard::Granted, permissions::right, problem::Problem},
    platform::{
        actor::Actor,
        ground::Ground,
        id::{CompanyId, EmployeeId},
    },
};

/// The routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(end_administrator).service(suspend_employee).service(dismiss_employee);
}

/// Ends a post, or asks for it.
pub(super) async fn end(ground: &Ground, actor: &Actor, path: (CompanyId, EmployeeId)) -> Result<Outcome, Problem> {
    if let Some(outcome) = ask_to_remove(ground, actor, path, Wish::End { employee: path.1 }).await? {
        return Ok(outcome);
    }
    end_one(ground, actor, path.0, path.1).await.map(|()| Outcome::Done)
}

/// Suspends, or asks for it.
pub(super) async fn suspend(
    ground: &Ground,
    actor: &Actor,
    path: (CompanyId, EmployeeId),
    body: &SuspensionBody,
) -> Result<Outcome, Problem> {
    let wish = Wish::Suspend { employee: path.1, reason: body.reason.clone(), until: body.until.clone() };
    if let Some(outcome) = ask_to_remove(ground, actor, path, wish).await? {
        return Ok(outcome);
    }
    suspend_one(ground, actor, path, body).await.map(|()| Outcome::Done)
}

/// Dismisses, or asks for it.
pub(super) async fn leave(ground: &Ground, actor: &Actor, path: (CompanyId, EmployeeId)) -> Result<Outcome, Problem> {
    if let Some(outcome) = ask_to_remove(ground, actor, path, Wish::Dismiss { employee: path.1 }).await? {
        return Ok(outcome);
    }
    dismiss(ground, actor, path.0, path.1).await.map(|()| Outcome::Done)
}

/// Ends an administrator's post, never the last one's, nor the last superadministrator's. Needs a fresh proof. They are told. Another
/// superadministrator's post needs an administrator's consent; where nobody can give it, it waits a week, and they may refuse.
#[utoipa::path(tag = "employees", 
    responses((status = 202, body = Waiting), (status = 204), (status = 403), (status = 404), (status = 409)))]
#[delete("/api/v1/companies/{company}/administrators/{employee}")]
async fn end_administrator(
    granted: Granted<right::AppointAdministrator>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, EmployeeId)>,
) -> Result<HttpResponse, Problem> {
    Ok(told(end(&ground, &granted.actor, path.into_inner()).await?))
}

/// Suspends an employee: nobody logs in, signs or approves as this person until it is lifted. Certificates, cards and phones are kept; certificates
/// stay valid for those who check them. Needs a fresh proof. Another superadministrator is suspended with an administrator's consent; where nobody can
/// give it, it waits a week, and they may refuse.
#[utoipa::path(tag = "employees", request_body = SuspensionBody,
    responses((status = 202, body = Waiting), (status = 204), (status = 403), (status = 404), (status = 409), (status = 422)))]
#[put("/api/v1/companies/{company}/employees/{employee}/suspension")]
async fn suspend_employee(
    granted: Granted<right::SuspendEmployee>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, EmployeeId)>,
    body: Json<SuspensionBody>,
) -> Result<HttpResponse, Problem> {
    Ok(told(suspend(&ground, &granted.actor, path.into_inner(), &body.0).await?))
}

/// Ends an employment: certificates revoked, key card blocked, account closed. Needs a fresh proof; or a company's API key with the scope
/// `employees:write`, unless the employee administers the company. Another superadministrator is dismissed with an administrator's consent; where
/// nobody can give it, it waits a week, and they may refuse.
#[utoipa::path(tag = "employees", 
    responses((status = 202, body = Waiting), (status = 204), (status = 403), (status = 404), (status = 409)))]
#[delete("/api/v1/companies/{company}/employees/{employee}")]
async fn dismiss_employee(
    granted: Granted<right::DismissEmployee>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, EmployeeId)>,
) -> Result<HttpResponse, Problem> {
    Ok(told(leave(&ground, &granted.actor, path.into_inner()).await?))
}
