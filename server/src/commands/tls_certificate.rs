//! `segl tls-certificate`: a certificate for a TLS server inside the house, by a request whose key the server keeps.
//!
//! Prints the certificate and those above it, root left out, as servers want them: PEM; or writes them, and prints which it is and until
//! when it holds. It stands on the lists and in OCSP as every other, and
//! is revoked in the same way.

use std::{io::Write as _, path::PathBuf, process::ExitCode};

use anyhow::{Context as _, ensure};
use certs::{ca::request, name::Host, serial::Serial};
use openssl::x509::X509;
use x509_cert::{Certificate, der::Decode as _};

use super::terminal::say;
use crate::{
    certificates,
    platform::{actor::Author, ground::Ground, moment::Moment},
};

/// For which key and hosts.
#[derive(Debug, clap::Args)]
pub struct Wanted {
    /// The request (PKCS#10, PEM); of it, only the key and the proof of having it count
    #[arg(long, value_name = "FILE")]
    pub request: PathBuf,
    /// A name or address of the server, as intranet.example.dk; may be given more than once
    #[arg(long, value_name = "NAME", required = true)]
    pub host: Vec<String>,
    /// The file to write; it must not be there yet. Without it: the terminal
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Issues it.
///
/// # Errors
/// In a sentence that says what does not fit.
pub async fn issue(ground: &Ground, wanted: &Wanted) -> anyhow::Result<ExitCode> {
    let name = wanted.request.display();
    let size = std::fs::metadata(&wanted.request).with_context(|| format!("--request {name}"))?.len();
    ensure!(size <= 2 * request::LIMIT_BYTES as u64, "--request {name}: more than {} bytes", 2 * request::LIMIT_BYTES);
    let text = std::fs::read_to_string(&wanted.request).with_context(|| format!("--request {name}"))?;
    let key = request::decode(&text).and_then(|der| request::proven_key(&der)).with_context(|| format!("--request {name}"))?;
    let hosts = wanted.host.iter().map(|host| Host::parse(host).with_context(|| format!("--host {host}")));
    let hosts = hosts.collect::<anyhow::Result<Vec<_>>>()?;
    // Before anything is issued: a certificate that nobody gets is of no use.
    let out = wanted.out.as_ref().map(|file| {
        let made = std::fs::OpenOptions::new().write(true).create_new(true).open(file);
        made.with_context(|| format!("--out {}", file.display()))
    });
    let out = out.transpose()?;
    let chain = certificates::issue_tls(ground, &key, &hosts, Author::System("operator")).await?;
    let mut pem = String::new();
    for der in &chain {
        let certificate = X509::from_der(der)?;
        let is_root = certificate.subject_name().try_cmp(certificate.issuer_name())?.is_eq();
        if !is_root {
            pem.push_str(&String::from_utf8(certificate.to_pem()?)?);
        }
    }
    let Some((mut file, path)) = out.zip(wanted.out.as_ref()) else {
        say(pem.trim_end())?;
        return Ok(ExitCode::SUCCESS);
    };
    file.write_all(pem.as_bytes()).and_then(|()| file.sync_all()).with_context(|| format!("--out {}", path.display()))?;
    let leaf = Certificate::from_der(chain.first().context("there is no certificate")?)?.tbs_certificate;
    let until = Moment::from_datetime(leaf.validity.not_after.to_system_time().into());
    let serial = Serial::from_bytes(leaf.serial_number.as_bytes())?;
    say(format_args!("wrote {}: the certificate {serial} for {}, until {until}", path.display(), wanted.host.join(", ")))?;
    Ok(ExitCode::SUCCESS)
}
