//! The JSON edge of changes from outside of who acts for a company: asked for, shown, approved, ended; forms and minutes.

use actix_web::{
    HttpRequest, HttpResponse, delete, get,
    http::{StatusCode, header},
    post, put, web,
};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    Form, Outcome, SignedBy, Succession, SuccessionError, SuccessionKind, SuccessionState, Successor, Wish,
    content::Content,
    form, minutes,
    read::{self, About},
};
use crate::{
    companies::{self, amend::AmendmentBody},
    http::{
        body::{Json, bounded, one_of_few},
        guard::Granted,
        idempotency::{Idempotency, Replay},
        listing::AfterTold,
        page,
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{
        actor::Actor,
        day::Day,
        fault::FieldFault,
        ground::Ground,
        id::{CompanyId, EmployeeId, SignatoryId, SuccessionId},
        limits,
        moment::Moment,
    },
};

impl From<SuccessionError> for Problem {
    fn from(error: SuccessionError) -> Self {
        match error {
            SuccessionError::AlreadyAsked => Self::saying(Kind::AlreadyDone, "successions.already_asked"),
            SuccessionError::AlreadyDeclined => Self::saying(Kind::AlreadyDone, "successions.already_declined"),
            SuccessionError::AlreadySigned => Self::saying(Kind::AlreadyDone, "successions.already_signed"),
            SuccessionError::BoardsTooOften => Self::saying(Kind::TooManyTries, "successions.boards_too_often"),
            SuccessionError::Company(cause) => cause.into(),
            SuccessionError::Database(cause) => cause.into(),
            SuccessionError::Employee(cause) => cause.into(),
            SuccessionError::Ended { state: SuccessionState::Done } => Self::saying(Kind::AlreadyDone, "successions.done_already"),
            SuccessionError::Ended {
                state:
                    SuccessionState::Asked
                    | SuccessionState::Declined
                    | SuccessionState::Lapsed
                    | SuccessionState::Refused
                    | SuccessionState::Requested
                    | SuccessionState::Withdrawn,
            } => Self::saying(Kind::Gone, "successions.over"),
            SuccessionError::HasMinutes => Self::saying(Kind::AlreadyDone, "successions.has_minutes"),
            SuccessionError::Invalid(faults) => Self::invalid(faults),
            SuccessionError::Keystore(cause) => Self::unforeseen(&cause),
            SuccessionError::NoAssociation => Self::saying(Kind::Conflict, "successions.no_association"),
            SuccessionError::NoMinutes => Self::saying(Kind::Conflict, "successions.no_minutes"),
            SuccessionError::NotActive => Self::saying(Kind::Conflict, "successions.not_active"),
            SuccessionError::NotFound => Self::of(Kind::NotFound),
            SuccessionError::Notice(cause) => Self::unforeseen(&cause),
            SuccessionError::OwnForm => Self::saying(Kind::Forbidden, "successions.own_form"),
            SuccessionError::Overtaken => Self::saying(Kind::Conflict, "successions.overtaken"),
            SuccessionError::Paper(cause) => Self::unforeseen(&cause),
            SuccessionError::ProveAgain => Self::of(Kind::ProveAgain),
            SuccessionError::SamePerson => Self::saying(Kind::Forbidden, "successions.same_person"),
            SuccessionError::SentTooOften => Self::saying(Kind::TooManyTries, "successions.sent_too_often"),
            SuccessionError::SignatoriesChanged => Self::saying(Kind::Conflict, "successions.signatories_changed"),
            SuccessionError::TooOften => Self::saying(Kind::TooManyTries, "successions.too_often"),
        }
    }
}

/// Adds the routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(create).service(list).service(one).service(approval).service(opening).service(end_one);
    config.service(print_form).service(record_form).service(put_minutes).service(get_minutes).service(get_scan);
    config.service(send_link);
    config.configure(super::link_routes::configure);
}

/// A change from outside, as it is asked for.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SuccessionBody {
    /// `takeover`, or `board` for an association.
    pub(super) kind: SuccessionKind,
    /// Who becomes superadministrator; a takeover has one, a board may go on with those whom it has.
    #[serde(default)]
    pub(super) successor: Option<Successor>,
    /// The administrators whose posts end, at most 50.
    #[serde(default)]
    pub(super) ends: Vec<EmployeeId>,
    /// With `board`: who may sign from now on, and where letters go.
    #[serde(default)]
    pub(super) agreement: Option<AmendmentBody>,
    /// Why, 1 to 200 characters: told to signatories and administrators.
    pub(super) reason: String,
}

/// What came of asking.
pub(super) enum Asked {
    /// It was asked before, under the same Idempotency-Key.
    Earlier(Replay),
    /// It is asked now.
    New(SuccessionId),
}

fn location(id: SuccessionId) -> String {
    format!("/api/v1/successions/{id}")
}

/// Asks, or finds what the same key asked before.
pub(super) async fn ask_once(
    ground: &Ground,
    actor: &Actor,
    company: CompanyId,
    body: &SuccessionBody,
    key: &Idempotency,
) -> Result<Asked, Problem> {
    let content = serde_json::to_vec(&(company, body)).map_err(|error| Problem::unforeseen(&error))?;
    // Sent again it is answered as before, whatever became of it meanwhile.
    if let Some(earlier) = ground.database.write(async |unit| key.earlier(unit, actor, &content).await).await? {
        return Ok(Asked::Earlier(earlier));
    }
    let SuccessionBody { kind, successor, ends, agreement, reason } = body.clone();
    let prepared = super::prepare(ground, actor, company, kind, &Wish { successor, ends, agreement, reason }).await?;
    ground
        .database
        .write(async |unit| {
            if let Some(earlier) = key.earlier(unit, actor, &content).await? {
                return Ok(Asked::Earlier(earlier));
            }
            let id = super::start(unit, actor, &prepared).await?;
            key.record(unit, actor, &content, StatusCode::CREATED, &location(id)).await?;
            Ok::<_, Problem>(Asked::New(id))
        })
        .await
}

/// What was asked for.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct AskedSuccession {
    id: SuccessionId,
}

/// Asks for a takeover, when the administrators have left: as many signatories as the rule needs must sign. Or for a change of an association's board,
/// which an operator approves by the minutes; a superadministrator may ask for that too, three times a day. A takeover ends what else waits. Signatories and administrators are told. Needs a fresh proof.
#[utoipa::path(tag = "successions", params(Idempotency), request_body = SuccessionBody,
    responses((status = 201, body = AskedSuccession), (status = 403), (status = 404), (status = 409), (status = 422), (status = 429),
        (status = 503)))]
#[post("/api/v1/companies/{company}/successions")]
async fn create(
    granted: Granted<right::AskSuccession>,
    ground: web::Data<Ground>,
    company: web::Path<CompanyId>,
    key: Idempotency,
    body: Json<SuccessionBody>,
) -> Result<HttpResponse, Problem> {
    Ok(match ask_once(&ground, &granted.actor, *company, &body.0, &key).await? {
        Asked::Earlier(replay) => replay.answer(),
        Asked::New(id) => HttpResponse::Created().insert_header((header::LOCATION, location(id))).json(AskedSuccession { id }),
    })
}

/// What a signatory said.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct SignatureAnswer {
    /// Who.
    signatory: SignatoryId,
    /// By name.
    name: String,
    signed_at: Option<Moment>,
    declined_at: Option<Moment>,
    /// The day on the form, when it was signed on paper.
    signed_on: Option<String>,
    /// Who saw the form, by name at that time.
    seen_by: Option<String>,
}

/// Who becomes superadministrator.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct SuccessorAnswer {
    given_name: String,
    surname: String,
    /// The address that is signed for; null to whoever has no part in the change.
    email: Option<String>,
    /// Whether they worked here already when it was asked for: the others are invited to the address. Null as the address.
    works_here: Option<bool>,
}

/// What changes.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct WishAnswer {
    /// Who becomes superadministrator, if anybody does.
    successor: Option<SuccessorAnswer>,
    /// The administrators whose posts end. Whoever was given one after a takeover was asked for loses it too.
    ends: Vec<EmployeeId>,
    /// With `board`: who may sign from now on, and where letters go.
    agreement: Option<AmendmentBody>,
    /// Why.
    reason: String,
}

/// Whether somebody reads where the successor is reached: operators, and whoever asked.
pub(super) fn sees_address(actor: &Actor, found: &Succession) -> bool {
    actor.company.is_none() || found.asked_by == actor.account
}

impl WishAnswer {
    fn of(actor: &Actor, found: &Succession) -> Result<Self, Problem> {
        let Content { wish: Wish { successor, ends, agreement, reason }, works_here, .. } = Content::of(found)?;
        let sees = sees_address(actor, found);
        let successor = successor.map(|Successor { given_name, surname, email }| SuccessorAnswer {
            given_name,
            surname,
            email: sees.then_some(email),
            works_here: sees.then_some(works_here.is_some()),
        });
        Ok(Self { successor, ends, agreement, reason })
    }
}

/// A change from outside of who acts for a company.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct SuccessionAnswer {
    id: SuccessionId,
    company: CompanyId,
    kind: SuccessionKind,
    state: SuccessionState,
    /// What changes.
    wish: WishAnswer,
    /// Who asked, by name.
    asked_by: String,
    /// Whether it was requested without a log-in, with the address of `asked_by`: nobody knows by whom.
    requested: bool,
    /// The operator who opened it then, by name.
    opened_by: Option<String>,
    asked_at: Moment,
    /// When it is over if nobody does anything.
    lapses_at: Moment,
    /// When it is done unless a signatory refuses it: an operator recorded alone on paper what they had asked for.
    ready_at: Option<Moment>,
    /// How many signatures it needs; 0 for a board.
    needed: i64,
    /// How many are missing.
    pending: i64,
    /// What the signatories said; empty in lists.
    signatures: Vec<SignatureAnswer>,
    /// SHA-256 of the minutes, in hexadecimal.
    minutes: Option<String>,
    /// SHA-256 of the whole change, in hexadecimal: it stands on forms and in the audit.
    fingerprint: String,
    /// Who approved or ended it, by name.
    decided_by: Option<String>,
    decided_at: Option<Moment>,
}

impl SuccessionAnswer {
    fn of(actor: &Actor, found: Succession, signatures: Vec<SignatureAnswer>) -> Result<Self, Problem> {
        Ok(Self {
            wish: WishAnswer::of(actor, &found)?,
            fingerprint: hex::encode(found.fingerprint()),
            id: found.id,
            company: found.company,
            kind: found.kind,
            state: found.state,
            asked_by: found.asked_by_name,
            requested: found.requested_by.is_some(),
            opened_by: found.opened_by.map(|(_, name)| name),
            asked_at: found.asked_at,
            lapses_at: found.lapses_at,
            ready_at: found.ready_at,
            needed: found.needed,
            pending: found.pending,
            signatures,
            minutes: found.minutes_hash.map(hex::encode),
            decided_by: found.decided_by_name,
            decided_at: found.decided_at,
        })
    }
}

/// A page of changes.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Successions {
    /// The newest first.
    items: Vec<SuccessionAnswer>,
    /// What `after` shows the next page; null at the end.
    next: Option<String>,
}

/// Lists takeovers and changes of board: your company's, or everybody's for operators.
#[utoipa::path(tag = "successions", params(("after" = Option<String>, Query)), responses((status = 200, body = Successions)))]
#[get("/api/v1/successions")]
async fn list(
    granted: Granted<right::SeeSuccessions>,
    ground: web::Data<Ground>,
    query: web::Query<AfterTold>,
) -> Result<web::Json<Successions>, Problem> {
    let listing = read::list(&mut ground.database.read().await?, &granted.actor, query.cursor()?.as_ref()).await?;
    let items = listing.items.into_iter().map(|found| SuccessionAnswer::of(&granted.actor, found, Vec::new())).collect::<Result<_, _>>()?;
    Ok(web::Json(Successions { items, next: listing.next.map(|cursor| cursor.word()) }))
}

/// Shows a takeover or change of board, with what each signatory said.
#[utoipa::path(tag = "successions", params(("id" = String, Path)), responses((status = 200, body = SuccessionAnswer), (status = 404)))]
#[get("/api/v1/successions/{id}")]
async fn one(
    granted: Granted<right::SeeSuccessions>,
    ground: web::Data<Ground>,
    id: web::Path<SuccessionId>,
) -> Result<web::Json<SuccessionAnswer>, Problem> {
    let mut reader = ground.database.read().await?;
    let found = read::visible(&mut reader, &granted.actor, *id).await?.ok_or(SuccessionError::NotFound)?;
    let said = read::signatures(&mut reader, &found).await?.into_iter().map(|(signatory, signature)| {
        let (signed_on, seen_by) = signature.form.unzip();
        let (signed_at, declined_at) = (signature.signed_at, signature.declined_at);
        SignatureAnswer { signatory: signatory.id, name: signatory.name, signed_at, declined_at, signed_on, seen_by }
    });
    Ok(web::Json(SuccessionAnswer::of(&granted.actor, found, said.collect())?))
}

/// Approves a change of board that was compared with its minutes: it is done. Not by whoever asked, while another operator could. Needs a fresh proof.
///
/// Takes no Idempotency-Key: it is approved once.
#[utoipa::path(tag = "successions", params(("id" = String, Path)),
    responses((status = 204), (status = 403), (status = 404), (status = 409), (status = 410), (status = 503)))]
#[post("/api/v1/successions/{id}/approval")]
async fn approval(
    granted: Granted<right::DecideSuccession>,
    ground: web::Data<Ground>,
    id: web::Path<SuccessionId>,
) -> Result<HttpResponse, Problem> {
    super::approve(&ground, &granted.actor, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Opens a takeover that a signatory has requested: those who may sign get their links, and are asked about those who administer now. Other requests of
/// the company are refused with it. Not when others may sign than when it was requested. Needs a fresh proof.
///
/// Takes no Idempotency-Key: it is opened once.
#[utoipa::path(tag = "successions", params(("id" = String, Path)),
    responses((status = 204), (status = 403), (status = 404), (status = 409), (status = 410)))]
#[post("/api/v1/successions/{id}/opening")]
async fn opening(
    granted: Granted<right::DecideSuccession>,
    ground: web::Data<Ground>,
    id: web::Path<SuccessionId>,
) -> Result<HttpResponse, Problem> {
    super::open(&ground, &granted.actor, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes back what you asked for; operators refuse what others asked for. Signatories and administrators are told. Needs a fresh proof.
#[utoipa::path(tag = "successions", params(("id" = String, Path)),
    responses((status = 204), (status = 403), (status = 404), (status = 409), (status = 410)))]
#[delete("/api/v1/successions/{id}")]
async fn end_one(
    granted: Granted<right::AskSuccession>,
    ground: web::Data<Ground>,
    id: web::Path<SuccessionId>,
) -> Result<HttpResponse, Problem> {
    super::end(&ground, &granted.actor, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What one signatory's signature is about, for operators.
pub(super) async fn about_of(ground: &Ground, (id, signatory): (SuccessionId, SignatoryId)) -> Result<About, Problem> {
    let mut reader = ground.database.read().await?;
    Ok(read::of_signatory(&mut reader, id, signatory).await?)
}

/// What was read on a form that was signed on paper.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct SignedForm {
    /// The day on the form: `YYYY-MM-DD` or `DD-MM-YYYY`.
    #[serde(default)]
    pub(super) signed_on: String,
}

/// What a signature led to.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(super) struct SignedAnswer {
    /// `done` once it took effect.
    state: SuccessionState,
    /// How many signatures are missing.
    pending: i64,
    /// When it is done unless a signatory refuses it, if it waits for that alone.
    ready_at: Option<Moment>,
}

impl From<Outcome> for SignedAnswer {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => Self { state: SuccessionState::Done, pending: 0, ready_at: None },
            Outcome::Ready { at } => Self { state: SuccessionState::Asked, pending: 0, ready_at: Some(at) },
            Outcome::Waiting { pending } => Self { state: SuccessionState::Asked, pending, ready_at: None },
        }
    }
}

/// Records a form with its scan, after a fresh proof.
///
/// # Errors
/// [`Kind::ProveAgain`], and those of [`super::sign()`].
pub(super) async fn record(
    ground: &Ground,
    actor: &Actor,
    path: (SuccessionId, SignatoryId),
    body: &SignedForm,
    scan: Vec<u8>,
) -> Result<Outcome, Problem> {
    require_proof(ground, actor)?;
    let Some(signed_on) = Day::parse(&body.signed_on) else {
        return Err(Problem::invalid(vec![FieldFault::new("signed_on", "field_form_day")]));
    };
    let (seen_by, seen_by_name) = (actor.account, actor.name.clone());
    let form = Form { succession: path.0, signatory: path.1, signed_on, seen_by, seen_by_name, scan };
    Ok(super::sign(ground, &SignedBy::Form(form)).await?)
}

fn require_proof(ground: &Ground, actor: &Actor) -> Result<(), Problem> {
    if actor.has_proven(ground.clock().now()) { Ok(()) } else { Err(Problem::of(Kind::ProveAgain)) }
}

/// Records that a signatory signed the printed form of a takeover: you saw it. Its scan (PDF, at most 5 MiB) is the body, and is kept sealed. The
/// signatory is told at once. Of what you asked for or opened another operator records the forms; while there is no other, it is done three days after
/// the last signature, unless a signatory refuses it. Needs a fresh proof.
///
/// Takes no Idempotency-Key: a form is recorded once.
#[utoipa::path(tag = "successions", params(("id" = String, Path), ("signatory" = String, Path), SignedForm),
    request_body(content_type = "application/pdf", content = Vec<u8>),
    responses((status = 200, body = SignedAnswer), (status = 403), (status = 404), (status = 409), (status = 410), (status = 413), (status = 422),
        (status = 503)))]
#[post("/api/v1/successions/{id}/signatories/{signatory}/form")]
async fn record_form(
    granted: Granted<right::DecideSuccession>,
    ground: web::Data<Ground>,
    path: web::Path<(SuccessionId, SignatoryId)>,
    query: web::Query<SignedForm>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<web::Json<SignedAnswer>, Problem> {
    require_proof(&ground, &granted.actor)?;
    let scan = one_of_few(bounded(&request, &mut payload.into_inner(), limits::SCAN_BYTES)).await?;
    Ok(web::Json(record(&ground, &granted.actor, path.into_inner(), &query, scan.to_vec()).await?.into()))
}

/// Sends a signatory another link in place of the one before, which is dead: at most five times a day. Needs a fresh proof.
///
/// Takes no Idempotency-Key: the last link sent is the one that works.
#[utoipa::path(tag = "successions", params(("id" = String, Path), ("signatory" = String, Path)),
    responses((status = 204), (status = 403), (status = 404), (status = 409), (status = 410), (status = 429)))]
#[post("/api/v1/successions/{id}/signatories/{signatory}/link")]
async fn send_link(
    granted: Granted<right::DecideSuccession>,
    ground: web::Data<Ground>,
    path: web::Path<(SuccessionId, SignatoryId)>,
) -> Result<HttpResponse, Problem> {
    let (id, signatory) = path.into_inner();
    super::send_again(&ground, &granted.actor, id, signatory).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The form to print, in the language that `Accept-Language` asks for.
#[utoipa::path(tag = "successions", params(("id" = String, Path), ("signatory" = String, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/pdf"), (status = 404)))]
#[get("/api/v1/successions/{id}/signatories/{signatory}/form")]
async fn print_form(
    _granted: Granted<right::DecideSuccession>,
    ground: web::Data<Ground>,
    path: web::Path<(SuccessionId, SignatoryId)>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let about = about_of(&ground, path.into_inner()).await?;
    let pdf = form::print(&ground, &about, page::language(&request)).await?;
    Ok(companies::pages::pdf_answer(&pdf))
}

/// Keeps the minutes (PDF, at most 5 MiB) of a change of board, once: by whoever asked for it, or an operator. They are kept sealed. Needs a fresh proof.
#[utoipa::path(tag = "successions", params(("id" = String, Path)), request_body(content_type = "application/pdf", content = Vec<u8>),
    responses((status = 204), (status = 403), (status = 404), (status = 409), (status = 410), (status = 413), (status = 422)))]
#[put("/api/v1/successions/{id}/minutes")]
async fn put_minutes(
    granted: Granted<right::AskSuccession>,
    ground: web::Data<Ground>,
    id: web::Path<SuccessionId>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    minutes::addable(&ground, &granted.actor, *id).await?;
    let bytes = one_of_few(bounded(&request, &mut payload.into_inner(), limits::SCAN_BYTES)).await?;
    super::keep_minutes(&ground, &granted.actor, *id, &bytes).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A kept PDF as a file.
pub(super) fn file(bytes: &[u8], name: &str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(bytes.to_vec())
}

/// The minutes as a file.
pub(super) async fn minutes_file(ground: &Ground, actor: &Actor, id: SuccessionId) -> Result<HttpResponse, Problem> {
    Ok(file(&super::minutes(ground, actor, id).await?, "minutes.pdf"))
}

/// The scan of a form as a file.
pub(super) async fn scan_file(ground: &Ground, actor: &Actor, path: (SuccessionId, SignatoryId)) -> Result<HttpResponse, Problem> {
    Ok(file(&super::scan(ground, actor, path).await?, "form.pdf"))
}

/// The scan of a form that was recorded, for operators.
#[utoipa::path(tag = "successions", params(("id" = String, Path), ("signatory" = String, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/pdf"), (status = 404)))]
#[get("/api/v1/successions/{id}/signatories/{signatory}/scan")]
async fn get_scan(
    granted: Granted<right::SeeSuccessions>,
    ground: web::Data<Ground>,
    path: web::Path<(SuccessionId, SignatoryId)>,
) -> Result<HttpResponse, Problem> {
    scan_file(&ground, &granted.actor, path.into_inner()).await
}

/// The minutes of a change of board.
#[utoipa::path(tag = "successions", params(("id" = String, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/pdf"), (status = 404)))]
#[get("/api/v1/successions/{id}/minutes")]
async fn get_minutes(
    granted: Granted<right::SeeSuccessions>,
    ground: web::Data<Ground>,
    id: web::Path<SuccessionId>,
) -> Result<HttpResponse, Problem> {
    minutes_file(&ground, &granted.actor, *id).await
}
