//! The operator's page of authorities, keys, lists, responders, time-stamp units and checks.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::Shown;
use crate::{
    authorities::Kind as AuthorityKind,
    certificates::overview::{self, Authority, Unit},
    http::{
        guard::Granted,
        page::{self, Page},
        permissions::right,
        problem::Problem,
    },
    platform::ground::Ground,
};

#[derive(Template)]
#[template(path = "certificates/overview.html")]
struct OverviewPage {
    page: Page,
    authorities: Vec<Authority>,
    units: Vec<Unit>,
    expiring: Vec<Shown>,
    more_expiring: bool,
}

impl OverviewPage {
    /// The badge of a check, and its sentence.
    fn verdict(&self, authority: &Authority) -> (&'static str, String) {
        match &authority.checked {
            None => ("info", self.page.say("certificates.not_checked")),
            Some(checked) => match &checked.found {
                None => ("success", self.page.say("certificates.all_agree")),
                Some(found) => ("error", self.page.with(&format!("certificates.finding_{}", found.finding.word()), "place", &found.place)),
            },
        }
    }

    fn kind(&self, authority: &Authority) -> String {
        self.page.say(match authority.kind {
            AuthorityKind::Issuing => "certificates.kind_issuing",
            AuthorityKind::Root => "certificates.kind_root",
        })
    }

    fn keystore(&self, name: Option<&String>) -> String {
        name.cloned().unwrap_or_else(|| self.page.say("certificates.keystore_main"))
    }
}

#[get("/operations/pki")]
pub async fn show_overview(
    _granted: Granted<right::SeeOperations>,
    page: Page,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let now = ground.clock().now();
    let found = overview::overview(&ground).await?;
    let expiring = found.expiring.iter().map(|certificate| Shown::of(certificate, &page, now)).collect();
    page::show(&OverviewPage { page, authorities: found.authorities, units: found.units, expiring, more_expiring: found.more_expiring })
}
