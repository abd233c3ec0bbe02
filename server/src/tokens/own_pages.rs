//! The HTML edge of a person's own code token: activate, bring into step again, block.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::{CodeToken, Standing, TokenError, activate, block, pages::badge, read, resync};
use crate::{
    http::{
        body::Form,
        guard::Granted,
        page::{Page, go, prove_by_card_first, render, show},
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{actor::Actor, ground::Ground, id::CodeTokenId, secret::Secret},
};

const OWN: &str = "/account/code-token";

/// The pages.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(own).service(activate_own).service(resync_own).service(block_own);
}

#[derive(Template)]
#[template(path = "tokens/own.html")]
struct OwnPage {
    page: Page,
    token: Option<CodeToken>,
    standing: Standing,
    badge: (&'static str, String),
    /// Whether the session was proven by card or phone just now, as activating needs.
    proven: bool,
}

impl OwnPage {
    async fn of(ground: &Ground, page: Page, actor: &Actor) -> Result<Self, Problem> {
        let now = ground.clock().now();
        let token = read::held(&mut ground.database.read().await?, actor.account).await?.into_iter().next();
        let standing = token.as_ref().map_or(Standing::Stock, |token| token.standing(now));
        let badge = badge(&page, standing);
        Ok(Self { page, token, standing, badge, proven: actor.has_proven_by_card(now) })
    }

    fn can_activate(&self) -> bool {
        matches!(self.standing, Standing::Assigned | Standing::Blocked | Standing::Quarantined)
    }

    fn can_block(&self) -> bool {
        matches!(self.standing, Standing::Active | Standing::Assigned | Standing::Quarantined)
    }
}

/// What was done.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Visit {
    told: String,
}

#[get("/account/code-token")]
async fn own(
    granted: Granted<right::SeeOneself>,
    page: Page,
    visit: web::Query<Visit>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let news = match visit.told.as_str() {
        "activated" => Some(page.say("tokens.activated_news")),
        "blocked" => Some(page.say("tokens.blocked_news")),
        "resynchronised" => Some(page.say("tokens.resynchronised_news")),
        _ => None,
    };
    let page = match news {
        Some(sentence) => page.told(sentence),
        None => page,
    };
    show(&OwnPage::of(&ground, page, &granted.actor).await?)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    first: Secret<String>,
    second: Secret<String>,
}

/// Where it leads, or the page once more with what was wrong.
async fn lead_on(ground: &Ground, page: Page, actor: &Actor, done: Result<(), TokenError>, told: &str) -> Result<HttpResponse, Problem> {
    match done.map_err(Problem::from) {
        Ok(()) => Ok(go(&format!("{OWN}?told={told}"))),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(prove_by_card_first(actor, ground.clock().now(), OWN)),
        Err(problem) if matches!(problem.kind, Kind::Conflict | Kind::NotRight | Kind::TooManyTries) => {
            render(problem.kind.status(), &OwnPage::of(ground, page.refused(&problem), actor).await?)
        }
        Err(problem) => Err(problem),
    }
}

#[post("/account/code-token/{id}/activation")]
async fn activate_own(
    granted: Granted<right::SeeOneself>,
    page: Page,
    id: web::Path<CodeTokenId>,
    form: Form<Pair>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let done = activate(&ground, &granted.actor, *id, [form.0.first.reveal(), form.0.second.reveal()]).await;
    lead_on(&ground, page, &granted.actor, done, "activated").await
}

#[post("/account/code-token/{id}/resynchronisation")]
async fn resync_own(
    granted: Granted<right::SeeOneself>,
    page: Page,
    id: web::Path<CodeTokenId>,
    form: Form<Pair>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let done = resync(&ground, &granted.actor, *id, [form.0.first.reveal(), form.0.second.reveal()]).await;
    lead_on(&ground, page, &granted.actor, done, "resynchronised").await
}

/// The button's form.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[post("/account/code-token/{id}/block")]
async fn block_own(
    granted: Granted<right::SeeOneself>,
    id: web::Path<CodeTokenId>,
    _form: Form<Nothing>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (account, author) = (granted.actor.account, granted.actor.author());
    ground.database.write(async |unit| block(unit, *id, Some(account), author).await).await?;
    Ok(go(&format!("{OWN}?told=blocked")))
}
