//! `segl serve`: answers requests and works off jobs until it is told to stop.

use actix_web::{HttpServer, web};
use anyhow::Context as _;

use crate::{http::guard::SharedWhoIs, platform::ground::Ground, router};

/// Serves on the configured address until SIGINT or SIGTERM.
///
/// # Errors
/// When the address is taken.
pub async fn serve(ground: Ground, who_is: SharedWhoIs) -> anyhow::Result<()> {
    let listen = ground.config.server.listen;
    let workers = ground.config.server.workers;
    let data = web::Data::new(ground);
    HttpServer::new(move || router::application(data.clone(), who_is.clone()))
        .workers(workers)
        .bind(listen)
        .with_context(|| format!("{listen} cannot be listened on: is another service there? (--listen ADDRESS:PORT)"))?
        .run()
        .await
        .context("serving")
}
