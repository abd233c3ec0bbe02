//! `segl check`: everything that can be known before serving: configuration, database, and whether each key signs as its certificate says.

use std::{fmt::Display, process::ExitCode};

use super::terminal::say;
use crate::{
    audit, authorities, certificates, companies,
    config::Mode,
    platform::{
        ground::Ground,
        reference::{self, State},
    },
};

/// So many bad rows of the register's file are named.
const MOST_ROWS: usize = 20;

/// Prints a line per finding; fails when any is bad.
///
/// # Errors
/// When something cannot even be looked at.
pub async fn check(ground: &Ground) -> anyhow::Result<ExitCode> {
    ground.database.ping().await?;
    say(format_args!("ok    database     {}", ground.database.engine_name()))?;
    if ground.config.server.mode == Mode::Demonstration {
        say("info  mode         the demonstration, with made-up people: `segl serve --demo` starts it")?;
    }
    let findings = keys(ground).await?;
    for finding in &findings {
        say(finding.line())?;
    }
    let clock = reference::state(ground).await;
    let mark = match clock {
        State::Trusted { .. } => "ok  ",
        State::Unchecked => "warn",
        State::Off { .. } | State::Unknown(_) => "BAD ",
    };
    say(format_args!("{mark}  clock        {}: {clock}", reference::name(ground)))?;
    let hashing = ground.config.policy.hashing;
    say(format_args!(
        "info  passwords    a guess against stolen rows costs argon2id with {} KiB and {} pass(es), and needs the keystore's pepper too",
        hashing.memory_kib, hashing.passes
    ))?;
    match &ground.config.backup.public_key {
        Some(key) => say(format_args!("ok    backup       sealed to {}", key.name()))?,
        None if ground.config.server.mode == Mode::Demonstration => {}
        None => say("warn  backup       no key to seal to: `segl backup-key FILE` makes one; backup.public_key names it")?,
    }
    for line in register(ground) {
        say(line)?;
    }
    let good = clock.is_usable() && findings.iter().all(|finding| finding.fault.is_none());
    say(if good { "all is well" } else { "something is wrong: see above" })?;
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A line for each row of the register's file by which nobody can be registered. The others serve.
fn register(ground: &Ground) -> Vec<String> {
    match companies::lookup::bad_rows(ground.config.register.source.as_ref(), MOST_ROWS) {
        Ok(bad) => bad.into_iter().map(|row| format!("warn  register     {row}: cannot be read as an entry of register.file")).collect(),
        Err(error) => vec![format!("warn  register     {error}")],
    }
}

/// What was found about one key.
struct Finding {
    subject: &'static str,
    name: String,
    fault: Option<String>,
}

impl Finding {
    fn of(subject: &'static str, name: String, fault: Option<impl Display>) -> Self {
        Self { subject, name, fault: fault.map(|fault| fault.to_string()) }
    }

    fn line(&self) -> String {
        match &self.fault {
            None => format!("ok    {:<12} {}", self.subject, self.name),
            Some(fault) => format!("BAD   {:<12} {}: {fault}", self.subject, self.name),
        }
    }
}

async fn keys(ground: &Ground) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for checked in authorities::check(ground).await? {
        let place = certs::keystore::KeyLabel::parse(&checked.label).ok();
        let place = place.as_ref().and_then(|label| label.keystore()).unwrap_or(&ground.config.storage.places.main);
        let name = match place {
            "offline" => format!("{}: its certificate is well formed; its key is offline", checked.name),
            place => format!("{}: its key in {place} matches its certificate", checked.name),
        };
        findings.push(Finding::of("authority", if checked.fault.is_some() { checked.name } else { name }, checked.fault));
    }
    // The services' certificates hang on the authorities: those come first, and are named alone.
    if findings.iter().all(|finding| finding.fault.is_none()) {
        for proven in certificates::prove(ground).await? {
            findings.push(Finding::of("service", proven.name, proven.fault));
        }
    }
    findings.push(Finding::of("audit", "the checkpoint key".to_owned(), audit::checkpoint::prove(ground).await.err()));
    Ok(findings)
}

/// Refuses to go on while a key does not sign as its certificate says.
///
/// # Errors
/// Names every such key.
pub async fn before_serving(ground: &Ground) -> anyhow::Result<()> {
    let bad: Vec<String> = keys(ground).await?.iter().filter(|finding| finding.fault.is_some()).map(Finding::line).collect();
    anyhow::ensure!(bad.is_empty(), "nothing is served while a key does not match its certificate:\n{}", bad.join("\n"));
    Ok(())
}
