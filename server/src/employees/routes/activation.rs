//! The JSON edge of activations: link and temporary password in; user id, password, key card and certificates out.

use actix_web::{HttpRequest, HttpResponse, get, http::header, post, web};

use super::keys::HandedOverAnswer;
use crate::{
    employees::{
        activate::{self, Request},
        carrier::Choice,
        pickup, read,
    },
    http::{
        body::Json,
        page,
        problem::{Kind, Problem},
    },
    keycards::{self, Edition, KeycardError},
    platform::{
        actor::{Actor, Carrier, ProvenBy},
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
    /// The birth date, YYYY-MM-DD, where none is on record: that of a company's first administrator.
    #[serde(default)]
    birth_date: String,
    /// Where you are called (Denmark, the Faroe Islands, Greenland) or get text messages, as `+45 12 34 56 78`; empty leaves what the company said.
    /// At the first activation only.
    #[serde(default)]
    telephone: String,
    /// Where the keys shall rest: central, key_file, own_software or hardware, as the company allows. Without it: central where allowed.
    #[serde(default)]
    carrier: String,
    /// own_software and hardware: the PKCS#10 request for the signing certificate, PEM.
    #[serde(default)]
    request: String,
    /// The same for the mail certificate, where the address stands in the certificate and one is wanted.
    #[serde(default)]
    mail_request: String,
    /// The same for the encryption certificate.
    #[serde(default)]
    encryption_request: String,
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
    /// Key files with their passphrase, if chosen: shown this once, kept nowhere.
    key_files: Option<HandedOverAnswer>,
    /// Revokes these certificates without a login, at `/revoke` or `/api/v1/revocations`. It is shown this once; null for an operator.
    revocation_code: Option<String>,
    /// From when the certificates follow, after a forgotten password was replaced; null when they are issued now.
    certificates_from: Option<Moment>,
}

/// A key card that was issued just now.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct IssuedCard {
    /// Its id.
    id: KeycardId,
    /// The number at its top.
    number: String,
    /// Whether it goes by letter, and is not handed over: its sheet cannot be fetched.
    by_post: bool,
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
    let ActivationBody { link, temporary_password, user_id, password, birth_date, telephone, .. } = body.0;
    let choice = Choice {
        carrier: body.0.carrier,
        request: body.0.request,
        mail_request: body.0.mail_request,
        encryption_request: body.0.encryption_request,
    };
    let request = Request { link, temporary_password, user_id, password, choice, birth_date, telephone };
    let activated = activate::activate(&ground, &request).await?;
    let keycard = IssuedCard { id: activated.card, number: activated.card_number, by_post: activated.by_post, token: activated.ticket };
    let answer = ActivationAnswer {
        employee: activated.employee,
        keycard,
        certificates: activated.certificates,
        key_files: activated.handed_over.as_ref().map(HandedOverAnswer::of),
        revocation_code: activated.revocation_code.map(|code| code.reveal().clone()),
        certificates_from: activated.waits_until,
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
    if read::card_goes_by_post(&mut ground.database.read().await?, pickup.account).await? {
        return Err(Problem::saying(Kind::Conflict, "employees.card_by_post"));
    }
    // The ticket of the activation is the proof, for as long as it lives.
    let holder = Actor {
        account: pickup.account,
        session: None,
        name: String::new(),
        roles: Vec::new(),
        company: None,
        employee: None,
        carrier: Carrier::Program,
        proven_at: ground.clock().now(),
        proven_by: ProvenBy::Card,
        key: None,
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
