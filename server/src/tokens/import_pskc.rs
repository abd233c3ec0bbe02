//! Reads tokens from PSKC (RFC 6030): seeds in the clear, or encrypted with a key that was agreed on before (AES in CBC mode), each under its MAC.
//!
//! Refused: a document type (nothing is fetched or expanded), a wrong or missing MAC, a seed in the clear where the file names a key or a MAC, keys that
//! follow from a password, certificates, other algorithms than HOTP and TOTP, an XML signature, which is not checked here, and a key whose policy forbids
//! our use or is not understood (section 5).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use keycard::oath;
use openssl::{
    hash::MessageDigest,
    memcmp,
    pkey::PKey,
    sign::Signer,
    symm::{Cipher, Crypter, Mode},
};
use zeroize::Zeroizing;

use super::{
    import_xml::{Element, tree},
    model::{FIRST_COUNTER, MOST_DRIFT, NewToken, PERIOD_SECONDS, SEED_BYTES, TokenKind, digits_of, serial},
};
use crate::platform::{fault::FieldFault, secret::Secret};

const AES128: &str = "http://www.w3.org/2001/04/xmlenc#aes128-cbc";
const AES256: &str = "http://www.w3.org/2001/04/xmlenc#aes256-cbc";
const HMAC_SHA1: &str = "http://www.w3.org/2000/09/xmldsig#hmac-sha1";
const HMAC_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256";
/// AES works on blocks of so many bytes.
const BLOCK: usize = 16;

/// Reads a file. `key` opens what is encrypted, in hexadecimal digits; empty for none.
///
/// # Errors
/// What is wrong, token by token.
pub fn read(file: &[u8], key: &Secret<String>) -> Result<Vec<NewToken>, Vec<FieldFault>> {
    let one = |rule| vec![FieldFault::new("file", rule)];
    let text = str::from_utf8(file).map_err(|_| one("field_pskc_xml"))?;
    let root = tree(text).map_err(one)?;
    if root.name != "KeyContainer" || root.attribute("Version") != Some("1.0") {
        return Err(one("field_pskc_version"));
    }
    if root.child("Signature").is_some() {
        return Err(one("field_pskc_signature"));
    }
    let opener = Opener::of(&root, key.reveal()).map_err(|fault| vec![fault])?;
    let protected = opener.is_some() || root.child("MACMethod").is_some();
    let (mut tokens, mut faults) = (Vec::new(), Vec::new());
    for (index, package) in root.children.iter().filter(|child| child.name == "KeyPackage").enumerate() {
        match token(package, index + 1, opener.as_ref(), protected) {
            Ok(token) => tokens.push(token),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(tokens) } else { Err(faults) }
}

/// The key that was agreed on, and the MAC's key, which it opened (RFC 6030 section 6.1).
struct Opener {
    key: Zeroizing<Vec<u8>>,
    mac_key: Zeroizing<Vec<u8>>,
    digest: MessageDigest,
}

impl Opener {
    /// None for a file that names no key.
    fn of(root: &Element, typed: &str) -> Result<Option<Self>, FieldFault> {
        let typed = typed.trim();
        let Some(named) = root.child("EncryptionKey") else {
            let needless = !typed.is_empty();
            return if needless { Err(FieldFault::new("pre_shared_key", "field_pskc_key_needless")) } else { Ok(None) };
        };
        if named.child("KeyName").is_none() {
            return Err(FieldFault::new("file", "field_pskc_other_key"));
        }
        if typed.is_empty() {
            return Err(FieldFault::new("pre_shared_key", "field_pskc_key_needed"));
        }
        let key = hex::decode(typed).map(Zeroizing::new).ok().filter(|key| matches!(key.len(), 16 | 32));
        let key = key.ok_or_else(|| FieldFault::new("pre_shared_key", "field_pskc_key"))?;
        let mac = root.child("MACMethod").ok_or_else(|| FieldFault::new("file", "field_pskc_no_mac"))?;
        let digest = match mac.attribute("Algorithm") {
            Some(HMAC_SHA1) => MessageDigest::sha1(),
            Some(HMAC_SHA256) => MessageDigest::sha256(),
            _ => return Err(FieldFault::new("file", "field_pskc_mac_algorithm")),
        };
        // Without a key of its own the MAC is made with the key that was agreed on (section 6.1.1).
        let mac_key = match mac.child("MACKey") {
            None => key.clone(),
            Some(sealed) => {
                let sealed = cipher_text(sealed, &key).ok_or_else(|| FieldFault::new("file", "field_pskc_cipher"))?;
                decrypt(&key, &sealed).ok_or_else(|| FieldFault::new("pre_shared_key", "field_pskc_wrong_key"))?
            }
        };
        Ok(Some(Self { key, mac_key, digest }))
    }

    /// Whether the MAC is that of initialisation vector and cipher text.
    fn holds(&self, sealed: &[u8], mac: &[u8]) -> bool {
        let made = PKey::hmac(&self.mac_key).and_then(|key| {
            let mut signer = Signer::new(self.digest, &key)?;
            signer.update(sealed)?;
            signer.sign_to_vec()
        });
        made.is_ok_and(|made| made.len() == mac.len() && memcmp::eq(&made, mac))
    }
}

/// What is encrypted, by the algorithm that fits the key.
fn cipher_text(element: &Element, key: &[u8]) -> Option<Vec<u8>> {
    let algorithm = if key.len() == 16 { AES128 } else { AES256 };
    if element.child("EncryptionMethod")?.attribute("Algorithm") != Some(algorithm) {
        return None;
    }
    let sealed = decoded(element.path(&["CipherData", "CipherValue"])?)?;
    (sealed.len() >= 2 * BLOCK && sealed.len().is_multiple_of(BLOCK)).then_some(sealed)
}

fn decoded(element: &Element) -> Option<Vec<u8>> {
    let text = Zeroizing::new(element.text.split_ascii_whitespace().collect::<String>());
    STANDARD.decode(text.as_bytes()).ok()
}

/// The initialisation vector stands before the cipher text, and the last byte of the plain text says how many to leave off (XML Encryption
/// section 5.2).
fn decrypt(key: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (vector, cipher_text) = sealed.split_at_checked(BLOCK)?;
    let cipher = if key.len() == 16 { Cipher::aes_128_cbc() } else { Cipher::aes_256_cbc() };
    let mut crypter = Crypter::new(cipher, Mode::Decrypt, key, Some(vector)).ok()?;
    crypter.pad(false);
    let mut plain = Zeroizing::new(vec![0; cipher_text.len() + BLOCK]);
    let mut count = crypter.update(cipher_text, &mut plain).ok()?;
    count += crypter.finalize(&mut plain[count..]).ok()?;
    let padding = usize::from(*plain.get(count.checked_sub(1)?)?);
    if !(1..=BLOCK).contains(&padding) {
        return None;
    }
    plain.truncate(count.checked_sub(padding)?);
    Some(plain)
}

/// Whether a key may be used as we use it. What is asked for and not kept here forbids it: times, a number of transactions, whatever is not known (RFC 6030
/// section 5). A PIN that the token itself asks for is none of ours.
fn is_permitted(policy: &Element) -> bool {
    let usages: Vec<&str> = policy.children.iter().filter(|rule| rule.name == "KeyUsage").map(|usage| usage.text.trim()).collect();
    let known = policy.children.iter().all(|rule| match rule.name.as_str() {
        "KeyUsage" => true,
        "PINPolicy" => rule.attribute("PINUsageMode") == Some("Local"),
        _ => false,
    });
    known && (usages.is_empty() || usages.contains(&"OTP"))
}

fn token(package: &Element, number: usize, opener: Option<&Opener>, protected: bool) -> Result<NewToken, FieldFault> {
    let wrong = |what: &str| FieldFault::new("file", "field_token_value").with("row", number).with("column", what);
    let key = package.child("Key").ok_or_else(|| wrong("Key"))?;
    if key.children.iter().any(|child| child.name == "Policy" && !is_permitted(child)) {
        return Err(FieldFault::new("file", "field_pskc_policy").with("row", number));
    }
    let number_on_it = package.path(&["DeviceInfo", "SerialNo"]).map(|element| element.text.as_str()).or_else(|| key.attribute("Id"));
    let kind = match key.attribute("Algorithm").map(|name| name.rsplit([':', '#']).next().unwrap_or(name)) {
        Some("hotp") => TokenKind::Hotp,
        Some("totp") => TokenKind::Totp,
        _ => return Err(wrong("Algorithm")),
    };
    let parameters = key.child("AlgorithmParameters");
    let shown = parameters.and_then(|parameters| parameters.child("ResponseFormat"));
    let digits = match shown {
        None => Some(oath::Digits::Six),
        Some(format) if format.attribute("Encoding") == Some("DECIMAL") => {
            format.attribute("Length").and_then(|length| length.parse().ok()).and_then(digits_of)
        }
        Some(_) => None,
    };
    let suite = parameters.and_then(|parameters| parameters.child("Suite")).map(|suite| suite.text.as_str());
    let data = key.child("Data").ok_or_else(|| wrong("Data"))?;
    let in_data = |name: &str, range: std::ops::RangeInclusive<i64>, otherwise: i64| match data.child(name) {
        None => Ok(otherwise),
        Some(element) => {
            let number = element.child("PlainValue").and_then(|value| value.text.trim().parse().ok());
            number.filter(|number| range.contains(number)).ok_or_else(|| wrong(name))
        }
    };
    Ok(NewToken {
        serial: number_on_it.and_then(serial).ok_or_else(|| wrong("SerialNo"))?,
        kind,
        oath: oath::Kind { hash: hash(suite).ok_or_else(|| wrong("Suite"))?, digits: digits.ok_or_else(|| wrong("ResponseFormat"))? },
        period_seconds: in_data("TimeInterval", PERIOD_SECONDS, 30)?,
        counter: if kind == TokenKind::Hotp { in_data("Counter", FIRST_COUNTER, 0)? } else { 0 },
        drift: in_data("TimeDrift", -MOST_DRIFT..=MOST_DRIFT, 0)?,
        seed: seed(data.child("Secret").ok_or_else(|| wrong("Secret"))?, number, opener, protected)?,
    })
}

/// HMAC-SHA-1 unless a suite says otherwise.
fn hash(suite: Option<&str>) -> Option<oath::Hash> {
    let Some(suite) = suite else { return Some(oath::Hash::Sha1) };
    match suite.trim().to_ascii_uppercase().replace('-', "").trim_start_matches("HMAC") {
        "SHA1" => Some(oath::Hash::Sha1),
        "SHA256" => Some(oath::Hash::Sha256),
        "SHA512" => Some(oath::Hash::Sha512),
        _ => None,
    }
}

fn seed(secret: &Element, number: usize, opener: Option<&Opener>, protected: bool) -> Result<Zeroizing<Vec<u8>>, FieldFault> {
    let fault = |rule| FieldFault::new("file", rule).with("row", number);
    let seed = match (secret.child("PlainValue"), secret.child("EncryptedValue")) {
        (Some(_), None) if protected => return Err(fault("field_pskc_plain")),
        (Some(plain), None) => decoded(plain).map(Zeroizing::new),
        (None, Some(encrypted)) => {
            let opener = opener.ok_or_else(|| fault("field_pskc_token_key"))?;
            let sealed = cipher_text(encrypted, &opener.key).ok_or_else(|| fault("field_pskc_token_cipher"))?;
            let mac = secret.child("ValueMAC").and_then(decoded).ok_or_else(|| fault("field_pskc_token_no_mac"))?;
            if !opener.holds(&sealed, &mac) {
                return Err(fault("field_pskc_mac"));
            }
            decrypt(&opener.key, &sealed)
        }
        (Some(_), Some(_)) | (None, None) => None,
    };
    let seed = seed.filter(|seed| SEED_BYTES.contains(&seed.len()));
    seed.ok_or_else(|| fault("field_token_value").with("column", "Secret"))
}
