//! What `segl` can be told to do, one file each. Exit codes: 0 done, 1 refused or failed, 64 wrong usage (sysexits.h);
//! `segl verify` has its own (see there).

mod arguments;
pub mod audit;
pub mod backup;
pub mod ceremony;
pub mod check;
pub mod demo;
mod https;
pub mod import_token;
pub mod init;
pub mod operators;
pub mod phone_identity;
pub mod restore;
pub mod serve;
mod terminal;
pub mod tls_certificate;
pub mod verify;
pub mod verify_approval;
pub mod work;

use std::{path::Path, process::ExitCode};

use clap::Parser as _;

use self::{
    arguments::{Arguments, AuditCommand, Command, OperatorsCommand},
    terminal::{Unheard, complain, say},
};
use crate::{
    app,
    config::{Config, Mode},
    platform::{
        clock::{Clock as _, SystemClock},
        database::migrate,
        ground::Ground,
        installation, telemetry,
    },
    router,
};

/// Wrong usage (sysexits.h, EX_USAGE).
const USAGE: u8 = 64;
/// The exit code that shells show for a program which ends because its reader left (128 + SIGPIPE).
const UNHEARD: u8 = 141;

/// What to do about a demonstration where something real is wanted.
const DEMONSTRATION: &str = "holds the demonstration: start it with `segl serve --demo`, or give another --data directory for real use";

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _broken_pipe = error.print();
            return if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS };
        }
    };
    // Secrets in memory must not end in a core file.
    let _already_lower = rlimit::setrlimit(rlimit::Resource::CORE, 0, 0);
    match actix_web::rt::System::new().block_on(run(arguments)) {
        Ok(code) => code,
        Err(error) if error.is::<Unheard>() => ExitCode::from(UNHEARD),
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { data, config, command } = arguments;
    let from = |mode: Mode| read_config(config.as_deref(), &data, mode);
    let here = if demo::story::is_written(&data) { Mode::Demonstration } else { Mode::Real };
    match command {
        Command::Backup { file, to } => backup::backup(&from(here)?, &file, to.as_deref()).await,
        Command::BackupKey { file } => backup::make_key(&file),
        Command::Ceremony { what: ceremony::Step::Install { bundle, secrets } } => {
            ceremony::install::install(&open(from(here)?).await?, &bundle, &secrets).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Ceremony { what } => ceremony::offline(what),
        Command::Check => check::check(&open(from(here)?).await?).await,
        Command::Audit { what: AuditCommand::Verify { checkpoint } } => {
            audit::verify(&open(from(here)?).await?, checkpoint.as_deref()).await
        }
        Command::ImportToken(binding) => import_token::bind(&open(from(here)?).await?, &binding).await,
        Command::Init(answers) => init::init(&data, config.as_deref(), answers).await,
        Command::Migrate => migrate_only(from(here)?).await,
        Command::Operators { what: OperatorsCommand::Invite { name, mail, roles } } => {
            operators::invite(&open(from(here)?).await?, &name, &mail, &roles).await
        }
        Command::Operators { what: OperatorsCommand::Confirm { who } } => operators::confirm(&open(from(here)?).await?, &who).await,
        Command::Operators { what: OperatorsCommand::List { administrators } } => {
            operators::list(&open(from(here)?).await?, administrators).await
        }
        Command::Openapi => print_openapi(),
        Command::PhoneIdentity { succeed } => phone_identity::run(&open(from(here)?).await?, succeed).await,
        Command::Restore(restoring) => restore::restore(restoring, &data, config.as_deref()).await,
        Command::Serve { demo, listen, listen_tls } => {
            anyhow::ensure!(demo || here == Mode::Real, "{} {DEMONSTRATION}", data.display());
            let mode = if demo { Mode::Demonstration } else { Mode::Real };
            serve::command(from(mode)?, (listen, listen_tls), &data).await
        }
        Command::TlsCertificate(wanted) => tls_certificate::issue(&open(from(here)?).await?, &wanted).await,
        Command::VerifyApproval(arguments) => verify_approval::verify(&arguments, async || open(from(here)?).await).await,
        Command::Verify(arguments) => verify::verify(arguments, SystemClock.now(), async || open(from(here)?).await).await,
    }
}

/// The configuration: the given file, else `segl.toml` in the data directory when it is there.
fn read_config(file: Option<&Path>, data: &Path, mode: Mode) -> anyhow::Result<Config> {
    let usual = data.join("segl.toml");
    let file = file.or_else(|| usual.exists().then_some(usual.as_path()));
    Ok(Config::load(file, data, mode)?)
}

/// Opens what is set up; without `init` (or `--demo`) there is nothing to open.
async fn open(config: Config) -> anyhow::Result<Ground> {
    telemetry::start(config.log.format, "warn");
    let ground = app::open(config).await?;
    anyhow::ensure!(
        installation::mode(&ground.database).await?.is_some(),
        "nothing is set up here yet: run `segl init`, or `segl serve --demo` to look around"
    );
    Ok(ground)
}

async fn migrate_only(config: Config) -> anyhow::Result<ExitCode> {
    backup::before_migrating(&config).await?;
    let settings = config.storage.database;
    let steps = tokio::task::spawn_blocking(move || migrate::run(&settings)).await??;
    say(format_args!("{steps} step(s) taken; the schema is this program's"))?;
    Ok(ExitCode::SUCCESS)
}

fn print_openapi() -> anyhow::Result<ExitCode> {
    say(router::openapi().to_pretty_json()?)?;
    Ok(ExitCode::SUCCESS)
}
