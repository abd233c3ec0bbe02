//! `server/segl.example.toml` names every setting with its true default, and nothing that is no setting.

use std::{collections::BTreeSet, path::Path};

use segl::config::{Config, ConfigError, Mode};

use crate::source::{self, Piece, Source, none};

const EXAMPLE: &str = "server/segl.example.toml";

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, EXAMPLE, Path::new("/data"), Mode::Real)
}

/// The fields of a struct: words before a colon, one level below its brace.
fn fields(source: &Source, name: &str) -> BTreeSet<String> {
    let start = (0..source.tokens.len()).find(|&at| source.is_word(at, "struct") && source.is_word(at + 1, name));
    let start = start.unwrap_or_else(|| panic!("{} has no struct {name}", source.path));
    let mut depth = 0;
    let mut found = BTreeSet::new();
    for at in start..source.tokens.len() {
        match &source.tokens[at].piece {
            Piece::Sign('{' | '(' | '[') => depth += 1,
            Piece::Sign('}' | ')' | ']') => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            Piece::Word(word)
                if depth == 1 && source.is_sign(at + 1, ':') && !source.is_sign(at + 2, ':') && !source.is_sign(at - 1, ':') =>
            {
                found.insert(word.clone());
            }
            Piece::Word(_) | Piece::Sign(_) | Piece::Text(_) | Piece::Literal => {}
        }
    }
    found
}

/// Every setting that the program reads, as `section.key`.
fn settings() -> BTreeSet<String> {
    let places = [
        ("backup", "server/src/config/backup.rs", "Raw"),
        ("server", "server/src/config/server.rs", "Raw"),
        ("log", "server/src/config/server.rs", "Log"),
        ("storage", "server/src/config/storage.rs", "Raw"),
        ("keystores.hsm", "server/src/config/keystores.rs", "Raw"),
        ("mail", "server/src/config/mail.rs", "Raw"),
        ("phones", "server/src/config/phones.rs", "Raw"),
        ("policy", "server/src/config/policy.rs", "Raw"),
        ("push", "server/src/config/push.rs", "Raw"),
        ("push.apns", "server/src/config/push.rs", "RawApns"),
        ("push.fcm", "server/src/config/push.rs", "RawFcm"),
        ("register", "server/src/config/register.rs", "Raw"),
        ("sms", "server/src/config/texts.rs", "Raw"),
        ("timestamps", "server/src/config/timestamps.rs", "Raw"),
        ("tls", "server/src/config/tls.rs", "Raw"),
        ("tokens", "server/src/config/tokens.rs", "Raw"),
        ("trust", "server/src/config/trust.rs", "Raw"),
        ("webhooks", "server/src/config/webhooks.rs", "Raw"),
        ("policy.hashing", "server/src/platform/password.rs", "Hashing"),
    ];
    let sources = source::rust("server/src");
    let mut found = BTreeSet::new();
    for (section, path, name) in places {
        let source = sources.iter().find(|source| source.path == path).unwrap_or_else(|| panic!("{path} is gone"));
        found.extend(fields(source, name).into_iter().map(|field| format!("{section}.{field}")));
    }
    for table in ["policy.hashing", "push.apns", "push.fcm"] {
        found.remove(table);
    }
    found
}

/// Every setting of the example, marked out or not; each must have a comment above it.
fn exemplified(text: &str) -> (BTreeSet<String>, Vec<String>) {
    let mut section = String::new();
    let (mut found, mut bare) = (BTreeSet::new(), Vec::new());
    let mut explained = false;
    for line in text.lines() {
        let key = line.strip_prefix("# ").unwrap_or(line).split_once(" = ").map(|(key, _)| key);
        let key = key.filter(|key| key.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
        if let Some(name) = line.strip_prefix('[').or_else(|| line.strip_prefix("# [")) {
            section = name.trim_end_matches(']').to_owned();
        } else if let Some(key) = key {
            found.insert(format!("{section}.{key}"));
            if !explained {
                bare.push(format!("{EXAMPLE}: {section}.{key} is not explained"));
            }
        } else {
            explained = line.starts_with("# ") || (explained && !line.is_empty());
        }
        // A table whose keys are explained together has its comment above its head.
        explained |= line.starts_with("[policy.hashing]");
    }
    (found, bare)
}

#[test]
fn the_example_names_and_explains_every_setting() {
    let (found, bare) = exemplified(&source::read(EXAMPLE));
    assert_eq!(found, settings());
    none(&bare);
}

#[test]
fn the_example_is_valid_and_says_the_true_defaults() {
    let example = parse(&source::read(EXAMPLE)).unwrap();
    let defaults = parse("[server]\npublic_url = \"https://segl.example.dk\"").unwrap();
    assert_eq!(format!("{:?}", example.server), format!("{:?}", defaults.server));
    assert_eq!(format!("{:?}", example.backup), format!("{:?}", defaults.backup));
    assert_eq!(format!("{:?}", example.policy), format!("{:?}", defaults.policy));
    assert_eq!(format!("{:?}", example.timestamps), format!("{:?}", defaults.timestamps));
    assert_eq!(format!("{:?}", example.trust), format!("{:?}", defaults.trust));
    assert_eq!(format!("{:?}", example.log), format!("{:?}", defaults.log));
    assert_eq!(format!("{:?}", example.storage.keystore), format!("{:?}", defaults.storage.keystore));
    assert_eq!(example.storage.places, defaults.storage.places);
    assert_eq!(format!("{:?}", example.tls), format!("{:?}", defaults.tls));
    assert_eq!((example.texts.countries, example.texts.limits), (defaults.texts.countries, defaults.texts.limits));
    assert!(example.keystores.is_empty());
    assert_eq!((example.mail.from, example.mail.spool), (defaults.mail.from, defaults.mail.spool));
    assert!(example.mail.relay.is_none());
}

#[test]
fn a_marked_out_setting_is_a_real_one() {
    for line in source::read(EXAMPLE).lines().filter_map(|line| line.strip_prefix("# ")) {
        let Some((key, _)) = line.split_once(" = ") else { continue };
        if !key.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
            continue;
        }
        let section =
            settings().into_iter().find(|known| known.ends_with(&format!(".{key}"))).unwrap_or_else(|| panic!("{key} is no setting"));
        let section = section.rsplit_once('.').unwrap().0.to_owned();
        match parse(&format!("[{section}]\n{line}")) {
            Ok(_) | Err(ConfigError::Faults(_)) => {}
            Err(error) => panic!("{key}: {error}"),
        }
    }
}

#[test]
fn unknown_settings_and_all_faults_at_once_are_reported() {
    let Err(ConfigError::Faults(unknown)) = parse("[server]\npublic_uri = \"https://segl.example.dk\"") else {
        panic!("an unknown key was taken")
    };
    assert!(unknown.iter().any(|fault| fault.key == "server.public_uri"));
    let several = "[server]\npublic_url = \"ftp://x\"\nworkers = 0\n[policy]\nactivation_days = 0";
    let Err(ConfigError::Faults(faults)) = parse(several) else { panic!("three faults were taken") };
    let keys: BTreeSet<_> = faults.iter().map(|fault| fault.key.as_str()).collect();
    assert!(["server.public_url", "server.workers", "policy.activation_days"].iter().all(|key| keys.contains(key)), "{keys:?}");
}
