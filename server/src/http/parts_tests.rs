//! The layout and the form parts, as a page of all of them.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use askama::Template;

use super::{
    page::Page,
    problem::{Kind, Problem},
};
use crate::platform::{
    actor::{Actor, Carrier, ProvenBy, Role},
    fault::FieldFault,
    id::{AccountId, CompanyId, Id as _},
    moment::Moment,
    words::{Language, Words},
};

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% extends "shared/layout.html" %}
{% import "shared/parts.html" as parts %}
{% block title %}All parts{% endblock %}
{% block breadcrumbs %}{% call parts::breadcrumb(page, "/documents", page.say("shared.documents"), "Here & now") %}{% endcall %}{% endblock %}
{% block content %}<h1>All parts</h1>
<form method="post" action="/parts" novalidate>
{% call parts::csrf(page) %}{% endcall %}
{% call parts::text_field(page, "user_id", page.say("shared.account"), hint=page.say("shared.home"), autocomplete="username") %}{% endcall %}
{% call parts::text_field(page, "cvr", "CVR", inputmode="numeric", width="s") %}{% endcall %}
{% call parts::text_field(page, "city", "City", required=false) %}{% endcall %}
{% call parts::password_field(page, "password", "Password", hint="Six characters") %}{% endcall %}
{% call parts::textarea(page, "address", "Address") %}{% endcall %}
{% call parts::select(page, "reason", "Reason", options) %}{% endcall %}
{% call parts::radios(page, "kind", "Kind", options) %}{% endcall %}
{% call parts::checkbox(page, "accept", "yes", "I accept") %}{% endcall %}
{% call parts::file_field(page, "file", "File", accept="application/pdf") %}{% endcall %}
{% call parts::submit(page.say("shared.continue")) %}{% endcall %}
</form>
{% call parts::button_form(page, "/end", "End", kind="warning") %}{% endcall %}
{% call parts::link_button("/new", "New") %}{% endcall %}
{% call parts::empty("Nothing yet") %}{% endcall %}
{% call parts::badge("success", "Active") %}{% endcall %}
{% call parts::alert(page, "info", "Mind this") %}{% endcall %}
{% call parts::pager(page, next) %}{% endcall %}
{% call parts::table(page.say("shared.documents"), [page.say("shared.home"), page.say("help.title")]) %}
{% for (value, text) in options %}<tr><th scope="row">{{ value }}</th><td>{{ text }}</td></tr>{% endfor %}
{% endcall %}
{% call parts::facts() %}{% call parts::fact("Serial", serial) %}{% endcall %}{% endcall %}
{% endblock %}"#
)]
struct AllParts {
    page: Page,
    options: Vec<(&'static str, String)>,
    next: Option<String>,
    serial: String,
}

fn page() -> Page {
    Page {
        words: Words(Language::En),
        path: "/documents".to_owned(),
        actor: None,
        csrf: "token".to_owned(),
        demo: false,
        faults: Vec::new(),
        values: Vec::new(),
        alert: None,
        news: None,
    }
}

fn all(page: Page) -> String {
    let options = vec![("", "Choose".to_owned()), ("lost", "Lost".to_owned())];
    AllParts { page, options, next: Some("a&b=c".to_owned()), serial: "<12>".to_owned() }.render().unwrap()
}

#[test]
fn every_field_has_its_label() {
    let html = all(page());
    for name in ["user_id", "cvr", "city", "password", "address", "reason", "accept", "file"] {
        assert!(html.contains(&format!("for=\"{name}\"")) && html.contains(&format!("id=\"{name}\"")), "{name}");
    }
}

#[test]
fn a_fault_stands_at_its_field_and_in_the_summary() {
    let problem = Problem::invalid(vec![FieldFault::new("cvr", "field_cvr_form")]);
    let html = all(page().refused(&problem).typed("cvr", "12<"));
    assert!(html.contains("<title>Error: All parts - Segl</title>"));
    assert!(html.contains("<a href=\"#cvr\">The CVR number must have eight digits.</a>"));
    assert!(html.contains("aria-invalid=\"true\" aria-describedby=\"cvr-error\""));
    assert!(html.contains("id=\"cvr-error\"") && html.contains("value=\"12&#60;\""));
}

#[test]
fn a_password_is_never_sent_back() {
    assert!(!all(page().typed("password", "hemmelig1")).contains("hemmelig1"));
}

#[test]
fn text_is_escaped_and_cursors_are_encoded() {
    let html = all(page());
    assert!(html.contains("&#60;12&#62;") && html.contains("Here &#38; now"));
    assert!(html.contains("/documents?after=a%26b%3Dc"));
}

#[test]
fn a_page_has_nothing_inline_that_the_policy_forbids() {
    let html = all(page()).to_lowercase();
    assert!(!html.contains(" style=") && !html.contains("<style") && !html.contains(" onclick="));
    assert_eq!(html.matches("<script").count(), html.matches("<script type=\"module\" src=\"/assets/").count());
}

#[test]
fn the_one_who_is_logged_in_is_named_and_can_log_out() {
    let actor = Actor {
        account: AccountId::from_uuid(uuid::Uuid::from_u128(1)),
        session: None,
        name: "Åse <Holm>".to_owned(),
        roles: vec![Role::Employee, Role::Administrator],
        company: Some(CompanyId::from_uuid(uuid::Uuid::from_u128(2))),
        employee: None,
        carrier: Carrier::Browser,
        proven_at: Moment::from_millis(0),
        proven_by: ProvenBy::Card,
        key: None,
    };
    let html = all(Page { actor: Some(actor), demo: true, ..page() });
    assert!(html.contains("Åse &#60;Holm&#62;") && html.contains("action=\"/logout\"") && html.contains("DEMONSTRATION"));
    assert!(html.contains("href=\"/companies/00000000-0000-0000-0000-000000000002\"") && !html.contains("href=\"/audit\""));
    assert!(html.contains("href=\"/documents\" aria-current=\"page\""));
}

#[test]
fn every_kind_of_problem_has_words_in_both_languages() {
    for kind in Kind::ALL {
        for language in [Language::Da, Language::En] {
            assert!(!kind.title(language).starts_with("problems.") && !kind.meaning(language).starts_with("problems."), "{}", kind.slug());
        }
    }
}
