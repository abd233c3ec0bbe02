//! The HTML edge of a person's signatures. A link is begun here, carried through the log-in with the other signature by a cookie, and confirmed there.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite},
    get,
    http::StatusCode,
    post, web,
};
use askama::Template;

use super::{MOST_SIGNATURES, PersonError, Signature, SignatureState, read};
use crate::{
    http::{
        body::Form,
        guard::Granted,
        page::{Page, go, prove_by_card_first, render, show},
        permissions::right,
        problem::{Kind, Problem},
    },
    logins,
    platform::{actor::Actor, ground::Ground, id::EmployeeId},
};

const HERE: &str = read::SHOWN_AT;
const CONFIRM: &str = "/account/signatures/link";
/// Carries a link from one log-in to the other. Strict: nobody comes to that page by a link.
const LINK_COOKIE: &str = "__Host-segl-link";

/// The pages.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(list).service(begin_form).service(confirm_form).service(confirm).service(unlink_one).service(switch);
}

#[derive(Template)]
#[template(path = "persons/list.html")]
struct ListPage {
    page: Page,
    signatures: Vec<Signature>,
    most: usize,
}

impl ListPage {
    async fn of(ground: &Ground, page: Page, actor: &Actor) -> Result<Self, PersonError> {
        Ok(Self { page, signatures: read::signatures(ground, actor).await?, most: MOST_SIGNATURES })
    }

    fn badge(&self, signature: &Signature) -> (&'static str, String) {
        let kind = match signature.state {
            SignatureState::Active => "success",
            SignatureState::Ended => "error",
            SignatureState::Suspended => "warning",
            SignatureState::Waiting => "info",
        };
        (kind, self.page.say(&format!("persons.state_{}", signature.state.word())))
    }

    fn can_switch(&self, signature: &Signature) -> bool {
        !signature.this && signature.state == SignatureState::Active
    }

    fn is_linked(&self) -> bool {
        self.signatures.len() > 1
    }
}

/// Between the two log-ins, and after the second.
#[derive(Template)]
#[template(path = "persons/link.html")]
struct LinkPage {
    page: Page,
    /// The signature that began.
    name: String,
    company: String,
    /// Whether the session is the other signature's already.
    other: bool,
    /// Where the log-in leads back to.
    login: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// What was done.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Visit {
    told: String,
}

fn link_cookie(token: &str) -> Cookie<'static> {
    let lives = actix_web::cookie::time::Duration::minutes(15);
    Cookie::build(LINK_COOKIE, token.to_owned()).path("/").secure(true).http_only(true).same_site(SameSite::Strict).max_age(lives).finish()
}

/// To a page, without the link's cookie.
fn go_without_link(to: &str) -> Result<HttpResponse, Problem> {
    let (mut response, mut gone) = (go(to), link_cookie(""));
    gone.make_removal();
    response.add_cookie(&gone).map_err(|error| Problem::unforeseen(&error))?;
    Ok(response)
}

fn link_token(request: &HttpRequest) -> Option<String> {
    request.cookie(LINK_COOKIE).map(|cookie| cookie.value().to_owned()).filter(|token| !token.is_empty() && token.len() <= 64)
}

#[get("/account/signatures")]
async fn list(
    granted: Granted<right::LinkSignatures>,
    page: Page,
    visit: web::Query<Visit>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let news = match visit.told.as_str() {
        "linked" => Some("persons.linked_news"),
        "unlinked" => Some("persons.unlinked_news"),
        _ => None,
    };
    show(&ListPage::of(&ground, page.with_news(news), &granted.actor).await?)
}

/// The list once more with what was refused, or the proof that lacks.
async fn refused(ground: &Ground, page: Page, actor: &Actor, error: PersonError, then: &str) -> Result<HttpResponse, Problem> {
    let problem = Problem::from(error);
    if problem.kind == Kind::ProveAgain {
        return Ok(prove_by_card_first(actor, ground.clock().now(), then));
    }
    if !matches!(problem.kind, Kind::AlreadyDone | Kind::Conflict | Kind::Gone) {
        return Err(problem);
    }
    render(problem.kind.status(), &ListPage::of(ground, page.refused(&problem), actor).await?)
}

#[post("/account/signatures/link")]
async fn begin_form(
    granted: Granted<right::LinkSignatures>,
    page: Page,
    _form: Form<Nothing>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    match super::begin(&ground, &granted.actor).await {
        Ok(begun) => {
            let mut response = go(CONFIRM);
            response.add_cookie(&link_cookie(&begun.token)).map_err(|error| Problem::unforeseen(&error))?;
            Ok(response)
        }
        Err(error) => refused(&ground, page, &granted.actor, error, HERE).await,
    }
}

/// To whoever began: log in with the other one. To the other one: whether they are the same person's.
#[get("/account/signatures/link")]
async fn confirm_form(
    granted: Granted<right::LinkSignatures>,
    page: Page,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let Some(token) = link_token(&request) else { return Ok(go(HERE)) };
    let (actor, now) = (&granted.actor, ground.clock().now());
    match read::beginner(&ground, &token).await {
        Ok(found) => {
            let other = found.account != actor.account;
            if other && !actor.has_proven_by_card(now) {
                return Ok(prove_by_card_first(actor, now, CONFIRM));
            }
            let login = format!("/login?next={CONFIRM}");
            render(StatusCode::OK, &LinkPage { page, name: found.name, company: found.company, other, login })
        }
        Err(error) => refused(&ground, page, actor, error, CONFIRM).await,
    }
}

#[post("/account/signatures/confirm")]
async fn confirm(
    granted: Granted<right::LinkSignatures>,
    page: Page,
    _form: Form<Nothing>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let Some(token) = link_token(&request) else { return Ok(go(HERE)) };
    match super::link(&ground, &granted.actor, &token).await {
        Ok(()) => go_without_link(&format!("{HERE}?told=linked")),
        Err(error) => refused(&ground, page, &granted.actor, error, CONFIRM).await,
    }
}

#[post("/account/signatures/{employee}/unlink")]
async fn unlink_one(
    granted: Granted<right::LinkSignatures>,
    page: Page,
    employee: web::Path<EmployeeId>,
    _form: Form<Nothing>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    match super::unlink(&ground, &granted.actor, *employee).await {
        Ok(()) => Ok(go(&format!("{HERE}?told=unlinked"))),
        Err(error) => refused(&ground, page, &granted.actor, error, HERE).await,
    }
}

/// Logs out, and to the log-in of another signature with its user id filled in: a session stays one signature's.
#[post("/account/signatures/{employee}/login")]
async fn switch(
    granted: Granted<right::LinkSignatures>,
    employee: web::Path<EmployeeId>,
    _form: Form<Nothing>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let actor = &granted.actor;
    let found = read::signatures(&ground, actor).await?.into_iter().find(|one| one.employee == *employee && !one.this);
    let user_id = found.and_then(|one| one.user_id).ok_or_else(|| Problem::of(Kind::NotFound))?;
    if let Some(session) = actor.session {
        ground.database.write(async |unit| logins::end(unit, actor, session).await).await?;
    }
    logins::pages::to_login(&user_id)
}
