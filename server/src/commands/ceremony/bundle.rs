//! What leaves the ceremony for the service, and nothing else: public certificates, the root's list, at most one sealed key.

use std::path::Path;

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use certs::{
    ca::Issuer,
    keystore::KeyLabel,
    path::{CheckedCrl, check_crl},
};
use openssl::x509::X509;
use serde::{Deserialize, Serialize};

use super::room::State;
use crate::platform::moment::Moment;

/// The file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// Format.
    pub version: u32,
    /// The root.
    pub root: Public,
    /// Its newest list, DER in base64.
    pub root_crl: String,
    /// A new issuing authority.
    pub issuing: Option<Issuing>,
    /// A further certificate, by this root, for an authority that the service has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cross: Option<Public>,
    /// Salt of the bundle's passphrase, in hexadecimal.
    pub salt: Option<String>,
}

/// What anybody may know of an authority.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Public {
    /// Its name in URLs.
    pub name: String,
    /// Its certificate, DER in base64.
    pub certificate: String,
}

/// A new issuing authority.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuing {
    /// Name and certificate.
    pub public: Public,
    /// How it names those whom it certifies.
    pub family: String,
    /// Under which label its key lies.
    pub label: String,
    /// The key, sealed under the bundle's passphrase, in base64; none for one in a token.
    pub sealed: Option<String>,
}

impl Public {
    /// The certificate, DER.
    ///
    /// # Errors
    /// When it is not base64.
    pub fn der(&self) -> anyhow::Result<Vec<u8>> {
        STANDARD.decode(&self.certificate).with_context(|| format!("the certificate of {}", self.name))
    }
}

impl Bundle {
    /// With the root and its list alone.
    pub fn of_root(state: &State, list: &[u8]) -> Self {
        let root = Public { name: state.root.name.clone(), certificate: state.root.certificate.clone() };
        Self { version: 1, root, root_crl: STANDARD.encode(list), issuing: None, cross: None, salt: None }
    }

    /// Reads the file.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let bundle: Self = serde_json::from_str(&text).with_context(|| format!("{} is no bundle", file.display()))?;
        ensure!(bundle.version == 1, "{} has format {}, which this release does not know", file.display(), bundle.version);
        Ok(bundle)
    }

    /// Checks that everything belongs together and to this service, and gives the root's list.
    ///
    /// # Errors
    /// Says what does not fit. Nothing was changed.
    pub fn check(&self, pki_url: &str, now: Moment) -> anyhow::Result<(Vec<u8>, CheckedCrl)> {
        let der = self.root.der()?;
        let root = Issuer::without_key(&der, KeyLabel::parse("offline.root")?).context("the root's certificate")?;
        let parsed = X509::from_der(&der)?;
        let key = parsed.public_key()?;
        ensure!(parsed.verify(&key)?, "the root's certificate is not signed by itself");
        ensure!(root.validity().contains(now.to_datetime()), "the root's certificate is not valid now");
        let list = STANDARD.decode(&self.root_crl).context("the root's list")?;
        let checked = check_crl(&list, &der, now.to_datetime()).context("the root's list")?;
        let label = KeyLabel::parse("offline.certified")?;
        for public in self.issuing.iter().map(|issuing| &issuing.public).chain(&self.cross) {
            let name = &public.name;
            let certificate = public.der()?;
            let authority = Issuer::without_key(&certificate, label.clone()).with_context(|| name.clone())?;
            let parsed = X509::from_der(&certificate)?;
            ensure!(parsed.verify(&key)?, "the certificate of {name} is not signed by this root");
            ensure!(authority.validity().contains(now.to_datetime()), "the certificate of {name} is not valid now");
            let serial = certs::serial::Serial::from_bytes(authority.certificate().tbs_certificate.serial_number.as_bytes())?;
            ensure!(checked.lookup(&serial).is_none(), "the certificate of {name} is revoked by its own root");
            let here = [format!("{pki_url}/pki/{}.cer", self.root.name), format!("{pki_url}/pki/{}/0.crl", self.root.name)];
            for url in here {
                let points = certificate.windows(url.len()).any(|octets| octets == url.as_bytes());
                ensure!(
                    points,
                    "the certificate of {name} does not point at {url}: the ceremony was held for another server.pki_url; give the plan's pki_url (--pki-url)"
                );
            }
        }
        Ok((list, checked))
    }
}
