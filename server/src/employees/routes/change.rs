//! The JSON edge of changing an employee's names and address.

use actix_web::{HttpResponse, put, web};

use super::{own_company, refuse_beneath, refuse_key_for_administrator, require_proof_or_scope, visible_employee};
use crate::{
    employees::{change, invite},
    http::{body::Json, guard::Granted, permissions::right, problem::Problem},
    platform::{
        actor::Actor,
        ground::Ground,
        id::{CompanyId, EmployeeId},
    },
};

/// Who the employee is from now on.
#[derive(Clone, Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonBody {
    /// Given names, at most 64 characters.
    pub given_name: String,
    /// Surname, at most 64 characters; with the given names at most 64.
    pub surname: String,
    /// Where mail goes.
    pub email: String,
}

/// Changes names and address. Needs a fresh proof, or a key.
///
/// # Errors
/// Those of [`change::prepare`] and [`change::change`].
pub async fn change_once(ground: &Ground, actor: &Actor, path: (CompanyId, EmployeeId), body: &PersonBody) -> Result<(), Problem> {
    let company = own_company(ground, actor, path.0).await?;
    let (_, employee) = visible_employee(ground, actor, path).await?;
    require_proof_or_scope(ground, actor)?;
    refuse_key_for_administrator(ground, actor, path).await?;
    refuse_beneath(ground, actor, path).await?;
    let person = invite::person("", &body.given_name, &body.surname, &body.email).map_err(Problem::invalid)?;
    let prepared = change::prepare(ground, &company, employee, person).await?;
    let author = actor.author();
    ground.database.write(async |unit| change::change(unit, &prepared, author).await).await?;
    Ok(())
}

/// Changes an employee's names or address: told to both addresses; certificates that say otherwise are renewed by the employee within five
/// days, or revoked. Needs a fresh proof; or a company's API key with the scope `employees:write`, unless the employee administers the company.
#[utoipa::path(tag = "employees", request_body = PersonBody,
    responses((status = 204), (status = 403), (status = 404), (status = 409), (status = 422)))]
#[put("/api/v1/companies/{company}/employees/{employee}/person")]
pub async fn change_person(
    granted: Granted<right::ChangeEmployee>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, EmployeeId)>,
    body: Json<PersonBody>,
) -> Result<HttpResponse, Problem> {
    change_once(&ground, &granted.actor, path.into_inner(), &body.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
