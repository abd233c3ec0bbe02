//! The menu: links that a person's permissions make useful, in a fixed order. It knows addresses only.

use super::permissions::{self, Permission};
use crate::platform::actor::Actor;

/// One link of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it leads.
    pub href: String,
    /// The key of its words.
    pub label: &'static str,
    /// Whether the page is below it.
    pub here: bool,
    /// Whether the page is this very one.
    pub exact: bool,
}

const LINKS: &[(Permission, &str, &str)] = &[
    (Permission::UseDocuments, "/documents", "shared.documents"),
    (Permission::ListCompanies, "/companies", "shared.companies"),
    (Permission::RecordProofing, "/desk", "proofing.desk_menu"),
    (Permission::ListCertificates, "/certificates", "shared.certificates"),
    (Permission::ReadAudit, "/audit", "shared.audit"),
    (Permission::SeeOperations, "/operations", "shared.operations"),
    (Permission::SeeOperators, "/operators", "operators.menu"),
    (Permission::PrintLetters, "/operations/letters", "letters.menu"),
    (Permission::BlockPhones, "/operations/phones", "phones.desk_menu"),
    (Permission::SeeRefusals, "/operations/help", "logins.help_desk_menu"),
    (Permission::SeeTokens, "/operations/tokens", "tokens.menu"),
    (Permission::SeeOneself, "/account", "shared.account"),
];

/// The menu on the page at `path`.
pub fn of(actor: Option<&Actor>, path: &str) -> Vec<Entry> {
    let mut links = vec![("/".to_owned(), "shared.home")];
    if let Some(actor) = actor {
        if let Some(company) = actor.company
            && permissions::allows(&actor.roles, Permission::InviteEmployee)
        {
            links.push((format!("/companies/{company}"), "shared.company"));
        }
        let allowed = LINKS.iter().filter(|(permission, ..)| permissions::allows(&actor.roles, *permission));
        links.extend(allowed.map(|(_, href, label)| ((*href).to_owned(), *label)));
        // Administrators find their own company's on its page.
        if actor.company.is_none() && permissions::allows(&actor.roles, Permission::SeeSuccessions) {
            links.push(("/successions".to_owned(), "successions.menu"));
        }
    }
    links.push(("/verify".to_owned(), "shared.verify"));
    links.push(("/help".to_owned(), "help.title"));
    let mut entries: Vec<_> = links.into_iter().map(|(href, label)| entry(href, label, path)).collect();
    keep_nearest(&mut entries);
    entries
}

/// The operator's rooms lie below the list of jobs: of several entries that the page is below, the nearest is where one is.
fn keep_nearest(entries: &mut [Entry]) {
    let nearest = entries.iter().filter(|entry| entry.here).map(|entry| entry.href.len()).max();
    for entry in entries {
        entry.here &= Some(entry.href.len()) == nearest;
    }
}

fn entry(href: String, label: &'static str, path: &str) -> Entry {
    let exact = path == href;
    let below = href != "/" && path.strip_prefix(href.as_str()).is_some_and(|rest| rest.starts_with('/'));
    Entry { here: exact || below, exact, href, label }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_is_led_to_what_needs_no_login() {
        let hrefs: Vec<_> = of(None, "/").into_iter().map(|entry| entry.href).collect();
        assert_eq!(hrefs, ["/", "/verify", "/help"]);
    }

    #[test]
    fn of_entries_that_a_page_is_below_the_nearest_is_marked() {
        let mut entries =
            ["/", "/operations", "/operations/letters", "/help"].map(|href| entry(href.to_owned(), "shared.home", "/operations/letters/7"));
        assert!(entries[1].here && entries[2].here);
        keep_nearest(&mut entries);
        assert_eq!(entries.map(|entry| entry.here), [false, false, true, false]);
    }

    #[test]
    fn a_page_below_an_entry_marks_it_but_is_not_it() {
        let found = entry("/verify".to_owned(), "shared.verify", "/verify/report");
        assert!(found.here && !found.exact);
        assert!(!entry("/verify".to_owned(), "shared.verify", "/verifying").here);
        assert!(!entry("/".to_owned(), "shared.home", "/verify").here);
    }
}
