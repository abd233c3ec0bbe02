//! `segl phone-identity`: says which identity key phones pin, and lets its successor take over.
//!
//! Phones have pinned the successor since they were paired, so they follow by themselves, those that were away too. The service may run meanwhile:
//! it signs with the new key from its next message on. The old key signs nothing more; it stays in the keystore, and what it signed stays good.

use std::process::ExitCode;

use super::terminal::say;
use crate::{
    phones::identity::{self, Identity},
    platform::{actor::Author, ground::Ground},
};

/// Runs it.
///
/// # Errors
/// When terminal, keystore or database fail, or somebody else has just done it.
pub async fn run(ground: &Ground, succeed: bool) -> anyhow::Result<ExitCode> {
    if succeed {
        let identity = identity::succeed(ground, Author::System("phone-identity")).await?;
        say("the successor has taken over")?;
        tell(&identity)?;
    } else {
        tell(&*identity::of(ground).await?)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(identity: &Identity) -> anyhow::Result<()> {
    say(format_args!("generation {}", identity.generation()))?;
    say(format_args!("key        {}", hex::encode(identity.public_key().sec1())))?;
    say(format_args!("pin        {}", hex::encode(identity.pin())))?;
    say(format_args!("successor  {}", hex::encode(identity.successor())))
}
