//! The outer form: a head in the clear, then pieces of at most 64 KiB sealed by HPKE (RFC 9180) to the offline key.
//!
//! | octets | what |
//! |---|---|
//! | 11 | `segl-backup` |
//! | 1 | the format, 1 |
//! | 32 | SHA-256 of the public key's point |
//! | 65 | the encapsulated key |
//! | then, again and again | 1 octet: 0, or 1 for the last piece; 4 octets, big endian: the length of what follows; the sealed piece |
//!
//! Base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; `info` is the first 44 octets of the head. The pieces are sealed in
//! order by one context, so that none can be left out or moved; whether it is the last is each piece's associated data, so that the end
//! cannot be cut off.

use std::io::{self, Read, Write};

use hpke::{
    Deserializable as _, OpModeR, OpModeS, Serializable as _,
    aead::{AeadCtxR, AeadCtxS, AesGcm256},
    kdf::HkdfSha256,
    kem::DhP256HkdfSha256,
    rand_core::{CryptoRng, RngCore},
};

use super::{
    BackupError,
    key::{PrivateKey, PublicKey, name_of},
};
use crate::platform::random::{self, Random};

type Kem = DhP256HkdfSha256;

const MAGIC: &[u8; 11] = b"segl-backup";
const FORMAT: u8 = 1;
const INFO_BYTES: usize = 11 + 1 + 32;
const ENCAPSULATED_BYTES: usize = 65;
const PIECE_BYTES: usize = 64 * 1024;
const TAG_BYTES: usize = 16;

/// The service's randomness, as HPKE wants it.
struct Drawn<'a>(&'a dyn Random);

impl RngCore for Drawn<'_> {
    fn next_u32(&mut self) -> u32 {
        u32::from_be_bytes(random::bytes(self.0))
    }

    fn next_u64(&mut self) -> u64 {
        u64::from_be_bytes(random::bytes(self.0))
    }

    fn fill_bytes(&mut self, buffer: &mut [u8]) {
        self.0.fill(buffer);
    }

    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), hpke::rand_core::Error> {
        self.fill_bytes(buffer);
        Ok(())
    }
}

impl CryptoRng for Drawn<'_> {}

fn sealing(error: hpke::HpkeError) -> io::Error {
    io::Error::other(format!("sealing: {error}"))
}

/// Seals what is written through it. [`Sealer::finish`] must be called: without its last piece a backup is refused as cut off.
pub struct Sealer<W: Write> {
    out: W,
    context: AeadCtxS<AesGcm256, HkdfSha256, Kem>,
    piece: Vec<u8>,
}

impl<W: Write> Sealer<W> {
    /// Writes the head.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(mut out: W, to: &PublicKey, random: &dyn Random) -> io::Result<Self> {
        let mut info = Vec::with_capacity(INFO_BYTES);
        info.extend_from_slice(MAGIC);
        info.push(FORMAT);
        info.extend_from_slice(&to.hash());
        let (encapsulated, context) =
            hpke::setup_sender::<AesGcm256, HkdfSha256, Kem, _>(&OpModeS::Base, to.inner(), &info, &mut Drawn(random)).map_err(sealing)?;
        out.write_all(&info)?;
        out.write_all(&encapsulated.to_bytes())?;
        Ok(Self { out, context, piece: Vec::with_capacity(PIECE_BYTES) })
    }

    /// Seals the last piece, and gives the file back.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        self.seal(true)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn seal(&mut self, last: bool) -> io::Result<()> {
        let mark = [u8::from(last)];
        let sealed = self.context.seal(&self.piece, &mark).map_err(sealing)?;
        let length = u32::try_from(sealed.len()).map_err(io::Error::other)?;
        self.out.write_all(&mark)?;
        self.out.write_all(&length.to_be_bytes())?;
        self.out.write_all(&sealed)?;
        self.piece.clear();
        Ok(())
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.piece.len() == PIECE_BYTES {
            self.seal(false)?;
        }
        let taken = bytes.len().min(PIECE_BYTES - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Opens piece by piece. What it gives was sealed so, in this order; the end comes only after the last piece.
pub struct Opener<R: Read> {
    input: R,
    context: AeadCtxR<AesGcm256, HkdfSha256, Kem>,
    piece: Vec<u8>,
    given: usize,
    number: u64,
    ended: bool,
}

impl<R: Read> Opener<R> {
    /// Reads the head.
    ///
    /// # Errors
    /// [`BackupError::NoBackup`], [`BackupError::NewerFormat`], [`BackupError::WrongKey`], [`BackupError::Truncated`].
    pub fn new(mut input: R, key: &PrivateKey) -> Result<Self, BackupError> {
        let mut info = [0; INFO_BYTES];
        if !fills(&mut input, &mut info[..MAGIC.len()])? || info[..MAGIC.len()] != *MAGIC {
            return Err(BackupError::NoBackup);
        }
        whole(&mut input, &mut info[MAGIC.len()..=MAGIC.len()])?;
        if info[MAGIC.len()] != FORMAT {
            return Err(BackupError::NewerFormat { found: info[MAGIC.len()], known: FORMAT });
        }
        let mut hash = [0; 32];
        whole(&mut input, &mut hash)?;
        info[MAGIC.len() + 1..].copy_from_slice(&hash);
        if hash != key.public().hash() {
            return Err(BackupError::WrongKey { sealed_to: name_of(&hash), given: key.public().name() });
        }
        let mut encapsulated = [0; ENCAPSULATED_BYTES];
        whole(&mut input, &mut encapsulated)?;
        let altered = |_| BackupError::Damaged { what: "its encapsulated key is none" };
        let encapsulated = <Kem as hpke::Kem>::EncappedKey::from_bytes(&encapsulated).map_err(altered)?;
        let context =
            hpke::setup_receiver::<AesGcm256, HkdfSha256, Kem>(&OpModeR::Base, key.inner(), &encapsulated, &info).map_err(altered)?;
        let mut opener = Self { input, context, piece: Vec::new(), given: 0, number: 0, ended: false };
        opener.open()?;
        Ok(opener)
    }

    fn open(&mut self) -> Result<(), BackupError> {
        let mut head = [0; 5];
        whole(&mut self.input, &mut head)?;
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        let altered = BackupError::Altered { piece: self.number };
        if head[0] > 1 || !(TAG_BYTES..=PIECE_BYTES + TAG_BYTES).contains(&length) {
            return Err(altered);
        }
        let mut sealed = vec![0; length];
        whole(&mut self.input, &mut sealed)?;
        self.piece = self.context.open(&sealed, &head[..1]).map_err(|_| altered)?;
        (self.given, self.ended) = (0, head[0] == 1);
        self.number += 1;
        if self.ended && fills(&mut self.input, &mut [0; 1])? {
            return Err(BackupError::Overlong);
        }
        Ok(())
    }
}

impl<R: Read> Read for Opener<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.piece.len() && !self.ended {
            self.open().map_err(io::Error::other)?;
        }
        let taken = buffer.len().min(self.piece.len() - self.given);
        buffer[..taken].copy_from_slice(&self.piece[self.given..self.given + taken]);
        self.given += taken;
        Ok(taken)
    }
}

/// Whether the buffer could be filled.
fn fills(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match input.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

fn whole(input: &mut impl Read, buffer: &mut [u8]) -> Result<(), BackupError> {
    if fills(input, buffer)? { Ok(()) } else { Err(BackupError::Truncated) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::platform::{random::SystemRandom, testing::SeededRandom};

    fn sealed(plain: &[u8], key: &PrivateKey) -> Vec<u8> {
        let mut sealer = Sealer::new(Vec::new(), key.public(), &SystemRandom).unwrap();
        sealer.write_all(plain).unwrap();
        sealer.finish().unwrap()
    }

    fn opened(sealed: &[u8], key: &PrivateKey) -> Result<Vec<u8>, String> {
        let mut plain = Vec::new();
        let mut opener = Opener::new(sealed, key).map_err(|error| error.to_string())?;
        opener.read_to_end(&mut plain).map_err(|error| error.to_string())?;
        Ok(plain)
    }

    #[test]
    fn what_was_sealed_opens_whatever_its_length() {
        let key = PrivateKey::generate(&SeededRandom::new(1));
        for length in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES] {
            let plain: Vec<u8> = (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect();
            assert_eq!(opened(&sealed(&plain, &key), &key).unwrap(), plain, "{length}");
        }
    }

    #[test]
    fn cut_off_anywhere_it_is_refused() {
        let key = PrivateKey::generate(&SeededRandom::new(1));
        let whole = sealed(&vec![7; 2 * PIECE_BYTES], &key);
        let pieces = PIECE_BYTES + TAG_BYTES + 5;
        for end in [0, 5, 11, 12, 43, 44, 100, 108, 109, 112, 114, 109 + pieces, 109 + pieces + 1, whole.len() - 1] {
            let refused = opened(&whole[..end], &key).unwrap_err();
            assert!(refused.contains("cut off") || refused.contains("no backup"), "{end}: {refused}");
        }
    }

    #[test]
    fn changed_anywhere_it_is_refused() {
        let key = PrivateKey::generate(&SeededRandom::new(1));
        let whole = sealed(&[7; 500], &key);
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            assert!(opened(&changed, &key).is_err(), "octet {at}");
        }
        assert!(opened(&[whole.as_slice(), b"x"].concat(), &key).unwrap_err().contains("follows its end"));
    }

    #[test]
    fn pieces_cannot_change_places_nor_become_the_last() {
        let key = PrivateKey::generate(&SeededRandom::new(1));
        let whole = sealed(&vec![7; 3 * PIECE_BYTES], &key);
        let (head, rest) = whole.split_at(INFO_BYTES + ENCAPSULATED_BYTES);
        let piece = 5 + PIECE_BYTES + TAG_BYTES;
        let moved = [head, &rest[piece..2 * piece], &rest[..piece], &rest[2 * piece..]].concat();
        assert!(opened(&moved, &key).is_err());
        let mut ended = [head, &rest[..piece]].concat();
        ended[head.len()] = 1;
        assert!(opened(&ended, &key).is_err());
    }

    #[test]
    fn another_key_and_a_newer_format_are_named() {
        let (key, other) = (PrivateKey::generate(&SeededRandom::new(1)), PrivateKey::generate(&SeededRandom::new(2)));
        let mut whole = sealed(b"plain", &key);
        let refused = opened(&whole, &other).unwrap_err();
        assert!(refused.contains(&key.public().name()) && refused.contains(&other.public().name()), "{refused}");
        whole[11] = 2;
        assert!(opened(&whole, &key).unwrap_err().contains("update the program"));
    }
}
