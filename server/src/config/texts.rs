//! `[sms]`: the gateway that sends text messages to telephones.

use std::path::{Path, PathBuf};

use super::{Faults, secret_line, under};
use crate::platform::{
    outgoing::{Inside, Target},
    secret::Secret,
    telephone::Telephone,
};

/// The countries that text messages go to unless others are named: Denmark, the Faroe Islands, Greenland.
const COUNTRIES: [&str; 3] = ["+45", "+298", "+299"];

/// The longest sender name that networks show (3GPP TS 23.040 section 9.1.2.5: eleven characters).
const FROM_CHARACTERS: usize = 11;

#[derive(Debug, serde::Deserialize)]
#[serde(default)]
pub(super) struct Raw {
    url: Option<String>,
    token_file: Option<PathBuf>,
    from: Option<String>,
    inner_addresses: bool,
    trust_file: Option<PathBuf>,
    countries: Vec<String>,
    company_per_day: i64,
    number_per_day: i64,
}

impl Default for Raw {
    fn default() -> Self {
        Self {
            url: None,
            token_file: None,
            from: None,
            inner_addresses: false,
            trust_file: None,
            countries: COUNTRIES.map(str::to_owned).to_vec(),
            company_per_day: 200,
            number_per_day: 10,
        }
    }
}

/// How many text messages may leave within a day, UTC: whoever misuses somebody's rights runs up no bill without end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextLimits {
    /// Temporary passwords of one company.
    pub company: i64,
    /// To one number, whatever they say.
    pub number: i64,
}

/// The checked section.
#[derive(Clone)]
pub struct Texts {
    /// Where text messages may go, by how numbers begin: `+45`.
    pub countries: Vec<String>,
    /// How many.
    pub limits: TextLimits,
    /// The gateway; none: there are no text messages, but for the spool of an installation without a mail relay.
    pub gateway: Option<TextGateway>,
}

/// How the gateway is spoken to.
#[derive(Clone)]
pub struct TextGateway {
    /// Where messages are posted.
    pub url: Target,
    /// What it knows us by.
    pub token: Secret<String>,
    /// Whom telephones show as the sender.
    pub from: String,
    /// Whether it may be an inner address.
    pub inside: Inside,
    /// Roots beside those of the machine, PEM.
    pub trust_file: Option<PathBuf>,
}

impl Texts {
    /// Whether text messages may go to a number: elsewhere they can cost whatever somebody asks.
    pub fn go_to(&self, telephone: &Telephone) -> bool {
        self.countries.iter().any(|country| telephone.number().starts_with(country))
    }
}

fn is_country(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (1..=6).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit()) && !digits.starts_with('0')
    })
}

impl Raw {
    pub(super) fn check(mut self, data: &Path, faults: &mut Faults) -> Texts {
        let countries = std::mem::take(&mut self.countries);
        if countries.is_empty() || countries.iter().any(|country| !is_country(country)) {
            faults.note("sms.countries", "must name at least one country, each as \"+45\"");
        }
        let limits = TextLimits { company: self.company_per_day, number: self.number_per_day };
        if !(0..=100_000).contains(&limits.company) {
            faults.note("sms.company_per_day", "must be between 0 and 100000");
        }
        if !(1..=1_000).contains(&limits.number) {
            faults.note("sms.number_per_day", "must be between 1 and 1000");
        }
        Texts { countries, limits, gateway: self.gateway(data, faults) }
    }

    fn gateway(self, data: &Path, faults: &mut Faults) -> Option<TextGateway> {
        let Some(url) = self.url else {
            if self.token_file.is_some() || self.from.is_some() {
                faults.note("sms.url", "must be given");
            }
            return None;
        };
        let inside = if self.inner_addresses { Inside::Allowed } else { Inside::Refused };
        let target = Target::parse(&url, inside);
        if let Err(error) = &target {
            faults.note("sms.url", format!("{url} is {error}"));
        }
        let token = match self.token_file {
            Some(file) => secret_line(&under(data, Some(file), ""), "sms.token_file", faults).filter(|token| {
                let fits = !token.reveal().is_empty() && token.reveal().bytes().all(|byte| byte.is_ascii_graphic());
                if !fits {
                    faults.note("sms.token_file", "must hold one line of visible signs");
                }
                fits
            }),
            None => {
                faults.note("sms.token_file", "must be given");
                None
            }
        };
        let from = self.from.unwrap_or_else(|| "Segl".to_owned());
        let plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, ' ' | '+' | '-' | '.');
        if from.trim().is_empty() || from.len() > FROM_CHARACTERS || !from.chars().all(plain) {
            faults.note("sms.from", "must be a number or a name of at most 11 letters and digits");
        }
        let trust_file = self.trust_file.map(|file| under(data, Some(file), ""));
        if let Some(path) = &trust_file
            && let Err(error) = std::fs::metadata(path)
        {
            faults.note("sms.trust_file", format!("{} cannot be read: {error}", path.display()));
        }
        match (target, token) {
            (Ok(url), Some(token)) => Some(TextGateway { url, token, from, inside, trust_file }),
            (Ok(_) | Err(_), _) => None,
        }
    }
}
