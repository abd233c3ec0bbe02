//! The JSON edge of closing a company: an operator's, and only with a fresh proof.

use actix_web::{HttpResponse, post, web};

use super::visible_company;
use crate::{
    employees::{close, leave},
    http::{
        body::Json,
        guard::Granted,
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{actor::Actor, fault::FieldFault, ground::Ground, id::CompanyId},
    status,
};

/// Says which company is meant, so that no wrong address closes another.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ClosingBody {
    /// Its number: the CVR number, or an association's own.
    number: String,
}

/// What closing ended.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct ClosedAnswer {
    /// So many people left.
    employees: usize,
    /// So many certificates were revoked.
    certificates: usize,
}

/// Closes a company.
///
/// # Errors
/// [`Kind::ProveAgain`], [`Kind::NotFound`], [`Kind::AlreadyDone`].
pub async fn close_one(ground: &Ground, actor: &Actor, company: CompanyId) -> Result<close::Closed, Problem> {
    let company = visible_company(ground, actor, company).await?;
    if !actor.has_proven(ground.clock().now()) {
        return Err(Problem::of(Kind::ProveAgain));
    }
    let told = leave::told(ground).await?;
    let author = actor.author();
    let closed = ground.database.write(async |unit| close::close(unit, company.id, &told, author).await).await?;
    status::witness_soon(ground).await;
    Ok(closed)
}

/// Closes a company or association for good: everybody leaves, and all of its certificates are revoked. Needs a fresh proof.
#[utoipa::path(tag = "companies", request_body = ClosingBody, responses((status = 200, body = ClosedAnswer), (status = 403), (status = 404), (status = 409), (status = 422)))]
#[post("/api/v1/companies/{company}/closing")]
pub async fn close_company(
    granted: Granted<right::CloseCompany>,
    ground: web::Data<Ground>,
    company: web::Path<CompanyId>,
    Json(body): Json<ClosingBody>,
) -> Result<HttpResponse, Problem> {
    let found = visible_company(&ground, &granted.actor, *company).await?;
    if body.number.trim() != found.number {
        return Err(Problem::invalid(vec![FieldFault::new("number", "field_mismatch")]));
    }
    let close::Closed { employees, certificates } = close_one(&ground, &granted.actor, *company).await?;
    Ok(HttpResponse::Ok().json(ClosedAnswer { employees, certificates }))
}
