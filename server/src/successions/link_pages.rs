//! The signatory's page of a takeover: read, signed, declined. Opening it changes nothing: mail scanners follow links.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use super::{
    Outcome, SignedBy, form,
    pages::{self, Shown},
    read::{self, About},
    sign,
};
use crate::{
    companies::pages::{Typed, pdf_answer},
    http::{
        body::Form,
        page::{self, Page},
        problem::{Kind, Problem},
    },
    platform::{fault::FieldFault, ground::Ground},
};

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(show).service(accept).service(decline).service(fetch_form);
}

#[derive(Template)]
#[template(path = "successions/sign.html")]
struct SignPage {
    page: Page,
    link: String,
    about: About,
    lines: Vec<String>,
    fingerprint: String,
    /// Whether nothing was said yet; else a no is all that is left to say.
    may_sign: bool,
}

impl SignPage {
    /// How many signatures it needs, and how many lack.
    fn rule(&self) -> String {
        let succession = &self.about.succession;
        self.page.with2("successions.rule", "needed", succession.needed, "pending", succession.pending)
    }

    /// What was recorded in this signatory's name.
    fn recorded(&self) -> Option<String> {
        let (day, by) = self.about.signature.form.as_ref()?;
        Some(self.page.with2("successions.form_denied_hint", "day", day, "by", by))
    }

    /// When it is done.
    fn waits(&self) -> Option<String> {
        let at = self.about.succession.ready_at.as_ref()?;
        Some(self.page.with("successions.waits_until", "time", self.page.time(at)))
    }
}

#[derive(Template)]
#[template(path = "successions/signed.html")]
struct SignedPage {
    page: Page,
    sentence: String,
}

async fn page_of(ground: &Ground, page: Page, link: &str) -> Result<SignPage, Problem> {
    let mut reader = ground.database.read().await?;
    let about = read::by_link(&mut reader, link).await?;
    sign::check_declinable(&about, ground.clock().now())?;
    let lines = pages::lines(&mut reader, &page, &about.succession, Shown::WithAddress).await?;
    let fingerprint = hex::encode(about.succession.fingerprint());
    let may_sign = about.signature.is_open();
    Ok(SignPage { page, link: link.to_owned(), about, lines, fingerprint, may_sign })
}

#[get("/takeover/{link}")]
async fn show(ground: web::Data<Ground>, page: Page, link: web::Path<String>) -> Result<HttpResponse, Problem> {
    page::show(&page_of(&ground, page, &link).await?)
}

async fn unticked(ground: &Ground, page: Page, link: &str, field: &'static str) -> Result<HttpResponse, Problem> {
    let problem = Problem::invalid(vec![FieldFault::new(field, "field_tick")]);
    page::render(StatusCode::UNPROCESSABLE_ENTITY, &page_of(ground, page.refused(&problem), link).await?)
}

#[post("/takeover/{link}")]
async fn accept(ground: web::Data<Ground>, page: Page, link: web::Path<String>, form: Form<Typed>) -> Result<HttpResponse, Problem> {
    if !form.0.contains_key("accept") {
        return unticked(&ground, page, &link, "accept").await;
    }
    let sentence = match super::sign(&ground, &SignedBy::Link(link.clone())).await.map_err(Problem::from) {
        Ok(Outcome::Done) => page.say("successions.signed_done"),
        Ok(Outcome::Ready { at }) => page.with("successions.signed_ready", "time", page.time(&at)),
        Ok(Outcome::Waiting { pending }) => page.with("successions.signed_waiting", "pending", pending),
        Err(problem) if matches!(problem.kind, Kind::Conflict | Kind::Invalid | Kind::NotReady) => {
            // What is over by this very refusal has no page any more.
            let Ok(shown) = page_of(&ground, page.refused(&problem), &link).await else { return Err(problem) };
            return page::render(problem.kind.status(), &shown);
        }
        Err(problem) => return Err(problem),
    };
    page::show(&SignedPage { page, sentence })
}

/// Says no, with a tick: the link is used up.
#[post("/takeover/{link}/declining")]
async fn decline(ground: web::Data<Ground>, page: Page, link: web::Path<String>, form: Form<Typed>) -> Result<HttpResponse, Problem> {
    if !form.0.contains_key("confirm_declining") {
        return unticked(&ground, page, &link, "confirm_declining").await;
    }
    super::decline(&ground, &link).await?;
    let sentence = page.say("successions.declined_done");
    page::show(&SignedPage { page, sentence })
}

/// The printed form of this signatory, for those who would rather sign on paper.
#[get("/takeover/{link}/form")]
async fn fetch_form(ground: web::Data<Ground>, page: Page, link: web::Path<String>) -> Result<HttpResponse, Problem> {
    let shown = page_of(&ground, page, &link).await?;
    Ok(pdf_answer(&form::print(&ground, &shown.about, shown.page.words.0).await?))
}
