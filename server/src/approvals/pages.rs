//! The page of what a person's phones were asked: history with evidence, and how long requests wait.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::{
    ApprovalError,
    read::{self, Past},
};
use crate::{
    http::{
        body::Form,
        guard::Granted,
        page::{Page, go, render, show},
        permissions::right,
        problem::Problem,
    },
    platform::{fault::FieldFault, ground::Ground, id::ApprovalId},
};

const PAGE: &str = "/account/approvals";

/// The pages.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(history).service(set_limit);
}

#[derive(Template)]
#[template(path = "approvals/list.html")]
struct HistoryPage {
    page: Page,
    entries: Vec<Past>,
    next: Option<String>,
}

impl HistoryPage {
    fn purpose(&self, entry: &Past) -> String {
        self.page.say(&format!("approvals.purpose_{}", entry.purpose.replace('-', "_")))
    }

    fn outcome(&self, entry: &Past) -> String {
        self.page.say(&format!("approvals.state_{}", entry.state.word().replace('-', "_")))
    }
}

async fn page_of(
    ground: &Ground,
    granted: &Granted<right::SeeOneself>,
    page: Page,
    after: Option<ApprovalId>,
) -> Result<HistoryPage, Problem> {
    let mut reader = ground.database.read().await?;
    let account = granted.actor.account;
    let (entries, next) = read::past(&mut reader, account, after, ground.clock().now()).await?;
    let minutes = read::limit(&mut reader, account).await? / 60;
    let next = next.map(|id| id.to_string());
    // What was typed stands before what is proposed.
    let page = page.typed("minutes", &minutes.to_string());
    Ok(HistoryPage { page, entries, next })
}

#[derive(serde::Deserialize)]
struct After {
    after: Option<ApprovalId>,
}

#[get("/account/approvals")]
async fn history(
    granted: Granted<right::SeeOneself>,
    page: Page,
    query: web::Query<After>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    show(&page_of(&ground, &granted, page, query.after).await?)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitForm {
    minutes: String,
}

#[post("/account/approvals/limit")]
async fn set_limit(
    granted: Granted<right::SeeOneself>,
    page: Page,
    form: Form<LimitForm>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let minutes: i64 = form.0.minutes.trim().parse().unwrap_or(0);
    let seconds = minutes.saturating_mul(60);
    match ground.database.write(async |unit| super::set_limit(unit, &granted.actor, seconds).await).await {
        Ok(()) => Ok(go(PAGE)),
        Err(ApprovalError::Limit) => {
            let problem = Problem::invalid(vec![FieldFault::new("minutes", "field_minutes")]);
            let page = page.refused(&problem).typed("minutes", &form.0.minutes);
            render(problem.kind.status(), &page_of(&ground, &granted, page, None).await?)
        }
        Err(error) => Err(error.into()),
    }
}
