//! `segl init`: sets up for real use from a terminal, and prints one link for the first operator: 15 minutes, once, never logged.

use std::{
    io::{BufRead as _, IsTerminal as _, Write as _},
    path::Path,
    process::ExitCode,
};

use anyhow::{Context as _, bail, ensure};
use certs::name::{CommonName, OrganizationName};

use super::{arguments::Answers, ceremony, demo, terminal::say};
use crate::{
    app, authorities,
    config::{Config, Mode},
    employees::operators,
    platform::{
        clock::{Clock as _, SystemClock},
        ground::Ground,
        installation, telemetry,
    },
};

/// Asks, writes `segl.toml`, makes the CAs, prints the link. Where all of that stands, it only prints a new link while no operator has
/// activated, and asks for nothing that is known.
///
/// # Errors
/// In one sentence that says what to do.
pub async fn init(data: &Path, config: Option<&Path>, answers: Answers) -> anyhow::Result<ExitCode> {
    let file = config.map_or_else(|| data.join("segl.toml"), Path::to_path_buf);
    let (from_ceremony, secrets) = (answers.from_ceremony.clone(), answers.secrets.clone());
    if file.exists() {
        let config = Config::load(Some(&file), data, Mode::Real)?;
        keeps(&file, &config, &answers)?;
        fits(from_ceremony.as_deref(), &config)?;
        let ground = open(config, data).await?;
        if installation::mode(&ground.database).await? == Some(Mode::Real) {
            if let Some(bundle) = &from_ceremony {
                ceremony::install::install(&ground, bundle, &secrets).await?;
            }
            let (operator, email) = operator(&ground, answers).await?;
            return link(&ground, data, &operator, &email).await;
        }
        // It was interrupted before the CAs stood, or somebody wrote the configuration: the rest is asked for.
        let setup = Setup::complete(answers, Configured::Yes)?;
        return found(&ground, data, &setup, (from_ceremony.as_deref(), &secrets)).await;
    }
    let setup = Setup::complete(answers, Configured::No)?;
    ensure!(!demo::story::is_written(data), "{} holds a demonstration: give another --data directory for real use", data.display());
    let text = setup.toml()?;
    // Checked before it is written: a wrong answer leaves no file behind that the next try would read.
    let config = Config::parse(&text, "your answers", data, Mode::Real)?;
    fits(from_ceremony.as_deref(), &config)?;
    write_config(&file, &text)?;
    say(format_args!("wrote {}", file.display()))?;
    let ground = open(config, data).await?;
    found(&ground, data, &setup, (from_ceremony.as_deref(), &secrets)).await
}

/// Says which answers are of no use, because the configuration that stands says otherwise.
fn keeps(file: &Path, config: &Config, answers: &Answers) -> anyhow::Result<()> {
    let asked = [("public_url", &answers.public_url, &config.server.public_url), ("pki_url", &answers.pki_url, &config.server.pki_url)];
    for (key, given, standing) in asked {
        if let Some(given) = given.as_ref().filter(|given| *given != standing) {
            say(format_args!(
                "{} stands and is kept: its server.{key} is {standing}, not {given}; to change that, edit it",
                file.display()
            ))?;
        }
    }
    Ok(())
}

/// Whether the bundle is for this service: before anything is written.
fn fits(bundle: Option<&Path>, config: &Config) -> anyhow::Result<()> {
    bundle.map_or(Ok(()), |bundle| ceremony::install::fits(config, bundle, SystemClock.now()))
}

async fn open(config: Config, data: &Path) -> anyhow::Result<Ground> {
    telemetry::start(config.log.format, "warn");
    let ground = app::open(config).await?;
    ensure!(
        installation::mode(&ground.database).await? != Some(Mode::Demonstration),
        "{} holds a demonstration: give another --data directory for real use",
        data.display()
    );
    Ok(ground)
}

/// Makes the CAs, or takes them in, and prints the first link.
async fn found(
    ground: &Ground,
    data: &Path,
    setup: &Setup,
    (bundle, secrets): (Option<&Path>, &ceremony::Secrets),
) -> anyhow::Result<ExitCode> {
    match (bundle, &setup.names) {
        (Some(bundle), _) => ceremony::install::install(ground, bundle, secrets).await?,
        (None, Some(names)) => authorities::found(ground, names).await?,
        (None, None) => bail!("there are no names for the CAs"),
    }
    ground.database.write(async |unit| installation::set_once(unit, "mode", installation::mode_word(Mode::Real)).await).await?;
    app::begin(ground).await?;
    link(ground, data, &setup.operator, &setup.operator_email).await
}

/// Who gets the new link: as answered, else who was invited last.
async fn operator(ground: &Ground, answers: Answers) -> anyhow::Result<(String, String)> {
    let (name, email) = operators::invited(ground).await?.unzip();
    let name = answers.operator.or(name).map_or_else(|| ask(OPERATOR, None), Ok)?;
    let email = answers.operator_email.or(email).map_or_else(|| ask(OPERATOR_EMAIL, None), Ok)?;
    Ok((name, email))
}

async fn link(ground: &Ground, data: &Path, operator: &str, email: &str) -> anyhow::Result<ExitCode> {
    let link = operators::invite_first(ground, operator, email).await?;
    say(format_args!(
        "\nThe first operator ({operator}, {email}) opens this link within 15 minutes; it works once:\n\n  {}\n",
        link.reveal()
    ))?;
    say(format_args!("Then: segl serve --data {}", data.display()))?;
    Ok(ExitCode::SUCCESS)
}

const OPERATOR: &str = "First operator's name";
const OPERATOR_EMAIL: &str = "First operator's e-mail address";

/// Whether there is a configuration already: then nothing is asked that stands in it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Configured {
    No,
    Yes,
}

struct Setup {
    public_url: String,
    pki_url: Option<String>,
    mail_from: String,
    relay: Option<String>,
    clock: String,
    names: Option<authorities::Names>,
    operator: String,
    operator_email: String,
}

impl Setup {
    /// Asks for what is not given; the configuration's part only when there is no configuration yet.
    fn complete(given: Answers, configured: Configured) -> anyhow::Result<Self> {
        let ask = |answer: Option<String>, question: &str, default: Option<&str>| match answer {
            Some(answer) => Ok(answer),
            None => ask(question, default),
        };
        let skip = |answer: Option<String>| if configured == Configured::Yes { Some(answer.unwrap_or_default()) } else { answer };
        let public_url = ask(skip(given.public_url), "Public URL (https://...)", None)?;
        let mail_from = ask(skip(given.mail_from), "Sender of the service's mail (an e-mail address)", None)?;
        let relay = ask(skip(given.relay), "Mail relay (host:port, or \"none\" to spool into a directory)", Some("none"))?;
        let clock = ask(skip(given.clock), "What the clock is compared with (kernel, none, or an NTP server)", Some("kernel"))?;
        let names = if given.from_ceremony.is_some() {
            None
        } else {
            let organisation = ask(given.organisation, "Organisation that runs the service", None)?;
            let root_name = ask(given.root_name, "Name of the root CA", Some(&format!("{organisation} Root CA")))?;
            let issuing_name = ask(given.issuing_name, "Name of the issuing CA", Some(&format!("{organisation} Issuing CA 1")))?;
            Some(authorities::Names {
                organisation: OrganizationName::parse(&organisation).context("the organisation")?,
                root_cn: CommonName::parse(&root_name).context("the root CA's name")?,
                issuing_cn: CommonName::parse(&issuing_name).context("the issuing CA's name")?,
                cvr: None,
            })
        };
        Ok(Self {
            public_url,
            pki_url: given.pki_url,
            mail_from,
            relay: (relay != "none" && !relay.is_empty()).then_some(relay),
            clock,
            names,
            operator: ask(given.operator, OPERATOR, None)?,
            operator_email: ask(given.operator_email, OPERATOR_EMAIL, None)?,
        })
    }

    fn toml(&self) -> anyhow::Result<String> {
        let mut server = toml::Table::new();
        server.insert("public_url".into(), self.public_url.clone().into());
        if let Some(url) = &self.pki_url {
            server.insert("pki_url".into(), url.clone().into());
        }
        let mut mail = toml::Table::new();
        mail.insert("from".into(), self.mail_from.clone().into());
        if let Some(relay) = &self.relay {
            let (host, port) = relay.rsplit_once(':').unwrap_or((relay, "587"));
            mail.insert("relay_host".into(), host.into());
            mail.insert("relay_port".into(), i64::from(port.parse::<u16>().context("the relay's port is a number")?).into());
        }
        let mut timestamps = toml::Table::new();
        match self.clock.as_str() {
            "kernel" | "none" => drop(timestamps.insert("clock".into(), self.clock.clone().into())),
            server => {
                timestamps.insert("clock".into(), "ntp".into());
                timestamps.insert("ntp_server".into(), server.into());
            }
        }
        let mut all = toml::Table::new();
        all.insert("server".into(), server.into());
        all.insert("mail".into(), mail.into());
        all.insert("timestamps".into(), timestamps.into());
        Ok(toml::to_string(&all)?)
    }
}

fn ask(question: &str, default: Option<&str>) -> anyhow::Result<String> {
    ensure!(std::io::stdin().is_terminal(), "{question}: not given, and there is no terminal to ask on (see segl init --help)");
    loop {
        match default {
            Some(default) => write!(std::io::stdout(), "{question} [{default}]: ")?,
            None => write!(std::io::stdout(), "{question}: ")?,
        }
        std::io::stdout().flush()?;
        let mut line = String::new();
        ensure!(std::io::stdin().lock().read_line(&mut line)? > 0, "no answer");
        match (line.trim(), default) {
            ("", Some(default)) => return Ok(default.to_owned()),
            ("", None) => {}
            (answer, _) => return Ok(answer.to_owned()),
        }
    }
}

fn write_config(file: &Path, text: &str) -> anyhow::Result<()> {
    if let Some(directory) = file.parent() {
        app::make_directory(directory)?;
    }
    std::fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))
}
