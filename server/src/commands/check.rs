//! `segl check`: everything that can be known before serving: configuration, database, audit keys, keys against certificates.

use std::process::ExitCode;

use crate::{
    authorities,
    platform::{
        ground::Ground,
        reference::{self, State},
    },
};

/// Prints a line per finding; fails when any is bad.
///
/// # Errors
/// When something cannot even be looked at.
#[expect(clippy::print_stdout, reason = "a command speaks to its terminal")]
pub async fn check(ground: &Ground) -> anyhow::Result<ExitCode> {
    ground.database.ping().await?;
    println!("ok    database     {}", ground.database.engine_name());
    let mut bad = 0;
    for checked in authorities::check(ground).await? {
        match &checked.fault {
            None => println!("ok    authority    {}: its key matches its certificate", checked.name),
            Some(fault) => println!("BAD   authority    {}: {fault}", checked.name),
        }
        bad += usize::from(checked.fault.is_some());
    }
    let clock = reference::state(ground).await;
    let mark = match clock {
        State::Trusted { .. } => "ok  ",
        State::Unchecked => "warn",
        State::Off { .. } | State::Unknown(_) => "BAD ",
    };
    println!("{mark}  clock        {}: {clock}", reference::name(ground));
    bad += usize::from(!clock.is_usable());
    let hashing = ground.config.policy.hashing;
    println!(
        "info  passwords    a guess against stolen rows costs argon2id with {} KiB and {} pass(es), and needs the keystore's pepper too",
        hashing.memory_kib, hashing.passes
    );
    println!("{}", if bad == 0 { "all is well" } else { "something is wrong: see above" });
    Ok(if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
