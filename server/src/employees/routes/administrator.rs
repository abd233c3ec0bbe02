//! The JSON edge of what only concerns standing: renewed invitations, administrators appointed and ended.

use actix_web::{HttpResponse, delete, http::header, post, web};

use super::{InvitedAnswer, own_company, require_proof, visible_employee};
use crate::{
    companies,
    employees::{
        Vouching, appoint,
        invite::{self, Post},
    },
    http::{
        body::Json,
        guard::Granted,
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

/// How the person is vouched for this time.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct RenewalBody {
    /// It decides how the temporary password travels.
    vouched: Vouching,
}

/// Sends a new link and temporary password. Operators may do it for an administrator who never activated (nobody else could), by letter
/// only: they see no temporary password. Whoever is shown one proves first who they are.
///
/// # Errors
/// [`Kind::NotFound`], [`Kind::Forbidden`], [`Kind::ProveAgain`], and those of [`invite::renew`].
pub async fn renew(
    ground: &Ground,
    actor: &Actor,
    path: (CompanyId, EmployeeId),
    vouched: Vouching,
) -> Result<Option<Secret<String>>, Problem> {
    let (company, employee) = visible_employee(ground, actor, path).await?;
    let administrators = companies::read::administrators(&mut ground.database.read().await?, company.id).await?;
    let is_administrator = administrators.contains(&employee.id);
    if actor.company.is_none() && !(is_administrator && vouched == Vouching::ByLetter) {
        return Err(Problem::of(Kind::Forbidden));
    }
    if vouched == Vouching::InPerson {
        require_proof(ground, actor)?;
    }
    let post = if is_administrator { Post::Administrator } else { Post::Employee };
    let renewal = invite::prepare_renewal(ground, &company, employee, post, vouched).await?;
    let author = actor.author();
    ground.database.write(async |unit| invite::renew(unit, &renewal, author).await).await?;
    Ok(renewal.temporary_password().cloned())
}

/// Sends somebody who has not activated a new link and a new temporary password; the old ones are dead. `in_person` needs a fresh proof.
#[utoipa::path(tag = "employees", request_body = RenewalBody,
    responses((status = 200, body = InvitedAnswer), (status = 403), (status = 404), (status = 409)))]
#[post("/api/v1/companies/{company}/employees/{employee}/invitation")]
pub async fn renew_invitation(
    granted: Granted<right::RenewInvitation>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, EmployeeId)>,
    body: Json<RenewalBody>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    let code = renew(&ground, &granted.actor, path, body.0.vouched).await?;
    let answer = InvitedAnswer { id: path.1, temporary_password: code.map(|code| code.reveal().clone()) };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(answer))
}

/// Which employee.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct AppointmentBody {
    /// An active employee of the company.
    employee: EmployeeId,
}

/// Appoints another administrator, after a fresh proof.
///
/// # Errors
/// [`Kind::ProveAgain`], and those of [`appoint::appoint`].
pub async fn appoint_one(ground: &Ground, actor: &Actor, company: CompanyId, employee: EmployeeId) -> Result<(), Problem> {
    let company = own_company(ground, actor, company).await?;
    require_proof(ground, actor)?;
    let told = appoint::told(ground, &company).await?;
    let author = actor.author();
    ground.database.write(async |unit| appoint::appoint(unit, company.id, employee, &told, author).await).await?;
    Ok(())
}

/// Appoints another administrator, who must be an active employee. Needs a fresh proof.
#[utoipa::path(tag = "employees", request_body = AppointmentBody, responses((status = 204), (status = 403), (status = 404), (status = 409)))]
#[post("/api/v1/companies/{company}/administrators")]
pub async fn appoint_administrator(
    granted: Granted<right::AppointAdministrator>,
    ground: web::Data<Ground>,
    company: web::Path<CompanyId>,
    body: Json<AppointmentBody>,
) -> Result<HttpResponse, Problem> {
    appoint_one(&ground, &granted.actor, *company, body.0.employee).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// An employee administers the company no more, after a fresh proof.
///
/// # Errors
/// [`Kind::ProveAgain`], and those of [`appoint::end`].
pub async fn end_one(ground: &Ground, actor: &Actor, company: CompanyId, employee: EmployeeId) -> Result<(), Problem> {
    let company = own_company(ground, actor, company).await?;
    require_proof(ground, actor)?;
    let author = actor.author();
    ground.database.write(async |unit| appoint::end(unit, company.id, employee, author).await).await?;
    Ok(())
}

/// Ends an administrator's post, never the last one's. Needs a fresh proof.
#[utoipa::path(tag = "employees", responses((status = 204), (status = 403), (status = 404), (status = 409)))]
#[delete("/api/v1/companies/{company}/administrators/{employee}")]
pub async fn end_administrator(
    granted: Granted<right::AppointAdministrator>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, EmployeeId)>,
) -> Result<HttpResponse, Problem> {
    let (company, employee) = path.into_inner();
    end_one(&ground, &granted.actor, company, employee).await?;
    Ok(HttpResponse::NoContent().finish())
}
