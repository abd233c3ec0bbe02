//! `segl serve`: answers requests and works off jobs until it is told to stop.

use std::{net::SocketAddr, path::Path, process::ExitCode};

use actix_web::{HttpServer, web};
use anyhow::{Context as _, bail, ensure};
use tokio::sync::watch;

use super::work;
use crate::{
    app,
    config::{Config, Mode},
    platform::{ground::Ground, installation, telemetry},
    router,
};

/// Opens what is set up (or founds the demonstration), and serves.
///
/// # Errors
/// When nothing is set up, when it was set up in the other mode, when the address is taken.
pub async fn command(mut config: Config, listen: Option<SocketAddr>, data: &Path) -> anyhow::Result<ExitCode> {
    if let Some(listen) = listen {
        config.server.listen_on(listen)?;
    }
    telemetry::start(config.log.format, &config.log.filter);
    let wanted = config.server.mode;
    let ground = app::open(config).await?;
    match (installation::mode(&ground.database).await?, wanted) {
        (None, Mode::Demonstration) => set_mode(&ground, wanted).await?,
        (None, Mode::Real) => bail!("nothing is set up in {}: run `segl init`, or `segl serve --demo` to look around", data.display()),
        (Some(found), wanted) if found != wanted => bail!(
            "{} was set up as {}: start it {}",
            data.display(),
            installation::mode_word(found),
            if found == Mode::Demonstration { "with --demo, or give another --data directory for real use" } else { "without --demo" }
        ),
        (Some(_), _) => {}
    }
    announce(&ground);
    serve(ground).await?;
    Ok(ExitCode::SUCCESS)
}

/// Serves on the configured address until SIGINT or SIGTERM.
///
/// # Errors
/// When the address is taken.
pub async fn serve(ground: Ground) -> anyhow::Result<()> {
    let listen = ground.config.server.listen;
    ensure!(listen.port() != 0, "give a port to listen on");
    let who_is = app::who_is();
    let workers = ground.config.server.workers;
    let data = web::Data::new(ground.clone());
    let server = HttpServer::new(move || router::application(data.clone(), who_is.clone()))
        .workers(workers)
        .shutdown_timeout(10)
        .bind(listen)
        .with_context(|| format!("{listen} cannot be listened on; is another service there? (--listen ADDRESS:PORT)"))?
        .run();
    let (stop, stopped) = watch::channel(false);
    let work = app::work();
    let serving = async move {
        let outcome = server.await;
        let _worker_gone = stop.send(true);
        outcome
    };
    let (served, ()) = tokio::join!(serving, work::until_stopped(&ground, &work, stopped));
    served.context("serving")
}

#[expect(clippy::print_stdout, reason = "a command speaks to its terminal")]
fn announce(ground: &Ground) {
    let url = &ground.config.server.public_url;
    if ground.config.server.mode == Mode::Demonstration {
        println!("Segl, demonstration (made-up people, this machine only)");
        println!("  people and their keys   {url}/demo");
        println!("  mails and letters       {url}/demo/mail");
        println!("  check a signed PDF      {url}/verify");
    } else {
        println!("Segl at {url}, listening on {}", ground.config.server.listen);
    }
}

async fn set_mode(ground: &Ground, mode: Mode) -> anyhow::Result<()> {
    ground.database.write(async |unit| installation::set_once(unit, "mode", installation::mode_word(mode)).await).await?;
    Ok(())
}
