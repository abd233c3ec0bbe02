//! `segl backup FILE`, while it serves or not; `segl backup-key FILE`, once. Exit 0 done, 1 refused: then there is no file.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, ensure};

use super::terminal::say;
use crate::{
    app,
    config::{Config, MasterKeySource},
    platform::{
        backup::{
            BackupError,
            archive::{End, Head, Writer},
            key::{PrivateKey, PublicKey},
            seal::Sealer,
        },
        clock::{Clock as _, SystemClock},
        database::{
            Settings,
            cell::Cell,
            dump::{self, Snapshot},
            migrate,
        },
        random::SystemRandom,
        restored,
    },
};

/// Folders of a backup: sealed keys, the mail spool, the configuration, what else the data directory holds.
pub const KEYS: &str = "keys";
/// The mail spool.
pub const SPOOL: &str = "spool";
/// The configuration.
pub const CONFIG: &str = "config/segl.toml";
/// Who the people of a demonstration are.
pub const DEMO: &str = "data/demo.json";

type Out = Writer<Sealer<BufWriter<File>>>;

/// Makes a backup.
///
/// # Errors
/// Without a public key, when the file is there already, when something cannot be read or written.
pub async fn backup(config: &Config, file: &Path, to: Option<&str>) -> anyhow::Result<ExitCode> {
    let key = match to {
        Some(text) => PublicKey::parse(text).context("--to")?,
        None => config.backup.public_key.clone().context(
            "no key to seal to: `segl backup-key FILE` makes a pair; put its public half into segl.toml as backup.public_key, or give --to KEY",
        )?,
    };
    if let Settings::Sqlite { file } = &config.storage.database {
        ensure!(file.exists(), "nothing is set up here yet: there is no {}", file.display());
    }
    let end = write(config, file, &key).await?;
    say(format_args!("{}: {} rows and {} files, sealed to {}", file.display(), end.rows, end.files, key.name()))?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the whole backup beside its place, and then puts it there.
///
/// # Errors
/// As [`backup`].
pub async fn write(config: &Config, file: &Path, key: &PublicKey) -> anyhow::Result<End> {
    ensure!(!file.exists(), "{} is there already: a backup never replaces another", file.display());
    let mut draft = file.as_os_str().to_owned();
    draft.push(".part");
    let draft = PathBuf::from(draft);
    let opened = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft);
    let opened = opened.with_context(|| format!("{} cannot be written", draft.display()))?;
    let written = fill(config, opened, key).await.and_then(|(end, out)| {
        out.sync_all()?;
        // Where there is one already the link is refused, and it stays what it was.
        fs::hard_link(&draft, file).with_context(|| format!("{} cannot be written", file.display()))?;
        Ok(end)
    });
    let _gone = fs::remove_file(&draft);
    written
}

async fn fill(config: &Config, file: File, key: &PublicKey) -> anyhow::Result<(End, File)> {
    let mut snapshot = Snapshot::begin(&config.storage.database).await?;
    let head = Head {
        program: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: SystemClock.now(),
        engine: if matches!(snapshot, Snapshot::Sqlite(_)) { "SQLite" } else { "PostgreSQL" }.to_owned(),
        schema: snapshot.steps().await?,
    };
    ensure!(!head.schema.is_empty(), "nothing is set up here yet: the database has no tables");
    let sealer = Sealer::new(BufWriter::new(file), key, &SystemRandom)?;
    let mut out = Writer::new(sealer, &head)?;
    // The snapshot is older than the files: a key that a row names is there already.
    put_files(&mut out, config)?;
    for table in snapshot.tables().await? {
        out.table(&table)?;
        let own = (table.name == "installation").then(|| table.columns.iter().position(|column| column == "name")).flatten();
        snapshot
            .rows(&table, |cells| {
                let is_ours = own.and_then(|at| cells.get(at)).is_some_and(|cell| *cell == Cell::Text(restored::NAME.to_owned()));
                if is_ours { Ok::<_, BackupError>(()) } else { out.row(cells) }
            })
            .await?;
    }
    let (end, sealer) = out.finish()?;
    let buffered = sealer.finish()?;
    Ok((end, buffered.into_inner().map_err(io::IntoInnerError::into_error)?))
}

fn put_files(out: &mut Out, config: &Config) -> anyhow::Result<()> {
    let keystore = &config.storage.keystore;
    let master = match &keystore.master {
        MasterKeySource::File(path) | MasterKeySource::PassphraseFile(path) => fs::canonicalize(path).ok(),
        MasterKeySource::Credential(_) => None,
    };
    for (name, path) in files_in(&keystore.directory, "")? {
        let sealed = name.ends_with(".key") || name == "keystore.check" || name == "salt";
        // Whatever it is called and wherever it lies: never the key that opens the others.
        if sealed && !name.contains('/') && fs::canonicalize(&path).ok() != master {
            put_file(out, &format!("{KEYS}/{name}"), &path)?;
        }
    }
    for (name, path) in files_in(&config.mail.spool, "")? {
        put_file(out, &format!("{SPOOL}/{name}"), &path)?;
    }
    let file = config.file.clone().unwrap_or_else(|| config.data.join("segl.toml"));
    put_file(out, CONFIG, &file)?;
    put_file(out, DEMO, &config.data.join("demo.json"))
}

/// A file that is gone meanwhile is left out: a mail that left the spool, say.
fn put_file(out: &mut Out, name: &str, path: &Path) -> anyhow::Result<()> {
    match File::open(path) {
        Ok(mut content) => out.file(name, &mut content).with_context(|| format!("{} cannot be backed up", path.display())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

/// Files below a directory by their names from there; drafts (which begin with a dot) are left out.
fn files_in(directory: &Path, prefix: &str) -> anyhow::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", directory.display())),
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().into_string().unwrap_or_default();
        let kind = entry.file_type()?;
        if name.is_empty() || name.starts_with('.') {
            continue;
        }
        if kind.is_dir() {
            found.extend(files_in(&entry.path(), &format!("{prefix}{name}/"))?);
        } else if kind.is_file() {
            found.push((format!("{prefix}{name}"), entry.path()));
        }
    }
    found.sort();
    Ok(found)
}

/// How many backups made before migrating are kept.
const KEPT: usize = 3;

/// Before a newer program changes the schema: a sealed backup where a key is configured, else a plain copy of the SQLite file.
///
/// # Errors
/// When it cannot be written: then nothing is migrated.
pub async fn before_migrating(config: &Config) -> anyhow::Result<()> {
    let settings = config.storage.database.clone();
    let ahead = tokio::task::spawn_blocking(move || migrate::ahead(&settings)).await??;
    let Some(step) = ahead.pending.last().filter(|_| ahead.taken > 0) else { return Ok(()) };
    let directory = &config.backup.directory;
    let named = |ending: &str| directory.join(format!("before-{step}-{}.{ending}", SystemClock.now().millis()));
    match (&config.backup.public_key, &config.storage.database) {
        (Some(key), _) => {
            app::make_directory(directory)?;
            write(config, &named("seglbak"), key).await.context("no backup before migrating, so nothing is migrated")?;
        }
        (None, Settings::Sqlite { .. }) => {
            app::make_directory(directory)?;
            dump::copy(&config.storage.database, &named("db")).await.context("no backup before migrating, so nothing is migrated")?;
        }
        (None, Settings::Postgres { .. }) => {
            tracing::warn!("the schema is brought up without a backup: no backup.public_key is configured");
            return Ok(());
        }
    }
    forget_old(directory)
}

/// Keeps the newest few of the backups that were made before migrating.
fn forget_old(directory: &Path) -> anyhow::Result<()> {
    let mut made: Vec<_> = files_in(directory, "")?.into_iter().filter(|(name, _)| name.starts_with("before-")).collect();
    made.sort_by_key(|(name, _)| name.split(['-', '.']).nth(2).and_then(|millis| millis.parse::<i64>().ok()));
    for (_, path) in made.iter().rev().skip(KEPT) {
        fs::remove_file(path).with_context(|| format!("{} cannot be removed", path.display()))?;
    }
    Ok(())
}

/// Makes the key pair: the private half into a file that only its owner reads, the public half on the terminal.
///
/// # Errors
/// When the file is there already or cannot be written.
pub fn make_key(file: &Path) -> anyhow::Result<ExitCode> {
    let key = PrivateKey::generate(&SystemRandom);
    let mut out = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .with_context(|| format!("{} cannot be made", file.display()))?;
    out.write_all(key.text().as_bytes())?;
    out.write_all(b"\n")?;
    out.sync_all()?;
    say(format_args!("# The private half is in {}: take it off this machine, and keep it apart from the backups.", file.display()))?;
    say(format_args!("[backup]\npublic_key = \"{}\"", key.public().text()))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::{commands::restore::read::Found, config::Mode};

    /// A data directory whose database lacks the newest step.
    fn behind(settings: &str) -> (tempfile::TempDir, Config, String) {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::parse(settings, "test", folder.path(), Mode::Demonstration).unwrap();
        let place = config.storage.database.clone();
        let all = migrate::known().unwrap();
        let (newest, before) = all.split_last().unwrap();
        migrate::run_only(&place, before).unwrap();
        (folder, config, newest.clone())
    }

    fn backups(folder: &tempfile::TempDir) -> Vec<PathBuf> {
        files_in(&folder.path().join("backups"), "").unwrap().into_iter().map(|(_, path)| path).collect()
    }

    #[actix_web::test]
    async fn before_the_schema_changes_a_copy_is_made_and_the_newest_three_are_kept() {
        let (folder, config, newest) = behind("");
        for old in 0..4 {
            app::make_directory(&config.backup.directory).unwrap();
            fs::write(config.backup.directory.join(format!("before-1-{old}.db")), "old").unwrap();
        }
        app::open(config.clone()).await.unwrap();
        let made = backups(&folder);
        assert_eq!(made.len(), KEPT, "{made:?}");
        let copy = made.iter().find(|path| path.to_string_lossy().contains(&newest)).unwrap();
        let steps = Snapshot::begin(&Settings::Sqlite { file: copy.clone() }).await.unwrap().steps().await.unwrap();
        assert!(!steps.is_empty() && !steps.contains(&newest), "the copy is older than the step");
        app::open(config).await.unwrap();
        assert_eq!(backups(&folder), made, "a start that changes nothing makes none");
    }

    #[actix_web::test]
    async fn where_a_key_is_configured_the_copy_is_sealed() {
        let key = PrivateKey::generate(&SystemRandom);
        let (folder, config, newest) = behind(&format!("[backup]\npublic_key = \"{}\"", key.public().text()));
        app::open(config).await.unwrap();
        let identity = folder.path().join("identity");
        fs::write(&identity, key.text().as_bytes()).unwrap();
        let found = Found::read(&backups(&folder)[0], &identity).unwrap();
        assert!(!found.head.schema.is_empty() && !found.head.schema.contains(&newest));
    }
}
