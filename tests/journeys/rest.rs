//! Whoever copies everything that rests, but knows no password, signs nothing: seen from outside, with the thief running the copy.

use anyhow::{Context as _, ensure};
use segl::{
    certificates::{CertificateError, Opening, PasswordProtection, sign_with},
    platform::{
        id::{AccountId, CertificateId, Id as _},
        password::Strength,
        secret::Secret,
    },
};
use sqlx::Connection as _;
use support::{
    journey,
    papers::fixture,
    roles::{PASSWORD, Person},
    world::World,
};

/// What the thief reads: certificate, account, the password's salt.
type Loot = (uuid::Uuid, uuid::Uuid, Vec<u8>);

async fn loot(world: &World) -> anyhow::Result<Vec<Loot>> {
    let statement = "SELECT certificate.id, account.id, account.salt FROM certificate JOIN account ON account.id = certificate.account_id";
    Ok(match world.plot().postgres() {
        Some(url) => sqlx::query_as(statement).fetch_all(&mut sqlx::PgConnection::connect(&url).await?).await?,
        None => {
            let url = format!("sqlite://{}", world.file("segl.db").display());
            sqlx::query_as(statement).fetch_all(&mut sqlx::SqliteConnection::connect(&url).await?).await?
        }
    })
}

journey!(with_database_keystore_and_card_but_no_password_nothing_is_signed, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let original = fixture("cairo");
    let document = bo.upload("Kontrakt", &original).await?;
    // The thief runs this very database and keystore, has the card too, and guesses.
    for guess in ["", "Rugbroed-2026-so", "Rugbroed-2026-soll", "bo@bageri.example.dk"] {
        let question = bo.ask_to_sign(&document).await?;
        let thief = Person { password: guess.to_owned(), ..bo.clone() };
        let refused = thief.approve(&document, &question, &bo.card.key(&question.key_number)).await?;
        refused.refused(403, "not-right").with_context(|| guess.to_owned())?;
    }
    // Past every check of the service, straight at the key.
    let loot = loot(world).await?;
    ensure!(!loot.is_empty(), "there is something to steal");
    for (certificate, account, salt) in &loot {
        let mut salted = [0; 32];
        salted[..salt.len().min(32)].copy_from_slice(&salt[..salt.len().min(32)]);
        for guess in [[0; 32], [255; 32], salted] {
            let (certificate, account) = (CertificateId::from_uuid(*certificate), AccountId::from_uuid(*account));
            let guess = Secret::new(guess);
            let opening = Opening::Password(PasswordProtection { account, salt: salt.clone(), prk: &guess, strength: Strength::Long });
            let signed = sign_with(&world.ground, certificate, account, &opening, [7; 32]).await;
            ensure!(matches!(signed, Err(CertificateError::WrongPassword | CertificateError::NotActive)), "{signed:?}");
        }
    }
    ensure!(bo.content(&document).await? == original, "nothing was signed");
    // The password is what was missing; four guesses were still allowed.
    ensure!(bo.password == PASSWORD, "the owner knows it");
    bo.sign(&document).await.map(drop)
});
