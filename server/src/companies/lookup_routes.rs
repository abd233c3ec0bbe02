//! The JSON edge of the register of companies.

use actix_web::{get, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    CompanyError,
    lookup::{self, Entry, RegisterStatus},
    refresh,
};
use crate::{
    http::{guard::Granted, permissions::right, problem::Problem},
    platform::{actor::Actor, ground::Ground, id::CompanyId},
};

/// Adds the routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(look_up_company).service(refresh_company);
}

// A number that lacks is refused like a wrong one, and after the right to ask.
#[derive(Default, serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
struct Wanted {
    /// The CVR number, eight digits.
    cvr: String,
}

/// Looks a company up in the register that is configured: name, official address, status, and who may bind it where the register knows.
#[utoipa::path(tag = "companies", params(Wanted), responses((status = 200, body = Entry), (status = 404), (status = 422), (status = 503)))]
#[get("/api/v1/company-register")]
async fn look_up_company(
    _granted: Granted<right::RegisterCompany>,
    ground: web::Data<Ground>,
    wanted: web::Query<Wanted>,
) -> Result<web::Json<Entry>, Problem> {
    Ok(web::Json(lookup::look_up(&ground, &wanted.cvr).await?))
}

/// What came of a look into the register.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(super) struct Refreshed {
    /// The fields that changed here.
    changed: Vec<&'static str>,
    /// How the company stands in the register.
    pub(super) status: RegisterStatus,
}

/// Fetches name and address anew, after a fresh proof: letters with secrets go there.
///
/// # Errors
/// [`CompanyError::ProveAgain`]; those of [`refresh::prepare`] and [`refresh::refresh`].
pub(super) async fn refresh_one(ground: &Ground, actor: &Actor, company: CompanyId) -> Result<Refreshed, CompanyError> {
    if !actor.has_proven(ground.clock().now()) {
        return Err(CompanyError::ProveAgain);
    }
    let prepared = refresh::prepare(ground, company).await?;
    let author = actor.author();
    let changed = ground.database.write(async |unit| refresh::refresh(unit, &prepared, author).await).await?;
    Ok(Refreshed { changed, status: prepared.entry.status })
}

/// Fetches a company's legal name and official address anew from the register; its administrators are told of what changed. Needs a fresh proof.
/// What a signatory has signed already stays as it was signed until the agreement stands.
#[utoipa::path(tag = "companies", 
    responses((status = 200, body = Refreshed), (status = 403), (status = 404), (status = 409), (status = 422), (status = 503)))]
#[post("/api/v1/companies/{company}/register-check")]
async fn refresh_company(
    granted: Granted<right::RegisterCompany>,
    ground: web::Data<Ground>,
    company: web::Path<CompanyId>,
) -> Result<web::Json<Refreshed>, Problem> {
    Ok(web::Json(refresh_one(&ground, &granted.actor, *company).await?))
}
