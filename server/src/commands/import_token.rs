//! `segl import-token`: binds a certificate that somebody else issued, and its key in a PKCS#11 token, to a company.
//!
//! Whoever runs the service does it, on its machine: they hold the token and its PIN, and see what else lies in it. A company's administrator
//! does not. The key stays in the token; what it signs is decided by the company's administrators from then on, who are all told.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context as _, anyhow, ensure};
use certs::{elsewhere::Use, keystore::KeyLabel};
use openssl::x509::X509;

use super::terminal::say;
use crate::{
    companies::{CompanyError, import},
    platform::{actor::Author, ground::Ground, id::CompanyId},
};

/// Which key, for whom, for what.
#[derive(Debug, clap::Args)]
pub struct Binding {
    /// The token and the label of key and certificate in it, as hsm.bakery-seal for [keystores.hsm]
    #[arg(value_name = "KEYSTORE.LABEL")]
    pub label: String,
    /// The company's id, as its page's address has it
    #[arg(long, value_name = "ID")]
    pub company: String,
    /// What for: seal or mail
    #[arg(long, value_name = "PURPOSE")]
    pub purpose: String,
    /// The certificates above it (PEM), in any order
    #[arg(long, value_name = "PEM")]
    pub chain: Option<PathBuf>,
}

/// Binds it.
///
/// # Errors
/// In a sentence that says what does not fit; nothing is bound then.
pub async fn bind(ground: &Ground, binding: &Binding) -> anyhow::Result<ExitCode> {
    let label = KeyLabel::parse(&binding.label)?;
    let name = label.keystore().unwrap_or_default();
    ensure!(ground.config.keystores.contains_key(name), "{label}: name a token of [keystores.NAME] and a label in it, as hsm.bakery-seal");
    let company: CompanyId = binding.company.parse().context("--company: the id is a UUID, as the address of the company's page has it")?;
    let purpose = Use::parse(&binding.purpose).ok_or_else(|| anyhow!("--purpose is seal or mail"))?;
    let above = match &binding.chain {
        Some(file) => {
            let text = std::fs::read(file).with_context(|| format!("--chain {}", file.display()))?;
            let read = X509::stack_from_pem(&text).with_context(|| format!("--chain {}: not PEM", file.display()))?;
            read.iter().map(|one| one.to_der()).collect::<Result<Vec<_>, _>>()?
        }
        None => Vec::new(),
    };
    let mut examined = import::examine_in_token(ground, company, purpose, label, above).await.map_err(|error| {
        let unknown = matches!(error, CompanyError::NotFound);
        if unknown { anyhow!("there is no active company {company}") } else { error.into() }
    })?;
    let (id, fingerprint) = (examined.id(), examined.fingerprint());
    let (subject, issuer) = examined.names();
    let words = format!("bound {subject}, issued by {issuer}, SHA-256 {fingerprint}, to the company as {id}");
    ground.database.write(async |unit| import::intend(unit, &examined, Author::System("operator")).await).await?;
    import::keep(ground, &mut examined).await?;
    ground.database.write(async |unit| import::confirm(unit, &examined, Author::System("operator")).await).await?;
    say(words)?;
    Ok(ExitCode::SUCCESS)
}
