//! The JSON edge of the factors that a company allows beside the key card.

use actix_web::{HttpResponse, get, put, web};

use super::{own_company, require_proof};
use crate::{
    employees::factors::{self, Factors},
    http::{body::Json, guard::Granted, permissions::right, problem::Problem},
    platform::{actor::Actor, ground::Ground, id::CompanyId},
};

/// Sets them. Needs a fresh proof.
///
/// # Errors
/// [`require_proof`]'s, and those of [`factors::allow`].
pub async fn set_one(ground: &Ground, actor: &Actor, company: CompanyId, wanted: Factors) -> Result<(), Problem> {
    let company = own_company(ground, actor, company).await?;
    require_proof(ground, actor)?;
    let author = actor.author();
    Ok(ground.database.write(async |unit| factors::allow(unit, company.id, wanted, author).await).await?)
}

/// Says with what your company's people log in beside the key card.
#[utoipa::path(tag = "employees", responses((status = 200, body = Factors), (status = 404)))]
#[get("/api/v1/companies/{company}/factors")]
pub async fn show_factors(
    granted: Granted<right::SetFactors>,
    ground: web::Data<Ground>,
    company: web::Path<CompanyId>,
) -> Result<web::Json<Factors>, Problem> {
    let company = own_company(&ground, &granted.actor, *company).await?;
    Ok(web::Json(factors::allowed(&mut ground.database.read().await?, company.id).await?))
}

/// Sets it, from now on. The key card is always allowed. Needs a fresh proof.
#[utoipa::path(tag = "employees", request_body = Factors, responses((status = 204), (status = 403), (status = 404), (status = 422)))]
#[put("/api/v1/companies/{company}/factors")]
pub async fn set_factors(
    granted: Granted<right::SetFactors>,
    ground: web::Data<Ground>,
    company: web::Path<CompanyId>,
    body: Json<Factors>,
) -> Result<HttpResponse, Problem> {
    set_one(&ground, &granted.actor, *company, body.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
