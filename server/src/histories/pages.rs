//! The page of a person's history.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::{
    Kind, Line, read,
    routes::{Query, file_of},
};
use crate::{
    http::{
        guard::Granted,
        page::{Page, show},
        permissions::right,
        problem::Problem,
    },
    platform::ground::Ground,
};

/// The pages.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(history_file).service(history);
}

#[derive(Template)]
#[template(path = "histories/list.html")]
struct HistoryPage {
    page: Page,
    lines: Vec<Line>,
    kinds: Vec<(&'static str, String)>,
    next: Option<String>,
    file: String,
}

impl HistoryPage {
    fn what(&self, line: &Line) -> String {
        self.page.say(&format!("histories.act_{}", line.word()))
    }

    fn who(&self, line: &Line) -> String {
        line.who(self.page.words)
    }

    /// With what it was done, in words.
    fn how(&self, line: &Line) -> String {
        let known = |name: &str, words: &[(&str, &str)]| {
            let value = line.facts.get(name)?;
            words.iter().find(|(word, _)| word == value).map(|(_, key)| self.page.say(key))
        };
        let carrier = known("carrier", &[("browser", "logins.session_browser"), ("program", "logins.session_program")]);
        let by = known("by", &[("card", "histories.how_card"), ("code_token", "histories.how_token")]);
        [carrier, by].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

fn address(path: &str, pairs: &[(&str, &str)]) -> Result<String, Problem> {
    let given: Vec<_> = pairs.iter().filter(|(_, value)| !value.is_empty()).collect();
    let query = serde_urlencoded::to_string(given).map_err(|error| Problem::unforeseen(&error))?;
    Ok(if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") })
}

#[get("/account/history")]
async fn history(
    granted: Granted<right::SeeOneself>,
    page: Page,
    query: web::Query<Query>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let wanted = query.read()?;
    let (lines, next) = read::page(&ground, &granted.actor, wanted, page.words.0).await?;
    let next = next.map(|next| address("/account/history", &[("kind", &query.kind), ("after", &next.to_string())])).transpose()?;
    let all = std::iter::once(("", page.say("histories.kind_all")));
    let kinds = all.chain(Kind::ALL.iter().map(|kind| (kind.word(), page.say(&format!("histories.kind_{}", kind.word()))))).collect();
    let file = address("/account/history.csv", &[("kind", &query.kind)])?;
    show(&HistoryPage { page: page.typed("kind", &query.kind), lines, kinds, next, file })
}

#[get("/account/history.csv")]
async fn history_file(
    granted: Granted<right::SeeOneself>,
    page: Page,
    query: web::Query<Query>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    file_of(&ground, &granted.actor, &query, page.words.0).await
}
