//! The account's page: cards, sessions, API keys.

use actix_web::{HttpRequest, HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use super::{ApiToken, LoginError, NewToken, Session, read, require_recent};
use crate::{
    accounts::{self, Device},
    certificates::ending,
    consents,
    http::{
        body::Form,
        guard::Granted,
        network::network_of,
        page::{Page, go, prove_by_card_first, render, show},
        permissions::right,
        problem::{Kind, Problem},
    },
    keycards::{self, Keycard},
    platform::{
        actor::{Actor, Carrier},
        fault::FieldFault,
        ground::Ground,
        id::{ApiTokenId, DeviceId, SessionId},
        moment::Moment,
        secret::Secret,
    },
};

/// The pages.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(account_page)
        .service(end_others)
        .service(end_session)
        .service(forget_device)
        .service(create_token)
        .service(end_token)
        .service(password_form)
        .service(password_change);
}

#[derive(Template)]
#[template(path = "logins/account.html")]
struct AccountPage {
    page: Page,
    actor: Actor,
    user_id: String,
    proven: bool,
    cards: Vec<Keycard>,
    sessions: Vec<Session>,
    devices: Vec<Device>,
    tokens: Vec<ApiToken>,
    shown_token: Option<String>,
    /// Whether a phone may answer for the person.
    has_phone: bool,
    /// When the first certificate ends, if that is near.
    ends: Option<Moment>,
}

impl AccountPage {
    async fn of(ground: &Ground, page: Page, actor: &Actor) -> Result<Self, LoginError> {
        let mut reader = ground.database.read().await?;
        let now = ground.clock().now();
        let ends = match actor.employee {
            Some(employee) => ending::of_employee(&mut reader, employee, now).await?,
            None => None,
        };
        let account = accounts::read::account(&mut reader, actor.account).await?.ok_or(LoginError::NotFound)?;
        Ok(Self {
            page,
            user_id: account.user_id.unwrap_or_default(),
            proven: actor.has_proven(now),
            cards: keycards::read::of_account(&mut reader, actor.account).await?,
            sessions: read::sessions_of(&mut reader, actor.account, now).await?,
            devices: accounts::devices_of(&mut reader, actor.account).await?,
            tokens: read::tokens_of(&mut reader, actor.account, now).await?,
            has_phone: consents::read::has_phone(&mut reader, actor.account, now).await?,
            actor: actor.clone(),
            shown_token: None,
            ends,
        })
    }

    fn is_this(&self, session: &Session) -> bool {
        self.actor.session == Some(session.id)
    }

    fn carrier(&self, carrier: &Carrier) -> String {
        self.page.say(match carrier {
            Carrier::Browser => "logins.session_browser",
            Carrier::Program => "logins.session_program",
        })
    }

    fn card_state(&self, card: &Keycard) -> String {
        let word = if card.is_fresh() { "fresh" } else { card.state.word() };
        self.page.say(&format!("keycards.state_{word}"))
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenForm {
    name: String,
    days: String,
}

#[get("/account")]
async fn account_page(granted: Granted<right::SeeOneself>, page: Page, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let shown = AccountPage::of(&ground, page, &granted.actor).await?;
    render(StatusCode::OK, &shown)
}

#[post("/account/sessions/end-others")]
async fn end_others(granted: Granted<right::SeeOneself>, _form: Form<Nothing>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    ground.database.write(async |unit| super::end_others(unit, &granted.actor).await).await?;
    Ok(go("/account"))
}

#[post("/account/sessions/{id}/end")]
async fn end_session(
    granted: Granted<right::SeeOneself>,
    id: web::Path<SessionId>,
    _form: Form<Nothing>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    ground.database.write(async |unit| super::end(unit, &granted.actor, *id).await).await?;
    Ok(go("/account"))
}

/// Forgets a device: it is an unknown one from now on.
#[post("/account/devices/{id}/forget")]
async fn forget_device(
    granted: Granted<right::SeeOneself>,
    id: web::Path<DeviceId>,
    _form: Form<Nothing>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (account, author) = (granted.actor.account, granted.actor.author());
    ground.database.write(async |unit| accounts::forget_device(unit, account, *id, author).await).await?;
    Ok(go("/account"))
}

/// Makes an API key and shows it, this once.
#[post("/account/tokens")]
async fn create_token(
    granted: Granted<right::HoldApiTokens>,
    page: Page,
    form: Form<TokenForm>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let actor = &granted.actor;
    match make(&ground, actor, &form.0).await {
        Ok(token) => {
            let shown = AccountPage { shown_token: Some(token), ..AccountPage::of(&ground, page, actor).await? };
            render(StatusCode::CREATED, &shown)
        }
        Err(error @ (LoginError::Invalid(_) | LoginError::TooManyTokens { .. })) => {
            let problem = Problem::from(error);
            let page = page.refused(&problem).typed("name", &form.0.name).typed("days", &form.0.days);
            render(problem.kind.status(), &AccountPage::of(&ground, page, actor).await?)
        }
        Err(error) => Err(error.into()),
    }
}

async fn make(ground: &Ground, actor: &Actor, form: &TokenForm) -> Result<String, LoginError> {
    let new = NewToken::draw(ground, &form.name, form.days.trim().parse().unwrap_or(0))?;
    ground.database.write(async |unit| super::create_token(unit, actor, &new).await).await?;
    Ok(new.token)
}

#[post("/account/tokens/{id}/end")]
async fn end_token(
    granted: Granted<right::HoldApiTokens>,
    id: web::Path<ApiTokenId>,
    _form: Form<Nothing>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    ground.database.write(async |unit| super::end_token(unit, &granted.actor, *id).await).await?;
    Ok(go("/account"))
}

#[derive(Template)]
#[template(path = "logins/password.html")]
struct PasswordPage {
    page: Page,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PasswordForm {
    password: Secret<String>,
    new_password: Secret<String>,
    repeated: Secret<String>,
}

/// The form, after a fresh proof; without one the way leads there first.
#[get("/account/password")]
async fn password_form(granted: Granted<right::SeeOneself>, page: Page, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let now = ground.clock().now();
    match require_recent(&granted.actor, now) {
        Ok(()) => show(&PasswordPage { page }),
        Err(_) => Ok(prove_by_card_first(&granted.actor, now, "/account/password")),
    }
}

#[post("/account/password")]
async fn password_change(
    granted: Granted<right::SeeOneself>,
    page: Page,
    form: Form<PasswordForm>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let PasswordForm { password, new_password, repeated } = form.0;
    let network = network_of(&request, &ground);
    let outcome = if new_password.reveal() == repeated.reveal() {
        super::change_password(&ground, &granted.actor, &password, &new_password, &network).await
    } else {
        Err(LoginError::Invalid(vec![FieldFault::new("repeated", "field_mismatch")]))
    };
    match outcome {
        Ok(()) => {
            let page = page.clone().told(page.say("logins.change_done"));
            render(StatusCode::OK, &AccountPage::of(&ground, page, &granted.actor).await?)
        }
        Err(error) => {
            let problem = Problem::from(error).worded(Kind::NotRight, "logins.password_not_right");
            render(problem.kind.status(), &PasswordPage { page: page.refused(&problem) })
        }
    }
}
