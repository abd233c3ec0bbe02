//! What a passphrase opens, and what that costs: PBES2 (RFC 8018) with PBKDF2 or scrypt, triple DES as PKCS#12 had it (RFC 7292 appendices B
//! and C), and the integrity check. Every round is taken from one budget for the whole file before it is worked off, however deep in
//! encrypted content it was asked for.

use openssl::hash::{MessageDigest, hash};
use openssl::memcmp;
use openssl::pkcs5::{pbkdf2_hmac, scrypt};
use openssl::pkey::PKey;
use openssl::sign::Signer;
use openssl::symm::{Cipher, decrypt};
use zeroize::Zeroizing;

use super::ImportFault;
use super::ber::{Element, INTEGER, OCTETS, SEQUENCE};

/// Rounds that are worked off for a file, all its parts together: a second or two. NSS asks for 600,000 in each of three parts.
const MOST_ROUNDS: u64 = 3_000_000;
/// What scrypt may fill, bytes.
const MOST_MEMORY: u64 = 32 * 1024 * 1024;
/// The shortest and the longest key of an integrity check by PBMAC1, octets (RFC 9579 section 5 says at least 20).
const MAC_KEY: std::ops::RangeInclusive<u64> = 20..=64;
/// A block of SHA-1, octets.
const SHA1_BLOCK: usize = 64;

/// 1.2.840.113549.1.5.13.
const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];
/// 1.2.840.113549.1.5.14 (RFC 9579).
const PBMAC1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0e];
/// 1.2.840.113549.1.5.12.
const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c];
/// 1.3.6.1.4.1.11591.4.11 (RFC 7914 section 7).
const SCRYPT: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b];
/// pbeWithSHAAnd3-KeyTripleDES-CBC, and with two keys.
const TRIPLE_DES: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01, 0x03];
const TRIPLE_DES_OF_TWO: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01, 0x04];
/// id-hmacWithSHA1 to id-hmacWithSHA512: 1.2.840.113549.2.7 to 11.
const HMAC: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02];
/// 2.16.840.1.101.3.4.2.
const SHA2: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];
const SHA1: &[u8] = &[0x2b, 0x0e, 0x03, 0x02, 0x1a];
/// 2.16.840.1.101.3.4.1: AES.
const AES: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01];
/// des-EDE3-CBC.
const DES_EDE3: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x07];
/// What nobody should use any more, by the whole identifier.
const OLD: &[(&[u8], &str)] = &[
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01, 0x01], "RC4"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01, 0x02], "RC4"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01, 0x05], "RC2"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01, 0x06], "RC2"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x02], "RC2"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x04], "RC4"),
    (&[0x2b, 0x0e, 0x03, 0x02, 0x07], "DES"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x01], "DES"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x03], "DES"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0a], "DES"),
];

/// What a derived key is for (RFC 7292 appendix B.3).
#[derive(Clone, Copy)]
enum For {
    Key = 1,
    InitialVector = 2,
    Integrity = 3,
}

/// A passphrase, and what is left of the rounds that its file may cost.
pub(super) struct Stretcher {
    /// As PBES2 takes it.
    plain: Zeroizing<Vec<u8>>,
    /// As PKCS#12's own derivation takes it (RFC 7292 appendix B.1).
    wide: Zeroizing<Vec<u8>>,
    left: u64,
}

impl Stretcher {
    pub(super) fn new(passphrase: &str) -> Self {
        let wide = passphrase.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect();
        Self { plain: Zeroizing::new(passphrase.as_bytes().to_vec()), wide: Zeroizing::new(wide), left: MOST_ROUNDS }
    }

    fn spend(&mut self, rounds: u64, times: u64) -> Result<(), ImportFault> {
        let left = rounds.checked_mul(times).and_then(|all| self.left.checked_sub(all));
        self.left = left.ok_or(ImportFault::TooManyRounds { limit: MOST_ROUNDS })?;
        Ok(())
    }

    /// Whether the integrity check (`MacData`, RFC 7292 section 4) says that this passphrase protects these octets.
    ///
    /// # Errors
    /// [`ImportFault::Integrity`] for a check by PBMAC1 of another kind than PBKDF2 with HMAC; [`ImportFault::TooManyRounds`];
    /// [`ImportFault::Unreadable`].
    pub(super) fn protects(&mut self, octets: &[u8], mac: &Element<'_>) -> Result<bool, ImportFault> {
        if let Some((parameters, wanted)) = pbmac1(mac) {
            return self.protects_by_pbmac1(octets, &parameters, &wanted);
        }
        let (digest, wanted, salt, rounds) = mac_data(mac).ok_or(ImportFault::Unreadable)?;
        // Whoever chose no passphrase at all has left out its final zero too, or has not.
        let empty = Zeroizing::new(Vec::new());
        let wides = [self.wide.clone(), empty];
        for wide in wides.into_iter().take(if self.plain.is_empty() { 2 } else { 1 }) {
            let length = digest.digest.size();
            let key = self.derive(&wide, (digest, For::Integrity), &salt, rounds, length)?;
            let key = PKey::hmac(&key)?;
            let found = Signer::new(digest.digest, &key)?.sign_oneshot_to_vec(octets)?;
            if found.len() == wanted.len() && memcmp::eq(&found, &wanted) {
                self.wide = wide;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The same by PBMAC1 (RFC 9579 section 4, RFC 8018 section 7.1): salt and rounds are those of its own derivation, of the passphrase as it is.
    fn protects_by_pbmac1(&mut self, octets: &[u8], parameters: &Element<'_>, wanted: &[u8]) -> Result<bool, ImportFault> {
        let parts = parameters.children(SEQUENCE).ok_or(ImportFault::Unreadable)?;
        let [derivation, scheme] = parts.as_slice() else { return Err(ImportFault::Unreadable) };
        let (derivation, parameters) = algorithm_of(derivation).ok_or(ImportFault::Unreadable)?;
        let (scheme, _) = algorithm_of(scheme).ok_or(ImportFault::Unreadable)?;
        let Some(digest) = keyed(scheme).filter(|_| derivation == PBKDF2) else { return Err(ImportFault::Integrity) };
        let parts = parameters.and_then(|parameters| parameters.children(SEQUENCE)).ok_or(ImportFault::Unreadable)?;
        // Here the key's length is said in the file, and only there.
        let said = parts.get(2..).and_then(|rest| optional_number(rest).0).filter(|said| MAC_KEY.contains(said));
        let length = said.and_then(|said| usize::try_from(said).ok()).ok_or(ImportFault::Integrity)?;
        let key = PKey::hmac(&self.pbkdf2(&parts, length)?)?;
        let found = Signer::new(digest, &key)?.sign_oneshot_to_vec(octets)?;
        Ok(found.len() == wanted.len() && memcmp::eq(&found, wanted))
    }

    /// Decrypts by an `AlgorithmIdentifier`.
    ///
    /// # Errors
    /// [`ImportFault::OldEncryption`], [`ImportFault::TooManyRounds`]; [`ImportFault::Unreadable`] also when the passphrase is another.
    pub(super) fn decrypt(&mut self, algorithm: &Element<'_>, content: &[u8]) -> Result<Zeroizing<Vec<u8>>, ImportFault> {
        let (identifier, parameters) = algorithm_of(algorithm).ok_or(ImportFault::Unreadable)?;
        refuse_old(identifier)?;
        let parameters = parameters.ok_or(ImportFault::Unreadable)?;
        let (cipher, key, vector) = match identifier {
            PBES2 => self.pbes2(&parameters)?,
            TRIPLE_DES => self.triple_des(&parameters, 24)?,
            TRIPLE_DES_OF_TWO => self.triple_des(&parameters, 16)?,
            _ => return Err(ImportFault::Unreadable),
        };
        if cipher.iv_len() != Some(vector.len()) || key.len() != cipher.key_len() {
            return Err(ImportFault::Unreadable);
        }
        decrypt(cipher, &key, Some(&vector), content).map(Zeroizing::new).map_err(|_| ImportFault::Unreadable)
    }

    fn triple_des(&mut self, parameters: &Element<'_>, octets: usize) -> Result<Opened, ImportFault> {
        let parts = parameters.children(SEQUENCE).ok_or(ImportFault::Unreadable)?;
        let [salt, rounds] = parts.as_slice() else { return Err(ImportFault::Unreadable) };
        let (Some(salt), Some(rounds)) = (salt.octets(OCTETS), rounds.number()) else { return Err(ImportFault::Unreadable) };
        let sha1 = Hash { digest: MessageDigest::sha1(), block: SHA1_BLOCK };
        let wide = self.wide.clone();
        let mut key = self.derive(&wide, (sha1, For::Key), &salt, rounds, octets)?;
        let vector = self.derive(&wide, (sha1, For::InitialVector), &salt, rounds, 8)?;
        // Of two keys the first comes once more.
        let first = Zeroizing::new(key[..24 - octets].to_vec());
        key.extend_from_slice(&first);
        Ok((Cipher::des_ede3_cbc(), key, vector.to_vec()))
    }

    fn pbes2(&mut self, parameters: &Element<'_>) -> Result<Opened, ImportFault> {
        let parts = parameters.children(SEQUENCE).ok_or(ImportFault::Unreadable)?;
        let [derivation, scheme] = parts.as_slice() else { return Err(ImportFault::Unreadable) };
        let (scheme, vector) = algorithm_of(scheme).ok_or(ImportFault::Unreadable)?;
        refuse_old(scheme)?;
        let vector = vector.and_then(|vector| vector.octets(OCTETS)).ok_or(ImportFault::Unreadable)?;
        let cipher = cipher(scheme).ok_or(ImportFault::Unreadable)?;
        let (derivation, parameters) = algorithm_of(derivation).ok_or(ImportFault::Unreadable)?;
        let parts = parameters.and_then(|parameters| parameters.children(SEQUENCE)).ok_or(ImportFault::Unreadable)?;
        let key = match derivation {
            PBKDF2 => self.pbkdf2(&parts, cipher.key_len())?,
            SCRYPT => self.scrypt(&parts, cipher.key_len())?,
            _ => return Err(ImportFault::Unreadable),
        };
        Ok((cipher, key, vector))
    }

    fn pbkdf2(&mut self, parts: &[Element<'_>], length: usize) -> Result<Zeroizing<Vec<u8>>, ImportFault> {
        let [salt, rounds, rest @ ..] = parts else { return Err(ImportFault::Unreadable) };
        let (said, rest) = optional_number(rest);
        let digest = match rest {
            [] => Some(MessageDigest::sha1()),
            [function] => algorithm_of(function).and_then(|(identifier, _)| keyed(identifier)),
            _ => None,
        };
        let (Some(salt), Some(rounds), Some(digest)) = (salt.octets(OCTETS), rounds.number(), digest) else {
            return Err(ImportFault::Unreadable);
        };
        if said.is_some_and(|said| said != length as u64) {
            return Err(ImportFault::Unreadable);
        }
        self.spend(rounds, length.div_ceil(digest.size()) as u64)?;
        let rounds = usize::try_from(rounds).map_err(|_| ImportFault::Unreadable)?;
        let mut key = Zeroizing::new(vec![0; length]);
        pbkdf2_hmac(&self.plain, &salt, rounds, digest, &mut key).map_err(|_| ImportFault::Unreadable)?;
        Ok(key)
    }

    /// N, r and p make N * r * p mixings of 128 octets: each is counted as a round.
    fn scrypt(&mut self, parts: &[Element<'_>], length: usize) -> Result<Zeroizing<Vec<u8>>, ImportFault> {
        let [salt, cost, block, parallel, rest @ ..] = parts else { return Err(ImportFault::Unreadable) };
        let (Some(salt), Some(n), Some(r), Some(p)) = (salt.octets(OCTETS), cost.number(), block.number(), parallel.number()) else {
            return Err(ImportFault::Unreadable);
        };
        if optional_number(rest).0.is_some_and(|said| said != length as u64) {
            return Err(ImportFault::Unreadable);
        }
        self.spend(n.saturating_mul(r), p)?;
        let mut key = Zeroizing::new(vec![0; length]);
        scrypt(&self.plain, &salt, n, r, p, MOST_MEMORY, &mut key).map_err(|_| ImportFault::Unreadable)?;
        Ok(key)
    }

    /// The derivation of RFC 7292 appendix B.2, for an arbitrary digest.
    fn derive(
        &mut self,
        wide: &[u8],
        (Hash { digest, block }, purpose): (Hash, For),
        salt: &[u8],
        rounds: u64,
        length: usize,
    ) -> Result<Zeroizing<Vec<u8>>, ImportFault> {
        self.spend(rounds.max(1), length.div_ceil(digest.size()) as u64)?;
        let filled = |octets: &[u8]| {
            let whole = octets.len().div_ceil(block) * block;
            octets.iter().copied().cycle().take(whole).collect::<Vec<u8>>()
        };
        let mut input = Zeroizing::new([filled(salt), filled(wide)].concat());
        let mut derived = Zeroizing::new(Vec::new());
        while derived.len() < length {
            let begin = Zeroizing::new([&vec![purpose as u8; block][..], &input].concat());
            let mut step = hash(digest, &begin)?;
            for _ in 1..rounds {
                step = hash(digest, &step)?;
            }
            derived.extend_from_slice(&step);
            let addend: Zeroizing<Vec<u8>> = Zeroizing::new(step.iter().copied().cycle().take(block).collect());
            input.chunks_exact_mut(block).for_each(|chunk| add_and_one(chunk, &addend));
        }
        derived.truncate(length);
        Ok(derived)
    }
}

/// A cipher with its key and initial vector.
type Opened = (Cipher, Zeroizing<Vec<u8>>, Vec<u8>);

#[derive(Clone, Copy)]
struct Hash {
    digest: MessageDigest,
    block: usize,
}

/// `chunk + addend + 1`, as numbers, the most significant octet first, within their octets.
fn add_and_one(chunk: &mut [u8], addend: &[u8]) {
    let mut carry = 1_u16;
    for (octet, more) in chunk.iter_mut().zip(addend).rev() {
        carry += u16::from(*octet) + u16::from(*more);
        [_, *octet] = carry.to_be_bytes();
        carry >>= 8;
    }
}

/// An `AlgorithmIdentifier`: which, and its parameters.
fn algorithm_of<'a>(element: &Element<'a>) -> Option<(&'a [u8], Option<Element<'a>>)> {
    match element.children(SEQUENCE)?.as_slice() {
        [identifier] => Some((identifier.identifier()?, None)),
        [identifier, parameters] => Some((identifier.identifier()?, Some(*parameters))),
        _ => None,
    }
}

fn optional_number<'e, 'a>(rest: &'e [Element<'a>]) -> (Option<u64>, &'e [Element<'a>]) {
    match rest {
        [first, rest @ ..] if first.tag == INTEGER => (first.number(), rest),
        rest => (None, rest),
    }
}

/// The parameters of PBMAC1 and the value, if a file's integrity is checked so; its outer salt and rounds say nothing (RFC 9579 section 4).
fn pbmac1<'a>(mac: &Element<'a>) -> Option<(Element<'a>, Vec<u8>)> {
    let info = mac.children(SEQUENCE)?.first()?.children(SEQUENCE)?;
    let [algorithm, value] = info.as_slice() else { return None };
    let (identifier, parameters) = algorithm_of(algorithm)?;
    if identifier == PBMAC1 { parameters.zip(value.octets(OCTETS)) } else { None }
}

type MacData = (Hash, Vec<u8>, Vec<u8>, u64);

fn mac_data(mac: &Element<'_>) -> Option<MacData> {
    let parts = mac.children(SEQUENCE)?;
    let (info, salt, rounds) = match parts.as_slice() {
        [info, salt] => (info, salt, 1),
        [info, salt, rounds] => (info, salt, rounds.number()?),
        _ => return None,
    };
    let info = info.children(SEQUENCE)?;
    let [algorithm, value] = info.as_slice() else { return None };
    let digest = digest(algorithm_of(algorithm)?.0)?;
    Some((digest, value.octets(OCTETS)?, salt.octets(OCTETS)?, rounds))
}

fn digest(identifier: &[u8]) -> Option<Hash> {
    if identifier == SHA1 {
        return Some(Hash { digest: MessageDigest::sha1(), block: SHA1_BLOCK });
    }
    let (digest, block) = match identifier.strip_prefix(SHA2)? {
        [1] => (MessageDigest::sha256(), 64),
        [2] => (MessageDigest::sha384(), 128),
        [3] => (MessageDigest::sha512(), 128),
        [4] => (MessageDigest::sha224(), 64),
        _ => return None,
    };
    Some(Hash { digest, block })
}

/// The digest of an HMAC.
fn keyed(identifier: &[u8]) -> Option<MessageDigest> {
    match identifier.strip_prefix(HMAC)? {
        [7] => Some(MessageDigest::sha1()),
        [8] => Some(MessageDigest::sha224()),
        [9] => Some(MessageDigest::sha256()),
        [10] => Some(MessageDigest::sha384()),
        [11] => Some(MessageDigest::sha512()),
        _ => None,
    }
}

fn cipher(identifier: &[u8]) -> Option<Cipher> {
    if identifier == DES_EDE3 {
        return Some(Cipher::des_ede3_cbc());
    }
    match identifier.strip_prefix(AES)? {
        [2] => Some(Cipher::aes_128_cbc()),
        [22] => Some(Cipher::aes_192_cbc()),
        [42] => Some(Cipher::aes_256_cbc()),
        _ => None,
    }
}

fn refuse_old(identifier: &[u8]) -> Result<(), ImportFault> {
    match OLD.iter().find(|(old, _)| *old == identifier) {
        Some((_, method)) => Err(ImportFault::OldEncryption { method }),
        None => Ok(()),
    }
}
