//! Decoding the streams that hold cross-references and objects: Flate with PNG predictors, bounded.

use super::object::{Dictionary, Value};
use crate::pades::PdfError;
use flate2::read::ZlibDecoder;
use std::io::Read;

/// The largest decoded cross-reference or object stream.
const MAXIMUM_DECODED_BYTES: u64 = 128 * 1024 * 1024;

/// Decodes `data` as the stream dictionary says; references inside filter entries are not followed.
pub(crate) fn decode(dictionary: &Dictionary, data: &[u8]) -> Result<Vec<u8>, PdfError> {
    let Some(filter) = single(dictionary, b"Filter")? else {
        return Ok(data.to_vec());
    };
    if filter.name() != Some(b"FlateDecode") {
        return Err(PdfError::UnsupportedFilter);
    }
    let mut decoded = Vec::new();
    let mut reader = ZlibDecoder::new(data).take(MAXIMUM_DECODED_BYTES + 1);
    // A missing checksum at the end is common; what was decoded until then is complete.
    if reader.read_to_end(&mut decoded).is_err() && decoded.is_empty() {
        return Err(PdfError::UnsupportedFilter);
    }
    if u64::try_from(decoded.len()).is_ok_and(|length| length > MAXIMUM_DECODED_BYTES) {
        return Err(PdfError::TooComplex);
    }
    match single(dictionary, b"DecodeParms")? {
        Some(Value::Dictionary(parameters)) => unpredict(parameters, decoded),
        Some(
            Value::Null
            | Value::Boolean(_)
            | Value::Integer(_)
            | Value::Real(_)
            | Value::Text(_)
            | Value::Name(_)
            | Value::Array(_)
            | Value::Reference(_),
        )
        | None => Ok(decoded),
    }
}

/// The value of an entry that may be an array of one.
fn single<'d>(dictionary: &'d Dictionary, name: &[u8]) -> Result<Option<&'d Value>, PdfError> {
    let Some(item) = dictionary.get(name) else {
        return Ok(None);
    };
    match item.value.array() {
        None => Ok(Some(&item.value)),
        Some([]) => Ok(None),
        Some([only]) => Ok(Some(&only.value)),
        Some([_, ..]) => Err(PdfError::UnsupportedFilter),
    }
}

/// PNG predictors (section 7.4.4.4) with one byte per sample, as cross-reference streams have them.
fn unpredict(parameters: &Dictionary, data: Vec<u8>) -> Result<Vec<u8>, PdfError> {
    let number = |name: &[u8], default: i64| parameters.integer(name).unwrap_or(default);
    match number(b"Predictor", 1) {
        1 => return Ok(data),
        10..=15 if number(b"Colors", 1) == 1 && number(b"BitsPerComponent", 8) == 8 => {}
        _ => return Err(PdfError::UnsupportedFilter),
    }
    let columns = usize::try_from(number(b"Columns", 1)).map_err(|_| PdfError::UnsupportedFilter)?;
    if columns == 0 || columns > 65_536 {
        return Err(PdfError::UnsupportedFilter);
    }
    let (mut decoded, mut above) = (Vec::with_capacity(data.len()), vec![0_u8; columns]);
    for row in data.chunks(columns + 1) {
        let Some((kind, samples)) = row.split_first() else {
            break;
        };
        let mut current = vec![0_u8; columns];
        for (at, sample) in samples.iter().enumerate() {
            let left = at.checked_sub(1).map_or(0, |before| current[before]);
            let corner = at.checked_sub(1).map_or(0, |before| above[before]);
            let guess = match kind {
                0 => 0,
                1 => left,
                2 => above[at],
                3 => left.midpoint(above[at]),
                4 => paeth(left, above[at], corner),
                _ => return Err(PdfError::UnsupportedFilter),
            };
            current[at] = sample.wrapping_add(guess);
        }
        decoded.extend_from_slice(current.get(..samples.len()).unwrap_or_default());
        above = current;
    }
    Ok(decoded)
}

fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let guess = i16::from(left) + i16::from(above) - i16::from(corner);
    let distance = |sample: u8| (guess - i16::from(sample)).abs();
    if distance(left) <= distance(above) && distance(left) <= distance(corner) {
        left
    } else if distance(above) <= distance(corner) {
        above
    } else {
        corner
    }
}
