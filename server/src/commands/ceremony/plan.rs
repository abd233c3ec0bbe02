//! The plan of a ceremony: one TOML file that says what is to be made, read whole and checked before anything is.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context as _, bail, ensure};
use certs::{
    keystore::{KeyKind, KeyLabel, shares::Rule},
    name::{Checksum, CommonName, Country, Cvr, HttpUrl, OrganizationIdentifier, OrganizationName},
    profiles::{Family, Kind, root::AuthorityName},
};

use super::secrets::{Passphrase, Secrets};
use crate::config::{FILE, RawToken, TokenSettings, tokens};

/// Days between two lists of a root, unless told otherwise.
const USUAL_CRL_DAYS: u32 = 100;

/// An authority that lives shorter certifies nobody for a useful time.
const LEAST_DAYS: u32 = 30;

/// The file.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    organisation: String,
    cvr: Option<String>,
    pki_url: String,
    present: Vec<String>,
    root: Option<RawAuthority>,
    issuing: Option<RawAuthority>,
    shares: Option<RawShares>,
    #[serde(default)]
    keystores: BTreeMap<String, RawToken>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAuthority {
    name: String,
    key: Option<String>,
    keystore: Option<String>,
    url_name: Option<String>,
    days: Option<u32>,
    crl_days: Option<u32>,
    family: Option<String>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RawShares {
    needed: u8,
    of: u8,
}

/// What is to be made.
pub struct Plan {
    /// Who was there, for the transcript.
    pub present: Vec<String>,
    /// O in the certificates.
    organisation: OrganizationName,
    cvr: Option<Cvr>,
    /// Under which address the service publishes.
    pub pki_url: String,
    /// The root, when one is to be made.
    pub root: Option<Wanted>,
    /// The issuing authority, when one is to be made.
    pub issuing: Option<Wanted>,
    /// How the root's passphrase is split, if so.
    pub shares: Option<Rule>,
    /// Tokens that are used.
    pub tokens: BTreeMap<String, TokenSettings>,
}

/// An authority to be made.
pub struct Wanted {
    /// Its common name.
    pub common_name: CommonName,
    /// Its key.
    pub key: KeyKind,
    /// How it names those whom it certifies.
    pub family: Family,
    /// In which keystore.
    pub keystore: String,
    /// Its name in URLs, when the plan says one.
    pub url_name: Option<String>,
    /// Days that its certificate will be valid; as long as the profile allows when the plan says nothing.
    pub days: Option<u32>,
    /// Days between two of its lists (a root's).
    pub crl_days: u32,
}

impl Plan {
    /// Reads and checks a plan; relative paths in it begin beside it.
    ///
    /// # Errors
    /// Names the setting and the rule.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let raw: Raw = toml::from_str(&text).with_context(|| file.display().to_string())?;
        let beside = file.parent().unwrap_or(Path::new("."));
        let tokens = tokens(raw.keystores, beside)?;
        ensure!(!raw.present.is_empty(), "present: name who is there; a ceremony has a witness");
        let cvr = raw.cvr.map(|text| Cvr::parse(&text, Checksum::Required)).transpose().context("cvr")?;
        let pki_url = raw.pki_url.trim_end_matches('/').to_owned();
        HttpUrl::parse(&format!("{pki_url}/pki/root1.cer")).context("pki_url")?;
        let wanted = |kind: Kind, raw: Option<RawAuthority>, usual: KeyKind| {
            raw.map(|raw| Wanted::check(raw, (kind, usual), &tokens)).transpose().context(kind.as_str())
        };
        let (root, issuing) = (wanted(Kind::Root, raw.root, KeyKind::EcP384)?, wanted(Kind::Issuing, raw.issuing, KeyKind::EcP256)?);
        ensure!(root.as_ref().is_none_or(|root| root.key != KeyKind::EcP256), "root: key: p384, rsa3072 or rsa4096");
        if let (Some(root), Some(issuing)) = (&root, &issuing) {
            let (outer, inner) = (root.lives(Kind::Root), issuing.lives(Kind::Issuing));
            ensure!(inner <= outer, "issuing: days: {inner} would outlive the root, which lives {outer}");
        }
        Ok(Self {
            present: raw.present,
            organisation: OrganizationName::parse(&raw.organisation).context("organisation")?,
            cvr,
            pki_url,
            root,
            issuing,
            shares: raw.shares.map(|shares| Rule::new(shares.needed, shares.of)).transpose()?,
            tokens,
        })
    }

    /// The whole name of an authority of this organisation.
    pub fn name(&self, common_name: &CommonName) -> AuthorityName {
        AuthorityName {
            country: Country::DENMARK,
            organization: self.organisation.clone(),
            identifier: self.cvr.map(OrganizationIdentifier::Registered),
            common_name: common_name.clone(),
        }
    }

    /// O in the certificates.
    pub fn organisation(&self) -> &str {
        self.organisation.as_str()
    }
}

impl Wanted {
    /// The passphrase under which its key leaves in the bundle: asked before anything is made; none for a key in a token.
    ///
    /// # Errors
    /// When it is too short.
    pub fn bundle_passphrase(&self, secrets: &Secrets) -> anyhow::Result<Option<Passphrase>> {
        (self.keystore == FILE).then(|| secrets.new_bundle_passphrase()).transpose()
    }

    fn lives(&self, kind: Kind) -> u32 {
        self.days.unwrap_or(kind.rules().lifetime_days)
    }

    fn check(raw: RawAuthority, (kind, usual): (Kind, KeyKind), tokens: &BTreeMap<String, TokenSettings>) -> anyhow::Result<Self> {
        let key = match raw.key {
            None => usual,
            Some(word) => KeyKind::parse(&word).with_context(|| format!("key: {word:?} is none of p256, p384, rsa3072, rsa4096"))?,
        };
        let family = raw.family.map_or(Some(Family::Default), |word| Family::parse(&word)).context("family: \"default\" or \"oces2\"")?;
        let keystore = raw.keystore.unwrap_or_else(|| FILE.to_owned());
        if keystore != FILE && !tokens.contains_key(&keystore) {
            bail!("keystore: there is no [keystores.{keystore}]");
        }
        if let Some(name) = &raw.url_name {
            let good = KeyLabel::parse(name).is_ok() && name.len() <= 16 && !name.contains('.');
            ensure!(good, "url_name: 1 to 16 lower-case letters, digits and '-'");
        }
        let most = kind.rules().lifetime_days;
        if let Some(days) = raw.days {
            ensure!((LEAST_DAYS..=most).contains(&days), "days: {LEAST_DAYS} to {most}, which is the most that its profile allows");
        }
        let crl_days = raw.crl_days.unwrap_or(USUAL_CRL_DAYS);
        ensure!((1..=400).contains(&crl_days), "crl_days: 1 to 400");
        let common_name = CommonName::parse(&raw.name).context("name")?;
        Ok(Self { common_name, key, family, keystore, url_name: raw.url_name, days: raw.days, crl_days })
    }
}
