//! `segl operators invite`: another operator by whoever owns the host, whom nothing here can keep out (`security.md` section 6).

use std::process::ExitCode;

use anyhow::bail;

use super::terminal::say;
use crate::{
    operators::{self, OperatorError, host},
    platform::{ground::Ground, words::Language},
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
