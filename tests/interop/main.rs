//! What other people's tools say about what Segl makes, one file per tool, in four directions: they accept ours, we accept theirs, they
//! refuse what we revoked or broke, we refuse what they broke.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod gnutls;
mod key_file;
mod nss;
mod oathtool;
mod openssl;
mod paper;
mod pdfsig;
mod pkilint;
mod pyhanko;

use support::{
    roles::{Company, Operator, Person},
    world::{Begins, EngineKind, Setup, World, run_in},
};

/// A bakery whose baker signs, in the present: foreign tools look at the clock of the machine.
struct Scene<'a> {
    world: &'a World,
    operator: Operator,
    bakery: Company,
    bo: Person,
}

/// Plays a scene on SQLite: what is signed does not know its database.
fn scene(story: impl AsyncFnOnce(&Scene<'_>) -> anyhow::Result<()>) {
    run_in(Setup { begins: Begins::Now, ..Setup::on(EngineKind::Sqlite) }, async |world| {
        let (operator, bakery) = world.bakery().await?;
        let bo = bakery.hire(world, "Bø", "Ærlig", "bo@bageri.example.dk").await?;
        story(&Scene { world, operator, bakery, bo }).await
    });
}
