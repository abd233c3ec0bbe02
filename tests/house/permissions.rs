//! Who may do what, as a table that reviewers read in the diff: `permissions.txt` is what `http::permissions` says.

use std::fmt::Write as _;

use segl::{
    http::permissions::{Permission, allows},
    platform::actor::Role,
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
