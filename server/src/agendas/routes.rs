//! The JSON edge of what waits for administrators.

use actix_web::{get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Line, read};
use crate::{
    employees::routes::own_company,
    http::{guard::Granted, permissions::right, problem::Problem},
    platform::{ground::Ground, id::CompanyId},
};

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(list_agenda);
}

/// What waits.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = AgendaLines)]
struct Lines {
    /// At most fifty of each sort, the most urgent first.
    items: Vec<Line>,
}

/// Lists what waits for you as an administrator of the company: for your consent, or for you to go on.
#[utoipa::path(tag = "companies", responses((status = 200, body = Lines), (status = 403), (status = 404)))]
#[get("/api/v1/companies/{company}/agenda")]
async fn list_agenda(
    granted: Granted<right::SeeAgenda>,
    ground: web::Data<Ground>,
    company: web::Path<CompanyId>,
) -> Result<web::Json<Lines>, Problem> {
    let company = own_company(&ground, &granted.actor, *company).await?;
    let (mut reader, now) = (ground.database.read().await?, ground.clock().now());
    Ok(web::Json(Lines { items: read::lines(&mut reader, &granted.actor, company.id, now).await? }))
}
