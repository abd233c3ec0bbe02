//! The HTML edge of key cards: sheets, what a person wants of them, a further card, blocking, also of a lost card without logging in. The list itself stands on the account's page.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use askama::Template;

use super::{
    Edition, KeycardError, Preferences, block, block_lost, card_number, issue, may_order,
    model::{MOST_EXTRA, ORDER_AT_BOUNDS},
    order, prefer, read,
    routes::answer_sheet,
};
use crate::{
    http::{
        body::Form,
        guard::Granted,
        network::network_of,
        page::{Page, go, prove_first, render, show},
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{fault::FieldFault, ground::Ground, id::KeycardId},
};

/// The pages.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(further).service(end).service(sheet).service(lost_form).service(lost).service(preferences).service(change_preferences);
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[get("/account/keycards/{id}/{edition}")]
async fn sheet(
    granted: Granted<right::SeeOneself>,
    path: web::Path<(KeycardId, String)>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (id, edition) = path.into_inner();
    answer_sheet(&granted, &request, &ground, id, &edition).await
}

#[post("/account/keycards")]
async fn further(granted: Granted<right::SeeOneself>, _form: Form<Nothing>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    may_order(&granted.actor, ground.clock().now())?;
    let card = issue(&ground, granted.actor.account).await?;
    let most_a_day = ground.config.policy.cards_per_day;
    ground.database.write(async |unit| order(unit, &card, &granted.actor, most_a_day).await).await?;
    Ok(go("/account"))
}

#[post("/account/keycards/{id}/block")]
async fn end(
    granted: Granted<right::SeeOneself>,
    id: web::Path<KeycardId>,
    _form: Form<Nothing>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (account, author) = (granted.actor.account, granted.actor.author());
    ground.database.write(async |unit| block(unit, account, *id, author).await).await?;
    Ok(go("/account"))
}

const PREFERENCES: &str = "/account/keycards/preferences";

#[derive(Template)]
#[template(path = "keycards/preferences.html")]
struct PreferencesPage {
    page: Page,
    editions: Vec<(String, String)>,
    least: i64,
    most: i64,
    extra: usize,
}

impl PreferencesPage {
    fn of(page: Page) -> Self {
        let named = |edition: Edition| (edition.word().to_owned(), page.say(&format!("keycards.edition_{}", edition.word())));
        let editions = Edition::ALL.into_iter().map(named).collect();
        Self { editions, least: *ORDER_AT_BOUNDS.start(), most: *ORDER_AT_BOUNDS.end(), extra: MOST_EXTRA, page }
    }
}

/// What the person wants; how it stands is filled in.
#[get("/account/keycards/preferences")]
async fn preferences(granted: Granted<right::SeeOneself>, page: Page, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let kept = read::preferences(&mut ground.database.read().await?, granted.actor.account).await?;
    show(&PreferencesPage::of(page.typed("order_at", &kept.order_at.to_string()).typed("edition", kept.edition.word())))
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PreferencesForm {
    order_at: String,
    #[serde(default)]
    edition: String,
}

#[post("/account/keycards/preferences")]
async fn change_preferences(
    granted: Granted<right::SeeOneself>,
    page: Page,
    form: Form<PreferencesForm>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let PreferencesForm { order_at, edition } = form.0;
    let wanted = Edition::of_word(&edition).map(|edition| Preferences { order_at: order_at.trim().parse().unwrap_or(0), edition });
    let kept = match wanted {
        None => Err(KeycardError::Invalid(vec![FieldFault::new("edition", "field_choice")])),
        Some(wanted) => ground.database.write(async |unit| prefer(unit, &granted.actor, wanted).await).await,
    };
    let page = page.typed("order_at", &order_at).typed("edition", &edition);
    match kept {
        Ok(()) => {
            let done = page.say("keycards.preferences_done");
            show(&PreferencesPage::of(page.told(done)))
        }
        Err(KeycardError::ProveAgain) => Ok(prove_first(PREFERENCES)),
        Err(error) => {
            let problem = Problem::from(error);
            let invalid = matches!(problem.kind, Kind::Invalid);
            if invalid { render(problem.kind.status(), &PreferencesPage::of(page.refused(&problem))) } else { Err(problem) }
        }
    }
}

#[derive(Template)]
#[template(path = "keycards/lost.html")]
struct LostPage {
    page: Page,
    sent: bool,
}

#[get("/lost-card")]
async fn lost_form(page: Page) -> Result<HttpResponse, Problem> {
    show(&LostPage { page, sent: false })
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct LostForm {
    user_id: String,
    number: String,
}

/// The same page whether or not there is such a card.
#[post("/lost-card")]
async fn lost(page: Page, form: Form<LostForm>, request: HttpRequest, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let LostForm { user_id, number } = form.0;
    let network = network_of(&request, &ground);
    match lose(&ground, &user_id, &number, &network).await.map_err(Problem::from) {
        Ok(()) => show(&LostPage { page, sent: true }),
        Err(problem) if matches!(problem.kind, Kind::Invalid | Kind::TooManyTries) => {
            let page = page.refused(&problem).typed("user_id", &user_id).typed("number", &number);
            render(problem.kind.status(), &LostPage { page, sent: false })
        }
        Err(problem) => Err(problem),
    }
}

async fn lose(ground: &Ground, user_id: &str, number: &str, network: &str) -> Result<(), KeycardError> {
    if user_id.trim().is_empty() {
        return Err(KeycardError::Invalid(vec![FieldFault::new("user_id", "field_empty")]));
    }
    let number = card_number("number", number)?;
    match ground.database.write(async |unit| block_lost(unit, user_id, &number, network).await).await? {
        Some(until) => Err(KeycardError::TooOften { until }),
        None => Ok(()),
    }
}
