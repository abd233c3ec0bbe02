//! The pages that wait for the phone: the number, how it stands, and the ways besides. They update by themselves, and by refreshing without script.

use actix_web::{HttpRequest, HttpResponse, get, http::header, post, web};
use askama::Template;

use super::{
    LoginError,
    pages::{Next, enter, go_with, local_path, login_cookie, login_token, removed, with_next},
    refusal_routes::told,
};
use crate::{
    approvals::{self, Standing, State},
    http::{
        body::Form,
        guard::Granted,
        network::network_of,
        page::{Page, go, render, show},
        permissions::right,
        problem::{Kind, Problem},
    },
    phones::{self, Qr},
    platform::{actor::Carrier, ground::Ground, moment::Moment, secret::Secret},
};

/// The pages.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(wait).service(open).service(how_it_stands).service(code_form).service(code_check).service(prove_wait).service(prove);
}

/// How the page looks: one for logging in, one for proving oneself.
#[derive(Clone, Copy)]
struct Way {
    action: &'static str,
    card: &'static str,
    code: &'static str,
    token: &'static str,
    again: &'static str,
}

const LOG_IN: Way = Way { action: "/login/phone", card: "/login/key", code: "/login/code", token: "/login/token", again: "/login" };
const PROVE: Way =
    Way { action: "/account/prove/phone", card: "/account/prove/key", code: "", token: "/account/prove/token", again: "/account/prove" };

#[derive(Template)]
#[template(path = "logins/approval.html")]
struct PhonePage {
    page: Page,
    action: &'static str,
    card: String,
    code: String,
    token: String,
    again: String,
    next: String,
    state: &'static str,
    number: String,
    /// The digits apart, for those who listen.
    spoken: String,
    scan: Qr,
    until: Moment,
    /// What became of it, when it is over.
    over: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "logins/code.html")]
struct CodePage {
    page: Page,
    next: String,
    again: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct OnlyNext {
    #[serde(default)]
    next: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeForm {
    code: Secret<String>,
    #[serde(default)]
    next: String,
}

impl Way {
    fn page(self, page: Page, standing: &Standing, takes_token: bool, next: String) -> Result<PhonePage, Problem> {
        let code = if self.code.is_empty() { String::new() } else { with_next(self.code, &next) };
        let token = if takes_token { with_next(self.token, &next) } else { String::new() };
        Ok(PhonePage {
            page,
            token,
            action: self.action,
            card: with_next(self.card, &next),
            code,
            again: with_next(self.again, &next),
            next,
            state: standing.state.word(),
            number: standing.number.clone(),
            spoken: approvals::spoken(&standing.number),
            scan: phones::qr(&standing.scan)?,
            until: standing.expires_at,
            over: standing.state.over(),
        })
    }

    async fn show(self, ground: &Ground, page: Page, request: &HttpRequest, next: String) -> Result<HttpResponse, Problem> {
        let Some(token) = login_token(request) else { return Ok(go(&with_next(self.again, &next))) };
        match super::standing(ground, &token).await {
            Ok(standing) => show(&self.page(page, &standing, super::takes_token(ground, &token).await?, next)?),
            Err(LoginError::Gone) => Ok(go(&with_next(self.again, &next))),
            Err(error) => Err(error.into()),
        }
    }

    /// The page once more, which says by itself how it stands.
    fn again(self, next: &str, error: LoginError) -> Result<HttpResponse, Problem> {
        if matches!(error, LoginError::Phone(_)) {
            return Ok(go(&with_next(self.action, next)));
        }
        if matches!(error, LoginError::Gone) { Ok(go(&with_next(self.again, next))) } else { Err(error.into()) }
    }
}

#[get("/login/phone")]
async fn wait(page: Page, query: web::Query<Next>, request: HttpRequest, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    LOG_IN.show(&ground, page, &request, query.into_inner().next).await
}

#[post("/login/phone")]
async fn open(form: Form<OnlyNext>, request: HttpRequest, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let next = form.0.next;
    let Some(token) = login_token(&request) else { return Ok(go(&with_next("/login", &next))) };
    match super::answer_by_phone(&ground, &token, Carrier::Browser, &network_of(&request, &ground)).await {
        Ok(opened) => enter(&ground, &request, &opened, &next).await,
        Err(error) => LOG_IN.again(&next, error),
    }
}

/// How it stands, for the page's script.
#[derive(serde::Serialize)]
struct Stands {
    state: State,
    until: String,
}

#[get("/login/phone/state")]
async fn how_it_stands(page: Page, request: HttpRequest, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let token = login_token(&request).ok_or_else(|| Problem::of(Kind::Gone))?;
    let standing = super::standing(&ground, &token).await?;
    let until = page.time(&standing.expires_at);
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(Stands { state: standing.state, until }))
}

#[get("/login/code")]
async fn code_form(page: Page, query: web::Query<Next>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let next = query.into_inner().next;
    if login_token(&request).is_none() {
        return Ok(go(&with_next("/login", &next)));
    }
    show(&CodePage { page, again: with_next("/login", &next), next })
}

#[post("/login/code")]
async fn code_check(page: Page, form: Form<CodeForm>, request: HttpRequest, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let CodeForm { code, next } = form.0;
    let Some(token) = login_token(&request) else { return Ok(go(&with_next("/login", &next))) };
    let network = network_of(&request, &ground);
    match super::answer_by_code(&ground, &token, code.reveal(), Carrier::Browser, &network).await {
        Ok(opened) => enter(&ground, &request, &opened, &next).await,
        Err(error) => {
            let problem = told(&ground, error, &network).await.worded(Kind::NotRight, "logins.code_not_right");
            let page = page.refused(&problem);
            render(problem.kind.status(), &CodePage { page, again: with_next("/login", &next), next })
        }
    }
}

#[get("/account/prove/phone")]
async fn prove_wait(
    _granted: Granted<right::SeeOneself>,
    page: Page,
    query: web::Query<Next>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    PROVE.show(&ground, page, &request, query.into_inner().next).await
}

#[post("/account/prove/phone")]
async fn prove(
    granted: Granted<right::SeeOneself>,
    form: Form<OnlyNext>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let next = form.0.next;
    let Some(token) = login_token(&request) else { return Ok(go(&with_next("/account/prove", &next))) };
    match super::answer_proof_by_phone(&ground, &granted.actor, &token).await {
        Ok(()) => go_with(local_path(&next, "/account"), [removed(login_cookie(""))]),
        Err(error) => PROVE.again(&next, error),
    }
}
