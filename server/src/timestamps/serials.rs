//! Serial numbers of tokens: unique for ever, across restarts and nodes (RFC 3161 section 2.4.2).
//!
//! A process reserves a block in the database and counts within it; what is left when it ends is never used. Each block also carries
//! random bits of its own, so that a database restored from an old copy, which reserves the same block again, repeats nothing either.

use std::sync::{Mutex, PoisonError};

use super::{TimestampError, store};
use crate::platform::{ground::Ground, random};

/// How many tokens a block is good for.
const BLOCK: u32 = 10_000;

/// The rest of this process's block.
#[derive(Default)]
struct Serials(Mutex<Option<Block>>);

struct Block {
    number: i64,
    salt: [u8; 8],
    used: u32,
}

impl Block {
    /// Block number, random bits, place in the block: 16 bytes, the first of them small.
    fn draw(&mut self) -> Option<[u8; 16]> {
        let place = Some(self.used).filter(|used| *used < BLOCK)?;
        self.used += 1;
        let mut serial = [0; 16];
        // 2^32 blocks are enough for one in each second of a century.
        serial[..4].copy_from_slice(&u32::try_from(self.number).ok()?.to_be_bytes());
        serial[4..12].copy_from_slice(&self.salt);
        serial[12..].copy_from_slice(&place.to_be_bytes());
        Some(serial)
    }
}

/// The next serial number, a big-endian magnitude.
///
/// # Errors
/// When a block must be reserved and the database fails.
pub(super) async fn next(ground: &Ground) -> Result<[u8; 16], TimestampError> {
    let serials = ground.kept.of::<Serials>();
    let drawn = serials.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut().and_then(Block::draw);
    if let Some(serial) = drawn {
        return Ok(serial);
    }
    let number = ground.database.write(async |unit| store::reserve_block(unit).await).await?;
    let mut block = Block { number, salt: random::bytes(ground.random()), used: 0 };
    let serial = block.draw().ok_or(TimestampError::SerialsExhausted)?;
    // Whoever came here meanwhile reserved a block of their own; one of the two is left unused.
    *serials.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(block);
    Ok(serial)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::HashSet;

    use super::*;
    use crate::platform::{kept::Kept, testing};

    #[test]
    fn a_block_ends() {
        let mut block = Block { number: 7, salt: [1; 8], used: BLOCK - 1 };
        assert_eq!(hex::encode(block.draw().unwrap()), "0000000701010101010101010000270f");
        assert_eq!(block.draw(), None);
    }

    #[actix_web::test]
    async fn no_serial_is_drawn_twice_across_blocks_and_restarts() {
        let world = testing::ground().await.unwrap();
        let mut restarted = world.ground.clone();
        let mut seen = HashSet::new();
        for _ in 0..=BLOCK {
            assert!(seen.insert(next(&world).await.unwrap()));
        }
        for _ in 0..3 {
            // Another process on the same database: what was kept in memory is gone.
            restarted.kept = Kept::default();
            for _ in 0..5 {
                assert!(seen.insert(next(&restarted).await.unwrap()));
            }
        }
    }
}
