//! The help desk's page: a reference leads to the true reason and the person, who can be blocked there. Nothing is unlocked.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::{Refusal, read::Caller, refusal_routes::found};
use crate::{
    http::{
        body::Form,
        guard::Granted,
        page::{Page, render, show},
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::ground::Ground,
};

/// The pages.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(help).service(block);
}

#[derive(Template)]
#[template(path = "logins/help_desk.html")]
struct HelpPage {
    page: Page,
    found: Option<(Refusal, Option<Caller>)>,
}

impl HelpPage {
    fn reason(&self, refusal: &Refusal) -> String {
        self.page.say(&format!("logins.why_{}", refusal.reason))
    }

    fn state(&self, caller: &Caller) -> String {
        self.page.say(&format!("logins.person_state_{}", caller.account.state.word()))
    }

    /// How a person's cards stand, in one line.
    fn cards(&self, caller: &Caller) -> String {
        let one = |card: &crate::keycards::Keycard| {
            format!("{}: {}", card.number, self.page.say(&format!("keycards.state_{}", card.state.word())))
        };
        let all: Vec<String> = caller.cards.iter().map(one).collect();
        if all.is_empty() { self.page.say("logins.help_desk_none") } else { all.join(", ") }
    }
}

#[derive(Default, serde::Deserialize)]
struct Asked {
    #[serde(default)]
    reference: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct BlockForm {
    reference: String,
}

/// The form, and what stands under a reference.
#[get("/operations/help")]
async fn help(
    _granted: Granted<right::SeeRefusals>,
    page: Page,
    query: web::Query<Asked>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let reference = query.into_inner().reference;
    if reference.trim().is_empty() {
        return show(&HelpPage { page, found: None });
    }
    let page = page.typed("reference", &reference);
    match found(&ground, &reference).await {
        Ok(found) => show(&HelpPage { page, found: Some(found) }),
        Err(problem) if problem.kind == Kind::NotFound => {
            render(problem.kind.status(), &HelpPage { page: page.refused(&problem), found: None })
        }
        Err(problem) => Err(problem),
    }
}

/// Blocks what the person of a refusal logs in with.
#[post("/operations/help/block")]
async fn block(
    granted: Granted<right::BlockPerson>,
    page: Page,
    form: Form<BlockForm>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (refusal, _) = found(&ground, &form.0.reference).await?;
    let blocked = super::block_person(&ground, &refusal, granted.actor.author()).await?;
    let told = page.with2("logins.person_blocked", "cards", blocked.cards, "phones", blocked.phones);
    let found = found(&ground, &form.0.reference).await?;
    show(&HelpPage { page: page.told(told).typed("reference", &form.0.reference), found: Some(found) })
}
