//! Puts a backup where the configuration says: keys, mail, rows. A mark in the database says that it began; only the new epoch takes it
//! away. Whatever interrupts it, nothing is served, and the next try begins anew.

use std::{
    fs::{self, File, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, anyhow, bail, ensure};

use super::read::Found;
use crate::{
    app,
    commands::backup::{CONFIG, DEMO, KEYS, SPOOL},
    config::{Config, KeystoreSettings, MasterKeySource},
    platform::{
        backup::{BackupError, archive::Record},
        clock::SystemClock,
        database::{
            Database, DatabaseError, Settings,
            cell::{Cell, Table},
            dump::Snapshot,
            load::{self, Loading},
            migrate,
        },
        random::{self, SystemRandom},
        restored::{self, Restored},
    },
};

/// Places all of it. What fails is undone.
///
/// # Errors
/// When the place is taken, the master key is not the backup's, or something cannot be written.
pub async fn place(found: &Found, config: &Config) -> anyhow::Result<()> {
    make_room(config).await?;
    recognise_master_key(found, &config.storage.keystore)?;
    let placed = fill(found, config).await;
    if placed.is_err() {
        remove(config).await.context("what was begun could not be removed")?;
    }
    placed
}

/// Refuses a place that holds anything; what an interrupted restore left there is removed first.
async fn make_room(config: &Config) -> anyhow::Result<()> {
    let settings = &config.storage.database;
    let is_there = match settings {
        Settings::Sqlite { file } => file.exists(),
        Settings::Postgres { .. } => true,
    };
    if is_there && Snapshot::begin(settings).await?.is_empty().await? {
        // A refused start may have brought an empty schema up: the backup's own steps must run before its rows, the later ones after.
        remove_database(settings).await?;
    } else if is_there {
        match restored::standing(&open(settings).await?).await.ok().flatten() {
            Some(Restored::Unfinished { keys, spool }) if (&keys, &spool) == (&config.storage.keystore.directory, &config.mail.spool) => {
                remove(config).await?;
            }
            _ => bail!("the database holds an installation already: restore into an empty one, or give another --data directory"),
        }
    }
    // A keystore that was only looked into has no keys yet.
    let is_key = |name: &str| name.ends_with(".key");
    for (directory, counts) in [(&config.storage.keystore.directory, is_key as fn(&str) -> bool), (&config.mail.spool, |_| true)] {
        let mut names = fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.file_name());
        let holds = names.any(|name| counts(&name.to_string_lossy()));
        ensure!(!holds, "{} is not empty: restore into an empty place, or give another --data directory", directory.display());
    }
    Ok(())
}

/// Removes what a restore put there.
pub(super) async fn remove(config: &Config) -> anyhow::Result<()> {
    for directory in [&config.storage.keystore.directory, &config.mail.spool] {
        if directory.exists() {
            fs::remove_dir_all(directory).with_context(|| format!("{} cannot be removed", directory.display()))?;
        }
    }
    // The mark goes last.
    remove_database(&config.storage.database).await
}

async fn remove_database(settings: &Settings) -> anyhow::Result<()> {
    match settings {
        Settings::Sqlite { file } => {
            for ending in ["-shm", "-wal", ""] {
                let mut path = file.as_os_str().to_owned();
                path.push(ending);
                match fs::remove_file(&path) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                    Ok(()) | Err(_) => {}
                }
            }
            Ok(())
        }
        settings @ Settings::Postgres { .. } => Ok(load::clear(settings).await?),
    }
}

/// Tries the configured master key on the backup's keystore, in a folder of its own.
fn recognise_master_key(found: &Found, keystore: &KeystoreSettings) -> anyhow::Result<()> {
    if found.recognition.is_empty() {
        return Ok(());
    }
    let folder = std::env::temp_dir().join(format!("segl-recognise-{}", hex::encode(random::bytes::<8>(&SystemRandom))));
    if let MasterKeySource::File(path) | MasterKeySource::PassphraseFile(path) = &keystore.master {
        ensure!(path.exists(), "{} is not there: put it in its place before restoring", named(&keystore.master));
    }
    app::make_directory(&folder)?;
    let tried = found.recognition.iter().try_for_each(|(name, octets)| write_file(&folder, name.trim_start_matches("keys/"), octets));
    let tried = tried.and_then(|()| {
        let there = KeystoreSettings { directory: folder.clone(), ..keystore.clone() };
        // What it says of the scratch folder helps nobody: the cause alone, and what was tried.
        let opened = app::open_keystore(&there).map(drop);
        opened.map_err(|error| anyhow!("{} does not open the backup's keys: {}", named(&keystore.master), error.root_cause()))
    });
    let removed = fs::remove_dir_all(&folder);
    tried.and(removed.context("a scratch folder cannot be removed"))
}

/// What is tried, as whoever runs the service knows it.
fn named(source: &MasterKeySource) -> String {
    match source {
        MasterKeySource::Credential(name) => format!("the master key in the credential {name}"),
        MasterKeySource::File(path) => format!("the master key {}", path.display()),
        MasterKeySource::PassphraseFile(path) => format!("the master key's passphrase in {}", path.display()),
    }
}

async fn fill(found: &Found, config: &Config) -> anyhow::Result<()> {
    let settings = config.storage.database.clone();
    if let Settings::Sqlite { file } = &settings {
        app::make_directory(file.parent().unwrap_or(Path::new(".")))?;
    }
    let (migrating, steps) = (settings.clone(), found.head.schema.clone());
    tokio::task::spawn_blocking(move || migrate::run_only(&migrating, &steps)).await??;
    let mark = Restored::Unfinished { keys: config.storage.keystore.directory.clone(), spool: config.mail.spool.clone() };
    open(&settings).await?.write::<_, DatabaseError, _>(async |unit| restored::note(unit, Some(&mark)).await).await?;
    let mut loading = Loading::begin(&settings).await?;
    let mut reader = found.open()?;
    let (mut table, mut file) = (None::<Table>, None::<File>);
    while let Some(record) = reader.next_record()? {
        match record {
            Record::Table(next) => {
                table = Some(next.clone());
                loading.empty(&next, (next.name == "installation").then_some(("name", restored::NAME))).await?;
                loading.table(next).await?;
            }
            Record::Row(cells) if is_mark(table.as_ref(), &cells) => {}
            Record::Row(cells) => loading.row(cells).await?,
            Record::File(name) => file = create(config, &name)?,
            Record::Data(octets) => {
                if let Some(file) = &mut file {
                    file.write_all(&octets)?;
                }
            }
            Record::End(_) | Record::Head(_) => {}
        }
    }
    loading.commit().await?;
    tokio::task::spawn_blocking(move || migrate::run(&settings)).await??;
    Ok(())
}

async fn open(settings: &Settings) -> Result<Database, DatabaseError> {
    Database::open(settings, Arc::new(SystemClock), Arc::new(SystemRandom)).await
}

/// A backup does not tell whether the place that it goes to is restored.
fn is_mark(table: Option<&Table>, cells: &[Cell]) -> bool {
    table.is_some_and(|table| table.name == "installation") && cells.contains(&Cell::Text(restored::NAME.to_owned()))
}

/// The file that a name of the backup goes to; none for those that are not put back.
fn create(config: &Config, name: &str) -> anyhow::Result<Option<File>> {
    let plain = |rest: &str| {
        let path = Path::new(rest);
        let parts = path.components().count();
        let normal = path.components().all(|part| matches!(part, Component::Normal(_)));
        if normal && (1..=4).contains(&parts) { Ok(PathBuf::from(rest)) } else { Err(BackupError::UnsafeName { name: name.to_owned() }) }
    };
    let path = match name.split_once('/') {
        Some((KEYS, rest)) => config.storage.keystore.directory.join(plain(rest)?),
        Some((SPOOL, rest)) => config.mail.spool.join(plain(rest)?),
        _ if name == DEMO => config.data.join("demo.json"),
        // The configuration is the one that the restoring was told; see `restore`.
        _ if name == CONFIG => return Ok(None),
        _ => return Err(BackupError::UnsafeName { name: name.to_owned() }.into()),
    };
    app::make_directory(path.parent().unwrap_or(Path::new(".")))?;
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path);
    Ok(Some(file.with_context(|| format!("{} cannot be written", path.display()))?))
}

fn write_file(folder: &Path, name: &str, octets: &[u8]) -> anyhow::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(folder.join(name))?;
    Ok(file.write_all(octets)?)
}
