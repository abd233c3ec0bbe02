//! The JSON edge of log-ins, proofs, sessions and API keys.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite},
    delete, get,
    http::{StatusCode, header},
    post, web,
};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    ApiToken, Chosen, LoginError, NewToken, Origin, Session, Started,
    approval_routes::AskedPhone,
    device_routes::{device_cookie, device_token, know},
    read,
    refusal_routes::told,
};
use crate::{
    accounts::ASKED_FIRST,
    certificates::CertificateError,
    http::{
        body::Json,
        guard::{COOKIE, Granted},
        idempotency::Idempotency,
        network::network_of,
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{
        actor::{Actor, Carrier, ProvenBy, Role},
        ground::Ground,
        id::{AccountId, ApiTokenId, CompanyId, EmployeeId, SessionId},
        moment::Moment,
        secret::Secret,
    },
};

impl From<LoginError> for Problem {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Account(cause) => cause.into(),
            LoginError::AnswerFirst { card_ending, key_number, why } => {
                let words = if why.reason == ASKED_FIRST { "logins.answer_first" } else { "logins.answer_first_again" };
                Self::saying(Kind::AnswerFirst, words).telling("card_ending", card_ending).telling("key_number", key_number)
            }
            LoginError::Approval(cause) => cause.into(),
            LoginError::Certificate(CertificateError::ChangedMeanwhile) | LoginError::ChangedMeanwhile => Self::of(Kind::Conflict),
            LoginError::Certificate(cause) => Self::unforeseen(&cause),
            LoginError::CodeToken(cause) => cause.into(),
            LoginError::Database(cause) => cause.into(),
            LoginError::FactorNotAllowed => Self::saying(Kind::Conflict, "logins.factor_not_allowed"),
            LoginError::Gone => Self::saying(Kind::Gone, "logins.gone"),
            LoginError::Invalid(faults) => Self::invalid(faults),
            LoginError::Keycard(cause) => cause.into(),
            LoginError::NotFound => Self::of(Kind::NotFound),
            LoginError::Notice(cause) => Self::unforeseen(&cause),
            LoginError::NotRight(_) => Self::of(Kind::NotRight),
            LoginError::Phone(state) => match state.over() {
                Some(words) => Self::saying(Kind::Gone, words),
                None => Self::saying(Kind::Conflict, "logins.phone_waiting"),
            },
            LoginError::PhoneCode(cause) => cause.into(),
            LoginError::ProveAgain => Self::of(Kind::ProveAgain),
            LoginError::StillWaits { until } => Self::saying(Kind::Conflict, "employees.still_waits").with("until", until),
            LoginError::TooManyTokens { most } => Self::saying(Kind::Conflict, "logins.too_many_tokens").with("most", most),
        }
    }
}

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(start).service(switch).service(answer).service(oneself).service(log_out).service(ask_proof).service(answer_proof);
    config.service(sessions).service(end_session).service(tokens).service(create_token).service(end_token);
    config.service(change_password);
}

/// The session's cookie. Lax, not Strict: people come from links in mails and would seem logged out; a request that changes anything
/// needs our own origin and the session's form token besides.
pub(super) fn session_cookie(token: &str) -> Cookie<'static> {
    Cookie::build(COOKIE, token.to_owned()).path("/").secure(true).http_only(true).same_site(SameSite::Lax).finish()
}

/// What a person logs in with.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Start {
    user_id: String,
    #[schema(value_type = String)]
    password: Secret<String>,
    /// What an earlier log-in of this program gave: it makes this a known device.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    device: Option<Secret<String>>,
    /// The key of the card, or the code of a phone, where a problem `answer-first` asked for it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    answer: Option<Secret<String>>,
}

/// What must be answered next, in one of these ways.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Asked {
    /// Names the log-in in the answer.
    login: String,
    /// Which key card; absent without a usable one.
    #[serde(skip_serializing_if = "Option::is_none")]
    card_number: Option<String>,
    /// Which number on it: answer with the key beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    key_number: Option<String>,
    /// What the phone was asked; absent without a usable phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<AskedPhone>,
    /// In which ways it can be answered: `phone`, `code` (which a phone shows without a network), `key_card`, `code_token`.
    ways: Vec<&'static str>,
    /// Until when.
    expires_at: Moment,
}

impl From<Started> for Asked {
    fn from(started: Started) -> Self {
        let Started { token, question, phone, code_token, expires_at } = started;
        let by_phone: &[&str] = if phone.is_some() { &["phone", "code"] } else { &[] };
        let by_card: &[&str] = if question.is_some() { &["key_card"] } else { &[] };
        let by_token: &[&str] = if code_token { &["code_token"] } else { &[] };
        let (card_number, key_number) = question.map(|question| (question.card_number, question.key_number)).unzip();
        Self {
            login: token,
            card_number,
            key_number,
            phone: phone.map(Into::into),
            ways: [by_phone, by_card, by_token].concat(),
            expires_at,
        }
    }
}

/// Begins a log-in with user id and password.
///
/// Takes no Idempotency-Key: sent again, it replaces the question and asks for the same key number.
#[utoipa::path(tag = "log-in", request_body = Start, responses((status = 201, body = Asked)))]
#[post("/api/v1/logins")]
async fn start(body: Json<Start>, request: HttpRequest, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let Start { user_id, password, device, answer: first } = body.0;
    let network = network_of(&request, &ground);
    let device = device.map(|device| device.reveal().to_owned()).or_else(|| device_token(&request));
    let origin = Origin { network: &network, earlier: None, device: device.as_deref(), answer: first.as_ref() };
    let started = match super::start(&ground, &user_id, &password, origin).await {
        Ok(started) => started,
        Err(error) => return Err(told(&ground, error, &network).await.worded(Kind::NotRight, "logins.not_right")),
    };
    Ok(created("/api/v1/logins/answer").json(Asked::from(started)))
}

/// The card at hand.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct OtherCard {
    /// The log-in, or the challenge of a proof.
    login: String,
    /// The number at the card's top: a letter and nine digits.
    card_number: String,
}

/// What that card is asked.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct AskedCard {
    card_number: String,
    key_number: String,
    expires_at: Moment,
}

/// Has another card of yours asked, of a log-in or a proof on its way: you have a new one at hand. Its first key ends the card that was in use.
#[utoipa::path(tag = "log-in", request_body = OtherCard, responses((status = 200, body = AskedCard), (status = 404), (status = 410), (status = 422)))]
#[post("/api/v1/logins/card")]
async fn switch(body: Json<OtherCard>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let OtherCard { login, card_number } = body.0;
    let question = super::switch_card(&ground, &login, Chosen::Number(&card_number)).await?;
    let asked = AskedCard { card_number: question.card_number, key_number: question.key_number, expires_at: question.expires_at };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(asked))
}

/// The answer of a log-in: a key, a code, or neither when the phone has said yes.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    login: String,
    /// The key of the card.
    #[schema(value_type = Option<String>)]
    key: Option<Secret<String>>,
    /// The code that a phone shows without a network.
    #[schema(value_type = Option<String>)]
    code: Option<Secret<String>>,
    /// The code that a code token shows.
    #[schema(value_type = Option<String>)]
    token_code: Option<Secret<String>>,
    carrier: Carrier,
    /// What an earlier log-in of this program gave.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    device: Option<Secret<String>>,
}

/// A session that has begun.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Begun {
    /// The bearer token; only for programs, a browser gets a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    /// Only for programs: say it in the next log-in, so that it comes from a known device. It opens nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    /// When the session ends in any case.
    expires_at: Moment,
}

/// Answers with a key or a code, or by the phone's yes, and opens a session.
///
/// Takes no Idempotency-Key: a question is answered once, and the token of a session is shown once.
#[utoipa::path(tag = "log-in", request_body = Answer, responses((status = 201, body = Begun)))]
#[post("/api/v1/logins/answer")]
async fn answer(body: Json<Answer>, request: HttpRequest, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let Answer { login, key, code, token_code, carrier, device } = body.0;
    let network = network_of(&request, &ground);
    let (opened, wrong) = match (key, code, token_code) {
        (Some(key), _, _) => (super::answer(&ground, &login, key.reveal(), carrier, &network).await, "logins.key_not_right"),
        (None, None, Some(code)) => {
            (super::answer_by_token(&ground, &login, code.reveal(), carrier, &network).await, "logins.token_not_right")
        }
        (None, Some(code), _) => (super::answer_by_code(&ground, &login, code.reveal(), carrier, &network).await, "logins.code_not_right"),
        (None, None, None) => (super::answer_by_phone(&ground, &login, carrier, &network).await, "logins.key_not_right"),
    };
    let opened = match opened {
        Ok(opened) => opened,
        Err(error) => return Err(told(&ground, error, &network).await.worded(Kind::NotRight, wrong)),
    };
    let kept = device.map(|device| device.reveal().to_owned()).or_else(|| device_token(&request));
    let device = know(&ground, &opened, carrier, &network, kept.as_deref()).await;
    let mut response = created("/api/v1/session");
    let (token, device) = match carrier {
        Carrier::Browser => {
            response.cookie(session_cookie(&opened.token));
            if let Some(device) = device {
                response.cookie(device_cookie(device));
            }
            (None, None)
        }
        Carrier::Program => (Some(opened.token), device),
    };
    Ok(response.json(Begun { token, device, expires_at: opened.expires_at }))
}

fn created(location: &str) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Created();
    response.insert_header((header::LOCATION, location)).insert_header((header::CACHE_CONTROL, "no-store"));
    response
}

/// Who is logged in.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Oneself {
    account: AccountId,
    name: String,
    roles: Vec<Role>,
    company: Option<CompanyId>,
    employee: Option<EmployeeId>,
    session: Option<SessionId>,
    carrier: Carrier,
    /// When password and key were last shown.
    proven_at: Moment,
    /// Which key: a card's (or the phone's yes), or a code token's.
    proven_by: ProvenBy,
}

impl From<Actor> for Oneself {
    fn from(actor: Actor) -> Self {
        let Actor { account, session, name, roles, company, employee, carrier, proven_at, proven_by, key: _ } = actor;
        Self { account, name, roles, company, employee, session, carrier, proven_at, proven_by }
    }
}

/// Says who you are.
#[utoipa::path(tag = "log-in", responses((status = 200, body = Oneself)))]
#[get("/api/v1/session")]
async fn oneself(granted: Granted<right::SeeOneself>) -> HttpResponse {
    HttpResponse::Ok().json(Oneself::from(granted.actor))
}

/// Logs out.
#[utoipa::path(tag = "log-in", responses((status = 204)))]
#[delete("/api/v1/session")]
async fn log_out(granted: Granted<right::SeeOneself>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let actor = &granted.actor;
    let session = actor.session.ok_or(LoginError::NotFound)?;
    ground.database.write(async |unit| super::end(unit, actor, session).await).await?;
    let mut gone = session_cookie("");
    gone.make_removal();
    Ok(HttpResponse::NoContent().cookie(gone).finish())
}

/// The password, once more.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Prove {
    #[schema(value_type = String)]
    password: Secret<String>,
}

/// What must be answered to prove oneself.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct AskedProof {
    /// Names the question in the answer.
    challenge: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    card_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_number: Option<String>,
    /// What the phone was asked; absent without a phone that may answer. How it stands: `POST /api/v1/logins/phone`.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<AskedPhone>,
    /// In which ways it can be answered: `phone`, `key_card`, `code_token`.
    ways: Vec<&'static str>,
    expires_at: Moment,
}

/// Begins a fresh proof, as weighty changes need.
///
/// Takes no Idempotency-Key: sent again, it replaces the question and asks for the same key number.
#[utoipa::path(tag = "log-in", request_body = Prove, responses((status = 201, body = AskedProof)))]
#[post("/api/v1/session/proof")]
async fn ask_proof(
    granted: Granted<right::SeeOneself>,
    body: Json<Prove>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let network = network_of(&request, &ground);
    let started = match super::ask_proof(&ground, &granted.actor, &body.0.password, &network).await {
        Ok(started) => started,
        Err(error) => return Err(told(&ground, error, &network).await.worded(Kind::NotRight, "logins.password_not_right")),
    };
    let Asked { login: challenge, card_number, key_number, phone, mut ways, expires_at, .. } = started.into();
    // A code that a phone shows without a network proves nothing.
    ways.retain(|way| *way != "code");
    let asked = AskedProof { challenge, card_number, key_number, phone, ways, expires_at };
    Ok(created("/api/v1/session/proof/answer").json(asked))
}

/// The answer of a proof: a key, or none when the phone has said yes.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct AnswerProof {
    challenge: String,
    #[schema(value_type = Option<String>)]
    key: Option<Secret<String>>,
    /// The code that a code token shows: it gives no card away, and brings no blocked token back.
    #[schema(value_type = Option<String>)]
    token_code: Option<Secret<String>>,
}

/// Answers a fresh proof with a key, or by the phone's yes. It lasts five minutes.
#[utoipa::path(tag = "log-in", request_body = AnswerProof, responses((status = 204)))]
#[post("/api/v1/session/proof/answer")]
async fn answer_proof(
    granted: Granted<right::SeeOneself>,
    body: Json<AnswerProof>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let AnswerProof { challenge, key, token_code } = &body.0;
    let proven = match (key, token_code) {
        (Some(key), _) => super::answer_proof(&ground, &granted.actor, challenge, key.reveal()).await,
        (None, Some(code)) => super::answer_proof_by_token(&ground, &granted.actor, challenge, code.reveal()).await,
        (None, None) => super::answer_proof_by_phone(&ground, &granted.actor, challenge).await,
    };
    match proven {
        Ok(()) => Ok(HttpResponse::NoContent().finish()),
        Err(error) => Err(told(&ground, error, &network_of(&request, &ground)).await.worded(Kind::NotRight, "logins.key_not_right")),
    }
}

/// Live sessions.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Sessions {
    items: Vec<Session>,
    next: Option<String>,
}

/// Lists your sessions, newest first.
#[utoipa::path(tag = "log-in", responses((status = 200, body = Sessions)))]
#[get("/api/v1/sessions")]
async fn sessions(granted: Granted<right::SeeOneself>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let mut reader = ground.database.read().await?;
    let items = read::sessions_of(&mut reader, granted.actor.account, ground.clock().now()).await?;
    Ok(HttpResponse::Ok().json(Sessions { items, next: None }))
}

/// Ends one of your sessions.
#[utoipa::path(tag = "log-in", params(("id" = String, Path)), responses((status = 204)))]
#[delete("/api/v1/sessions/{id}")]
async fn end_session(
    granted: Granted<right::SeeOneself>,
    id: web::Path<SessionId>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    ground.database.write(async |unit| super::end(unit, &granted.actor, *id).await).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Live API keys.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Tokens {
    items: Vec<ApiToken>,
    next: Option<String>,
}

/// Lists your API keys, newest first, without the keys themselves.
#[utoipa::path(tag = "API keys", responses((status = 200, body = Tokens)))]
#[get("/api/v1/tokens")]
async fn tokens(granted: Granted<right::HoldApiTokens>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let mut reader = ground.database.read().await?;
    let items = read::tokens_of(&mut reader, granted.actor.account, ground.clock().now()).await?;
    Ok(HttpResponse::Ok().json(Tokens { items, next: None }))
}

/// An API key to be made.
#[derive(serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Create {
    /// What you call it.
    name: String,
    /// How many days it lives, 1 to 366.
    days: i64,
}

/// An API key that was made.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Created {
    /// The key. It is shown this once only.
    token: String,
    #[serde(flatten)]
    about: ApiToken,
}

/// Makes an API key. Needs a fresh proof.
#[utoipa::path(tag = "API keys", params(Idempotency), request_body = Create, responses((status = 201, body = Created)))]
#[post("/api/v1/tokens")]
async fn create_token(
    granted: Granted<right::HoldApiTokens>,
    body: Json<Create>,
    idempotency: Idempotency,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let actor = &granted.actor;
    let content = serde_json::to_vec(&body.0).map_err(|error| Problem::unforeseen(&error))?;
    let new = NewToken::draw(&ground, &body.0.name, body.0.days)?;
    let made = ground
        .database
        .write(async |unit| {
            if let Some(replay) = idempotency.earlier(unit, actor, &content).await? {
                return Ok::<_, Problem>(Err(replay));
            }
            let about = super::create_token(unit, actor, &new).await?;
            let location = format!("/api/v1/tokens/{}", about.id);
            idempotency.record(unit, actor, &content, StatusCode::CREATED, &location).await?;
            Ok(Ok((about, location)))
        })
        .await?;
    Ok(match made {
        Ok((about, location)) => created(&location).json(Created { token: new.token, about }),
        Err(replay) => replay.answer(),
    })
}

/// Ends one of your API keys.
#[utoipa::path(tag = "API keys", params(("id" = String, Path)), responses((status = 204)))]
#[delete("/api/v1/tokens/{id}")]
async fn end_token(
    granted: Granted<right::HoldApiTokens>,
    id: web::Path<ApiTokenId>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    ground.database.write(async |unit| super::end_token(unit, &granted.actor, *id).await).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The present password and the one to come.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Change {
    #[schema(value_type = String)]
    password: Secret<String>,
    #[schema(value_type = String)]
    new_password: Secret<String>,
}

/// Changes your password. Needs a fresh proof; your other sessions end.
#[utoipa::path(tag = "log-in", request_body = Change, responses((status = 204)))]
#[post("/api/v1/session/password")]
async fn change_password(
    granted: Granted<right::SeeOneself>,
    body: Json<Change>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let network = network_of(&request, &ground);
    super::change_password(&ground, &granted.actor, &body.0.password, &body.0.new_password, &network)
        .await
        .map_err(|error| Problem::from(error).worded(Kind::NotRight, "logins.password_not_right"))?;
    Ok(HttpResponse::NoContent().finish())
}
