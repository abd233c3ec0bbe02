//! Who may do what, as a table that reviewers read in the diff: `permissions.txt` is what `http::permissions` says.

use std::fmt::Write as _;

use segl::{
    http::{
        permissions::{Permission, allows},
        scopes,
    },
    platform::actor::{Role, Scope},
    router,
};

use crate::source;

fn matrix() -> String {
    let width = Permission::ALL.iter().map(|permission| permission.word().len()).max().unwrap();
    let mut text = format!("{:width$}", "");
    for role in Role::ALL {
        write!(text, "  {}", role.word()).unwrap();
    }
    text.push('\n');
    for permission in Permission::ALL {
        let mut line = format!("{:width$}", permission.word());
        for role in Role::ALL {
            let mark = if allows(&[role], *permission) { "yes" } else { "-" };
            write!(line, "  {mark:<0$}", role.word().len()).unwrap();
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[test]
fn the_matrix_is_the_one_that_was_reviewed() {
    let reviewed = source::read("tests/house/permissions.txt");
    assert!(reviewed == matrix(), "tests/house/permissions.txt should now say:\n{}", matrix());
}

#[test]
fn every_role_may_do_something_and_nobody_everything() {
    for role in Role::ALL {
        let rights = Permission::ALL.iter().filter(|permission| allows(&[role], **permission)).count();
        assert!(rights > 0 && rights < Permission::ALL.len(), "{role:?} has {rights} of {} rights", Permission::ALL.len());
    }
    assert!(Permission::ALL.iter().all(|permission| !allows(&[], *permission)), "nobody at all may do something");
}

#[test]
fn a_key_opens_routes_that_there_are_and_that_an_administrator_may_use() {
    let document = serde_json::to_value(router::openapi()).unwrap();
    for route in scopes::ROUTES {
        let operation = &document["paths"][route.path][route.method.to_lowercase()];
        assert!(operation.is_object(), "{} {} is no route", route.method, route.path);
        assert!(allows(&[Role::Administrator], route.permission), "{} is no administrator's", route.permission.word());
        let told = operation["description"].as_str().unwrap_or_default().contains(route.scope.word());
        assert!(told || operation["summary"].as_str().unwrap_or_default().contains(route.scope.word()), "{} does not say so", route.path);
    }
    for scope in Scope::ALL {
        assert!(scopes::ROUTES.iter().any(|route| route.scope == scope), "{} opens nothing", scope.word());
    }
}

#[test]
fn a_key_gives_no_role_and_opens_no_key() {
    let never = [
        Permission::AppointAdministrator,
        Permission::AskSuccession,
        Permission::AssignTokens,
        Permission::ChangeAgreement,
        Permission::CloseCompany,
        Permission::DecideMandate,
        Permission::DecideSuccession,
        Permission::ManageApiKeys,
        Permission::ManageWebhooks,
        Permission::OrderCertificate,
        Permission::RecoverKeys,
        Permission::SealDocument,
        Permission::SeeMandates,
        Permission::SetFactors,
        Permission::SetKeyCarriers,
        Permission::UseDocuments,
    ];
    for permission in never {
        assert!(scopes::ROUTES.iter().all(|route| route.permission != permission), "{}", permission.word());
    }
}
