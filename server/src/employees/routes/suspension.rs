//! The JSON edge of lifting a suspension. Suspending is asked for in `mandates`, which has it done here when nobody needs to consent.

use actix_web::{HttpResponse, delete, web};

use super::{own_company, refuse_beneath, require_proof};
use crate::{
    companies::AdministratorPost,
    employees::{
        rank,
        suspend::{self, Wanted},
    },
    http::{guard::Granted, permissions::right, problem::Problem},
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
/// [`require_proof`]'s, [`refuse_beneath`]'s, [`rank::require_still`]'s, and those of [`suspend::suspend`].
pub async fn suspend_one(ground: &Ground, actor: &Actor, path: (CompanyId, EmployeeId), body: &SuspensionBody) -> Result<(), Problem> {
    let company = own_company(ground, actor, path.0).await?;
    require_proof(ground, actor)?;
    refuse_beneath(ground, actor, path).await?;
    let wanted = Wanted::read(&body.reason, &body.until, ground.clock().now()).map_err(Problem::invalid)?;
    let told = suspend::told(ground, &company, &wanted).await?;
    let author = actor.author();
    ground
        .database
        .write(async |unit| {
            rank::require_still(unit, actor, path, AdministratorPost::Administrator).await?;
            suspend::suspend(unit, path, &wanted, &told, author).await
        })
        .await?;
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
