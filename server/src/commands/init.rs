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
    platform::{installation, telemetry},
};

/// Asks, writes `segl.toml`, makes the CAs, prints the link. A second run only prints a new link while no operator has activated.
///
/// # Errors
/// In one sentence that says what to do.
pub async fn init(data: &Path, config: Option<&Path>, answers: Answers) -> anyhow::Result<ExitCode> {
    let file = config.map_or_else(|| data.join("segl.toml"), Path::to_path_buf);
    let (from_ceremony, secrets) = (answers.from_ceremony.clone(), answers.secrets.clone());
    let setup = Setup::complete(answers, file.exists())?;
    let config = if file.exists() {
        Config::load(Some(&file), data, Mode::Real)?
    } else {
        ensure!(!demo::story::is_written(data), "{} holds a demonstration: give another --data directory for real use", data.display());
        let text = setup.toml()?;
        // Checked before it is written: a wrong answer leaves no file behind that the next try would read.
        let config = Config::parse(&text, "your answers", data, Mode::Real)?;
        write_config(&file, &text)?;
        say(format_args!("wrote {}", file.display()))?;
        config
    };
    telemetry::start(config.log.format, "warn");
    let ground = app::open(config).await?;
    ensure!(
        installation::mode(&ground.database).await? != Some(Mode::Demonstration),
        "{} holds a demonstration: give another --data directory for real use",
        data.display()
    );
    match (&from_ceremony, &setup.names) {
        (Some(bundle), _) => ceremony::install::install(&ground, bundle, &secrets).await?,
        (None, Some(names)) => authorities::found(&ground, names).await?,
        (None, None) => bail!("there are no names for the CAs"),
    }
    ground.database.write(async |unit| installation::set_once(unit, "mode", installation::mode_word(Mode::Real)).await).await?;
    app::begin(&ground).await?;
    let link = operators::invite_first(&ground, &setup.operator, &setup.operator_email).await?;
    say(format_args!("\nThe first operator opens this link within 15 minutes; it works once:\n\n  {}\n", link.reveal()))?;
    say(format_args!("Then: segl serve --data {}", data.display()))?;
    Ok(ExitCode::SUCCESS)
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
    fn complete(given: Answers, configured: bool) -> anyhow::Result<Self> {
        let ask = |answer: Option<String>, question: &str, default: Option<&str>| match answer {
            Some(answer) => Ok(answer),
            None => ask(question, default),
        };
        let skip = |answer: Option<String>| if configured { Some(answer.unwrap_or_default()) } else { answer };
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
            operator: ask(given.operator, "First operator's name", None)?,
            operator_email: ask(given.operator_email, "First operator's e-mail address", None)?,
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
