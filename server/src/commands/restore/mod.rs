//! `segl restore FILE --identity KEYFILE`: a backup becomes an installation again, in a new epoch (`security.md` section 6).
//!
//! [`read`] reads all of it, [`place`] puts it there, [`epoch`] ends what was one-time, [`lists`] takes the newest published revocation
//! lists over; `segl serve` refuses until it has them. [`rehearse`] does the first two in a scratch place. Exit 0 done, 1 refused: then
//! nothing was changed.

pub mod epoch;
pub mod lists;
pub mod place;
pub mod read;
pub mod rehearse;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, bail, ensure};

use self::read::Found;
use super::{audit, demo, operators, terminal::say};
use crate::{
    app,
    config::{Config, Mode},
    platform::{ground::Ground, telemetry},
    status::restore::PublishedList,
};

/// So many administrators are listed when a restore ends.
const MOST_LISTED: usize = 100;

/// What to restore, and what comes with it.
#[derive(Clone, Debug, clap::Args)]
pub struct Restoring {
    /// The backup; without it the lists are for what was restored before
    pub file: Option<PathBuf>,
    /// The private half of the backup's key, as `segl backup-key` wrote it
    #[arg(long, value_name = "KEYFILE")]
    pub identity: Option<PathBuf>,
    /// A revocation list (DER or PEM) as it was published last; again for each
    #[arg(long, value_name = "FILE")]
    pub crl: Vec<PathBuf>,
    /// Go on without the lists that cannot be had: revocations since the backup may be lost, and the audit says so
    #[arg(long)]
    pub without_crls: bool,
    /// A checkpoint of the audit that was kept elsewhere: tells which entries are lost
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Option<PathBuf>,
    /// Restore into a scratch place, check it, remove it
    #[arg(long)]
    pub rehearse: bool,
}

/// Restores, rehearses, or hands lists in.
///
/// # Errors
/// In one sentence that says what to do.
pub async fn restore(restoring: Restoring, data: &Path, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    telemetry::start(telemetry::LogFormat::default(), "warn");
    let Some(file) = &restoring.file else {
        ensure!(!restoring.rehearse, "--rehearse needs the backup's FILE");
        return hand_in(&restoring, data, config).await;
    };
    let identity = restoring.identity.as_deref().context("--identity KEYFILE is needed: the private half of the backup's key")?;
    let found = Found::read(file, identity)?;
    tell(file, &found)?;
    let (config, text) = configuration(&found, data, config)?;
    if restoring.rehearse {
        return rehearse::rehearse(&found, &restoring, config).await;
    }
    place::place(&found, &config).await?;
    let looked = look(&restoring, config.clone()).await;
    let (ground, given) = match looked {
        Ok(whole) => whole,
        Err(refused) => {
            place::remove(&config).await.context("what was restored could not be removed")?;
            return Err(refused);
        }
    };
    if let Some(text) = text {
        fs::write(data.join("segl.toml"), text).context("segl.toml cannot be written")?;
    }
    let begun = epoch::begin(&ground, &found.head).await?;
    let words = [begun_words(&begun), people(&ground).await?].concat();
    finish(&ground, &restoring, &given, words).await
}

/// Who had rights in the backup, and may have lost them since: only people know.
async fn people(ground: &Ground) -> anyhow::Result<Vec<String>> {
    let mut words = vec![
        "whoever of these operators is one still is confirmed on this host: segl operators confirm WHO ...".to_owned(),
        "the others are ended at /operators; where nobody can print the new cards' letters yet: segl operators invite".to_owned(),
    ];
    words.extend(operators::every_operator(ground).await?.into_iter().map(|line| format!("  {line}")));
    let administrators = operators::administrators(ground).await?;
    words.push("look whether these still administer, and whether anybody who was suspended since works again; their companies end or suspend them:".to_owned());
    words.extend(administrators.iter().take(MOST_LISTED).map(|line| format!("  {line}")));
    if let Some(more) = administrators.len().checked_sub(MOST_LISTED).filter(|more| *more > 0) {
        words.push(format!("  and {more} more: segl operators list --administrators"));
    }
    Ok(words)
}

/// Opens what was placed, verifies its audit before the new epoch adds its own entries, and reads the lists: whatever is refused here leaves
/// nothing behind.
async fn look(restoring: &Restoring, config: Config) -> anyhow::Result<(Ground, Vec<PublishedList>)> {
    let ground = app::open_restoring(config).await?;
    audit::verify(&ground, restoring.checkpoint.as_deref()).await?;
    let given = lists::read(&ground, &restoring.crl).await?;
    Ok((ground, given))
}

/// Lists for an installation that waits for them.
async fn hand_in(restoring: &Restoring, data: &Path, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    ensure!(!restoring.crl.is_empty() || restoring.without_crls, "give the backup's FILE, or --crl FILE for what was restored before");
    let here = if demo::story::is_written(data) { Mode::Demonstration } else { Mode::Real };
    let ground = app::open(super::read_config(config, data, here)?).await?;
    let given = lists::read(&ground, &restoring.crl).await?;
    finish(&ground, restoring, &given, Vec::new()).await
}

/// Takes the lists, then says everything: a reader who left early interrupts nothing.
async fn finish(ground: &Ground, restoring: &Restoring, given: &[PublishedList], mut words: Vec<String>) -> anyhow::Result<ExitCode> {
    let mut awaited = lists::take(ground, given, &mut words).await?;
    if restoring.without_crls {
        lists::forgo(ground, &awaited).await?;
        awaited.clear();
    }
    words.extend(lists::tell(&awaited));
    say(words.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// The configuration: the one given or standing in the data directory, else the backup's own with its text, to be written there.
fn configuration(found: &Found, data: &Path, file: Option<&Path>) -> anyhow::Result<(Config, Option<String>)> {
    let mode = if found.is_demonstration { Mode::Demonstration } else { Mode::Real };
    if file.is_some() || data.join("segl.toml").exists() {
        return Ok((super::read_config(file, data, mode)?, None));
    }
    match &found.config {
        Some(text) => Ok((Config::parse(text, "the backup's segl.toml", data, mode)?, Some(text.clone()))),
        None if found.is_demonstration => Ok((super::read_config(None, data, mode)?, None)),
        None => bail!("the backup holds no configuration: write {} first, or give --config", data.join("segl.toml").display()),
    }
}

fn tell(file: &Path, found: &Found) -> anyhow::Result<()> {
    say(format_args!(
        "{}: made {} by segl {} from {}; {} rows and {} files, whole and unaltered",
        file.display(),
        found.head.made_at,
        found.head.program,
        found.head.engine,
        found.end.rows,
        found.end.files
    ))
}

fn begun_words(begun: &epoch::Begun) -> Vec<String> {
    vec![
        format!("epoch {} began", begun.epoch),
        format!("  {} session(s) and API key(s), {} link(s), {} approval(s) ended", begun.sessions, begun.links, begun.approvals),
        format!(
            "  every phone is blocked; the service's identity key is a fresh one, generation {}: earlier ones sign nothing more",
            begun.identity
        ),
        format!("  {} operator(s) rest until they are confirmed", begun.operators),
        format!("  every key card is dead; {} new one(s) go out by letter once it serves", begun.cards),
    ]
}
