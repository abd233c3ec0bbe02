//! PostgreSQL goes away while the service runs, as it does when the disk of its log is full, and comes back: whoever asks is told soon, what needs
//! no database is served, and afterwards all goes on by itself.

use std::time::{Duration, Instant};

use anyhow::ensure;
use support::{
    client::Client,
    program::{Service, free_port},
    visitor::Visitor,
    world::{Begins, EngineKind, Setup, World, on_runtime},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// The wire to the database: it can be cut.
struct Wire {
    port: u16,
    is_cut: watch::Sender<bool>,
}

impl Wire {
    async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let (is_cut, seen) = watch::channel(false);
        tokio::spawn(async move {
            while let Ok((mut here, _)) = listener.accept().await {
                let mut seen = seen.clone();
                if *seen.borrow_and_update() {
                    continue;
                }
                tokio::spawn(async move {
                    let Ok(mut there) = TcpStream::connect(("127.0.0.1", port)).await else { return };
                    tokio::select! {
                        _ended = tokio::io::copy_bidirectional(&mut here, &mut there) => {}
                        _cut = seen.changed() => {}
                    }
                });
            }
        });
        Self { port: own, is_cut }
    }
}

async fn away(client: &Client, path: &str) -> anyhow::Result<()> {
    let asked = Instant::now();
    client.get(path).await?.refused(503, "unavailable")?;
    ensure!(asked.elapsed() < Duration::from_secs(9), "{path} took {:?}", asked.elapsed());
    Ok(())
}

async fn cut_and_mended(client: &Client, wire: &Wire) -> anyhow::Result<()> {
    client.get("/api/v1/trust").await?.expect(200)?;
    wire.is_cut.send_replace(true);
    away(client, "/api/v1/directory?email=bo@bageri.example.dk").await?;
    // Nobody can say whose session it is: that is no reason to log anybody out.
    away(&client.with_token("somebody"), "/api/v1/companies").await?;
    ensure!(client.get("/health/ready").await?.status == 503, "a balancer sends nobody here");
    for path in ["/health/live", "/metrics", "/help"] {
        let answer = client.get(path).await?;
        ensure!(answer.status == 200, "{path}: {}", answer.status);
    }
    for (language, words) in [("da", "kan ikke nå sin database lige nu"), ("en", "cannot reach its database just now")] {
        let page = Visitor::new(client, language).get("/directory/search?email=bo%40bageri.example.dk").await?.expect(503)?.text();
        ensure!(page.contains(words), "{page}");
    }
    wire.is_cut.send_replace(false);
    let begun = Instant::now();
    // Connections that broke are found out one by one: ready is said by the first that is well again.
    for path in ["/health/ready", "/api/v1/directory?email=bo@bageri.example.dk"] {
        while client.get(path).await?.status != 200 {
            ensure!(begun.elapsed() < Duration::from_secs(40), "{path}: it does not find its database again");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    Ok(())
}

#[test]
fn a_database_that_goes_away_is_told_of_and_found_again() {
    on_runtime(async {
        let plot = World::of(Setup { begins: Begins::Now, ..Setup::on(EngineKind::Postgres) }).await.stop();
        let url = plot.postgres().unwrap();
        let (head, database) = url.rsplit_once('/').unwrap();
        let (head, port) = head.rsplit_once(':').unwrap();
        let wire = Wire::to(port.parse().unwrap()).await;
        std::fs::write(plot.data().join("wire.url"), format!("{head}:{}/{database}", wire.port)).unwrap();
        let config = std::fs::read_to_string(plot.data().join("segl.toml")).unwrap();
        let config: Vec<String> = config
            .lines()
            .map(|line| if line.starts_with("postgres_url_file") { "postgres_url_file = \"wire.url\"".to_owned() } else { line.to_owned() })
            .collect();
        std::fs::write(plot.data().join("segl.toml"), config.join("\n")).unwrap();
        let service = Service::start(plot.data(), free_port(), &[], &plot.data().join("log")).await.unwrap();
        cut_and_mended(&service.client(), &wire).await.unwrap();
        service.kill();
    });
}
