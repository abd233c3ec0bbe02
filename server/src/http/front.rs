//! The pages that belong to no capability: home, accessibility, the catalogue of problems. They link and explain, nothing more.

use std::borrow::Cow;

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::{
    page::{self, Page},
    permissions::{self, Permission},
    problem::{Kind, Problem},
};
use crate::platform::actor::Actor;

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(home).service(accessibility).service(problems).service(one_problem);
}

#[derive(Template)]
#[template(path = "shared/home.html")]
struct Home {
    page: Page,
    cards: Vec<Card>,
}

/// One thing to do next: an address, and the keys of its title and text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Card {
    href: Cow<'static, str>,
    title: &'static str,
    text: &'static str,
}

impl Card {
    const fn new(href: &'static str, title: &'static str, text: &'static str) -> Self {
        Self { href: Cow::Borrowed(href), title, text }
    }
}

const LOG_IN: Card = Card::new("/login", "shared.home_log_in_title", "shared.home_log_in_text");
const REVOKE: Card = Card::new("/revoke", "shared.home_revoke_title", "shared.home_revoke_text");
const VERIFY: Card = Card::new("/verify", "shared.home_verify_title", "shared.home_verify_text");

/// What a permission makes possible, the most usual first.
const CARDS: &[(Permission, Card)] = &[
    (Permission::UseDocuments, Card::new("/documents", "shared.home_documents_title", "shared.home_documents_text")),
    (Permission::ListCompanies, Card::new("/companies", "shared.home_companies_title", "shared.home_companies_text")),
    (Permission::RecordProofing, Card::new("/desk", "proofing.desk_menu", "shared.home_desk_text")),
    (Permission::ListCertificates, Card::new("/certificates", "shared.home_certificates_title", "shared.home_certificates_text")),
    (Permission::ReadAudit, Card::new("/audit", "shared.home_audit_title", "shared.home_audit_text")),
    (Permission::SeeOperations, Card::new("/operations", "shared.home_operations_title", "shared.home_operations_text")),
    (Permission::SeeOperators, Card::new("/operators", "operators.menu", "shared.home_operators_text")),
    (Permission::PrintLetters, Card::new("/operations/letters", "letters.menu", "shared.home_letters_text")),
    (Permission::BlockPhones, Card::new("/operations/phones", "phones.desk_menu", "shared.home_phones_text")),
    (Permission::SeeRefusals, Card::new("/operations/help", "logins.help_desk_menu", "shared.home_help_desk_text")),
    (Permission::SeeTokens, Card::new("/operations/tokens", "tokens.menu", "shared.home_tokens_text")),
    (Permission::SeeOneself, Card::new("/account", "shared.home_account_title", "shared.home_account_text")),
];

/// What the one who is logged in, or a stranger, can do next.
fn cards(actor: Option<&Actor>) -> Vec<Card> {
    let Some(actor) = actor else { return vec![LOG_IN, VERIFY, REVOKE] };
    let allowed = CARDS.iter().filter(|(permission, _)| permissions::allows(&actor.roles, *permission));
    let mut cards: Vec<_> = allowed.map(|(_, card)| card.clone()).collect();
    if let Some(company) = actor.company
        && permissions::allows(&actor.roles, Permission::InviteEmployee)
    {
        let href = Cow::Owned(format!("/companies/{company}"));
        cards.insert(0, Card { href, title: "shared.home_employees_title", text: "shared.home_employees_text" });
    }
    cards.push(VERIFY);
    cards
}

#[derive(Template)]
#[template(path = "shared/accessibility.html")]
struct Accessibility {
    page: Page,
}

/// One kind of problem in the catalogue.
struct Described {
    slug: &'static str,
    title: String,
    meaning: String,
    status: u16,
}

impl Described {
    fn of(kind: Kind, page: &Page) -> Self {
        let language = page.words.0;
        Self { slug: kind.slug(), title: kind.title(language), meaning: kind.meaning(language), status: kind.status().as_u16() }
    }
}

#[derive(Template)]
#[template(path = "shared/problems.html")]
struct Problems {
    page: Page,
    problems: Vec<Described>,
}

#[derive(Template)]
#[template(path = "shared/one_problem.html")]
struct OneProblem {
    page: Page,
    problem: Described,
}

#[get("/")]
async fn home(page: Page) -> Result<HttpResponse, Problem> {
    let cards = cards(page.actor.as_ref());
    page::show(&Home { page, cards })
}

#[get("/accessibility")]
async fn accessibility(page: Page) -> Result<HttpResponse, Problem> {
    page::show(&Accessibility { page })
}

#[get("/problems")]
async fn problems(page: Page) -> Result<HttpResponse, Problem> {
    let problems = Kind::ALL.iter().map(|kind| Described::of(*kind, &page)).collect();
    page::show(&Problems { page, problems })
}

/// What a problem's `type` leads to (RFC 9457 section 3.1.1).
#[get("/problems/{slug}")]
async fn one_problem(page: Page, slug: web::Path<String>) -> Result<HttpResponse, Problem> {
    let kind = Kind::ALL.iter().find(|kind| kind.slug() == slug.as_str()).ok_or_else(|| Problem::of(Kind::NotFound))?;
    let problem = Described::of(*kind, &page);
    page::show(&OneProblem { page, problem })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use actix_web::{
        http::{StatusCode, header},
        test,
    };

    use super::*;
    use crate::{app, platform::testing, router};

    /// Status and text of pages, as a browser in a language asks for them, in the whole application.
    async fn visit(paths: &[&str], language: &str) -> Vec<(StatusCode, String)> {
        let world = testing::ground().await.unwrap();
        let app = test::init_service(router::application(web::Data::new(world.ground.clone()), app::who_is())).await;
        let mut seen = Vec::new();
        for path in paths {
            let request = test::TestRequest::get().uri(path).insert_header((header::ACCEPT, "text/html"));
            let response = test::call_service(&app, request.insert_header((header::ACCEPT_LANGUAGE, language)).to_request()).await;
            seen.push((response.status(), String::from_utf8(test::read_body(response).await.to_vec()).unwrap()));
        }
        seen
    }

    #[actix_web::test]
    async fn every_front_page_has_one_heading_and_no_missing_words() {
        let paths = ["/", "/accessibility", "/problems", "/problems/gone"];
        for language in ["da", "en"] {
            for (path, (status, html)) in paths.iter().zip(visit(&paths, language).await) {
                assert_eq!(status, StatusCode::OK, "{path}");
                assert_eq!(html.matches("<h1").count(), 1, "{path}");
                assert!(html.contains(&format!("<html lang=\"{language}\">")), "{path}");
                assert!(!html.contains(">shared.") && !html.contains(">problems."), "{path}");
            }
        }
    }

    #[actix_web::test]
    async fn a_missing_page_is_explained_with_a_number_for_support() {
        let seen = visit(&["/nowhere", "/problems/nothing-such"], "da").await;
        for (status, html) in seen {
            assert_eq!(status, StatusCode::NOT_FOUND);
            assert!(html.contains("Siden findes ikke") && html.contains("Nummer til supporten"));
        }
    }
}
