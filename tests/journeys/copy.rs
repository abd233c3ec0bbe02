//! Whoever copies all that rests (database, keystore, backup) after people have signed by phone, signs nothing with it: every stored value is
//! tried as the secret of a signing key, as the phone's own key, and as what a password gives.

use std::{collections::HashSet, path::Path};

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use certs::{
    keystore::{
        Secret32,
        employee_key::{self, Binding},
    },
    serial::Serial,
};
use openssl::{bn::BigNum, ec, nid::Nid};
use segl::{
    certificates::{CertificateError, Opening, PasswordProtection, sign_with},
    platform::{
        id::{AccountId, CertificateId, Id as _},
        password::Strength,
        secret::Secret,
    },
};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use support::{journey, papers::fixture, phone::SoftPhone, program::segl, world::World};
use time::Duration;

use crate::{faults, forgotten, signing::released_in_vain};

/// Every cell with bytes or text in it.
async fn cells(world: &World) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut cells = Vec::new();
    match world.plot().postgres() {
        Some(url) => {
            let mut connection = PgConnection::connect(&url).await?;
            let columns: Vec<(String, String, String)> = sqlx::query_as(
                "SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns
                 WHERE table_schema = 'public' AND data_type IN ('bytea', 'text')",
            )
            .fetch_all(&mut connection)
            .await?;
            for (table, column, kind) in columns {
                let cell = if kind == "bytea" { format!("\"{column}\"") } else { format!("convert_to(\"{column}\", 'UTF8')") };
                let statement = format!("SELECT {cell} FROM \"{table}\" WHERE \"{column}\" IS NOT NULL");
                cells.extend(sqlx::query_scalar::<_, Vec<u8>>(AssertSqlSafe(statement)).fetch_all(&mut connection).await?);
            }
        }
        None => {
            let mut connection = SqliteConnection::connect(&format!("sqlite://{}", world.file("segl.db").display())).await?;
            let columns: Vec<(String, String)> = sqlx::query_as(
                "SELECT tables.name, columns.name FROM sqlite_master AS tables JOIN pragma_table_info(tables.name) AS columns
                 WHERE tables.type = 'table' AND columns.type IN ('BLOB', 'TEXT')",
            )
            .fetch_all(&mut connection)
            .await?;
            for (table, column) in columns {
                let statement = format!("SELECT CAST(\"{column}\" AS BLOB) FROM \"{table}\" WHERE \"{column}\" IS NOT NULL");
                cells.extend(sqlx::query_scalar::<_, Vec<u8>>(AssertSqlSafe(statement)).fetch_all(&mut connection).await?);
            }
        }
    }
    Ok(cells)
}

fn files(folder: &Path, into: &mut Vec<Vec<u8>>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { files(&path, into)? } else { into.push(std::fs::read(path)?) }
    }
    Ok(())
}

/// Every run of 32 bytes of what is short, beginning, end and each block of what is long; text also as what it writes.
fn values(pieces: &[Vec<u8>]) -> HashSet<[u8; 32]> {
    let mut written = Vec::new();
    for piece in pieces {
        let Ok(text) = std::str::from_utf8(piece) else { continue };
        written.extend(hex::decode(text).ok());
        written.extend(base64::engine::general_purpose::STANDARD.decode(text).ok());
        written.extend(base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).ok());
    }
    let mut values = HashSet::new();
    for piece in pieces.iter().chain(&written) {
        let every = if piece.len() <= 256 { 1 } else { 32 };
        values.extend(piece.windows(32).step_by(every).filter_map(|run| <[u8; 32]>::try_from(run).ok()));
        values.extend(piece.last_chunk::<32>());
    }
    values
}

/// A signing key as it rests.
#[derive(sqlx::FromRow)]
struct Key {
    id: uuid::Uuid,
    account_id: uuid::Uuid,
    serial: Vec<u8>,
    salt: Vec<u8>,
    spki_hash: Vec<u8>,
    sealed: Vec<u8>,
    password_salt: Vec<u8>,
}

async fn keys(world: &World) -> anyhow::Result<Vec<Key>> {
    let statement =
        "SELECT certificate.id, certificate.account_id, certificate.serial, signing_key.salt, signing_key.spki_hash, signing_key.sealed,
                            account.salt AS password_salt
                     FROM signing_key JOIN certificate ON certificate.id = signing_key.certificate_id
                     JOIN account ON account.id = certificate.account_id";
    Ok(match world.plot().postgres() {
        Some(url) => sqlx::query_as(statement).fetch_all(&mut PgConnection::connect(&url).await?).await?,
        None => {
            let url = format!("sqlite://{}", world.file("segl.db").display());
            sqlx::query_as(statement).fetch_all(&mut SqliteConnection::connect(&url).await?).await?
        }
    })
}

impl Key {
    fn opens_with(&self, secret: [u8; 32]) -> anyhow::Result<bool> {
        let spki_sha256: [u8; 32] = self.spki_hash.as_slice().try_into()?;
        let serial = Serial::from_bytes(&self.serial)?;
        let binding = Binding { serial: &serial, account: self.account_id, spki_sha256: &spki_sha256 };
        let salt: [u8; 32] = self.salt.as_slice().try_into()?;
        Ok(employee_key::open(&self.sealed, &Secret32::new(secret), &salt, &binding).is_ok())
    }
}

/// The public point of a private number, uncompressed; none for no such number.
fn point(private: &[u8; 32]) -> Option<Vec<u8>> {
    let group = ec::EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).ok()?;
    let mut context = openssl::bn::BigNumContext::new().ok()?;
    let mut point = ec::EcPoint::new(&group).ok()?;
    point.mul_generator2(&group, BigNum::from_slice(private).ok()?.as_ref(), &mut context).ok()?;
    point.to_bytes(&group, ec::PointConversionForm::UNCOMPRESSED, &mut context).ok()
}

/// Copies all that rests, and tries every value of it. `secret` is what the phone releases: it opens a key, so it must not be among them.
async fn nothing_opens(world: &World, phone: &SoftPhone, secret: [u8; 32]) -> anyhow::Result<()> {
    let mut pieces = cells(world).await?;
    ensure!(pieces.len() > 500, "the copy is small: {} cells", pieces.len());
    files(&world.ground.config.storage.keystore.directory, &mut pieces)?;
    let backup = world.file("stolen.seglbak");
    let pair = world.file("backup.key");
    let made = segl(["backup-key", &pair.display().to_string()]).await;
    let public = made.words.lines().find_map(|line| line.strip_prefix("public_key = \"")?.strip_suffix('"').map(str::to_owned));
    let public = public.with_context(|| made.words.clone())?;
    let data = world.plot().data().display().to_string();
    let said = segl(["backup", &backup.display().to_string(), "--data", &data, "--to", &public]).await;
    ensure!(said.code == 0, "{}", said.words);
    pieces.push(std::fs::read(&backup)?);
    let values = values(&pieces);
    let keys = keys(world).await?;
    let opened = keys.iter().filter(|key| key.opens_with(secret).unwrap_or(false)).count();
    ensure!(opened == 1, "the phone's secret opens its key: that is how it is tried");
    ensure!(!values.contains(&secret), "the secret rests somewhere");
    for key in &keys {
        for value in &values {
            ensure!(!key.opens_with(*value)?, "a stored value opens a signing key");
        }
    }
    let agree = phone.record.keys.agree;
    let exact: Vec<[u8; 32]> = pieces.iter().filter_map(|piece| piece.as_slice().try_into().ok()).collect();
    ensure!(exact.len() > 50, "{} values have 32 bytes", exact.len());
    for value in &exact {
        ensure!(point(value).is_none_or(|point| point != agree.sec1()), "the phone's key rests here");
        let guess = Secret::new(*value);
        for key in &keys {
            let (certificate, account) = (CertificateId::from_uuid(key.id), AccountId::from_uuid(key.account_id));
            let opening =
                Opening::Password(PasswordProtection { account, salt: key.password_salt.clone(), prk: &guess, strength: Strength::Long });
            let signed = sign_with(&world.ground, certificate, account, &opening, [7; 32]).await;
            ensure!(matches!(signed, Err(CertificateError::WrongPassword | CertificateError::NotActive)), "{signed:?}");
        }
    }
    Ok(())
}

journey!(a_copy_of_database_keystore_and_backup_signs_nothing_without_password_or_phone, async |world| {
    let (_, bakery) = world.bakery().await?;
    let mut person = bakery.administrator.clone();
    let phone = person.pair_phone("Annes telefon").await?;
    world.clock.advance(Duration::hours(25));
    person.log_in().await?;
    let document = person.upload("Kontrakt", &fixture("cairo")).await?;
    person.sign_by_phone(&document, &phone).await?;
    // One more secret on its way to a process that is gone, and one request that waits.
    released_in_vain(world, &person, &phone, &document).await?;
    person.ask_phone_to_sign(&document).await?;
    let shown = phone.sole_request().await?;
    let secret = *phone.open(&shown)?.expose();
    nothing_opens(world, &phone, secret).await
});

journey!(a_copy_that_is_made_while_a_forgotten_password_is_replaced_signs_nothing, async |world| {
    let (_, _, phone) = forgotten::bo_with_phone(world).await?;
    // Asked at a node that is gone: what the phone released waits for it, sealed, in the row.
    let link = forgotten::link(world).await?;
    let other = world.second_service().await;
    let body = serde_json::json!({"link": link.rsplit('/').next(), "new_password": "Havregroed-2026-maane"});
    let asked = other.client.post("/api/v1/password-resets/question", &body).await?.expect(201)?;
    let shown = phone.sole_request().await?;
    drop(other);
    let message = phone.approval_with_releases(&shown, &asked.string("/number"))?;
    ensure!(phone.send_decision(&shown.id, &message).await?.expect(200)?.string("/state") == "taken");
    ensure!(faults::count(world, "release").await? == 1, "nothing is on its way");
    // And one that waits for its phone here.
    forgotten::choose(world, &forgotten::link(world).await?).await?;
    let secret = *phone.open(&shown)?.expose();
    nothing_opens(world, &phone, secret).await
});
