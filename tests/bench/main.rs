//! `./dev bench`: certificates issued and PDFs signed per second, pyHanko beside us in the same run. Prints a table; judges nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints what it measured, and stops at once when it cannot"
)]

mod documents;
mod issuing;
mod measure;

fn main() {
    // `cargo bench` and `cargo test --benches` both run this; only the first asks for numbers.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    actix_web::rt::System::new().block_on(async {
        measure::head();
        issuing::run().await;
        documents::run().await;
    });
}
