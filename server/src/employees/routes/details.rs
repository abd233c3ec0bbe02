//! The JSON edge of what a company says of an employee for itself.

use actix_web::{HttpResponse, put, web};

use super::{own_company, require_proof};
use crate::{
    employees::details::{self, Said},
    http::{body::Json, guard::Granted, permissions::right, problem::Problem},
    platform::{
        actor::Actor,
        ground::Ground,
        id::{CompanyId, EmployeeId},
    },
};

/// What the company says of an employee.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DetailsBody {
    /// The organisational unit, at most 64 characters; empty for none.
    #[serde(default)]
    pub unit: String,
    /// The job title, at most 64 characters; empty for none.
    #[serde(default)]
    pub title: String,
    /// Groups, at most ten of at most 64 characters.
    #[serde(default)]
    pub groups: Vec<String>,
    /// The number (RID) that certificates of the family `oces2` carry: 1 to 16 digits, nobody else's in the company; empty leaves it as it is.
    /// Giving one needs a fresh proof.
    #[serde(default)]
    pub rid: String,
}

impl DetailsBody {
    /// What is said, checked.
    ///
    /// # Errors
    /// Those of [`Said::read`].
    pub fn read(&self) -> Result<Said, Problem> {
        Said::read(&self.unit, &self.title, &self.groups, &self.rid).map_err(Problem::invalid)
    }
}

/// Keeps what was said; a number after a fresh proof only.
///
/// # Errors
/// [`require_proof`]'s, and those of [`details::keep`].
pub async fn describe_one(ground: &Ground, actor: &Actor, path: (CompanyId, EmployeeId), body: &DetailsBody) -> Result<(), Problem> {
    let company = own_company(ground, actor, path.0).await?;
    let said = body.read()?;
    if said.gives_number() {
        require_proof(ground, actor)?;
    }
    let author = actor.author();
    ground.database.write(async |unit| details::keep(unit, (company.id, path.1), &said, author).await).await?;
    Ok(())
}

/// Says an employee's unit, title, groups and number. What is left out is empty from then on, but for the number.
#[utoipa::path(tag = "employees", request_body = DetailsBody,
    responses((status = 204), (status = 403), (status = 404), (status = 409), (status = 422)))]
#[put("/api/v1/companies/{company}/employees/{employee}/details")]
pub async fn describe_employee(
    granted: Granted<right::ChangeEmployee>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, EmployeeId)>,
    body: Json<DetailsBody>,
) -> Result<HttpResponse, Problem> {
    describe_one(&ground, &granted.actor, path.into_inner(), &body.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
