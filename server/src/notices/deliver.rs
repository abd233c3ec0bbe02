//! Delivers: through the relay, or into the spool directory (`*.eml`, and `letters/` for paper), where names sort by time.

use std::{
    fs, io,
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    time::Duration,
};

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
        extension::ClientId,
    },
};

use super::{error::NoticeError, letter::Letter, texts::Text};
use crate::{
    config::{Mail, Relay, RelayEncryption},
    platform::{id::MessageId, moment::Moment},
};

/// How long the relay may take for one mail.
const PATIENCE: Duration = Duration::from_secs(60);

/// The directory of letters in the spool.
pub(super) const LETTERS: &str = "letters";
/// The directory of text messages in the spool.
pub(super) const TEXTS: &str = "texts";

/// Hands a mail to the relay, or spools it when none is configured.
pub(super) async fn mail(config: &Mail, id: MessageId, created_at: Moment, message: &Message) -> Result<(), NoticeError> {
    let Some(relay) = &config.relay else {
        return spool(config.spool.clone(), format!("{}.eml", stem(created_at, id)), message.formatted()).await;
    };
    let domain = config.from.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    transport(relay, domain)?.send_raw(message.envelope(), &message.formatted()).await?;
    Ok(())
}

/// Puts a letter into the spool: text for screen readers and for checking, PDF for the printer.
pub(super) async fn letter(config: &Mail, id: MessageId, created_at: Moment, letter: &Letter) -> Result<(), NoticeError> {
    let (directory, stem) = (config.spool.join(LETTERS), stem(created_at, id));
    spool(directory.clone(), format!("{stem}.txt"), letter.text().as_bytes().to_vec()).await?;
    spool(directory, format!("{stem}.pdf"), letter.paper().pdf()?.to_vec()).await
}

/// Puts a text message into the spool: the number, an empty line, the text.
pub(super) async fn text(config: &Mail, text: &Text) -> Result<(), NoticeError> {
    let content = zeroize::Zeroizing::new(format!("{}\n\n{}", text.to.number(), text.body.as_str()));
    spool(config.spool.join(TEXTS), format!("{}.txt", stem(text.told_at, text.id)), content.as_bytes().to_vec()).await
}

/// `20261122T120000123Z-<id>`: sorts by time, and the same message always has the same name.
fn stem(created_at: Moment, id: MessageId) -> String {
    let at = created_at.to_datetime();
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}{:03}Z-{id}",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        at.millisecond()
    )
}

fn transport(relay: &Relay, domain: &str) -> Result<AsyncSmtpTransport<Tokio1Executor>, NoticeError> {
    let tls = match relay.encryption {
        RelayEncryption::None => Tls::None,
        RelayEncryption::Starttls => Tls::Required(TlsParameters::new(relay.host.clone())?),
        RelayEncryption::Tls => Tls::Wrapper(TlsParameters::new(relay.host.clone())?),
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&relay.host)
        .port(relay.port)
        .tls(tls)
        .hello_name(ClientId::Domain(domain.to_owned()))
        .timeout(Some(PATIENCE));
    if let Some((user, password)) = &relay.login {
        builder = builder.credentials(Credentials::new(user.clone(), password.reveal().clone()));
    }
    Ok(builder.build())
}

async fn spool(directory: PathBuf, name: String, bytes: Vec<u8>) -> Result<(), NoticeError> {
    let written = tokio::task::spawn_blocking(move || write(&directory, &name, &bytes)).await;
    Ok(written.map_err(io::Error::other)??)
}

/// Writes a file that only its owner reads, whole or not at all.
fn write(directory: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let hidden = directory.join(format!(".{name}"));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&hidden)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&hidden, directory.join(name))
}
