//! `segl operators`: another operator by whoever owns the host, whom nothing here can keep out (`security.md` section 6); who is one; and after a
//! restore, who still is.

use std::process::ExitCode;

use anyhow::bail;

use super::terminal::say;
use crate::{
    companies, employees,
    operators::{self, OperatorError, host},
    platform::{cursor::Cursor, ground::Ground, words::Language},
};

/// Makes the account and prints its link: fifteen minutes, once, never logged.
///
/// # Errors
/// In a sentence that says what does not fit.
pub async fn invite(ground: &Ground, name: &str, mail: &str, roles: &[String]) -> anyhow::Result<ExitCode> {
    let language = ground.config.policy.language;
    let wanted = match operators::invitation(name, mail, language, roles) {
        Ok(wanted) => wanted,
        Err(faults) => {
            let faults: Vec<String> = faults.iter().map(|fault| format!("{}: {}", fault.field, fault.sentence(Language::En))).collect();
            bail!("{}; roles are registration, security, help_desk and auditor", faults.join("; "));
        }
    };
    let (name, email) = (wanted.name.clone(), wanted.email.clone());
    let link = match host::invite(ground, wanted).await {
        Err(OperatorError::NoOperator) => {
            bail!("no operator with the role security is active yet: `segl init` prints the first one's link")
        }
        done => done?,
    };
    say(format_args!("\nThe operator ({name}, {email}) opens this link within 15 minutes; it works once:\n\n  {}\n", link.reveal()))?;
    Ok(ExitCode::SUCCESS)
}

/// Confirms those who rest since a restore.
///
/// # Errors
/// When one of them is nobody who rests: then nobody is confirmed.
pub async fn confirm(ground: &Ground, who: &[String]) -> anyhow::Result<ExitCode> {
    let confirmed = match host::confirm(ground, who).await {
        Err(OperatorError::NotFound) => {
            bail!("nobody is confirmed: each must be an operator who rests; `segl operators list` says who does")
        }
        done => done?,
    };
    let words: Vec<String> = confirmed.iter().map(|one| format!("confirmed: {}", one_operator(one))).collect();
    say(format_args!("{}\na new key card goes to each by letter once it serves", words.join("\n")))?;
    Ok(ExitCode::SUCCESS)
}

/// Says who is an operator, and who administers which company if that is wanted.
///
/// # Errors
/// When the database fails.
pub async fn list(ground: &Ground, with_administrators: bool) -> anyhow::Result<ExitCode> {
    let mut words = every_operator(ground).await?;
    if with_administrators {
        words.extend(administrators(ground).await?);
    }
    say(words.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// A line for each operator who has not ended.
///
/// # Errors
/// When the database fails.
pub async fn every_operator(ground: &Ground) -> anyhow::Result<Vec<String>> {
    let all = operators::read::operators(&mut ground.database.read().await?).await?;
    Ok(all.iter().map(one_operator).collect())
}

fn one_operator(one: &operators::read::Operator) -> String {
    let account = &one.account;
    let roles: Vec<&str> = account.roles.iter().map(|role| role.word()).collect();
    let user_id = account.user_id.as_deref().unwrap_or("-");
    format!("{user_id}   {} <{}>   {}   {}", account.name, one.email, roles.join(","), account.state.word())
}

/// A line for each administrator of each company.
///
/// # Errors
/// When the database fails.
pub async fn administrators(ground: &Ground) -> anyhow::Result<Vec<String>> {
    let mut reader = ground.database.read().await?;
    let (mut words, mut after) = (Vec::new(), Some(Cursor::start()));
    while let Some(from) = after {
        let page = companies::read::list(&mut reader, "", &from).await?;
        for company in &page.items {
            for id in companies::read::administrators(&mut reader, company.id).await? {
                let Some(one) = employees::read::employee(&mut reader, company.id, id).await? else { continue };
                let state = one.state.word();
                words.push(format!(
                    "{} {}   {} <{}>   administrator, {state}",
                    company.number,
                    company.legal_name,
                    one.name(),
                    one.person.email
                ));
            }
        }
        after = page.next;
    }
    Ok(words)
}
