//! Every word a person reads, in Danish and English: one file per slice in `locales/`, keys as `slice.key`.
//!
//! A value may hold `{name}`; [`Words::with`] fills it in. A house test holds both languages to the same keys.

use std::{collections::HashMap, sync::LazyLock};

/// A language of the service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Danish.
    #[default]
    Da,
    /// English.
    En,
}

impl Language {
    /// The tag in `lang` attributes, cookies and rows.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Da => "da",
            Self::En => "en",
        }
    }

    /// The language of a tag.
    pub fn of(tag: &str) -> Option<Self> {
        match tag {
            "da" => Some(Self::Da),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The better of the two for an `Accept-Language` header (RFC 9110 section 12.5.4, by order and quality); Danish when it asks for neither.
    pub fn accepted(header: &str) -> Self {
        Self::asked_for(header).unwrap_or_default()
    }

    /// The better of the two for an `Accept-Language` header; none when it asks for neither.
    pub fn asked_for(header: &str) -> Option<Self> {
        let mut best = (0.0_f32, None);
        for part in header.split(',').take(20) {
            let mut pieces = part.split(';');
            let tag = pieces.next().unwrap_or("").trim().to_ascii_lowercase();
            let quality = pieces.find_map(|p| p.trim().strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
            let language = match tag.split('-').next() {
                Some("da" | "nb" | "nn" | "no") => Self::Da,
                Some("en") => Self::En,
                _ => continue,
            };
            if quality > best.0 {
                best = (quality, Some(language));
            }
        }
        best.1
    }
}

macro_rules! catalogues {
    ($($slice:literal),+ $(,)?) => {
        /// The slices that have words: one file each in `locales/da` and `locales/en`.
        pub const SLICES: &[&str] = &[$($slice),+];
        const DANISH: &[(&str, &str)] = &[$(($slice, include_str!(concat!("../../locales/da/", $slice, ".toml")))),+];
        const ENGLISH: &[(&str, &str)] = &[$(($slice, include_str!(concat!("../../locales/en/", $slice, ".toml")))),+];
    };
}

catalogues![
    "agendas",
    "api_keys",
    "approvals",
    "audit",
    "authorities",
    "certificates",
    "companies",
    "consents",
    "demo",
    "cpr_numbers",
    "directory",
    "documents",
    "employees",
    "help",
    "histories",
    "keycards",
    "letters",
    "mandates",
    "phones",
    "logins",
    "notices",
    "operators",
    "persons",
    "problems",
    "proofing",
    "recoveries",
    "reissues",
    "resets",
    "shared",
    "successions",
    "operations",
    "tokens",
    "webhooks",
];

static CATALOGUES: LazyLock<[HashMap<String, String>; 2]> = LazyLock::new(|| [load(DANISH), load(ENGLISH)]);

#[expect(clippy::expect_used, reason = "the files are part of the program; a house test reads them all")]
fn load(files: &[(&str, &str)]) -> HashMap<String, String> {
    let mut all = HashMap::new();
    for (slice, text) in files {
        let table: HashMap<String, String> = toml::from_str(text).expect("a locale file is flat TOML of strings");
        all.extend(table.into_iter().map(|(key, value)| (format!("{slice}.{key}"), value)));
    }
    all
}

/// The words of one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words(pub Language);

impl Words {
    fn table(self) -> &'static HashMap<String, String> {
        match self.0 {
            Language::Da => &CATALOGUES[0],
            Language::En => &CATALOGUES[1],
        }
    }

    /// The text of a key; the key itself when it is missing, so that the gap is seen.
    pub fn say(self, key: &str) -> String {
        self.table().get(key).cloned().unwrap_or_else(|| key.to_owned())
    }

    /// The text of a key with `{name}` filled in for each pair.
    pub fn with(self, key: &str, values: &[(&str, &str)]) -> String {
        values.iter().fold(self.say(key), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }

    /// Every key of this language, for tests.
    pub fn keys(self) -> Vec<String> {
        let mut keys: Vec<_> = self.table().keys().cloned().collect();
        keys.sort();
        keys
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn what_help_quotes_is_what_a_page_is_called() {
        for (language, [opens, closes]) in [(Language::Da, ['»', '«']), (Language::En, ['“', '”'])] {
            let table = Words(language).table();
            let is_help = |key: &str| key.starts_with("help.");
            let names: HashSet<&str> = table.iter().filter(|(key, _)| !is_help(key)).map(|(_, words)| words.as_str()).collect();
            let texts = table.iter().filter(|(key, _)| is_help(key)).map(|(_, words)| words);
            let quoted = texts.flat_map(|text| text.split(opens).skip(1).filter_map(|rest| rest.split_once(closes)));
            let quoted: Vec<&str> = quoted.map(|(name, _)| name).collect();
            assert!(quoted.len() > 5, "nothing is quoted");
            for name in quoted {
                assert!(names.contains(name), "help sends people to {name}, and no page is called so");
            }
        }
    }
}
