//! `segl serve`: answers requests and works off jobs until it is told to stop.

use std::{net::SocketAddr, path::Path, path::PathBuf, process::ExitCode};

use actix_web::{HttpServer, web};
use anyhow::{Context as _, bail, ensure};
use certs::name::{CommonName, OrganizationName};
use tokio::sync::watch;

use super::{check, demo, https::Https, terminal::say, work};
use crate::{
    app, authorities,
    config::{Config, Mode},
    platform::{
        ground::Ground,
        installation,
        restored::{self, Restored},
        telemetry,
    },
    router,
};

/// Opens what is set up (or founds the demonstration), and serves.
///
/// # Errors
/// When nothing is set up, when it was set up in the other mode, when the address is taken.
pub async fn command(
    mut config: Config,
    (listen, listen_tls): (Option<SocketAddr>, Option<SocketAddr>),
    data: &Path,
) -> anyhow::Result<ExitCode> {
    if let Some(listen) = listen {
        config.server.listen_on(listen)?;
    }
    if let Some(listen) = listen_tls {
        config.tls.listen_on(listen, config.server.mode)?;
    }
    telemetry::start(config.log.format, &config.log.filter);
    let wanted = config.server.mode;
    let ground = app::open(config).await?;
    let mut founding = None;
    match (installation::mode(&ground.database).await?, wanted) {
        (None, Mode::Demonstration) => {
            found_authorities(&ground).await?;
            founding = Some(data.to_path_buf());
        }
        (None, Mode::Real) => bail!("nothing is set up in {}: run `segl init`, or `segl serve --demo` to look around", data.display()),
        (Some(found), wanted) if found != wanted => bail!(
            "{} was set up as {}: start it {}",
            data.display(),
            installation::mode_word(found),
            if found == Mode::Demonstration { "with --demo, or give another --data directory for real use" } else { "without --demo" }
        ),
        (Some(Mode::Demonstration), _) => ensure!(
            demo::story::is_written(data),
            "the demonstration in {} was interrupted while it was made: delete that directory and start again",
            data.display()
        ),
        (Some(Mode::Real), _) => {}
    }
    check::before_serving(&ground).await?;
    if let Some(Restored::AwaitsLists { lists }) = restored::standing(&ground.database).await? {
        let lines: String = lists.iter().map(|list| format!("\n  {}   number {} or higher", list.url, list.number)).collect();
        bail!("restored from a backup: hand in the newest published revocation lists first (segl restore --crl FILE ...):{lines}");
    }
    app::begin(&ground).await?;
    serve(ground, founding).await?;
    Ok(ExitCode::SUCCESS)
}

/// The demonstration's CAs, with DEMO in their names, and the mark that this is no real installation.
async fn found_authorities(ground: &Ground) -> anyhow::Result<()> {
    let mode = installation::mode_word(Mode::Demonstration);
    ground.database.write(async |unit| installation::set_once(unit, "mode", mode).await).await?;
    let names = authorities::Names {
        organisation: OrganizationName::parse("Segl DEMO")?,
        root_cn: CommonName::parse("Segl DEMO Root CA")?,
        issuing_cn: CommonName::parse("Segl DEMO Issuing CA 1")?,
        cvr: None,
    };
    Ok(authorities::found(ground, &names).await?)
}

/// Serves on the configured address until SIGINT or SIGTERM; makes the demonstration's people meanwhile, when there are none yet.
///
/// # Errors
/// When the address is taken.
pub async fn serve(ground: Ground, founding: Option<PathBuf>) -> anyhow::Result<()> {
    let listen = ground.config.server.listen;
    ensure!(listen.port() != 0, "give a port to listen on");
    let workers = ground.config.server.workers;
    let data = web::Data::new(ground.clone());
    let who_is = app::who_is();
    let mut bound = HttpServer::new(move || router::application(data.clone(), who_is.clone()))
        .workers(workers)
        .shutdown_timeout(10)
        .bind(listen)
        .with_context(|| format!("{listen} cannot be listened on; is another service there? (--listen ADDRESS:PORT)"))?;
    let mut fresh = None;
    if let Some(listen) = ground.config.tls.listen {
        let https = Https::begin(&ground, ground.config.tls.source.clone()).await?;
        bound = bound
            .bind_openssl(listen, https.acceptor()?)
            .with_context(|| format!("{listen} cannot be listened on; is another service there? (--listen-tls ADDRESS:PORT)"))?;
        fresh = Some(actix_web::rt::spawn(https.keep(ground.clone())));
    }
    announce(&ground);
    let server = bound.run();
    if let Some(directory) = founding {
        actix_web::rt::spawn(make_demonstration(ground.clone(), directory));
    }
    let (stop, stopped) = watch::channel(false);
    let work = app::work();
    let serving = async move {
        let outcome = server.await;
        let _worker_gone = stop.send(true);
        outcome
    };
    let (served, ()) = tokio::join!(serving, work::until_stopped(&ground, &work, stopped));
    if let Some(fresh) = fresh {
        fresh.abort();
    }
    served.context("serving")
}

async fn make_demonstration(ground: Ground, directory: PathBuf) {
    match demo::found::found(&ground, &directory).await {
        Ok(()) => tracing::info!("the demonstration's people are ready"),
        Err(error) => tracing::error!("the demonstration could not be made: {error:#}"),
    }
}

fn announce(ground: &Ground) {
    let url = &ground.config.server.public_url;
    let words = match ground.config.server.mode {
        Mode::Demonstration => format!(
            "Segl, demonstration (made-up people, this machine only)\n  people and their keys   {url}/demo\n  \
             mails and letters       {url}/demo/mail\n  check a signed PDF      {url}/verify"
        ),
        Mode::Real => format!("Segl at {url}, listening on {}", ground.config.server.listen),
    };
    let words = match ground.config.tls.listen {
        Some(listen) => format!("{words}\n  HTTPS on {listen}"),
        None => words,
    };
    // Whether anybody reads it or not: the service goes on.
    let _nobody_reads = say(words);
}
