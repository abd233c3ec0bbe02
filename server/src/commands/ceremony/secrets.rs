//! Passphrases and shares: from files, or asked at the terminal without showing them.

use std::{
    io::IsTerminal as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, ensure};
use certs::keystore::{
    master::LEAST_PASSPHRASE_CHARACTERS,
    shares::{self, Rule, SECRET_OCTETS, Share},
};
use zeroize::Zeroizing;

use crate::{
    commands::terminal::say,
    platform::random::{self, SystemRandom},
};

/// Where secrets come from; what is not given is asked for.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Secrets {
    /// The passphrase of the ceremony's keys, on the first line of a file
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// A share of that passphrase, on the first line of a file; as often as shares are needed
    #[arg(long, value_name = "FILE")]
    share_file: Vec<PathBuf>,
    /// Write the new shares into this directory, one file each, instead of showing them one after another
    #[arg(long, value_name = "DIR")]
    shares_out: Option<PathBuf>,
    /// The passphrase of the bundle, on the first line of a file
    #[arg(long, value_name = "FILE")]
    bundle_passphrase_file: Option<PathBuf>,
}

/// A passphrase.
pub type Passphrase = Zeroizing<String>;

impl Secrets {
    /// A new passphrase for the ceremony's keys: chosen, or drawn and split.
    ///
    /// # Errors
    /// When it is too short, or shares cannot be handed out.
    pub fn new_passphrase(&self, rule: Option<Rule>) -> anyhow::Result<Passphrase> {
        let Some(rule) = rule else { return chosen(self.passphrase_file.as_deref(), "Passphrase for the root's key") };
        ensure!(self.passphrase_file.is_none(), "the plan splits the passphrase: it is drawn, not chosen (no --passphrase-file)");
        let secret = Zeroizing::new(random::bytes::<SECRET_OCTETS>(&SystemRandom));
        let texts = shares::split(&secret, rule)?;
        match &self.shares_out {
            Some(directory) => write_shares(directory, &texts)?,
            None => show_shares(&texts, rule)?,
        }
        Ok(of_secret(secret.as_slice()))
    }

    /// The passphrase that the ceremony's keys were sealed under.
    ///
    /// # Errors
    /// When it is not given, or shares do not give it.
    pub fn passphrase(&self, split: bool) -> anyhow::Result<Passphrase> {
        if !split {
            return known(self.passphrase_file.as_deref(), "Passphrase of the root's key");
        }
        let mut shares = Vec::new();
        for file in &self.share_file {
            shares.push(Share::parse(&first_line(file)?).with_context(|| file.display().to_string())?);
        }
        while shares.is_empty() || (self.share_file.is_empty() && shares.len() < usize::from(shares[0].rule().needed())) {
            let text = asked(&format!("Share {} of the root's passphrase", shares.len() + 1))?;
            match Share::parse(&text) {
                Ok(share) => shares.push(share),
                Err(error) => say(format_args!("{error}; once more"))?,
            }
        }
        Ok(of_secret(&shares::join(&shares)?))
    }

    /// A new passphrase for the bundle.
    ///
    /// # Errors
    /// When it is too short.
    pub fn new_bundle_passphrase(&self) -> anyhow::Result<Passphrase> {
        chosen(self.bundle_passphrase_file.as_deref(), "Passphrase for the bundle, to be told to whoever installs it")
    }

    /// The passphrase of a bundle.
    ///
    /// # Errors
    /// When it is not given.
    pub fn bundle_passphrase(&self) -> anyhow::Result<Passphrase> {
        known(self.bundle_passphrase_file.as_deref(), "Passphrase of the bundle")
    }
}

fn of_secret(secret: &[u8]) -> Passphrase {
    Zeroizing::new(hex::encode(secret))
}

fn known(file: Option<&Path>, question: &str) -> anyhow::Result<Passphrase> {
    match file {
        Some(file) => first_line(file),
        None => asked(question),
    }
}

fn chosen(file: Option<&Path>, question: &str) -> anyhow::Result<Passphrase> {
    let passphrase = known(file, question)?;
    ensure!(
        passphrase.chars().count() >= LEAST_PASSPHRASE_CHARACTERS,
        "{question}: at least {LEAST_PASSPHRASE_CHARACTERS} characters, as five words drawn by dice"
    );
    if file.is_none() {
        ensure!(asked("The same again")? == passphrase, "the two were not the same; nothing was done");
    }
    Ok(passphrase)
}

fn asked(question: &str) -> anyhow::Result<Passphrase> {
    ensure!(std::io::stdin().is_terminal(), "{question}: not given, and there is no terminal to ask on (see segl ceremony --help)");
    Ok(Zeroizing::new(rpassword::prompt_password(format!("{question}: "))?))
}

fn first_line(file: &Path) -> anyhow::Result<Passphrase> {
    let text = Zeroizing::new(std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?);
    Ok(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()))
}

fn write_shares(directory: &Path, texts: &[Passphrase]) -> anyhow::Result<()> {
    use std::io::Write as _;
    crate::app::make_directory(directory)?;
    for (at, text) in texts.iter().enumerate() {
        let file = directory.join(format!("share-{}", at + 1));
        let opened = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file);
        let mut opened = opened.with_context(|| format!("{} cannot be made", file.display()))?;
        writeln!(opened, "{}", text.as_str())?;
        opened.sync_all()?;
    }
    Ok(())
}

/// One person after another: each share is wiped from the screen before the next is shown.
fn show_shares(texts: &[Passphrase], rule: Rule) -> anyhow::Result<()> {
    ensure!(std::io::stdin().is_terminal(), "the shares cannot be shown without a terminal: give --shares-out DIR");
    for (at, text) in texts.iter().enumerate() {
        say(format_args!(
            "\x1b[2J\x1b[H\x1b[3JShare {} of {} ({rule}). Only its holder looks at the screen and writes it down:\n",
            at + 1,
            texts.len()
        ))?;
        say(format_args!("  {}\n", text.as_str()))?;
        loop {
            let copied = asked("Type it from the paper (it is not shown)")?;
            match Share::parse(&copied) {
                Ok(share) if usize::from(share.number()) == at + 1 => break,
                Ok(_) => say("that is another share; once more")?,
                Err(error) => say(format_args!("{error}; once more"))?,
            }
        }
    }
    say("\x1b[2J\x1b[H\x1b[3J")
}
