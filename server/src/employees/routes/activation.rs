//! The JSON edge of activations: link and temporary password in; user id, password, key card and certificates out.

use actix_web::{HttpRequest, HttpResponse, get, http::header, post, web};

use crate::{
    employees::{
        activate::{self, Request},
        pickup,
    },
    http::{
        body::Json,
        page,
        problem::{Kind, Problem},
    },
    keycards::{self, Edition, KeycardError},
    platform::{
        actor::{Actor, Carrier},
        ground::Ground,
        id::{CertificateId, EmployeeId, KeycardId},
        moment::Moment,
        secret::Secret,
        words::Words,
    },
};

/// An activation.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ActivationBody {
    /// The last part of the mailed address.
    link: String,
    /// What came by letter or was handed over; operators have none.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    temporary_password: Option<Secret<String>>,
    /// The chosen user id: 5 to 48 characters.
    user_id: String,
    /// The chosen password: 6 to 40 characters, letters and digits; case does not count.
    #[schema(value_type = String)]
    password: Secret<String>,
}

/// What an activation gave.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct ActivationAnswer {
    /// The employee; null for an operator.
    employee: Option<EmployeeId>,
    /// The key card.
    keycard: IssuedCard,
    /// The certificates.
    certificates: Vec<CertificateId>,
    /// Revokes these certificates without a login, at `/revoke` or `/api/v1/revocations`. It is shown this once; null for an operator.
    revocation_code: Option<String>,
}

/// A key card that was issued just now.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct IssuedCard {
    /// Its id.
    id: KeycardId,
    /// The number at its top.
    number: String,
    /// Bearer token that fetches the card's sheet at `/api/v1/activations/card.pdf` for fifteen minutes, and does nothing else.
    token: String,
}

/// Activates an account.
///
/// Takes no Idempotency-Key: the link is claimed once, and whoever sends it again is told that it is used.
#[utoipa::path(tag = "employees", request_body = ActivationBody,
    responses((status = 201, body = ActivationAnswer), (status = 403), (status = 404), (status = 410), (status = 422)))]
#[post("/api/v1/activations")]
pub async fn activate_account(ground: web::Data<Ground>, body: Json<ActivationBody>) -> Result<HttpResponse, Problem> {
    let ActivationBody { link, temporary_password, user_id, password } = body.0;
    let activated = activate::activate(&ground, &Request { link, temporary_password, user_id, password }).await?;
    let keycard = IssuedCard { id: activated.card, number: activated.card_number, token: activated.ticket };
    let answer = ActivationAnswer {
        employee: activated.employee,
        keycard,
        certificates: activated.certificates,
        revocation_code: activated.revocation_code.map(|code| code.reveal().clone()),
    };
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, format!("/api/v1/keycards/{}", answer.keycard.id)))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(answer))
}

/// The sheet that a ticket fetches.
///
/// # Errors
/// [`Kind::Gone`] when the ticket is too old or not ours; [`Kind::NotFound`] for an unknown file.
pub async fn sheet(ground: &Ground, ticket: &str, file: &str, words: Words) -> Result<HttpResponse, Problem> {
    let edition = Edition::of(file).ok_or_else(|| Problem::of(Kind::NotFound))?;
    let pickup = pickup::read(ground, ticket).await.map_err(KeycardError::from)?;
    let pickup = pickup.ok_or_else(|| Problem::saying(Kind::Gone, "employees.card_gone"))?;
    let holder = Actor {
        account: pickup.account,
        session: None,
        name: String::new(),
        roles: Vec::new(),
        company: None,
        employee: None,
        carrier: Carrier::Program,
        proven_at: Moment::from_millis(0),
    };
    let sheet = keycards::fetch(ground, &holder, pickup.card, edition, words).await?;
    Ok(HttpResponse::Ok()
        .content_type(sheet.content_type)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{file}\"")))
        .body(sheet.bytes.to_vec()))
}

/// Fetches the new key card's sheet: `card.pdf`, `card-large.pdf` or `card.txt`, with the token of the activation.
#[utoipa::path(tag = "employees", params(("file" = String, Path)), responses((status = 200), (status = 404), (status = 410)))]
#[get("/api/v1/activations/{file}")]
pub async fn fetch_card(request: HttpRequest, ground: web::Data<Ground>, file: web::Path<String>) -> Result<HttpResponse, Problem> {
    let bearer = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let ticket = bearer.ok_or_else(|| Problem::of(Kind::NotLoggedIn))?;
    sheet(&ground, ticket.trim(), &file, Words(page::language(&request))).await
}
