//! The pages that ask for a code of the person's code token, when logging in and when proving oneself.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use askama::Template;

use super::{
    LoginError,
    pages::{Next, enter, go_with, local_path, login_cookie, login_token, removed, with_next},
    refusal_routes::told,
    takes_token,
};
use crate::{
    http::{
        body::Form,
        guard::Granted,
        network::network_of,
        page::{Page, go, render, show},
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{actor::Carrier, ground::Ground, secret::Secret},
};

/// The pages.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(login_form).service(login_check).service(prove_form).service(prove_check);
}

/// How the page looks: one for logging in, one for proving oneself.
#[derive(Clone, Copy)]
struct Way {
    action: &'static str,
    card: &'static str,
    again: &'static str,
    submit: &'static str,
}

const LOG_IN: Way = Way { action: "/login/token", card: "/login/key", again: "/login", submit: "logins.key_submit" };
const PROVE: Way =
    Way { action: "/account/prove/token", card: "/account/prove/key", again: "/account/prove", submit: "logins.prove_submit" };

#[derive(Template)]
#[template(path = "logins/token.html")]
struct TokenPage {
    page: Page,
    way: Way,
    card: String,
    again: String,
    next: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeForm {
    token_code: Secret<String>,
    #[serde(default)]
    next: String,
}

impl Way {
    fn page(self, page: Page, next: String) -> TokenPage {
        TokenPage { page, way: self, card: with_next(self.card, &next), again: with_next(self.again, &next), next }
    }

    /// The first page where nothing waits for a code.
    async fn show(self, ground: &Ground, page: Page, request: &HttpRequest, next: String) -> Result<HttpResponse, Problem> {
        let Some(token) = login_token(request) else { return Ok(go(&with_next(self.again, &next))) };
        match takes_token(ground, &token).await {
            Ok(true) => show(&self.page(page, next)),
            Ok(false) | Err(LoginError::Gone) => Ok(go(&with_next(self.again, &next))),
            Err(error) => Err(error.into()),
        }
    }

    /// The page once more, with what was wrong.
    fn again(self, page: Page, next: String, problem: Problem) -> Result<HttpResponse, Problem> {
        let problem = problem.worded(Kind::NotRight, "logins.token_not_right");
        if !matches!(problem.kind, Kind::Conflict | Kind::Gone | Kind::NotRight | Kind::TooManyTries) {
            return Err(problem);
        }
        render(problem.kind.status(), &self.page(page.refused(&problem), next))
    }
}

#[get("/login/token")]
async fn login_form(page: Page, query: web::Query<Next>, request: HttpRequest, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    LOG_IN.show(&ground, page, &request, query.into_inner().next).await
}

#[post("/login/token")]
async fn login_check(page: Page, form: Form<CodeForm>, request: HttpRequest, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let CodeForm { token_code, next } = form.0;
    let Some(token) = login_token(&request) else { return Ok(go(&with_next(LOG_IN.again, &next))) };
    match super::answer_by_token(&ground, &token, token_code.reveal(), Carrier::Browser, &network_of(&request, &ground)).await {
        Ok(opened) => enter(&ground, &request, &opened, &next).await,
        Err(error) => {
            let problem = told(&ground, error, &network_of(&request, &ground)).await;
            LOG_IN.again(page, next, problem)
        }
    }
}

#[get("/account/prove/token")]
async fn prove_form(
    _granted: Granted<right::SeeOneself>,
    page: Page,
    query: web::Query<Next>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    PROVE.show(&ground, page, &request, query.into_inner().next).await
}

#[post("/account/prove/token")]
async fn prove_check(
    granted: Granted<right::SeeOneself>,
    page: Page,
    form: Form<CodeForm>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let CodeForm { token_code, next } = form.0;
    let Some(token) = login_token(&request) else { return Ok(go(&with_next(PROVE.again, &next))) };
    match super::answer_proof_by_token(&ground, &granted.actor, &token, token_code.reveal()).await {
        Ok(()) => go_with(local_path(&next, "/account"), [removed(login_cookie(""))]),
        Err(error) => {
            let problem = told(&ground, error, &network_of(&request, &ground)).await;
            PROVE.again(page, next, problem)
        }
    }
}
