//! The JSON edge of ordering a key card for an employee.

use actix_web::{HttpResponse, http::header, post, web};

use super::{own_company, refuse_beneath, refuse_key_for_administrator, visible_employee};
use crate::{
    employees::{desk, order_card},
    http::{
        body::Json,
        guard::Granted,
        idempotency::{Idempotency, Replay, create_once},
        permissions::right,
        problem::{Kind, Problem},
    },
    keycards::{self, Keycard},
    platform::{
        actor::{Actor, Role},
        database::Unit,
        ground::Ground,
        id::{CompanyId, EmployeeId},
    },
};

/// Why a card is ordered.
#[derive(Clone, Copy, Debug, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardOrder {
    /// Whether the employee's cards are lost: then they are blocked at once.
    pub lost: bool,
}

/// Orders the card, once for each key. Needs a fresh proof.
///
/// # Errors
/// [`Kind::ProveAgain`], and those of [`order_card::prepare`] and [`order_card::order`].
pub async fn order_one(
    ground: &Ground,
    actor: &Actor,
    path: (CompanyId, EmployeeId),
    order: CardOrder,
    key: Option<&Idempotency>,
) -> Result<Result<Option<Keycard>, Replay>, Problem> {
    if !actor.is(Role::Registration) {
        own_company(ground, actor, path.0).await?;
    }
    let (_, employee) = visible_employee(ground, actor, path).await?;
    refuse_key_for_administrator(ground, actor, path).await?;
    refuse_beneath(ground, actor, path).await?;
    // A code token gives no card away. A key's scope stands in place of the proof: the card goes by letter, and the employee is told.
    if actor.key.is_none() && !actor.has_proven_by_card(ground.clock().now()) {
        return Err(Problem::of(Kind::ProveAgain));
    }
    let for_others = actor.is(Role::Registration).then(|| employee.clone());
    let prepared = order_card::prepare(ground, employee, order.lost, actor).await?;
    let location = format!("/api/v1/companies/{}/employees/{}", path.0, path.1);
    let body = [u8::from(order.lost)];
    let create = async |unit: &mut Unit| {
        if let Some(employee) = &for_others {
            desk::require_another(unit, employee, actor).await?;
        }
        let id = order_card::order(unit, &prepared, actor).await?;
        Ok::<_, Problem>(keycards::read::card(unit, id).await?)
    };
    create_once(&ground.database, (key, actor), &body, create, |_| location.clone()).await
}

/// Orders a key card for an employee: of yours, or of any company for whoever stands at the desk (registration). It goes by letter, and the employee is
/// told. At most ten beside the card in use. Needs a fresh proof; or a company's API key with the scope `cards:write`, unless the employee
/// administers the company.
#[utoipa::path(tag = "employees", params(Idempotency), request_body = CardOrder,
    responses((status = 201, body = Keycard), (status = 403), (status = 404), (status = 409)))]
#[post("/api/v1/companies/{company}/employees/{employee}/keycards")]
pub async fn order_card_for(
    granted: Granted<right::OrderCardFor>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, EmployeeId)>,
    key: Idempotency,
    body: Json<CardOrder>,
) -> Result<HttpResponse, Problem> {
    let ordered = order_one(&ground, &granted.actor, path.into_inner(), body.0, Some(&key)).await?;
    Ok(match ordered {
        Ok(card) => HttpResponse::Created().insert_header((header::CACHE_CONTROL, "no-store")).json(card),
        Err(replay) => replay.answer(),
    })
}
