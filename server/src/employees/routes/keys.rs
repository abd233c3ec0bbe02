//! The JSON edge of where keys rest: a company's policy, a person's choice, key files that are handed over.

use actix_web::{HttpResponse, get, put, web};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{own_company, require_proof};
use crate::{
    certificates::KeyCarrier,
    employees::carrier::{self, HandedOver},
    http::{body::Json, guard::Granted, permissions::right, problem::Problem},
    platform::{actor::Actor, ground::Ground, id::CompanyId},
};

/// One key file.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct KeyFileAnswer {
    /// signing, mail or encryption.
    pub purpose: &'static str,
    /// PKCS#12, base64.
    pub pkcs12: String,
}

/// Key files: shown this once, kept nowhere.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct HandedOverAnswer {
    /// The files.
    pub files: Vec<KeyFileAnswer>,
    /// What opens them all.
    pub passphrase: String,
}

impl HandedOverAnswer {
    /// As an answer shows them.
    pub fn of(handed_over: &HandedOver) -> Self {
        let file = |file: &crate::certificates::KeyFile| KeyFileAnswer {
            purpose: file.profile.kind().as_str(),
            pkcs12: STANDARD.encode(file.pkcs12.as_slice()),
        };
        Self { files: handed_over.files.iter().map(file).collect(), passphrase: handed_over.passphrase.reveal().clone() }
    }
}

/// Where a company's keys may rest.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Carriers {
    /// At least one.
    pub carriers: Vec<KeyCarrier>,
}

/// Says where the keys of your company's employees may rest.
#[utoipa::path(tag = "employees", responses((status = 200, body = Carriers), (status = 404)))]
#[get("/api/v1/companies/{company}/key-carriers")]
pub async fn show_carriers(
    granted: Granted<right::SetKeyCarriers>,
    ground: web::Data<Ground>,
    company: web::Path<CompanyId>,
) -> Result<web::Json<Carriers>, Problem> {
    let company = own_company(&ground, &granted.actor, *company).await?;
    let carriers = carrier::allowed(&mut ground.database.read().await?, company.id).await?;
    Ok(web::Json(Carriers { carriers }))
}

/// Sets them. Needs a fresh proof.
///
/// # Errors
/// Those of [`carrier::allow`].
pub async fn allow(ground: &Ground, actor: &Actor, company: CompanyId, carriers: &[KeyCarrier]) -> Result<(), Problem> {
    let company = own_company(ground, actor, company).await?;
    require_proof(ground, actor)?;
    let author = actor.author();
    ground.database.write(async |unit| carrier::allow(unit, company.id, carriers, author).await).await?;
    Ok(())
}

/// Sets where keys may rest from now on; certificates that are out stay. Needs a fresh proof.
#[utoipa::path(tag = "employees", request_body = Carriers,
    responses((status = 204), (status = 403), (status = 404), (status = 422)))]
#[put("/api/v1/companies/{company}/key-carriers")]
pub async fn set_carriers(
    granted: Granted<right::SetKeyCarriers>,
    ground: web::Data<Ground>,
    company: web::Path<CompanyId>,
    body: Json<Carriers>,
) -> Result<HttpResponse, Problem> {
    allow(&ground, &granted.actor, *company, &body.0.carriers).await?;
    Ok(HttpResponse::NoContent().finish())
}
