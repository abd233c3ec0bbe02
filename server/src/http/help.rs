//! Help: the questions that people have before and while they use their signature, each with a page of its own to link to. The words are the
//! catalogue's; what stands here is their order and where each leads.
//!
//! A text is paragraphs with an empty line between them; lines that begin with `- ` are a list.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::{
    page::{self, Page},
    problem::{Kind, Problem},
};

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(all_questions).service(one_question);
}

/// One question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Topic {
    /// The last part of its address.
    slug: &'static str,
    /// `help.<key>_title` and `help.<key>_text`.
    key: &'static str,
    /// Where the answer sends people: an address, and the key of its name.
    links: &'static [(&'static str, &'static str)],
}

impl Topic {
    const fn new(slug: &'static str, key: &'static str, links: &'static [(&'static str, &'static str)]) -> Self {
        Self { slug, key, links }
    }

    fn title(&self, page: &Page) -> String {
        page.say(&format!("help.{}_title", self.key))
    }

    fn parts(&self, page: &Page) -> Vec<Part> {
        parts(&page.say(&format!("help.{}_text", self.key)))
    }
}

const ACCESSIBILITY: (&str, &str) = ("/accessibility", "shared.accessibility_title");
const ACCOUNT: (&str, &str) = ("/account", "shared.home_account_title");
const FORGOTTEN: (&str, &str) = ("/password/forgotten", "resets.title");
const LOST_CARD: (&str, &str) = ("/lost-card", "keycards.lost_title");
const REVOKE: (&str, &str) = ("/revoke", "shared.home_revoke_title");
const TAKEOVER: (&str, &str) = ("/takeover", "successions.takeover");
const TRUST: (&str, &str) = ("/trust", "shared.trust");
const VERIFY: (&str, &str) = ("/verify", "shared.home_verify_title");

/// Shown by another page, from the rule that decides.
const DOCUMENTS: &str = "documents";

/// The key of each group's heading, and its questions.
const GROUPS: &[(&str, &[Topic])] = &[
    (
        "help.group_get",
        &[
            Topic::new("who", "who", &[]),
            Topic::new("how", "how", &[]),
            // Its page is the table itself: `proofing::pages`.
            Topic::new(DOCUMENTS, "documents", &[]),
            Topic::new("companies", "company", &[]),
        ],
    ),
    (
        "help.group_use",
        &[
            Topic::new("key-card", "card", &[ACCOUNT]),
            Topic::new("phone", "phone", &[ACCOUNT]),
            Topic::new("extra-cards", "extra", &[ACCOUNT]),
            Topic::new("where", "where", &[TRUST]),
            Topic::new("signing", "sign", &[]),
            Topic::new("verifying", "verify", &[VERIFY, TRUST]),
            Topic::new("sharing", "share", &[]),
        ],
    ),
    ("help.group_access", &[Topic::new("weak-sight", "sight", &[ACCESSIBILITY])]),
    (
        "help.group_trouble",
        &[
            Topic::new("lost-card", "lost", &[LOST_CARD, REVOKE]),
            Topic::new("lost-phone", "phone_lost", &[ACCOUNT, REVOKE]),
            Topic::new("forgotten-password", "password", &[FORGOTTEN]),
            Topic::new("closed", "locked", &[]),
            Topic::new("administrator-left", "administrator", &[TAKEOVER]),
            Topic::new("genuine-mail", "phishing", &[]),
        ],
    ),
];

/// A paragraph or a list of an answer.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    List(Vec<String>),
    Paragraph(String),
}

fn parts(text: &str) -> Vec<Part> {
    let blocks = text.split("\n\n").map(str::trim).filter(|block| !block.is_empty());
    let part = |block: &str| {
        let items: Option<Vec<String>> = block.lines().map(|line| line.strip_prefix("- ").map(str::to_owned)).collect();
        items.map_or_else(|| Part::Paragraph(block.to_owned()), Part::List)
    };
    blocks.map(part).collect()
}

#[derive(Template)]
#[template(path = "shared/help.html")]
struct Help {
    page: Page,
    groups: &'static [(&'static str, &'static [Topic])],
}

#[derive(Template)]
#[template(path = "shared/help_topic.html")]
struct OneTopic {
    page: Page,
    topic: &'static Topic,
}

#[get("/help")]
async fn all_questions(page: Page) -> Result<HttpResponse, Problem> {
    page::show(&Help { page, groups: GROUPS })
}

/// One question, for others to link to.
#[get("/help/{topic}")]
async fn one_question(page: Page, slug: web::Path<String>) -> Result<HttpResponse, Problem> {
    let mut topics = GROUPS.iter().flat_map(|(_, topics)| topics.iter());
    let topic = topics.find(|topic| topic.slug == slug.as_str() && topic.slug != DOCUMENTS).ok_or_else(|| Problem::of(Kind::NotFound))?;
    page::show(&OneTopic { page, topic })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use std::collections::BTreeSet;

    use actix_web::{
        http::{StatusCode, header},
        test as application,
    };

    use super::*;
    use crate::{app, platform::testing, router};

    #[actix_web::test]
    async fn every_question_is_answered_in_both_languages_and_every_link_leads_somewhere() {
        let world = testing::ground().await.unwrap();
        let app = application::init_service(router::application(web::Data::new(world.ground.clone()), app::who_is())).await;
        let topics: Vec<&Topic> = GROUPS.iter().flat_map(|(_, topics)| topics.iter()).collect();
        let slugs: BTreeSet<&str> = topics.iter().map(|topic| topic.slug).collect();
        assert_eq!(slugs.len(), topics.len(), "an address leads to one question");
        let links = topics.iter().flat_map(|topic| topic.links).map(|(href, _)| (*href).to_owned());
        let mut paths: BTreeSet<String> = slugs.iter().map(|slug| format!("/help/{slug}")).chain(links).collect();
        paths.insert("/help".to_owned());
        for language in ["da", "en"] {
            for path in &paths {
                let request = application::TestRequest::get().uri(path).insert_header((header::ACCEPT, "text/html"));
                let response =
                    application::call_service(&app, request.insert_header((header::ACCEPT_LANGUAGE, language)).to_request()).await;
                let status = response.status();
                let html = String::from_utf8(application::read_body(response).await.to_vec()).unwrap();
                // Of the pages elsewhere some ask a stranger to log in, and some wait for authorities.
                let is_own = path.starts_with("/help");
                assert!(if is_own { status == StatusCode::OK } else { status != StatusCode::NOT_FOUND }, "{path}: {status}");
                assert!(!html.contains(">help.") && !html.contains(">shared.") && !html.contains("\n- "), "{path} in {language}");
            }
        }
        let unknown = application::TestRequest::get().uri("/help/nothing-such").to_request();
        assert_eq!(application::call_service(&app, unknown).await.status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn lists_and_paragraphs_are_told_apart() {
        let (list, paragraph) = (|items: &[&str]| Part::List(items.iter().map(ToString::to_string).collect()), Part::Paragraph);
        assert_eq!(parts("One\n\n- two\n- three\n"), [paragraph("One".into()), list(&["two", "three"])]);
        assert_eq!(parts("- one\nnot a list"), [paragraph("- one\nnot a list".into())]);
    }
}
