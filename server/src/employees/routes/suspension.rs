//! The JSON edge of suspending an employee and lifting it.

use actix_web::{HttpResponse, delete, put, web};

use super::{own_company, refuse_beneath, require_proof};
use crate::{
    employees::suspend::{self, Wanted},
    http::{body::Json, guard::Granted, permissions::right, problem::Problem},
    platform::{
        actor::Actor,
        ground::Ground,
        id::{CompanyId, EmployeeId},
    },
};

/// Why, and how long.
#[derive(Clone, Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuspensionBody {
    /// Why, 1 to 200 characters: seen by administrators and by those who run the service, not told to the person.
    pub reason: String,
    /// The day from whose beginning on the person may act again, YYYY-MM-DD, within five years; empty or left out: until it is lifted.
    #[serde(default)]
    pub until: String,
}

/// Suspends, after a fresh proof.
///
/// # Errors
/// [`require_proof`]'s, [`refuse_beneath`]'s, and those of [`suspend::suspend`].
pub async fn suspend_one(ground: &Ground, actor: &Actor, path: (CompanyId, EmployeeId), body: &SuspensionBody) -> Result<(), Problem> {
    let company = own_company(ground, actor, path.0).await?;
    require_proof(ground, actor)?;
    refuse_beneath(ground, actor, path).await?;
    let wanted = Wanted::read(&body.reason, &body.until, ground.clock().now()).map_err(Problem::invalid)?;
    let told = suspend::told(ground, &company, &wanted).await?;
    let author = actor.author();
    ground.database.write(async |unit| suspend::suspend(unit, path, &wanted, &told, author).await).await?;
    Ok(())
}

/// Lifts a suspension, after a fresh proof.
///
/// # Errors
/// [`require_proof`]'s, [`refuse_beneath`]'s, and those of [`suspend::lift`].
pub async fn lift_one(ground: &Ground, actor: &Actor, path: (CompanyId, EmployeeId)) -> Result<(), Problem> {
    let company = own_company(ground, actor, path.0).await?;
    require_proof(ground, actor)?;
    refuse_beneath(ground, actor, path).await?;
    let told = suspend::told_lifted(ground, &company).await?;
    let author = actor.author();
    ground.database.write(async |unit| suspend::lift(unit, path, &told, author).await).await?;
    Ok(())
}

/// Suspends an employee: nobody logs in, signs or approves as this person until it is lifted. Certificates, cards and phones are kept; certificates
/// stay valid for those who check them. Needs a fresh proof.
#[utoipa::path(tag = "employees", request_body = SuspensionBody,
    responses((status = 204), (status = 403), (status = 404), (status = 409), (status = 422)))]
#[put("/api/v1/companies/{company}/employees/{employee}/suspension")]
pub async fn suspend_employee(
    granted: Granted<right::SuspendEmployee>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, EmployeeId)>,
    body: Json<SuspensionBody>,
) -> Result<HttpResponse, Problem> {
    suspend_one(&ground, &granted.actor, path.into_inner(), &body.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Lifts an employee's suspension. Needs a fresh proof.
#[utoipa::path(tag = "employees", responses((status = 204), (status = 403), (status = 404), (status = 409)))]
#[delete("/api/v1/companies/{company}/employees/{employee}/suspension")]
pub async fn lift_suspension(
    granted: Granted<right::SuspendEmployee>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, EmployeeId)>,
) -> Result<HttpResponse, Problem> {
    lift_one(&ground, &granted.actor, path.into_inner()).await?;
    Ok(HttpResponse::NoContent().finish())
}
