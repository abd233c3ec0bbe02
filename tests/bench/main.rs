//! `./dev bench`: certificates issued, PDFs signed, times stamped, OCSP answers given, people logged in, codes and keys checked per second, other
//! programs beside us in the same run.
//! Prints a table, and which goals are met.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints what it measured, and stops at once when it cannot"
)]

mod approvals;
mod documents;
mod factors;
mod imports;
mod issuing;
mod measure;
mod privacyidea;
mod scale;
mod server;
mod status;
mod timestamps;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    // `cargo bench` and `cargo test --benches` both run this; only the first asks for numbers.
    if !words.iter().any(|word| word == "--bench") {
        return;
    }
    if let Some(at) = words.iter().position(|word| word == server::SERVER) {
        return actix_web::rt::System::new().block_on(server::serve(std::path::Path::new(&words[at + 1])));
    }
    // `./dev bench -- status` measures this part alone.
    let parts: Vec<&str> = words.iter().map(String::as_str).filter(|word| !word.starts_with("--")).collect();
    let asked = |part: &str| parts.is_empty() || parts.contains(&part);
    // Minutes and gigabytes: only when asked for by name.
    if parts.contains(&"scale") {
        let postgres = parts.contains(&"postgres");
        return scale::run(if postgres { support::world::EngineKind::Postgres } else { support::world::EngineKind::Sqlite });
    }
    // As long as its mails take: only when asked for by name.
    if parts.contains(&"imports") {
        return imports::run(parts.iter().find_map(|part| part.parse().ok()));
    }
    measure::head();
    // Its own services and phones, on a runtime of many threads.
    if asked("approvals") {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        tokio::task::LocalSet::new().block_on(&runtime, approvals::run());
    }
    if asked("factors") {
        support::world::on_runtime(factors::run());
    }
    actix_web::rt::System::new().block_on(async {
        if asked("issuing") {
            issuing::run().await;
        }
        if asked("documents") {
            documents::run().await;
        }
    });
    if asked("timestamps") {
        timestamps::run();
    }
    if asked("status") {
        status::run();
    }
}
