//! The JSON edge of an employee's telephone, for administrators.

use actix_web::{HttpResponse, put, web};

use super::{own_company, refuse_beneath, require_proof, visible_employee};
use crate::{
    employees::change_telephone,
    http::{body::Json, guard::Granted, permissions::right, problem::Problem},
    platform::{
        actor::Actor,
        ground::Ground,
        id::{CompanyId, EmployeeId},
    },
};

/// Another number.
#[derive(Clone, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TelephoneBody {
    /// Where the person is called (Denmark, the Faroe Islands, Greenland) or gets text messages, as `+45 12 34 56 78`; empty for none.
    pub telephone: String,
}

/// Changes the number. Needs a fresh proof.
///
/// # Errors
/// [`require_proof`]'s, [`refuse_beneath`]'s, and those of [`change_telephone::prepare`] and [`change_telephone::change`].
pub async fn change_telephone_of(ground: &Ground, actor: &Actor, path: (CompanyId, EmployeeId), typed: &str) -> Result<(), Problem> {
    own_company(ground, actor, path.0).await?;
    let (_, employee) = visible_employee(ground, actor, path).await?;
    require_proof(ground, actor)?;
    refuse_beneath(ground, actor, path).await?;
    let changed = change_telephone::prepare(ground, typed).await?;
    let author = actor.author();
    ground.database.write(async |unit| change_telephone::change(unit, &employee, &changed, author).await).await?;
    Ok(())
}

/// Changes an employee's telephone number: the employee's mail address and both numbers are told, and no secret goes to the new number for three days.
/// Needs a fresh proof.
#[utoipa::path(tag = "employees", request_body = TelephoneBody,
    responses((status = 204), (status = 403), (status = 404), (status = 409), (status = 422)))]
#[put("/api/v1/companies/{company}/employees/{employee}/telephone")]
pub async fn change_employee_telephone(
    granted: Granted<right::ChangeEmployee>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, EmployeeId)>,
    body: Json<TelephoneBody>,
) -> Result<HttpResponse, Problem> {
    change_telephone_of(&ground, &granted.actor, path.into_inner(), &body.0.telephone).await?;
    Ok(HttpResponse::NoContent().finish())
}
