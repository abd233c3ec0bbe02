//! The page `/trust`: whom one trusts here, and how to tell the usual programs. For anybody.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::trust::{self, Facts, Policy};
use crate::{
    http::{
        page::{self, Page},
        problem::Problem,
    },
    platform::ground::Ground,
};

/// The pages.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(trust_page);
}

/// A program and how many steps it takes to make it trust a root: words `authorities.<word>_title`, `authorities.<word>_1` and on.
struct Guide {
    word: &'static str,
    steps: std::ops::RangeInclusive<u32>,
}

const GUIDES: [Guide; 5] = [
    Guide { word: "adobe", steps: 1..=5 },
    Guide { word: "windows", steps: 1..=4 },
    Guide { word: "policy", steps: 1..=4 },
    Guide { word: "thunderbird", steps: 1..=4 },
    Guide { word: "apple", steps: 1..=5 },
];

#[derive(Template)]
#[template(path = "authorities/trust.html")]
struct TrustPage {
    page: Page,
    facts: Facts,
    guides: &'static [Guide],
}

impl TrustPage {
    fn kind(&self, kind: &str) -> String {
        self.page.say(&format!("authorities.kind_{kind}"))
    }

    /// For whom a certificate under this policy is issued.
    fn audience(&self, policy: &Policy) -> String {
        self.page.say(&format!("authorities.policy_for_{}", policy.arcs[0]))
    }

    fn clock(&self) -> String {
        self.page.say(&format!("authorities.clock_{}", self.facts.clock_state))
    }

    fn title(&self, guide: &Guide) -> String {
        self.page.say(&format!("authorities.{}_title", guide.word))
    }

    fn step(&self, guide: &Guide, number: &u32) -> String {
        self.page.say(&format!("authorities.{}_{number}", guide.word))
    }
}

#[get("/trust")]
async fn trust_page(page: Page, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let facts = trust::facts(&ground).await?;
    page::show(&TrustPage { page, facts, guides: &GUIDES })
}

#[cfg(test)]
mod tests {
    use certs::profiles::Kind;

    use crate::platform::words::{Language, Words};

    #[test]
    fn every_kind_of_certificate_has_words() {
        for kind in Kind::ALL {
            let key = format!("authorities.kind_{}", kind.as_str());
            for language in [Language::Da, Language::En] {
                assert_ne!(Words(language).say(&key), key, "{language:?}");
                for [audience, _] in kind.rules().policies {
                    let key = format!("authorities.policy_for_{audience}");
                    assert_ne!(Words(language).say(&key), key, "{language:?}");
                }
            }
        }
    }
}
