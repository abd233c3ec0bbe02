//! `/api/v1/documents` and `/api/v1/verifications`.

use actix_web::{HttpRequest, HttpResponse, get, http::StatusCode, http::header, post, web};
use certs::pades::PdfError;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Approval, Asked, Document, DocumentError, Plan, Whose, verdict::Report};
use crate::{
    accounts::Refused,
    http::{
        body::{Json, bounded, one_of_few},
        guard::Granted,
        idempotency::Idempotency,
        network,
        permissions::right,
        problem::{Kind, Problem},
    },
    keycards::{KeycardError, Question},
    platform::{
        actor::Actor,
        fault::FieldFault,
        ground::Ground,
        id::{DocumentId, SignatureId},
        moment::Moment,
        secret::Secret,
        text,
    },
    timestamps::TimestampError,
};

/// The slice's routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(upload)
        .service(list)
        .service(one)
        .service(content)
        .service(page)
        .service(ask)
        .service(question)
        .service(approve)
        .service(verify);
    config.configure(super::phone_routes::configure).configure(super::seal_routes::configure);
}

impl From<DocumentError> for Problem {
    fn from(error: DocumentError) -> Self {
        match error {
            DocumentError::AlreadySigned => Self::of(Kind::AlreadyDone),
            DocumentError::Approval(error) => error.into(),
            DocumentError::Busy => Self::of(Kind::NotReady),
            DocumentError::Certificate(error) => error.into(),
            DocumentError::Gate(error) => Self::unforeseen(&error),
            DocumentError::Database(error) => error.into(),
            DocumentError::Keycard(KeycardError::NotRight) | DocumentError::Refused(Refused::NotRight) => {
                Self::saying(Kind::NotRight, "documents.not_right")
            }
            DocumentError::Keycard(error) => error.into(),
            DocumentError::Message(error) => Self::unforeseen(&error),
            DocumentError::KeyElsewhere => Self::saying(Kind::Conflict, "documents.key_elsewhere"),
            DocumentError::NoCertificate => Self::saying(Kind::Conflict, "documents.no_certificate"),
            DocumentError::NoPhone => Self::saying(Kind::Conflict, "documents.no_phone"),
            DocumentError::PhoneNotYet { from } => Self::saying(Kind::Conflict, "documents.phone_not_yet").with("from", from),
            DocumentError::PhoneWithoutKey => Self::saying(Kind::Conflict, "documents.phone_without_key"),
            DocumentError::NoSeal => Self::saying(Kind::Conflict, "documents.no_seal"),
            DocumentError::ProveAgain => Self::of(Kind::ProveAgain),
            DocumentError::TooManySeals { most } => Self::saying(Kind::TooManyTries, "documents.too_many_seals").with("most", most),
            DocumentError::NotFound | DocumentError::NoSuchPage => Self::of(Kind::NotFound),
            DocumentError::Notice(error) => Self::unforeseen(&error),
            DocumentError::Outrun | DocumentError::TooLate => Self::saying(Kind::Conflict, "documents.outrun"),
            DocumentError::Undrawable => Self::saying(Kind::BadDocument, "documents.undrawable"),
            DocumentError::Pdf(error) => bad_pdf(&error),
            DocumentError::Refused(refused) => refused.into(),
            DocumentError::Text(fault) => Self::invalid(vec![fault]),
            DocumentError::Timestamp(TimestampError::Outside(_) | TimestampError::Refused(_)) => {
                Self::saying(Kind::NotReady, "documents.no_timestamp")
            }
            DocumentError::Timestamp(error) => error.into(),
            DocumentError::TooLarge { most } => Self::saying(Kind::TooLarge, "problems.body_too_large").with("most", text::size(most)),
        }
    }
}

/// What is wrong with a PDF, in words of both languages.
fn bad_pdf(error: &PdfError) -> Problem {
    let word = match error {
        PdfError::ContentsOverflow { .. } | PdfError::FieldName | PdfError::Paused => return Problem::unforeseen(error),
        PdfError::CrossReferenceBroken { .. } | PdfError::Malformed { .. } => "documents.pdf_broken",
        PdfError::Encrypted => "documents.pdf_encrypted",
        PdfError::Locked => "documents.pdf_locked",
        PdfError::NoPages => "documents.pdf_no_pages",
        PdfError::NotPdf => "documents.pdf_not_pdf",
        PdfError::TooComplex => "documents.pdf_complex",
        PdfError::TooLarge { .. } => "documents.pdf_large",
        PdfError::Truncated => "documents.pdf_truncated",
        PdfError::UnsupportedFilter => "documents.pdf_filter",
        PdfError::Xfa => "documents.pdf_xfa",
    };
    let mut problem = Problem::saying(Kind::BadDocument, word);
    problem.faults = vec![FieldFault::new("file", "field_pdf").with("reason", error)];
    problem
}

#[derive(serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
struct Title {
    /// What people call it, 1 to 200 characters.
    title: String,
}

/// Uploads a PDF (content type application/pdf).
#[utoipa::path(tag = "documents", params(Title, Idempotency), request_body(content_type = "application/pdf", content = Vec<u8>),
    responses((status = 201, body = super::Document), (status = 413), (status = 422)))]
#[post("/api/v1/documents")]
async fn upload(
    granted: Granted<right::UseDocuments>,
    ground: web::Data<Ground>,
    title: Result<web::Query<Title>, actix_web::Error>,
    idempotency: Idempotency,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    want_pdf(&request)?;
    let title = title.map_err(|_| Problem::invalid(vec![FieldFault::new("title", "field_required")]))?;
    let bytes = one_of_few(bounded(&request, &mut payload.into_inner(), ground.config.policy.document_bytes)).await?;
    let checked = super::check(&ground, &title.title, bytes.to_vec()).await?;
    let (actor, owner) = (&granted.actor, owner(&granted.actor)?);
    let outcome = ground
        .database
        .write(async |unit| {
            if let Some(replay) = idempotency.earlier(unit, actor, checked.sha256()).await? {
                return Ok::<_, Problem>(Err(replay));
            }
            let document = super::store(unit, actor, owner, &checked).await?;
            let location = location(document.id);
            idempotency.record(unit, actor, checked.sha256(), StatusCode::CREATED, &location).await?;
            Ok(Ok(document))
        })
        .await?;
    Ok(match outcome {
        Ok(document) => HttpResponse::Created().insert_header((header::LOCATION, location(document.id))).json(document),
        Err(replay) => replay.answer(),
    })
}

fn location(id: DocumentId) -> String {
    format!("/api/v1/documents/{id}")
}

/// The company and employee that an actor uploads for.
pub(super) fn owner(actor: &Actor) -> Result<(crate::platform::id::CompanyId, crate::platform::id::EmployeeId), Problem> {
    actor.company.zip(actor.employee).ok_or_else(|| Problem::of(Kind::Forbidden))
}

pub(super) fn want_pdf(request: &HttpRequest) -> Result<(), Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    if kind.split(';').next().unwrap_or("").trim() == "application/pdf" {
        Ok(())
    } else {
        Err(Problem::saying(Kind::UnsupportedMediaType, "documents.want_pdf"))
    }
}

/// A page of a list.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct After {
    /// The cursor of the previous answer.
    pub(super) after: Option<DocumentId>,
}

/// One's own documents, newest first.
#[utoipa::path(tag = "documents", params(After), responses((status = 200, body = Vec<super::Document>)))]
#[get("/api/v1/documents")]
async fn list(granted: Granted<right::UseDocuments>, ground: web::Data<Ground>, after: web::Query<After>) -> Result<HttpResponse, Problem> {
    let mut reader = ground.database.read().await?;
    let (items, next) = super::list(&mut reader, &granted.actor, after.after).await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({"items": items, "next": next})))
}

/// One document.
#[utoipa::path(tag = "documents", responses((status = 200, body = super::Document), (status = 404)))]
#[get("/api/v1/documents/{id}")]
async fn one(granted: Granted<right::UseDocuments>, ground: web::Data<Ground>, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let mut reader = ground.database.read().await?;
    let document = super::one(&mut reader, &granted.actor, parse(&id)?).await?;
    Ok(HttpResponse::Ok().json(document))
}

/// An id of the URL; what is none is not found.
pub(super) fn parse<T: std::str::FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::of(Kind::NotFound))
}

/// The newest revision's bytes.
#[utoipa::path(tag = "documents", responses((status = 200, content_type = "application/pdf", body = Vec<u8>), (status = 404)))]
#[get("/api/v1/documents/{id}/content")]
async fn content(granted: Granted<right::UseDocuments>, ground: web::Data<Ground>, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    pdf(&ground, &granted.actor, &id).await
}

/// The bytes as a download with the document's name.
pub(super) async fn pdf(ground: &Ground, actor: &Actor, id: &str) -> Result<HttpResponse, Problem> {
    let mut reader = ground.database.read().await?;
    let document = super::one(&mut reader, actor, parse(id)?).await?;
    let bytes = super::bytes(&mut reader, &document).await?;
    Ok(download(&document.title, bytes))
}

/// A PDF as a download of this name.
pub(super) fn download(title: &str, bytes: Vec<u8>) -> HttpResponse {
    let name = header::ContentDisposition {
        disposition: header::DispositionType::Attachment,
        parameters: vec![
            header::DispositionParam::Filename(ascii_name(title)),
            header::DispositionParam::FilenameExt(header::ExtendedValue {
                charset: header::Charset::Ext("UTF-8".to_owned()),
                language_tag: None,
                value: file_name(title).into_bytes(),
            }),
        ],
    };
    HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header(name)
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .body(bytes)
}

fn file_name(title: &str) -> String {
    let title = title.strip_suffix(".pdf").unwrap_or(title);
    let kept: String = title.chars().map(|c| if matches!(c, '/' | '\\' | ':' | '"') { '_' } else { c }).collect();
    format!("{kept}.pdf")
}

fn ascii_name(title: &str) -> String {
    file_name(title).chars().map(|c| if c.is_ascii() && !c.is_control() { c } else { '_' }).collect()
}

/// One page as a picture (PNG).
#[utoipa::path(tag = "documents", responses((status = 200, content_type = "image/png", body = Vec<u8>), (status = 404)))]
#[get("/api/v1/documents/{id}/pages/{number}.png")]
async fn page(
    granted: Granted<right::UseDocuments>,
    ground: web::Data<Ground>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, number) = path.into_inner();
    picture(&ground, &granted.actor, &id, parse(&number)?).await
}

/// A page's picture.
pub(super) async fn picture(ground: &Ground, actor: &Actor, id: &str, number: usize) -> Result<HttpResponse, Problem> {
    let mut reader = ground.database.read().await?;
    let document = super::one(&mut reader, actor, parse(id)?).await?;
    let bytes = super::bytes(&mut reader, &document).await?;
    drop(reader);
    let png = super::draw_page(ground, bytes, number).await?;
    Ok(HttpResponse::Ok().content_type("image/png").insert_header((header::CACHE_CONTROL, "private, max-age=300")).body(png))
}

#[derive(serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AskBody {
    /// Why, at most 200 characters.
    pub(super) reason: Option<String>,
    /// Where, at most 200 characters.
    pub(super) place: Option<String>,
}

/// Which key approves, and what it will sign.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct AskedBody {
    /// The signature that the key will make.
    signature: SignatureId,
    /// The number of the card.
    card_number: String,
    /// The number beside which the key stands.
    key_number: String,
    /// Until when it can be answered.
    expires_at: Moment,
}

impl From<Asked> for AskedBody {
    fn from(asked: Asked) -> Self {
        let Question { card_number, key_number, expires_at, .. } = asked.question;
        Self { signature: asked.signature, card_number, key_number, expires_at }
    }
}

/// Asks to sign: the answer names the key of the card that approves.
#[utoipa::path(tag = "documents", params(Idempotency), request_body = AskBody,
    responses((status = 201, body = AskedBody), (status = 404), (status = 409), (status = 422)))]
#[post("/api/v1/documents/{id}/signatures")]
async fn ask(
    granted: Granted<right::UseDocuments>,
    ground: web::Data<Ground>,
    id: web::Path<String>,
    key: Idempotency,
    body: Json<AskBody>,
) -> Result<HttpResponse, Problem> {
    let plan = Plan::parse(body.0.reason.as_deref(), body.0.place.as_deref())?;
    let (actor, id): (_, DocumentId) = (&granted.actor, parse(&id)?);
    let certificate = super::certificate_of(&ground, actor).await?;
    let wanted = serde_json::to_vec(&body.0).map_err(|error| Problem::unforeseen(&error))?;
    let outcome = ground
        .database
        .write(async |unit| {
            if let Some(replay) = key.earlier(unit, actor, &wanted).await? {
                return Ok::<_, Problem>(Err(replay));
            }
            let asked = super::ask_in(unit, actor, id, &plan, certificate).await?;
            key.record(unit, actor, &wanted, StatusCode::CREATED, &signature_location(id, asked.signature)).await?;
            Ok(Ok(asked))
        })
        .await?;
    Ok(match outcome {
        Ok(asked) => {
            let location = (header::LOCATION, signature_location(id, asked.signature));
            HttpResponse::Created().insert_header(location).json(AskedBody::from(asked))
        }
        Err(replay) => replay.answer(),
    })
}

pub(super) fn signature_location(document: DocumentId, signature: SignatureId) -> String {
    format!("{}/signatures/{signature}", location(document))
}

/// The question of a signature once more, while it waits for its answer.
#[utoipa::path(tag = "documents", responses((status = 200, body = AskedBody), (status = 404), (status = 409), (status = 410)))]
#[get("/api/v1/documents/{id}/signatures/{signature}")]
async fn question(
    granted: Granted<right::UseDocuments>,
    ground: web::Data<Ground>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, signature) = path.into_inner();
    let mut reader = ground.database.read().await?;
    let (_, asked) = super::question(&mut reader, &granted.actor, parse(&id)?, parse(&signature)?, ground.clock().now()).await?;
    Ok(HttpResponse::Ok().json(AskedBody::from(asked)))
}

#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ApprovalBody {
    /// The password, which opens the signing key.
    #[schema(value_type = String)]
    password: Secret<String>,
    /// The six digits beside the number that was asked for.
    #[schema(value_type = String)]
    key: Secret<String>,
}

/// Approves with password and key, and signs.
#[utoipa::path(tag = "documents", request_body = ApprovalBody, responses((status = 200, body = super::Document), (status = 403), (status = 404), (status = 409)))]
#[post("/api/v1/documents/{id}/signatures/{signature}/approval")]
async fn approve(
    granted: Granted<right::UseDocuments>,
    ground: web::Data<Ground>,
    path: web::Path<(String, String)>,
    body: Json<ApprovalBody>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(sign_as_asked(&ground, &granted.actor, &path, body.0, &request).await?))
}

/// Signs with what the person shows, wherever the request comes from.
pub(super) async fn sign_as_asked(
    ground: &Ground,
    actor: &Actor,
    (id, signature): &(String, String),
    ApprovalBody { password, key }: ApprovalBody,
    request: &HttpRequest,
) -> Result<Document, Problem> {
    let network = network::network(network::address(request, &ground.config.server));
    let approval = Approval { password, key, network };
    Ok(super::sign(ground, actor, parse(id)?, parse(signature)?, &approval).await?)
}

/// Judges a PDF's signatures against this service's roots. Nothing is stored. For anybody.
#[utoipa::path(tag = "documents", request_body(content_type = "application/pdf", content = Vec<u8>),
    responses((status = 200, body = Report), (status = 413), (status = 422)))]
#[post("/api/v1/verifications")]
async fn verify(ground: web::Data<Ground>, request: HttpRequest, payload: web::Payload) -> Result<HttpResponse, Problem> {
    want_pdf(&request)?;
    let bytes = one_of_few(bounded(&request, &mut payload.into_inner(), ground.config.policy.document_bytes)).await?;
    Ok(HttpResponse::Ok().json(super::verify(&ground, Whose::Stranger, bytes.to_vec()).await?))
}
