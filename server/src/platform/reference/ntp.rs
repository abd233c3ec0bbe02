//! Asking an NTP server (RFC 5905 section 14). One question at a time, each bounded; answers that do not count are named.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::net::{UdpSocket, lookup_host};

use super::{
    Ignorance, State, Unfit,
    filter::Filter,
    packet::{self, Sample},
};
use crate::platform::{ground::Ground, random};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often a silent server is asked before nothing is known.
const TRIES: usize = 3;
/// How many packets of strangers are read while waiting.
const STRANGERS: usize = 16;
/// How long a server is left alone that gave nothing ...
const REST: Duration = Duration::from_secs(2);
/// ... and one that asked for it (RFC 5905 section 7.4).
const LONG_REST: Duration = Duration::from_secs(64);

/// What is known of the configured server's time.
#[derive(Default)]
struct Watch {
    filter: Mutex<Filter>,
    /// Held by whoever asks.
    asking: tokio::sync::Mutex<()>,
}

impl Watch {
    fn with<T>(&self, look: impl FnOnce(&mut Filter) -> T) -> T {
        look(&mut self.filter.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn state(&self, ground: &Ground) -> Option<State> {
        self.with(|filter| filter.state(Instant::now(), ground.clock().now()))
    }
}

/// What is known; the server is asked when nothing is.
pub(super) async fn state(ground: &Ground, server: &str) -> State {
    let watch = ground.kept.of::<Watch>();
    if let Some(state) = watch.state(ground) {
        return state;
    }
    let _one_at_a_time = watch.asking.lock().await;
    for _ in 0..TRIES {
        if let Some(state) = watch.state(ground) {
            return state;
        }
        match ask(ground, server).await {
            Err(Ignorance::Silent) => {}
            outcome => take(&watch, ground, outcome),
        }
    }
    let silent = State::Unknown(Ignorance::Silent);
    watch.state(ground).unwrap_or_else(|| {
        take(&watch, ground, Err(Ignorance::Silent));
        silent
    })
}

/// One more comparison, unless the server is to be left alone.
pub(super) async fn sample(ground: &Ground, server: &str) {
    let watch = ground.kept.of::<Watch>();
    let _one_at_a_time = watch.asking.lock().await;
    if !watch.with(|filter| filter.rests(Instant::now())) {
        let outcome = ask(ground, server).await;
        if let Err(why) = &outcome {
            tracing::warn!(server, %why, "the clock was not compared");
        }
        take(&watch, ground, outcome);
    }
}

fn take(watch: &Watch, ground: &Ground, outcome: Result<Sample, Ignorance>) {
    let now = Instant::now();
    watch.with(|filter| match outcome {
        Ok(sample) => filter.add(sample, now, ground.clock().now()),
        Err(why @ Ignorance::Unfit(Unfit::Kiss(_))) => filter.rest(now + LONG_REST, why),
        Err(why) => filter.rest(now + REST, why),
    });
}

async fn ask(ground: &Ground, server: &str) -> Result<Sample, Ignorance> {
    tokio::time::timeout(PATIENCE, exchange(ground, server)).await.unwrap_or(Err(Ignorance::Silent))
}

async fn exchange(ground: &Ground, server: &str) -> Result<Sample, Ignorance> {
    let unreachable = |_: std::io::Error| Ignorance::Unreachable;
    let address = lookup_host(server).await.map_err(unreachable)?.next().ok_or(Ignorance::Unreachable)?;
    let own: SocketAddr = if address.is_ipv4() { (Ipv4Addr::UNSPECIFIED, 0).into() } else { (Ipv6Addr::UNSPECIFIED, 0).into() };
    let socket = UdpSocket::bind(own).await.map_err(unreachable)?;
    // Packets of anybody else do not reach a connected socket.
    socket.connect(address).await.map_err(unreachable)?;
    let cookie = random::bytes(ground.random());
    let (sent, began) = (ground.clock().now().to_datetime(), Instant::now());
    socket.send(&packet::query(cookie)).await.map_err(unreachable)?;
    let mut buffer = [0; 512];
    let mut refused = Ignorance::Silent;
    for _ in 0..STRANGERS {
        let length = socket.recv(&mut buffer).await.map_err(unreachable)?;
        let travelled = time::Duration::try_from(began.elapsed()).map_err(|_| Ignorance::Silent)?;
        match packet::read(&buffer[..length], cookie, sent, travelled) {
            Ok(sample) => return Ok(sample),
            // Anybody may have sent this in the server's name: the true answer may still come.
            Err(why @ (Unfit::NotOurs | Unfit::Short)) => refused = Ignorance::Unfit(why),
            Err(why) => return Err(Ignorance::Unfit(why)),
        }
    }
    Err(refused)
}
