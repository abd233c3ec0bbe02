//! The NTP packet as a client of one server uses it (RFC 5905 sections 7.3 and 14, RFC 4330 section 5).

use time::{Duration, OffsetDateTime};

/// Without extension fields.
pub(super) const BYTES: usize = 48;
/// From 1900-01-01 to 1970-01-01.
const NTP_TO_UNIX_SECONDS: i128 = 2_208_988_800;
const NANOSECONDS: i128 = 1_000_000_000;
/// MAXDIST: a server further from its reference than this does not know the time (RFC 5905 section 11.1).
const FARTHEST: Duration = Duration::SECOND;
/// Our own clock tells whole milliseconds.
const OWN_RESOLUTION: Duration = Duration::MILLISECOND;

/// Why an answer does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Leap indicator 3.
    #[error("it says itself that it is not synchronised")]
    Alarm,
    /// Times that no honest exchange gives.
    #[error("its times contradict each other")]
    Contradictory,
    /// Too far from its own reference.
    #[error("it is too far from its own reference")]
    Distant,
    /// A kiss-o'-death packet (RFC 5905 section 7.4).
    #[error("it asks to be left alone ({})", String::from_utf8_lossy(.0))]
    Kiss([u8; 4]),
    /// Not a server's answer.
    #[error("it is no server's answer")]
    Mode,
    /// The origin timestamp is not what was sent.
    #[error("it answers another question")]
    NotOurs,
    /// Shorter than a packet.
    #[error("it is too short")]
    Short,
    /// 16 and above are not synchronised.
    #[error("its stratum is out of range")]
    Stratum,
    /// Not version 3 or 4.
    #[error("its version is unknown")]
    Version,
}

/// One comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    /// What must be added to our clock.
    pub offset: Duration,
    /// How wrong that may be: half the way there and back, and the server's own distance from its reference.
    pub error: Duration,
}

/// A question. `cookie` stands where the time would, which the server only echoes: nobody who does not see the question can answer it.
pub(super) fn query(cookie: [u8; 8]) -> [u8; BYTES] {
    let mut packet = [0; BYTES];
    // Leap indicator 0, version 4, mode 3 (client).
    packet[0] = (4 << 3) | 3;
    packet[40..48].copy_from_slice(&cookie);
    packet
}

/// The comparison that an answer allows: asked at `sent` by our clock, answered `travelled` later.
pub(super) fn read(answer: &[u8], cookie: [u8; 8], sent: OffsetDateTime, travelled: Duration) -> Result<Sample, Unfit> {
    let packet: &[u8; BYTES] = answer.first_chunk().ok_or(Unfit::Short)?;
    if packet[24..32] != cookie {
        return Err(Unfit::NotOurs);
    }
    if packet[0] & 7 != 4 {
        return Err(Unfit::Mode);
    }
    if !matches!((packet[0] >> 3) & 7, 3 | 4) {
        return Err(Unfit::Version);
    }
    match packet[1] {
        0 => return Err(Unfit::Kiss([packet[12], packet[13], packet[14], packet[15]])),
        1..=15 => {}
        _ => return Err(Unfit::Stratum),
    }
    if packet[0] >> 6 == 3 {
        return Err(Unfit::Alarm);
    }
    let (root_delay, root_dispersion) = (short(packet, 4), short(packet, 8));
    let distance = root_delay / 2 + root_dispersion;
    if distance >= FARTHEST {
        return Err(Unfit::Distant);
    }
    let began = sent.unix_timestamp_nanos();
    let (received, transmitted) = (instant(packet, 32, began), instant(packet, 40, began));
    let (Some(received), Some(transmitted)) = (received, transmitted) else { return Err(Unfit::Contradictory) };
    let ended = began + travelled.whole_nanoseconds();
    let away = (ended - began) - (transmitted - received);
    // The two clocks tick apart by at most their resolutions while the packet travels.
    if transmitted < received || away < -OWN_RESOLUTION.whole_nanoseconds() {
        return Err(Unfit::Contradictory);
    }
    let offset = i64::try_from(i128::midpoint(received - began, transmitted - ended)).map_err(|_| Unfit::Contradictory)?;
    let delay = Duration::nanoseconds(i64::try_from(away.max(0)).map_err(|_| Unfit::Contradictory)?);
    Ok(Sample { offset: Duration::nanoseconds(offset), error: delay / 2 + distance + precision(packet[3]) + OWN_RESOLUTION })
}

fn word(packet: &[u8; BYTES], at: usize) -> u32 {
    u32::from_be_bytes([packet[at], packet[at + 1], packet[at + 2], packet[at + 3]])
}

/// NTP short format: 16 bits of seconds, 16 of fraction.
fn short(packet: &[u8; BYTES], at: usize) -> Duration {
    Duration::nanoseconds(i64::from(word(packet, at)) * 1_000_000_000 / 65_536)
}

/// The server's precision is a power of two of seconds; a coarse one counts as a second.
fn precision(exponent: u8) -> Duration {
    match i8::from_be_bytes([exponent]) {
        exponent @ -30..0 => Duration::nanoseconds(1_000_000_000 >> exponent.unsigned_abs()),
        ..-30 => Duration::ZERO,
        0.. => Duration::SECOND,
    }
}

/// NTP timestamp -> nanoseconds since 1970, in the era next to our own clock (RFC 5905 section 6). None for "not set".
fn instant(packet: &[u8; BYTES], at: usize, near: i128) -> Option<i128> {
    const ERA: i128 = (1 << 32) * NANOSECONDS;
    let (seconds, fraction) = (word(packet, at), word(packet, at + 4));
    if (seconds, fraction) == (0, 0) {
        return None;
    }
    let within = (i128::from(seconds) - NTP_TO_UNIX_SECONDS) * NANOSECONDS + ((i128::from(fraction) * NANOSECONDS) >> 32);
    let eras = (near - within + ERA / 2).div_euclid(ERA);
    Some(within + eras * ERA)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const COOKIE: [u8; 8] = *b"a cookie";
    /// 2026-11-22T12:00:00Z.
    const SENT: i64 = 1_795_348_800;

    fn timestamp(unix_milliseconds: i64) -> [u8; 8] {
        let seconds = u64::try_from(unix_milliseconds.div_euclid(1000) + 2_208_988_800).unwrap() & 0xffff_ffff;
        // Rounded up, so that the milliseconds are whole again when they are read.
        let fraction = (u64::try_from(unix_milliseconds.rem_euclid(1000)).unwrap() << 32).div_ceil(1000);
        ((seconds << 32) | fraction).to_be_bytes()
    }

    /// An answer 10 ms after the question by a server that is ahead, which thought for 2 ms.
    fn answer(sent: i64, ahead_ms: i64) -> [u8; BYTES] {
        let mut packet = [0; BYTES];
        packet[0] = (4 << 3) | 4;
        packet[1] = 2;
        packet[3] = (-20_i8).to_be_bytes()[0];
        packet[24..32].copy_from_slice(&COOKIE);
        packet[32..40].copy_from_slice(&timestamp(sent * 1000 + 4 + ahead_ms));
        packet[40..48].copy_from_slice(&timestamp(sent * 1000 + 6 + ahead_ms));
        packet
    }

    fn judged_at(sent: i64, packet: &[u8]) -> Result<Sample, Unfit> {
        read(packet, COOKIE, OffsetDateTime::from_unix_timestamp(sent).unwrap(), Duration::milliseconds(10))
    }

    fn judged(change: impl FnOnce(&mut [u8; BYTES])) -> Result<Sample, Unfit> {
        let mut packet = answer(SENT, 250);
        change(&mut packet);
        judged_at(SENT, &packet)
    }

    #[test]
    fn offset_and_error_are_those_of_the_standard() {
        let sample = judged(|_| {}).unwrap();
        assert_eq!(sample.offset.whole_milliseconds(), 250);
        // Half of 8 ms on the way, 1 ms for our own clock.
        assert_eq!(sample.error.whole_milliseconds(), 5);
        // A root delay of 1/4 s and a root dispersion of 1/8 s.
        let far = judged(|packet| packet[4..12].copy_from_slice(&[0, 0, 0x40, 0, 0, 0, 0x20, 0])).unwrap();
        assert_eq!((far.error - sample.error).whole_milliseconds(), 250);
    }

    #[test]
    fn the_era_is_the_one_next_to_our_clock() {
        // 2036-02-07T06:28:16Z is the first second of era 1.
        for sent in [2_085_978_490, 2_085_978_496, 2_085_978_500, 4_102_444_800] {
            assert_eq!(judged_at(sent, &answer(sent, 250)).unwrap().offset.whole_milliseconds(), 250, "{sent}");
        }
        let across = judged_at(2_085_978_495, &answer(2_085_978_495, 2000)).unwrap();
        assert_eq!(across.offset.whole_milliseconds(), 2000);
    }

    #[test]
    fn every_other_answer_is_refused_by_name() {
        assert_eq!(judged(|packet| packet[24] ^= 1), Err(Unfit::NotOurs));
        assert_eq!(judged(|packet| packet[0] = (4 << 3) | 3), Err(Unfit::Mode));
        assert_eq!(judged(|packet| packet[0] = (7 << 3) | 4), Err(Unfit::Version));
        assert_eq!(judged(|packet| packet[0] |= 3 << 6), Err(Unfit::Alarm));
        assert_eq!(judged(|packet| packet[1] = 16), Err(Unfit::Stratum));
        assert_eq!(judged(|packet| packet[8..12].copy_from_slice(&[0, 1, 0, 0])), Err(Unfit::Distant));
        assert_eq!(judged(|packet| packet[40..48].fill(0)), Err(Unfit::Contradictory));
        assert_eq!(judged(|packet| packet[40..48].copy_from_slice(&timestamp(SENT * 1000 + 200))), Err(Unfit::Contradictory));
        assert_eq!(judged(|packet| packet[40..48].copy_from_slice(&timestamp(SENT * 1000 + 900))), Err(Unfit::Contradictory));
        let kissed = judged(|packet| {
            packet[1] = 0;
            packet[12..16].copy_from_slice(b"RATE");
        });
        assert_eq!(kissed, Err(Unfit::Kiss(*b"RATE")));
        let whole = answer(SENT, 0);
        for length in 0..BYTES {
            assert_eq!(judged_at(SENT, &whole[..length]), Err(Unfit::Short));
        }
    }
}
